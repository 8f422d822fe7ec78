"""The FAQ's list and the form of one entry, as an owner uses them without JavaScript; the browser adds a preview."""

import re

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select

from knowledge.models import Entry
from tests.console.conftest import Owner, Site
from tests.console.filing import add
from tests.console.screen import fill_in
from tests.console.visit import ANSWER, QUESTION
from tests.servers.parts import free_port

pytestmark = pytest.mark.anyio


async def order(owner: Owner) -> list[str]:
    async with owner.site.db.read() as session:
        return list(await session.scalars(select(Entry.question).order_by(Entry.position, Entry.id)))


async def stocked(owner: Owner) -> list[str]:
    return [await add(owner, f"Do you {verb}?") for verb in ("pack", "deliver", "repair")]


async def test_an_entry_goes_down_first_and_to_a_place_and_each_move_is_taken_back(owner: Owner) -> None:
    ids = await stocked(owner)
    before = await order(owner)
    page = await owner.told(await owner.send("/entries/move", {"down": ids[0], "of_page": "1"}))
    assert "The entry is number 2 now." in page
    assert await order(owner) == [before[1], before[0], before[2]]
    assert "1 entry is as before" in await owner.undone(page)
    page = await owner.told(await owner.send("/entries", {"entry": ids[2], "step": "first"}))
    assert "1 entry is first now" in page
    assert (await order(owner))[0] == before[2]
    await owner.undone(page)
    page = await owner.told(await owner.send("/entries/move", {"entry": ids[0], "place": "99"}))
    assert "number 3 now" in page
    await owner.undone(page)
    assert await order(owner) == before
    assert "as a number" in await owner.told(await owner.send("/entries/move", {"entry": ids[0], "place": "٣"}))
    assert (await owner.send("/entries/move", {"up": "f" * 32})).status_code == 404


async def test_the_first_has_no_way_up_and_a_filtered_list_no_order(owner: Owner) -> None:
    await stocked(owner)
    page = await owner.see()
    assert len(re.findall(r'name="(?:up|down)"[^>]*disabled', page)) == 2
    assert 'name="up"' not in await owner.see("?search=pack")


async def test_many_are_turned_off_and_filed_at_once_also_all_that_a_filter_shows(owner: Owner) -> None:
    ids = await stocked(owner)
    filed = {"entry": ids[0], "step": "category", "category": "Services"}
    page = await owner.told(await owner.send("/entries", filed))
    assert "1 entry is filed" in page
    every = {"every": "on", "of_category": "Services", "step": "off"}
    page = await owner.told(await owner.send("/entries", every))
    assert "1 entry is off" in page
    assert "Off (1)" in page
    assert "1 entry is as before" in await owner.undone(page)
    everything = await owner.told(await owner.send("/entries", {"every": "on", "step": "off"}))
    assert "3 entries are off" in everything
    again = await owner.told(await owner.send("/entries", {"every": "on", "step": "off"}))
    assert "they are so already" in again
    assert "Tick the entries first" in await owner.told(await owner.send("/entries", {"step": "off"}))
    assert "Choose what to do" in await owner.told(await owner.send("/entries", {"entry": ids[0], "step": ""}))


async def test_who_asks_what_an_entry_asks_already_is_warned_and_may_save_all_the_same(owner: Owner) -> None:
    first = await add(owner, "How much is delivery?", "$5.")
    sent = {"question": "How much does delivery cost?", "answer": "$9.", "active": "on"}
    warned = await owner.send("/entries/new", sent)
    assert warned.status_code == 409
    assert "An entry asks this already" in warned.text
    assert f"/entries/{first}" in warned.text
    assert "$9." in warned.text
    assert await order(owner) == ["How much is delivery?"]
    assert owner.hidden(warned.text, "despite") == first
    assert "is answered" in await owner.told(await owner.send("/entries/new", sent | {"despite": first}))
    assert len(await order(owner)) == 2
    version = owner.hidden(await owner.see(f"/entries/{first}"), "version")
    itself = {"question": "How much is delivery?", "answer": "$6.", "active": "on", "version": version}
    assert (await owner.send(f"/entries/{first}", itself)).status_code == 409  # of the second one, not of itself


async def test_the_warning_can_be_asked_for_while_the_question_is_written(owner: Owner) -> None:
    first = await add(owner, "How much is delivery?", "$5.")
    asked = f"{owner.base}/entries/asked"
    found = await owner.visit.get(f"{asked}?question=how+much+is+delivery")
    assert found.json() == {"id": first, "question": "How much is delivery?"}
    assert (await owner.visit.get(f"{asked}?question=how+much+is+delivery&but={first}")).json() == {}
    assert (await owner.visit.get(f"{asked}?question=unicorns")).json() == {}
    viewer = owner.site.visit()
    await viewer.sign_in("viewer@acme.example")
    assert (await viewer.get(f"{asked}?question=how+much+is+delivery")).status_code == 403


async def test_a_preview_shows_what_a_visitor_reads_and_keeps_nothing(owner: Owner) -> None:
    sent = {"question": "How much?", "answer": "**$5** ![](https://evil.example/x.png) <script>", "preview": "1"}
    shown = await owner.send("/entries/new", sent)
    assert shown.status_code == 200
    assert "<strong>$5</strong>" in shown.text
    assert "<img" not in shown.text  # R13: no picture from elsewhere is ever loaded
    assert "&lt;script&gt;" in shown.text
    assert await order(owner) == []


async def test_a_draft_is_saved_as_one_or_published_with_its_form(owner: Owner) -> None:
    entry_id = await add(owner, "Do you pack?", "No.")
    async with owner.site.db.write() as session:
        entry = await session.get_one(Entry, entry_id)
        entry.draft, entry.active = True, False
    page = await owner.see("?state=draft")
    assert "1 draft waits" in page
    form = await owner.see(f"/entries/{entry_id}")
    sent = {"question": "Do you pack?", "answer": "Yes.", "active": "on", "version": owner.hidden(form, "version")}
    await owner.told(await owner.send(f"/entries/{entry_id}", sent))

    async def state() -> tuple[bool, bool, str]:
        async with owner.site.db.read() as session:
            entry = await session.get_one(Entry, entry_id)
            return entry.draft, entry.active, entry.answer

    assert await state() == (True, False, "Yes.")
    again = sent | {"version": owner.hidden(await owner.see(f"/entries/{entry_id}"), "version"), "publish": "1"}
    assert "1 draft is published" in await owner.told(await owner.send(f"/entries/{entry_id}", again))
    assert await state() == (False, True, "Yes.")


async def test_what_was_written_is_not_lost_when_somebody_deleted_the_entry(owner: Owner) -> None:
    entry_id = await add(owner, "Do you pack?", "No.")
    sent = {"question": "Do you pack?", "answer": "Only at Christmas.", "active": "on", "version": "1"}
    await owner.told(await owner.send("/entries", {"entry": entry_id, "step": "delete"}))
    gone = await owner.send(f"/entries/{entry_id}", sent)
    assert gone.status_code == 409
    assert "Only at Christmas." in gone.text
    assert f"{owner.base}/entries/new" in gone.text
    assert (await owner.send(f"/entries/{'f' * 32}", sent)).status_code == 404


@pytest.mark.parametrize("more_settings", [{"PORT": free_port()}])
async def test_in_a_browser_the_answer_and_the_warning_are_drawn_while_they_are_written(
    served: Site, browser: Browser
) -> None:
    context = await browser.new_context(base_url=served.settings.public_url)
    page = await context.new_page()
    raised: list[str] = []
    page.on("console", lambda said: raised.append(said.text) if said.type == "error" else None)
    await fill_in(page, "owner", f"/app/acme/knowledge/{served.cast.acme.domain_id}/entries/new")
    await expect(page.get_by_role("button", name="Preview")).to_be_hidden()
    await page.locator("#answer").fill(ANSWER)
    await expect(page.locator("#preview strong")).to_have_text("2 days")
    await page.locator("#question").fill(f"{QUESTION.lower()}??")
    await page.locator("#answer").focus()
    await expect(page.locator("#twin")).to_contain_text(QUESTION)
    await page.locator("#question").fill("Do you sell unicorns?")
    await page.locator("#answer").focus()
    await expect(page.locator("#twin")).to_be_hidden()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").first).to_contain_text("is answered from now on")
    assert raised == []
    await context.close()
