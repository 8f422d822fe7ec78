"""Imports as tests begin them, work them off and look at them; a shop's site to read."""

from datetime import timedelta

from sqlalchemy import select, update

from engine import jobs, ledger
from engine.db import Database, now
from engine.fetch import Fetcher
from engine.models import Job, Workspace
from knowledge import entries, reading, sources
from knowledge.models import Entry, SiteTurn, Source, SourcePage
from knowledge.sources import Options, Way
from tests.doubles.site import Site
from tests.knowledge.conftest import Shop, draft

CSV = b"question,answer\nDo you deliver?,Yes\nDo you pack?,Also\n"


async def credit(database: Database, shop: Shop, amount: int) -> None:
    async with database.write() as session:
        await ledger.grant(session, shop.workspace_id, amount, f"welcome {amount}")


async def work(database: Database, fetcher: Fetcher | None = None, *, pause: float = 0) -> None:
    """Until no import is due."""
    handlers = {sources.JOB: reading.handler(database, fetcher or Fetcher(), pause=pause)}
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


async def crawl(database: Database, shop: Shop, url: str, options: Options | None = None, way: Way = "crawl") -> str:
    async with database.write() as session:
        return (await sources.visit(session, *shop.ids, None, way, url, options or Options())).id


async def pass_time(database: Database, by: timedelta) -> None:
    """What is planned comes nearer by that much, and what import jobs are due are due."""
    async with database.write() as session:
        for source in await session.scalars(select(Source).where(Source.next_at.is_not(None))):
            source.next_at = source.next_at and source.next_at - by
        waiting = (Job.kind == sources.JOB, Job.state == "ready")
        for job in await session.scalars(select(Job).where(*waiting)):
            job.run_at -= by
        await session.execute(update(SiteTurn).values(until=now() - by))


async def look_again(database: Database, shop: Shop, source_id: str, web: Site) -> Source:
    async with database.write() as session:
        assert await sources.again(session, await sources.source_of(session, *shop.ids, source_id))
    await work(database, web.fetcher())
    return await look(database, shop, source_id)


async def states(database: Database, web: Site) -> dict[str, str]:
    """The state of each page by its path."""
    async with database.read() as session:
        found = (await session.execute(select(SourcePage.url, SourcePage.state))).all()
    return {url.removeprefix(web.url("")): state for url, state in found}


async def reasons(database: Database, web: Site) -> dict[str, str]:
    """What is said of each page by its path."""
    async with database.read() as session:
        found = (await session.execute(select(SourcePage.url, SourcePage.reason))).all()
    return {url.removeprefix(web.url("")): reason for url, reason in found}


async def known(database: Database, shop: Shop) -> dict[str, Entry]:
    async with database.read() as session:
        return {entry.question: entry for entry in await entries.listing(session, *shop.ids)}


async def rewrite(database: Database, question: str, answer: str) -> None:
    async with database.write() as session:
        entry = (await session.scalars(select(Entry).where(Entry.question == question))).one()
        await entries.edit(session, entry, draft(question, answer))
