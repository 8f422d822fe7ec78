"""Looking again: what changed, what is new, what moved and what is gone, each page paid for if it gave something."""

import asyncio

import pytest
from sqlalchemy import func, select

from engine import pricing
from engine.db import Database
from knowledge import bulk, sources
from knowledge.changes import Owner
from knowledge.models import Removal, SourcePage
from knowledge.sources import Options
from tests.doubles.site import Page, Raw, Site, html, moved
from tests.knowledge.conftest import OTHER, Shop, version_of
from tests.knowledge.importing import (
    balance,
    crawl,
    credit,
    known,
    look_again,
    questions,
    reasons,
    rewrite,
    states,
    work,
)  # fmt: skip

pytestmark = pytest.mark.anyio
RETURNS = "Can I return a plant?"


async def test_looking_again_costs_nothing_where_nothing_changed(database: Database, acme: Shop, web: Site) -> None:
    await credit(database, acme, 100)
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    before = {question: (entry.id, entry.version) for question, entry in (await known(database, acme)).items()}
    source = await look_again(database, acme, source_id, web)
    assert (source.state, source.done, source.total) == ("done", 3, 3)
    assert set((await states(database, web)).values()) == {"unchanged"}
    after = {question: (entry.id, entry.version) for question, entry in (await known(database, acme)).items()}
    assert after == before
    assert await balance(database, acme) == (70, 0)


async def test_what_changed_is_changed_in_place_as_published_as_it_was_and_what_is_new_comes_in(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    async with database.write() as session:
        options = Options(review=True)
        source_id = (await sources.visit(session, *acme.ids, None, "crawl", web.url(), options)).id
    await work(database, web.fetcher())
    first = (await known(database, acme))["Can I return a plant?"]
    assert (first.draft, first.active) == (True, False)
    async with database.write() as session:
        await bulk.publish(session, Owner(*acme.ids), [first.id])
        await bulk.categorise(session, Owner(*acme.ids), [first.id], "Returns")
    web.pages["/a"] = html(
        "Returns",
        ("Can I return a plant?", "Within 60 days of delivery."),
        ("Who pays for the parcel?", "We pay for the parcel within the country."),
        links=["/new"],
    )
    web.pages["/new"] = html("New", ("Do you sell pots?", "Yes, we sell pots made of clay and of wood."))
    source = await look_again(database, acme, source_id, web)
    found = await known(database, acme)
    changed = found["Can I return a plant?"]
    assert (changed.id, changed.answer, changed.active) == (first.id, "Within 60 days of delivery.", True)
    assert (changed.draft, changed.category) == (False, "Returns")
    assert found["Who pays for the parcel?"].draft
    assert found["Do you sell pots?"].draft
    assert (source.report["added"], source.report["updated"], source.report["removed"]) == (2, 1, 0)
    assert await balance(database, acme) == (100 - 5 * pricing.DOCUMENT, 0)
    assert await states(database, web) == {"/": "unchanged", "/a": "changed", "/b": "unchanged", "/new": "ok"}


async def test_what_a_page_says_no_more_goes_and_what_somebody_rewrote_stays(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    await rewrite(database, "Do you wrap gifts?", "Yes, for three euros, in paper.")
    web.pages["/a"] = html("Returns", ("Who pays for the parcel?", "We pay for the parcel within the country."))
    web.pages["/b"] = Page(OTHER.format(question="Do you wrap gifts?", answer="Not any more, we are sorry."))
    source = await look_again(database, acme, source_id, web)
    found = await known(database, acme)
    assert "Can I return a plant?" not in found
    assert found["Who pays for the parcel?"].active
    assert found["Do you wrap gifts?"].answer == "Yes, for three euros, in paper."
    assert source.report["kept"] == ["Do you wrap gifts?"]
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Removal)) == 1


async def test_a_page_that_says_what_it_said_leaves_the_knowledge_at_its_version(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    source_id = await crawl(database, acme, web.url())
    before = await version_of(database, acme)
    await work(database, web.fetcher())
    after = await version_of(database, acme)
    assert after > before
    await look_again(database, acme, source_id, web)
    assert await version_of(database, acme) == after


async def broken_off(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def test_a_page_is_gone_when_two_looks_did_not_find_it_and_back_when_it_is_back(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    there = web.pages.pop("/a")
    await look_again(database, acme, source_id, web)
    assert (await states(database, web))["/a"] == "failed"
    assert "turned off if it is not there at the next look" in (await reasons(database, web))["/a"]
    assert (await known(database, acme))[RETURNS].active, "once may be a mishap"
    source = await look_again(database, acme, source_id, web)
    assert (await states(database, web))["/a"] == "gone"
    assert not (await known(database, acme))[RETURNS].active
    assert source.report["removed"] == 1
    await look_again(database, acme, source_id, web)
    assert (await states(database, web))["/a"] == "gone", "it stays so"
    spent = await balance(database, acme)
    web.pages["/a"] = there
    await look_again(database, acme, source_id, web)
    assert (await known(database, acme))[RETURNS].active
    assert await balance(database, acme) == spent, "it says nothing new"


async def test_a_page_that_was_taken_away_for_good_is_gone_at_once(database: Database, acme: Shop, web: Site) -> None:
    await credit(database, acme, 100)
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    await rewrite(database, "Do you wrap gifts?", "Yes, for three euros, in paper.")
    web.pages["/a"] = web.pages["/b"] = Page("Gone.", 410)
    source = await look_again(database, acme, source_id, web)
    assert await states(database, web) == {"/": "unchanged", "/a": "gone", "/b": "gone"}
    found = await known(database, acme)
    assert not found[RETURNS].active
    assert found["Do you wrap gifts?"].active, "somebody rewrote it"
    assert source.report["kept"] == ["Do you wrap gifts?"]


@pytest.mark.parametrize("fault", [Page("Broken.", 500), Page("Not you.", 403), broken_off], ids=["500", "403", "cut"])
async def test_a_fault_on_the_way_is_never_a_page_that_is_gone(
    database: Database, acme: Shop, web: Site, fault: Page | Raw
) -> None:
    await credit(database, acme, 100)
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    web.pages["/a"] = fault
    for _ in range(3):
        await look_again(database, acme, source_id, web)
    assert (await states(database, web))["/a"] == "failed"
    assert (await known(database, acme))[RETURNS].active


async def test_a_site_that_is_down_loses_nothing_and_the_look_says_that_it_failed(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    there, web.pages["/"] = web.pages["/"], Page("Broken.", 500)
    web.pages["/a"], web.pages["/b"] = Page("Broken.", 500), Page("Broken.", 500)
    source = await look_again(database, acme, source_id, web)
    assert (source.state, source.report["reason"]) == ("failed", "The server answered 500.")
    assert all(entry.active for entry in (await known(database, acme)).values())
    web.pages["/"] = there
    assert (await look_again(database, acme, source_id, web)).state == "done"


async def test_a_page_that_nothing_leads_to_any_more_is_asked_itself(database: Database, acme: Shop, web: Site) -> None:
    await credit(database, acme, 100)
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    web.pages["/"] = html("Help", ("How long does delivery take?", "Delivery takes two working days."), links=[])
    del web.pages["/b"]
    source = await look_again(database, acme, source_id, web)
    assert await states(database, web) == {"/": "changed", "/a": "unchanged", "/b": "failed"}
    assert (source.done, source.total) == (3, 3)
    await look_again(database, acme, source_id, web)
    assert await states(database, web) == {"/": "unchanged", "/a": "unchanged", "/b": "gone"}
    found = await known(database, acme)
    assert [found[each].active for each in (RETURNS, "Do you wrap gifts?")] == [True, False]


async def test_a_page_that_gave_nothing_and_that_nothing_leads_to_is_forgotten(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    web.pages["/"] = html("Help", ("How long?", "Delivery takes two working days."), links=["/a", "/1"])
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    for number in (2, 3):
        web.pages["/"] = html("Help", ("How long?", "Delivery takes two working days."), links=["/a", f"/{number}"])
        await look_again(database, acme, source_id, web)
    assert set(await states(database, web)) == {"/", "/a", "/3"}
    assert [web.asked.count(path) for path in ("/1", "/2", "/3")] == [1, 1, 1]


async def test_a_page_that_moved_takes_its_entries_along_for_nothing(database: Database, acme: Shop, web: Site) -> None:
    await credit(database, acme, 100)
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    before, spent = (await known(database, acme))[RETURNS], await balance(database, acme)
    web.pages["/returns"], web.pages["/a"] = web.pages["/a"], moved("/returns", 301)
    await look_again(database, acme, source_id, web)
    after = (await known(database, acme))[RETURNS]
    assert (after.id, after.active) == (before.id, True)
    assert (after.url or "").startswith(web.url("/returns"))
    assert sorted(await questions(database, acme)) == sorted({*(await known(database, acme))})
    assert "Its own address" in (await reasons(database, web))["/a"]
    assert await balance(database, acme) == spent


async def test_a_notice_that_a_whole_site_leads_to_for_an_hour_takes_nothing_away(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 200)
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    there = dict(web.pages)
    web.pages |= {"/a": moved("/soon", 302), "/b": moved("/soon", 302)}
    web.pages["/soon"] = html("Soon", ("When are you back?", "We are back in an hour, at three."))
    await look_again(database, acme, source_id, web)
    found = await known(database, acme)
    assert [found[each].active for each in (RETURNS, "Do you wrap gifts?")] == [True, True]
    assert "moves there" in (await reasons(database, web))["/a"] or "move there" in (await reasons(database, web))["/a"]
    web.pages = there
    await look_again(database, acme, source_id, web)
    found = await known(database, acme)
    assert [found[each].active for each in (RETURNS, "Do you wrap gifts?")] == [True, True]


async def test_what_leads_elsewhere_at_two_looks_has_moved_and_what_is_not_said_there_goes(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 200)
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    web.pages["/a"] = moved("/", 302)
    await look_again(database, acme, source_id, web)
    assert RETURNS in await questions(database, acme)
    source = await look_again(database, acme, source_id, web)
    assert sorted(await questions(database, acme)) == ["Do you wrap gifts?", "How long does delivery take?"]
    assert source.report["removed"] == 1
    assert source.done == source.total


async def test_a_page_that_is_empty_once_keeps_its_entries_and_empty_twice_they_go(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    web.pages["/a"] = web.pages["/b"] = html("", links=["/"])
    await look_again(database, acme, source_id, web)
    assert RETURNS in await questions(database, acme)
    assert "next look" in (await reasons(database, web))["/a"]
    await look_again(database, acme, source_id, web)
    assert await questions(database, acme) == ["How long does delivery take?"]
    assert "no text" in (await reasons(database, web))["/a"]
    assert "no text" in (await reasons(database, web))["/b"], "two empty pages are no copies of each other"


async def test_pages_that_name_another_address_as_theirs_come_in_once(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    section = (RETURNS, "Within 30 days of delivery, unless it has flowered meanwhile, says our gardener.")
    head = f'<link rel="canonical" href="{web.url("/plants")}">'
    web.pages = {
        "/": html("Home", links=["/plants?sort=up", "/plants?sort=down", "/plants"]),
        **{f"/plants{query}": html("Plants", section, head=head) for query in ("", "?sort=up", "?sort=down")},
    }
    await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    assert await questions(database, acme) == [RETURNS]
    assert await balance(database, acme) == (100 - pricing.DOCUMENT, 0)
    assert web.url("/plants") in (await reasons(database, web))["/plants?sort=up"]


async def test_a_site_that_names_its_front_page_as_that_of_every_page_is_read_all_the_same(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    head = f'<link rel="canonical" href="{web.url("/")}">'
    web.pages["/a"] = html("Returns", (RETURNS, "Within 30 days of delivery."), head=head)
    await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    assert len(await questions(database, acme)) == 3


async def test_the_same_content_at_two_addresses_comes_in_and_is_paid_for_once(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    web.pages["/"] = Page(str(getattr(web.pages["/"], "body", "")).replace("</nav>", '<a href="/copy">C</a></nav>'))
    web.pages["/copy"] = html("Copy", ("Where are you?", "In the street behind the old mill."))
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    assert len(await questions(database, acme)) == 4
    web.pages["/copy"] = web.pages["/a"]
    source = await look_again(database, acme, source_id, web)
    assert "Where are you?" not in await questions(database, acme), "it is said nowhere any more"
    assert len(await questions(database, acme)) == 3
    assert source.report["removed"] == 1
    assert await balance(database, acme) == (100 - 4 * pricing.DOCUMENT, 0)


async def test_out_of_credits_a_look_stops_and_goes_on_with_the_next(database: Database, acme: Shop, web: Site) -> None:
    await credit(database, acme, pricing.DOCUMENT)
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    assert len(await questions(database, acme)) == 1
    assert await balance(database, acme) == (0, 0)
    await credit(database, acme, 2 * pricing.DOCUMENT)
    source = await look_again(database, acme, source_id, web)
    assert source.state == "done"
    assert len(await questions(database, acme)) == 3
    assert await balance(database, acme) == (0, 0)
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(SourcePage)) == 3
