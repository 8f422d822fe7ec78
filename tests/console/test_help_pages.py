"""The page about the Help tab: the owner's switch, and what readers thought of the answers."""

import httpx2
import pytest
from sqlalchemy import select

from engine.models import AuditEvent, Bot
from knowledge import entries, port
from knowledge.entries import Draft
from tests.console.conftest import Owner, Site

pytestmark = pytest.mark.anyio


async def switched(site: Site, bot_id: str) -> str:
    async with site.db.read() as session:
        return (await session.scalars(select(Bot.help).where(Bot.id == bot_id))).one()


async def test_an_owner_turns_the_help_tab_on_and_says_what_opens_first(owner: Owner) -> None:
    bot_id = owner.site.cast.acme.bot_id
    assert await switched(owner.site, bot_id) == "off"
    for choice in ("first", "first", "beside"):
        page = await owner.told(await owner.send("/help", {"bot": bot_id, "choice": choice}))
        assert "Saved. Acme bot shows it" in page
        assert f'value="{choice}" checked' in page
        assert await switched(owner.site, bot_id) == choice
    async with owner.site.db.read() as session:
        events = (await session.scalars(select(AuditEvent).where(AuditEvent.action == "bot.help"))).all()
    changes = [(event.detail["before"], event.detail["after"]) for event in events]
    assert sorted(changes) == [("first", "beside"), ("off", "first")]


async def test_r10_somebody_elses_bot_and_a_choice_that_is_none_change_nothing(owner: Owner) -> None:
    theirs = owner.site.cast.globex.bot_id
    for bot_id in (theirs, "0" * 32, "\0"):
        answer: httpx2.Response = await owner.send("/help", {"bot": bot_id, "choice": "first"})
        assert answer.status_code == 404
    assert await switched(owner.site, theirs) == "off"
    bot_id = owner.site.cast.acme.bot_id
    page = await owner.told(await owner.send("/help", {"bot": bot_id, "choice": "always"}))
    assert "Choose one of the list." in page
    assert await switched(owner.site, bot_id) == "off"


async def test_who_may_only_read_sees_the_choice_and_cannot_make_it(owner: Owner) -> None:
    visit = owner.site.visit()
    await visit.sign_in("viewer@acme.example")
    page = (await visit.get(owner.base + "/help")).text
    assert "No Help tab." in page
    assert 'name="choice"' not in page
    csrf = (await visit.fields("/auth/sign-out"))["csrf"]
    fields = {"csrf": csrf, "bot": owner.site.cast.acme.bot_id, "choice": "first"}
    assert (await visit.post(owner.base + "/help", fields)).status_code == 403
    assert await switched(owner.site, owner.site.cast.acme.bot_id) == "off"


async def test_what_helped_least_is_shown_first_with_the_way_to_its_entry(owner: Owner) -> None:
    assert "Nobody has said so yet" in await owner.see("/help")
    acme, globex = owner.site.cast.acme, owner.site.cast.globex
    async with owner.site.db.write() as session:
        good = await entries.add(session, acme.workspace_id, acme.domain_id, Draft("How can I pay?", "By card."))
        bad = await entries.add(session, acme.workspace_id, acme.domain_id, Draft("<b>Open?</b>", "At nine."))
        theirs = await entries.add(session, globex.workspace_id, globex.domain_id, Draft("A rival's", "Secret."))
        assert await port.mark_helpful(session, acme.domain_id, good.id, "a" * 32, True)
        assert await port.mark_helpful(session, acme.domain_id, bad.id, "a" * 32, False)
        assert await port.mark_helpful(session, globex.domain_id, theirs.id, "a" * 32, False)
    page = await owner.see("/help")
    assert page.index("&lt;b&gt;Open?") < page.index("How can I pay?")
    assert f'href="{owner.base}/entries/{bad.id}"' in page
    assert "A rival" not in page
    assert '<td class="right" data-label="Did not help">1</td>' in page
