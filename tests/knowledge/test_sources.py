"""Imports by the job: files and sites become entries, once, with a report, for credits; cancelled, repeated, undone."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select, update

from engine import jobs, ledger, pricing
from engine.db import Database, now
from engine.fetch import Fetcher
from engine.models import Hold, Job, LedgerEntry, Workspace
from knowledge import entries, reading, sources
from knowledge.models import Entry, Source, SourceFile, SourcePage
from knowledge.sheet import Unreadable
from knowledge.sources import NoCredits, Options
from tests.doubles.site import Page, Site, site
from tests.knowledge.conftest import Shop, draft

pytestmark = pytest.mark.anyio
CSV = b"question,answer\nDo you deliver?,Yes\nDo you pack?,Also\n"
HOME = """<html lang="en"><head><title>Help</title></head><body><nav><a href="/a">A</a> <a href="/b?utm_source=x">B</a>
<a href="/b">B</a><a href="https://elsewhere.example/x">Else</a></nav><main><h2>How long does delivery take?</h2>
<p>Delivery takes two working days within the country, longer abroad.</p></main></body></html>"""
OTHER = """<html lang="en"><head><title>Returns</title></head><body><main><h2>{question}</h2>
<p>{answer}</p></main></body></html>"""
LOGIN = """<html><head><title>Sign in</title></head><body><form action="/login" method="post"><input name="user">
<input type="password" name="password"><button>Sign in</button></form></body></html>"""


@pytest.fixture
async def web() -> AsyncIterator[Site]:
    async with site() as web:
        web.pages["/"] = Page(HOME)
        web.pages["/a"] = Page(OTHER.format(question="Can I return a plant?", answer="Within 30 days of delivery."))
        web.pages["/b"] = Page(OTHER.format(question="Do you wrap gifts?", answer="Gift wrapping costs three euros."))
        yield web


async def credit(database: Database, shop: Shop, amount: int) -> None:
    async with database.write() as session:
        await ledger.grant(session, shop.workspace_id, amount, f"welcome {amount}")


async def work(database: Database, fetcher: Fetcher | None = None) -> None:
    """Until no import is due."""
    handlers = {sources.JOB: reading.handler(database, fetcher or Fetcher())}
    while await jobs.run_due(database, handlers, 1, only=[sources.JOB]):
        pass


async def upload(
    database: Database, shop: Shop, data: bytes, name: str = "faq.csv", options: Options | None = None
) -> str:
    async with database.write() as session:
        source = await sources.upload(session, *shop.ids, None, name, data, options or Options())
        return source.id


async def look(database: Database, shop: Shop, source_id: str) -> Source:
    async with database.read() as session:
        return await sources.source_of(session, *shop.ids, source_id)


async def questions(database: Database, shop: Shop) -> list[str]:
    async with database.read() as session:
        return [entry.question for entry in await entries.listing(session, *shop.ids)]


async def balance(database: Database, shop: Shop) -> tuple[int, int]:
    async with database.read() as session:
        row = await session.execute(select(Workspace.balance, Workspace.held).where(Workspace.id == shop.workspace_id))
        found = row.one()
        return found[0], found[1]


async def test_a_file_of_rows_is_free_and_becomes_entries(database: Database, acme: Shop) -> None:
    source_id = await upload(database, acme, CSV)
    await work(database)
    source = await look(database, acme, source_id)
    assert (source.state, source.report["added"], source.report["refused"]) == ("done", 2, 0)
    assert await questions(database, acme) == ["Do you deliver?", "Do you pack?"]
    assert await balance(database, acme) == (0, 0)
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(SourceFile)) == 0


async def test_rows_with_faults_stay_out_with_their_reason_or_keep_all_out(database: Database, acme: Shop) -> None:
    bad = CSV + b",No question\nDo you deliver?,Again\n"
    kept = await upload(database, acme, bad)
    await work(database)
    report = (await look(database, acme, kept)).report
    assert (report["added"], report["refused"]) == (2, 2)
    assert {fault["row"] for fault in report["faults"]} == {4, 5}
    assert all(fault["sentence"] for fault in report["faults"])
    whole = await upload(database, acme, b"question,answer\nNew one?,Yes\n,Nothing\n", options=Options(keep_good=False))
    await work(database)
    assert (await look(database, acme, whole)).state == "failed"
    assert "New one?" not in await questions(database, acme)


async def test_review_first_brings_drafts_that_answer_nobody(database: Database, acme: Shop) -> None:
    await upload(database, acme, CSV, options=Options(review=True, category="Shop"))
    await work(database)
    async with database.read() as session:
        found = (await session.scalars(select(Entry))).all()
    assert [(entry.draft, entry.active, entry.category) for entry in found] == [(True, False, "Shop")] * 2


async def test_a_document_takes_credits_and_gives_them_back_when_it_gives_nothing(
    database: Database, acme: Shop
) -> None:
    text = b"# Delivery\n\n## How long does delivery take?\n\nTwo working days within the country.\n"
    with pytest.raises(NoCredits):
        await upload(database, acme, text, "help.md")
    assert await questions(database, acme) == []
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Source)) == 0
    await credit(database, acme, 25)
    await upload(database, acme, text, "help.md")
    assert await balance(database, acme) == (25, pricing.DOCUMENT)
    await work(database)
    assert await balance(database, acme) == (15, 0)
    again = await upload(database, acme, text, "help.md")  # says nothing new
    await work(database)
    assert (await look(database, acme, again)).state == "failed"
    assert await balance(database, acme) == (15, 0)
    async with database.read() as session:
        assert not (await session.scalars(select(Hold).where(Hold.state == "open"))).all()
        assert await session.scalar(select(func.sum(LedgerEntry.amount))) == 15


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n" + bytes(64), b"PK\x03\x04" + bytes(64), b""])
async def test_what_is_no_document_is_refused_before_anything_begins(
    database: Database, acme: Shop, data: bytes
) -> None:
    with pytest.raises(Unreadable):
        await upload(database, acme, data, "faq.csv")
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Job)) == 0


async def crawl(database: Database, shop: Shop, url: str) -> str:
    async with database.write() as session:
        return (await sources.visit(session, *shop.ids, None, "crawl", url, Options())).id


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


async def test_looking_again_finds_what_changed_and_what_went_and_leaves_alone_what_somebody_edited(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 200)
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    async with database.write() as session:
        edited = (await session.scalars(select(Entry).where(Entry.question == "Do you wrap gifts?"))).one()
        await entries.edit(session, edited, draft("Do you wrap gifts?", "Yes, for three euros, in paper."))
        later = now().replace(year=now().year + 1)
        await session.execute(update(Entry).where(Entry.id == edited.id).values(updated_at=later))
    web.pages["/a"] = Page(OTHER.format(question="Can I return a plant?", answer="Within 60 days of delivery."))
    web.pages["/b"] = Page(OTHER.format(question="Do you wrap gifts?", answer="Not any more."))
    web.pages["/"] = Page("gone", 404)
    async with database.write() as session:
        assert await sources.again(session, await sources.source_of(session, *acme.ids, source_id))
    await work(database, web.fetcher())
    async with database.read() as session:
        found = {entry.question: entry for entry in await entries.listing(session, *acme.ids)}
        pages = {page.url: page.state for page in (await session.scalars(select(SourcePage))).all()}
    assert found["Can I return a plant?"].answer == "Within 60 days of delivery."
    assert found["Do you wrap gifts?"].answer == "Yes, for three euros, in paper."
    assert not found["How long does delivery take?"].active
    assert pages == {web.url("/"): "gone", web.url("/a"): "changed", web.url("/b"): "changed"}


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (Page(LOGIN), "sign in"),
        (Page("<html><body></body></html>"), "nothing"),
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


async def test_a_sitemap_names_the_pages_that_are_read(database: Database, acme: Shop, web: Site) -> None:
    await credit(database, acme, 100)
    urls = "".join(f"<url><loc>{web.url(path)}</loc></url>" for path in ("/a", "/b"))
    web.pages["/sitemap.xml"] = Page(f'<?xml version="1.0"?><urlset>{urls}</urlset>', media_type="application/xml")
    async with database.write() as session:
        source = await sources.visit(session, *acme.ids, None, "sitemap", web.url("/sitemap.xml"), Options())
    await work(database, web.fetcher())
    assert (await look(database, acme, source.id)).state == "done"
    assert sorted(await questions(database, acme)) == ["Can I return a plant?", "Do you wrap gifts?"]


async def test_out_of_credits_the_rest_waits_and_what_came_in_stays(database: Database, acme: Shop, web: Site) -> None:
    await credit(database, acme, pricing.DOCUMENT)
    source_id = await crawl(database, acme, web.url())
    await work(database, web.fetcher())
    source = await look(database, acme, source_id)
    assert (source.state, len(await questions(database, acme))) == ("failed", 1)
    assert "credits" in source.report["reason"]
    assert await balance(database, acme) == (0, 0)


async def test_cancelled_it_stops_and_undone_it_is_gone_but_for_what_somebody_edited(
    database: Database, acme: Shop
) -> None:
    cancelled = await upload(database, acme, CSV)
    async with database.write() as session:
        await sources.cancel(session, await sources.source_of(session, *acme.ids, cancelled))
    await work(database)
    assert (await look(database, acme, cancelled)).state == "cancelled"
    assert await questions(database, acme) == []
    source_id = await upload(database, acme, CSV)
    await work(database)
    async with database.write() as session:
        kept = (await session.scalars(select(Entry).where(Entry.question == "Do you pack?"))).one()
        later = now().replace(year=now().year + 1)
        await session.execute(update(Entry).where(Entry.id == kept.id).values(updated_at=later))
    async with database.write() as session:
        undone = await sources.undo(session, await sources.source_of(session, *acme.ids, source_id))
    assert (undone.removed, undone.kept) == (1, ("Do you pack?",))
    assert await questions(database, acme) == ["Do you pack?"]


async def test_r10_another_workspaces_import_is_not_there(database: Database, acme: Shop, rival: Shop) -> None:
    source_id = await upload(database, acme, CSV)
    async with database.read() as session:
        with pytest.raises(entries.NotFound):
            await sources.source_of(session, *rival.ids, source_id)
        with pytest.raises(entries.NotFound):
            await sources.source_of(session, rival.workspace_id, acme.domain_id, source_id)
    with pytest.raises(entries.NotFound):
        async with database.write() as session:
            await sources.upload(session, rival.workspace_id, acme.domain_id, None, "faq.csv", CSV, Options())


async def test_a_job_that_died_is_taken_up_where_it_was_and_nothing_comes_in_twice(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    source_id = await crawl(database, acme, web.url())
    handler = reading.handler(database, web.fetcher())
    payload = {"workspace": acme.workspace_id, "domain": acme.domain_id, "source": source_id}
    await handler(payload)
    await handler(payload)
    await work(database, web.fetcher())
    found = await questions(database, acme)
    assert len(found) == len(set(found)) == 3
    assert await balance(database, acme) == (100 - 3 * pricing.DOCUMENT, 0)
