"""Looks that come by themselves: every week where somebody wants that, at most once, and no more when not."""

import pytest
from sqlalchemy import func, select

from engine import pricing
from engine.db import Database, now
from engine.models import Job
from knowledge import planning, sources
from knowledge.sources import Options
from tests.doubles.site import Site, html
from tests.knowledge.conftest import Shop
from tests.knowledge.importing import (
    CSV,
    balance,
    crawl,
    credit,
    look,
    look_again,
    pass_time,
    questions,
    rewrite,
    upload,
    work,
)  # fmt: skip

pytestmark = pytest.mark.anyio
WEEKLY = Options(weekly=True)
PAPER = html("Gifts", ("Do you sell paper?", "We sell paper made of hemp and of straw."))


async def follow(database: Database, shop: Shop, source_id: str, *, weekly: bool) -> bool:
    async with database.write() as session:
        source = await sources.source_of(session, *shop.ids, source_id)
        return await planning.follow(session, source, weekly=weekly)


async def asked_after(database: Database, web: Site, weeks: int = 1) -> int:
    """How many pages the site is asked for when so many weeks have passed."""
    web.asked.clear()
    await pass_time(database, planning.WEEK * weeks)
    await work(database, web.fetcher())
    return len(web.asked)


async def test_a_site_that_is_followed_is_looked_at_every_week_and_another_is_not(
    database: Database, acme: Shop, rival: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    await credit(database, rival, 100)
    mine = await crawl(database, acme, web.url(), WEEKLY)
    theirs = await crawl(database, rival, web.url())
    await work(database, web.fetcher())
    source = await look(database, acme, mine)
    assert source.next_at is not None
    assert source.next_at - now() > planning.WEEK * 0.99
    assert (await look(database, rival, theirs)).next_at is None
    await work(database, web.fetcher())
    assert (await look(database, acme, mine)).look == 1, "not before its time"
    web.pages["/b"] = PAPER
    for number in (2, 3):
        assert await asked_after(database, web) > 0
        assert (await look(database, acme, mine)).look == number
    assert "Do you sell paper?" in await questions(database, acme)
    assert "Do you sell paper?" not in await questions(database, rival)
    assert await balance(database, acme) == (100 - 4 * pricing.DOCUMENT, 0)
    assert await balance(database, rival) == (100 - 3 * pricing.DOCUMENT, 0)


async def test_followed_later_it_is_looked_at_and_no_more_when_it_is_not(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    assert await asked_after(database, web) == 0
    assert await follow(database, acme, source_id, weekly=True)
    assert await asked_after(database, web) > 0
    assert await follow(database, acme, source_id, weekly=False)
    assert (await look(database, acme, source_id)).next_at is None
    assert await asked_after(database, web) == 0


async def test_whatever_is_switched_and_done_by_hand_one_look_is_planned(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    source_id = await crawl(database, acme, web.url(), WEEKLY)
    await work(database, web.fetcher())
    for weekly in (False, True, True, False, True):
        await follow(database, acme, source_id, weekly=weekly)
    assert (await look_again(database, acme, source_id, web)).look == 2
    async with database.read() as session:
        assert (await session.scalar(select(func.count()).select_from(Job).where(Job.kind == sources.JOB)) or 0) > 1
    await asked_after(database, web)
    assert (await look(database, acme, source_id)).look == 3
    assert web.asked.count("/") == 1


async def test_followed_while_it_is_read_the_next_look_is_planned_when_it_is_over(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    source_id = await crawl(database, acme, web.url())
    assert await follow(database, acme, source_id, weekly=True)
    assert (await look(database, acme, source_id)).next_at is None
    await work(database, web.fetcher())
    assert (await look(database, acme, source_id)).next_at is not None


async def test_a_look_that_failed_or_was_cancelled_is_followed_by_next_weeks(
    database: Database, acme: Shop, web: Site
) -> None:
    source_id = await crawl(database, acme, web.url(), WEEKLY)
    await work(database, web.fetcher())
    assert (await look(database, acme, source_id)).state == "failed", "there are no credits"
    await credit(database, acme, 100)
    assert await asked_after(database, web) > 0
    assert (await look(database, acme, source_id)).state == "done"
    async with database.write() as session:
        source = await sources.source_of(session, *acme.ids, source_id)
        assert await sources.again(session, source)
        assert not await sources.again(session, source), "it is being read"
        assert await sources.cancel(session, source)
    assert await asked_after(database, web) > 0
    assert (await look(database, acme, source_id)).look == 4


async def test_what_was_undone_is_not_looked_at_and_a_file_cannot_be_followed(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    source_id = await crawl(database, acme, web.url(), WEEKLY)
    await work(database, web.fetcher())
    await rewrite(database, "Do you wrap gifts?", "Yes, for three euros, in paper.")
    async with database.write() as session:
        await sources.undo(session, await sources.source_of(session, *acme.ids, source_id))
    assert await asked_after(database, web) == 0
    assert not await follow(database, acme, source_id, weekly=True)
    assert await questions(database, acme) == ["Do you wrap gifts?"]
    file_id = await upload(database, acme, CSV, options=WEEKLY)
    await work(database)
    assert (await look(database, acme, file_id)).next_at is None
    assert not await follow(database, acme, file_id, weekly=True)
