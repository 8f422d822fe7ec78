"""A site read page by page: as its robots.txt allows, at its pace, one reader at a time, within bounds."""

import asyncio
import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import pricing
from engine.db import Database, now
from engine.fetch import Fetched, Fetcher
from engine.models import Job
from knowledge import reading, sources
from knowledge.models import Entry
from knowledge.sites import visiting
from knowledge.sources import Options
from tests.doubles.site import Page, Site, html, moved
from tests.knowledge.conftest import Shop
from tests.knowledge.importing import balance, crawl, credit, look, pass_time, questions, reasons, work

pytestmark = pytest.mark.anyio
ROBOTS = "User-agent: *\n"
SLOW = Page(ROBOTS + "Crawl-delay: 8\n", media_type="text/plain")  # one page a slice
LOGIN = """<html><head><title>Sign in</title></head><body><form action="/login" method="post"><input name="user">
<input type="password" name="password"><button>Sign in</button></form></body></html>"""
ALL = ["Can I return a plant?", "Do you wrap gifts?", "How long does delivery take?"]


async def test_a_site_is_read_page_by_page_each_paid_for_when_it_gave_something(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    web.pages["/robots.txt"] = Page("User-agent: *\nDisallow: /b\n", media_type="text/plain")
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    source = await look(database, acme, source_id)
    assert (source.state, source.total, source.done) == ("done", 3, 3)
    assert sorted(await questions(database, acme)) == ["Can I return a plant?", "How long does delivery take?"]
    assert await balance(database, acme) == (100 - 2 * pricing.DOCUMENT, 0)
    async with database.read() as session:
        pages = {page.url: page for page in await sources.pages_of(session, source)}
        first = (await session.scalars(select(Entry).order_by(Entry.position))).first()
    assert "robots.txt" in pages[web.url("/b")].reason
    assert first is not None
    assert (first.url or "").startswith(web.url())
    assert first.page_id in {page.id for page in pages.values()}


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (Page(LOGIN), "sign in"),
        (Page("<html><body></body></html>"), "no text"),
        (Page("Not here", 404), "404"),
        (Page("", 302, headers=[("location", "/")]), "circle"),
    ],
)
async def test_a_page_that_gives_nothing_says_why_and_costs_nothing(
    database: Database, acme: Shop, web: Site, page: Page, said: str
) -> None:
    await credit(database, acme, 50)
    web.pages["/"] = page
    async with database.write() as session:
        source = await sources.visit(session, *acme.ids, None, "url", web.url(), Options())
    await work(database, web.fetcher())
    found = await look(database, acme, source.id)
    assert found.state == "failed"
    assert said in found.report["reason"]
    assert await balance(database, acme) == (50, 0)


async def test_r17_an_address_inside_is_not_read(database: Database, acme: Shop, web: Site) -> None:
    async with database.write() as session:
        source = await sources.visit(session, *acme.ids, None, "url", "http://169.254.169.254/latest", Options())
    await work(database)
    assert "not on the public Internet" in (await look(database, acme, source.id)).report["reason"]


async def test_out_of_credits_the_rest_waits_and_what_came_in_stays(database: Database, acme: Shop, web: Site) -> None:
    await credit(database, acme, pricing.DOCUMENT)
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    source = await look(database, acme, source_id)
    assert (source.state, len(await questions(database, acme))) == ("failed", 1)
    assert "credits" in source.report["reason"]
    assert await balance(database, acme) == (0, 0)


@pytest.mark.parametrize(
    ("answer", "reads"),
    [(Page("No.", 404), True), (Page("No.", 403), True), (moved("/robots.txt"), True), (Page("Broken.", 500), False)],
)
async def test_a_site_whose_robots_txt_cannot_be_had_is_not_read_and_one_without_is(
    database: Database, acme: Shop, web: Site, answer: Page, reads: bool
) -> None:
    await credit(database, acme, 100)
    web.pages["/robots.txt"] = answer
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    source = await look(database, acme, source_id)
    assert sorted(await questions(database, acme)) == (ALL if reads else [])
    assert ("/" in web.asked) is reads
    assert source.state == ("done" if reads else "failed")
    assert reads or "robots.txt cannot be read" in source.report["reason"]


async def test_a_page_that_leads_to_one_that_robots_txt_forbids_is_not_kept(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    web.pages["/robots.txt"] = Page(ROBOTS + "Disallow: /private/", media_type="text/plain")
    web.pages["/private/a"] = web.pages["/a"]
    web.pages["/a"] = moved("/private/a")
    await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    assert sorted(await questions(database, acme)) == ["Do you wrap gifts?", "How long does delivery take?"]
    assert "robots.txt" in (await reasons(database, web))["/a"]


async def test_between_two_pages_is_a_pause_and_a_longer_one_where_the_site_asks_for_it(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    await crawl(database, acme, web.url())
    await work(database, web.fetcher(), pause=0.05)
    read = [at for path, at in zip(web.asked, web.at, strict=True) if path != "/robots.txt"]
    assert len(read) == 3
    assert all(later - sooner >= 0.05 for sooner, later in itertools.pairwise(read))
    web.pages["/robots.txt"] = SLOW
    source_id = await crawl(database, acme, web.url())
    async with asyncio.timeout(10):
        while not (await look(database, acme, source_id)).done:  # its turn comes a pause after the page before
            await work(database, web.fetcher(), pause=0.05)
    assert (await look(database, acme, source_id)).done == 1
    assert await due_in(database) > timedelta(seconds=6)


async def test_two_imports_of_one_site_never_ask_it_at_once_whichever_process_reads(
    database: Database, acme: Shop, rival: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    await credit(database, rival, 100)
    home = web.pages["/"]
    assert isinstance(home, Page)
    mine = await crawl(database, acme, web.url())
    theirs: list[str] = []

    async def meanwhile(writer: asyncio.StreamWriter) -> None:
        """While our page is under way another process takes up the other import."""
        web.pages["/"] = home
        theirs.append(await crawl(database, rival, web.url()))
        asked = len(web.asked)
        await work(database, web.fetcher())
        assert len(web.asked) == asked, "it waits for its turn"
        writer.write(home.sent())
        await writer.drain()

    web.pages["/"] = meanwhile
    await work(database, web.fetcher())
    assert theirs
    await pass_time(database, timedelta(seconds=10))
    await work(database, web.fetcher())
    await pass_time(database, timedelta(seconds=10))
    await work(database, web.fetcher())
    assert (await look(database, acme, mine)).state == "done"
    assert (await look(database, rival, theirs[0])).state == "done"
    assert sorted(await questions(database, rival)) == ALL


async def test_a_site_that_asks_to_be_asked_later_is_and_three_times_are_enough(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    there, web.pages["/a"] = web.pages["/a"], Page("Busy.", 503)
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    assert web.asked.count("/a") == 1
    assert await due_in(database) > timedelta(seconds=50)
    web.pages["/a"] = there
    await pass_time(database, timedelta(minutes=1))
    await work(database, web.fetcher())
    assert sorted(await questions(database, acme)) == ALL
    web.pages["/"] = Page("Slower.", 429)
    source_id = await crawl(database, acme, web.url("/b"))
    source_id = await crawl(database, acme, web.url("/"))
    for _ in visiting.BUSY:
        await work(database, web.fetcher())
        assert (await look(database, acme, source_id)).state == "running"
        await pass_time(database, timedelta(minutes=5))
    await work(database, web.fetcher())
    source = await look(database, acme, source_id)
    assert (source.state, source.report["reason"]) == ("failed", visiting.ASKED_TO_WAIT)
    assert web.asked.count("/") == 1 + len(visiting.BUSY) + 1


async def test_a_site_that_stopped_answering_is_left_alone_and_one_dead_page_is_only_a_dead_page(
    database: Database, acme: Shop, web: Site
) -> None:
    async def dead(writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    await credit(database, acme, 100)
    web.pages["/a"] = dead
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    assert (await look(database, acme, source_id)).state == "done"
    assert len(await questions(database, acme)) == 2
    many = [f"/{number:02}" for number in range(9)]
    web.pages = {"/": html("All", links=many), **dict.fromkeys(many, dead)}
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    source = await look(database, acme, source_id)
    assert (source.state, source.report["reason"]) == ("failed", visiting.SILENT)
    assert [path for path in web.asked if path in many] == many[: visiting.MOST_SILENCE]


async def test_a_crawl_ends_at_its_bounds_of_pages_and_of_links_and_says_so(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    web.pages["/a"] = html("A", ("What is a?", "The first of all the letters there are."), links=["/deep"])
    web.pages["/deep"] = html("Deep", ("What is deep?", "What lies far below the surface."), links=["/deeper"])
    few = await crawl(database, acme, web.url(), Options(pages=2))
    await work(database, web.fetcher())
    source = await look(database, acme, few)
    assert (source.done, source.total) == (2, 2)
    assert "2 further pages" in source.report["notes"][0]
    web.asked.clear()
    near = await crawl(database, acme, web.url(), Options(depth=1))
    await work(database, web.fetcher())
    assert (await look(database, acme, near)).done == 3
    assert "/a" in web.asked
    assert "/deep" not in web.asked


@pytest.mark.parametrize("spent", [{"bytes": visiting.MOST_BYTES}, {"seconds": visiting.LONGEST}])
async def test_a_whole_import_is_bounded_in_bytes_and_time_and_keeps_what_it_has(
    database: Database, acme: Shop, web: Site, spent: dict[str, float]
) -> None:
    await credit(database, acme, 100)
    web.pages["/robots.txt"] = SLOW
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    source = await look(database, acme, source_id)
    assert (source.state, source.done) == ("running", 1)
    assert all(0 < source.memo[name] < bound for name, bound in spent.items())
    async with database.write() as session:
        row = await sources.source_of(session, *acme.ids, source_id)
        row.memo = row.memo | {name: row.memo[name] + bound for name, bound in spent.items()}
    await pass_time(database, timedelta(seconds=10))
    await work(database, web.fetcher())
    source = await look(database, acme, source_id)
    assert (source.state, source.done, source.report["notes"]) == ("done", 1, [visiting.SPENT])
    assert await questions(database, acme) == ["How long does delivery take?"]


async def test_cancelled_in_between_nothing_more_is_asked_and_what_came_in_stays(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    web.pages["/robots.txt"] = SLOW
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    asked = len(web.asked)
    async with database.write() as session:
        assert await sources.cancel(session, await sources.source_of(session, *acme.ids, source_id))
    await pass_time(database, timedelta(seconds=10))
    await work(database, web.fetcher())
    assert len(web.asked) == asked
    assert (await look(database, acme, source_id)).state == "cancelled"
    assert await questions(database, acme) == ["How long does delivery take?"]
    assert await balance(database, acme) == (100 - pricing.DOCUMENT, 0)


async def test_another_process_goes_on_where_the_first_was_and_asks_for_no_page_again(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    web.pages["/robots.txt"] = SLOW
    source_id = await crawl(database, acme, web.url())
    for _ in range(4):
        await work(database, web.fetcher())  # each time a handler that knows nothing of the others
        await pass_time(database, timedelta(seconds=10))
    assert (await look(database, acme, source_id)).state == "done"
    assert [web.asked.count(path) for path in ("/", "/a", "/b")] == [1, 1, 1]
    assert sorted(await questions(database, acme)) == ALL
    assert await balance(database, acme) == (100 - 3 * pricing.DOCUMENT, 0)


async def test_a_page_that_nobody_foresaw_keeps_no_other_page_out(database: Database, acme: Shop, web: Site) -> None:
    class Surprised(Fetcher):
        async def get(self, url: str, *, accept: str = "*/*") -> Fetched:
            if url.endswith("/a"):
                raise LookupError
            return await web.fetcher().get(url, accept=accept)

    await credit(database, acme, 100)
    source_id = await crawl(database, acme, web.url())
    await work(database, Surprised())
    assert (await look(database, acme, source_id)).state == "done"
    assert "The fault is ours" in (await reasons(database, web))["/a"]
    assert len(await questions(database, acme)) == 2


async def test_a_job_that_died_is_taken_up_where_it_was_and_nothing_comes_in_twice(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    source_id = await crawl(database, acme, web.url())
    handler = reading.handler(database, web.fetcher(), pause=0)
    payload = {"workspace": acme.workspace_id, "domain": acme.domain_id, "source": source_id}
    await handler(payload)
    await handler(payload)
    await work(database, web.fetcher())
    found = await questions(database, acme)
    assert len(found) == len(set(found)) == 3
    assert await balance(database, acme) == (100 - 3 * pricing.DOCUMENT, 0)


async def due_in(database: Database) -> timedelta:
    """Until the next job of an import is due."""
    async with database.read() as session:
        found = await session.scalars(select(Job.run_at).where(Job.kind == sources.JOB, Job.state == "ready"))
        return min(found) - now()
