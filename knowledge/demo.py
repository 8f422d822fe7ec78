"""The FAQ of Juniper & Pine, the made-up plant shop of the demo: an owner's file like any other."""

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.imports import Report, load, parse

FILE = Path(__file__).with_name("demo_shop.csv")
SOURCE = "seed:demo_shop"


async def stock(session: AsyncSession, workspace_id: str, domain_id: str) -> Report:
    """Import the demo's FAQ into a domain, through the same door as an owner's own file. Done twice, it adds only
    what is missing. Raises :class:`~knowledge.entries.NotFound`."""
    return await load(session, workspace_id, domain_id, parse(FILE.read_bytes()), keep_good=True, source=SOURCE)
