"""Imports as their owner sees them: begun, worked off by the job, looked at."""

from sqlalchemy import select

from engine import jobs, ledger
from engine.db import Database, new_id
from engine.fetch import Fetcher
from engine.models import Workspace
from knowledge import entries, reading, sources
from knowledge.models import Entry, Source
from knowledge.sources import Options
from tests.knowledge.conftest import Shop


async def credit(database: Database, shop: Shop, amount: int) -> None:
    async with database.write() as session:
        await ledger.grant(session, shop.workspace_id, amount, new_id())


async def balance(database: Database, shop: Shop) -> tuple[int, int]:
    """What there is, and what of it is held."""
    async with database.read() as session:
        row = await session.execute(select(Workspace.balance, Workspace.held).where(Workspace.id == shop.workspace_id))
        found = row.one()
        return found[0], found[1]


async def upload(database: Database, shop: Shop, data: bytes, name: str, options: Options) -> str:
    async with database.write() as session:
        return (await sources.upload(session, *shop.ids, None, name, data, options)).id


async def read_all(database: Database, fetcher: Fetcher | None = None) -> None:
    """Until no import is due."""
    handlers = {sources.JOB: reading.handler(database, fetcher or Fetcher())}
    while await jobs.run_due(database, handlers, 1, only=[sources.JOB]):
        pass


async def look(database: Database, shop: Shop, source_id: str) -> Source:
    async with database.read() as session:
        return await sources.source_of(session, *shop.ids, source_id)


async def listed(database: Database, shop: Shop) -> list[Entry]:
    async with database.read() as session:
        return await entries.listing(session, *shop.ids)
