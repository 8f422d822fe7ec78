"""The slider: what it means in words, and what it would have done to the questions that visitors really asked."""

import json
import re
from collections.abc import Sequence

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select

from console.tuning import service
from console.tuning.service import Question
from engine.db import new_id
from engine.models import AuditEvent, Message, Room, Visitor
from knowledge import entries, measuring
from knowledge.entries import Draft
from knowledge.models import KnowledgeSettings
from tests.cast import Company
from tests.console.conftest import Site
from tests.console.screen import fill_in
from tests.console.visit import QUESTION, Visit
from tests.knowledge.labels import jobs_of
from tests.servers.parts import free_port

pytestmark = pytest.mark.anyio


def found(*chances: float) -> list[Question]:
    return [Question(f"question {chance}", "room", chance, "an entry") for chance in chances]


def test_a_caution_is_told_in_words_that_people_say() -> None:
    assert service.in_words(50) == (
        "Answers from the FAQ when it is at least 72 in 100 sure, asks the model from 35 in 100 on, "
        "and else says that it does not know."
    )
    assert "8 in 10" in service._of_ten(0.8)
    steps = service.steps([], 50)
    assert [step.caution for step in steps] == list(range(0, 101, 5))
    assert len({step.words for step in steps}) == 21


def test_questions_are_counted_by_who_would_have_answered_and_changes_are_against_today() -> None:
    columns = service.columns(found(0.05, 0.3, 0.5, 0.7, 0.99), 50)
    assert [column.caution for column in columns] == [10, 30, 50, 70, 90]
    assert all(column.faq + column.model + column.declined == 5 for column in columns)
    assert [column.declined for column in columns] == sorted(column.declined for column in columns)
    assert [column.faq for column in columns] == sorted((column.faq for column in columns), reverse=True)
    assert columns[2].changed == ()
    bold = {change.question.confidence: (change.before, change.after) for change in columns[0].changed}
    assert bold[0.3] == ("I don't know", "by the model")
    assert bold[0.7] == ("by the model", "from the FAQ")
    assert 0.99 not in {change.question.confidence for change in columns[4].changed}


def test_the_caution_in_force_stands_among_the_choices() -> None:
    assert [column.caution for column in service.columns([], 55)] == [10, 30, 50, 55, 70, 90]


async def said(site: Site, company: Company, texts: Sequence[str]) -> str:
    """A visitor's questions in a room of their own; its id."""
    ids = {"workspace_id": company.workspace_id, "domain_id": company.domain_id}
    async with site.db.write() as session:
        visitor = Visitor(id=new_id(), **ids)
        session.add(visitor)
        await session.flush()
        room = Room(id=new_id(), bot_id=company.bot_id, visitor_id=visitor.id, revision=len(texts), **ids)
        session.add(room)
        await session.flush()
        for place, text in enumerate(texts, start=1):
            session.add(Message(room_id=room.id, position=place, revision=place, author="visitor", text=text))
    return room.id


async def signed_in(site: Site, name: str = "owner") -> tuple[Visit, str, str]:
    visit = site.visit()
    await visit.sign_in(f"{name}@acme.example")
    base = f"/app/acme/knowledge/{site.cast.acme.domain_id}/tuning"
    return visit, (await visit.fields("/auth/sign-out"))["csrf"], base


async def test_r10_the_page_shows_this_domains_questions_with_the_way_to_their_rooms(site: Site) -> None:
    acme = site.cast.acme
    async with site.db.write() as session:
        await entries.add(session, acme.workspace_id, acme.domain_id, Draft("How can I pay?", "By card."))
        await entries.add(session, acme.workspace_id, acme.domain_id, Draft("When are you open?", "9 to 5."))
    room_id = await said(
        site, acme, ["Hi there", "How can I pay?", "could one pay for it some other way maybe", "<b>?"]
    )
    await said(site, site.cast.globex, ["a question of the rival's"])
    owner, _, base = await signed_in(site)
    page = (await owner.get(base)).text
    assert "What it would have done to the last 2 questions" in page
    assert "Hi there" not in page
    assert "rival" not in page
    assert f"/app/acme/live?room={room_id}" in page
    viewer, _, _ = await signed_in(site, "viewer")
    read = (await viewer.get(base)).text
    assert "/app/acme/live?room=" not in read
    assert "disabled" in read


async def test_without_questions_the_page_says_when_there_will_be_some(site: Site) -> None:
    owner, _, base = await signed_in(site)
    assert "No questions yet" in (await owner.get(base)).text


async def test_a_row_of_the_table_sets_the_caution_alone_is_audited_and_measured(site: Site) -> None:
    acme = site.cast.acme
    owner, csrf, base = await signed_in(site)
    answer = await owner.post(f"{base}/caution", {"csrf": csrf, "caution": "70"})
    assert answer.status_code == 303
    async with site.db.read() as session:
        settings = await session.get_one(KnowledgeSettings, acme.domain_id)
        (event,) = await session.scalars(select(AuditEvent))
    assert (settings.caution, settings.country, settings.workspace_id) == (70, "US", acme.workspace_id)
    assert event.action == "knowledge.tune"
    assert (event.detail["before"], event.detail["after"]) == ({"caution": 50}, {"caution": 70})
    assert len(await jobs_of(site.db, measuring.KIND)) == 1
    await owner.post(f"{base}/caution", {"csrf": csrf, "caution": "70"})
    async with site.db.read() as session:
        assert len(list(await session.scalars(select(AuditEvent)))) == 1


@pytest.mark.parametrize("typed", ["101", "-1", "", "5.5", "٥", "9999999999999999999"])
async def test_a_caution_beyond_the_slider_changes_nothing(site: Site, typed: str) -> None:
    owner, csrf, base = await signed_in(site)
    answer = await owner.post(f"{base}/caution", {"csrf": csrf, "caution": typed})
    assert "from 0 to 100" in (await owner.get(answer.headers["location"])).text
    async with site.db.read() as session:
        assert await session.get(KnowledgeSettings, site.cast.acme.domain_id) is None


async def test_a_button_shows_what_another_caution_would_do_and_saves_nothing(site: Site) -> None:
    acme = site.cast.acme
    async with site.db.write() as session:
        for question in ("How can I pay?", "When are you open?", "Do you deliver?"):
            await entries.add(session, acme.workspace_id, acme.domain_id, Draft(question, "An answer."))
    await said(site, acme, ["could one perhaps pay", "open on some days?", "unicorns"])
    owner, csrf, base = await signed_in(site)
    fields = {"csrf": csrf, "country": "DE", "embeddings": "off", "publish_check": "on"}
    bold = (await owner.post(base, fields | {"caution": "0", "look": "1"})).text
    strict = (await owner.post(base, fields | {"caution": "100", "look": "1"})).text
    assert "nothing is saved yet" in bold
    assert service.in_words(0) in bold
    assert 'value="DE"' in bold
    assert [counts(bold), counts(strict)] == sorted([counts(bold), counts(strict)], reverse=True)
    assert counts(bold) != counts(strict)
    async with site.db.read() as session:
        assert await session.get(KnowledgeSettings, acme.domain_id) is None
    assert "nothing is saved yet" not in (await owner.get(base)).text


def counts(page: str) -> list[int]:
    """From the FAQ, to the model, not known, as the page counts them."""
    return [int(found) for found in re.findall(r'<dd class="\w+">(\d+)</dd>', page)]


@pytest.mark.parametrize("more_settings", [{"PORT": free_port()}])
async def test_the_slider_tells_what_it_means_and_would_have_done_while_it_moves(
    served: Site, browser: Browser
) -> None:
    await said(served, served.cast.acme, [QUESTION, "delivery perhaps some time?", "unicorns"])
    context = await browser.new_context(base_url=served.settings.public_url)
    page = await context.new_page()
    await fill_in(page, "owner", f"/app/acme/knowledge/{served.cast.acme.domain_id}/tuning")
    await expect(page.get_by_role("button", name="Show what it would do")).to_be_hidden()
    steps = json.loads(await page.locator("#caution").get_attribute("data-steps") or "{}")
    await page.get_by_label("Caution", exact=True).focus()
    for key, caution in (("Home", 0), ("End", 100)):
        await page.keyboard.press(key)
        step = steps[str(caution)]
        await expect(page.locator("#caution-words")).to_have_text(service.in_words(caution))
        for name in ("faq", "model", "declined"):
            await expect(page.locator(f"dd.{name}")).to_have_text(str(step[name]))
            await expect(page.locator(f"rect.{name}")).to_have_attribute("width", str(step[name]))
        await expect(page.locator("#changed")).to_have_text(str(step["changed"]))
        await expect(page.locator("#changes li")).to_have_count(len(step["examples"]))
    assert steps["0"]["faq"] + steps["0"]["model"] + steps["0"]["declined"] == 3
    await page.get_by_role("button", name="Save").first.click()
    await expect(page.get_by_role("status").first).to_contain_text("Saved")
    await expect(page.get_by_label("Caution", exact=True)).to_have_value("100")
    await context.close()
