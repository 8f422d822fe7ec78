"""One reader at a time for a site, whichever import, workspace or process it is for: a lease by host, which ends by
itself where its holder died."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import now
from knowledge.models import SiteTurn

LEASE = timedelta(seconds=60)  # a slice and its slowest page, twice over
PATIENCE = timedelta(seconds=1)  # until one that waits asks again
YIELD = timedelta(seconds=4)  # for which one that read lets the others in


async def take(session: AsyncSession, host: str, holder: str) -> datetime | None:
    """Begin to read ``host``: None when it may be, until :func:`leave`; else when to ask again."""
    at = now()
    insert: Any = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    fresh = {"host": host, "holder": holder, "until": at, "wanted": False}
    await session.execute(insert(SiteTurn).values(**fresh).on_conflict_do_nothing(index_elements=["host"]))
    free = (SiteTurn.until <= at) | (SiteTurn.holder == holder)
    taken = update(SiteTurn).where(SiteTurn.host == host, free).values(holder=holder, until=at + LEASE, wanted=False)
    if await session.scalar(taken.returning(SiteTurn.host).execution_options(synchronize_session=False)):
        return None
    asks = update(SiteTurn).where(SiteTurn.host == host).values(wanted=True)
    await session.execute(asks.execution_options(synchronize_session=False))
    return at + PATIENCE


async def leave(session: AsyncSession, host: str, holder: str, pause: timedelta) -> bool:
    """Nobody else reads ``host`` for ``pause`` more; whether somebody waits to."""
    mine = (SiteTurn.host == host, SiteTurn.holder == holder)
    left = update(SiteTurn).where(*mine).values(until=now() + pause).returning(SiteTurn.wanted)
    return bool(await session.scalar(left.execution_options(synchronize_session=False)))
