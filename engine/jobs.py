"""Work that must happen later: rows written in the transaction of the fact that causes it, claimed by any node,
retried with growing pauses, and given up with their reason kept."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import Database, new_id, now
from engine.models import Job
from engine.ports import Handler

log = logging.getLogger(__name__)

ATTEMPTS = 8  # tries before a job is given up: with doubling pauses about 20 minutes
PAUSE = timedelta(seconds=5)  # after the first failure; doubles each time
LEASE = timedelta(seconds=60)  # a claimed job that is not heard of for so long is taken up again


@dataclass(frozen=True, slots=True)
class Claim:
    id: str
    kind: str
    payload: dict[str, Any]
    attempts: int


async def add(session: AsyncSession, kind: str, payload: dict[str, Any], run_at: datetime | None = None) -> None:
    """Write a job in the caller's transaction."""
    at = now()
    await session.execute(
        insert(Job).values(
            id=new_id(), kind=kind, payload=payload, state="ready", attempts=0, run_at=run_at or at, created_at=at
        )
    )


async def run_due(
    db: Database,
    handlers: Mapping[str, Handler],
    limit: int = 20,
    *,
    only: Collection[str] = (),
    but: Collection[str] = (),
) -> int:
    """Do the jobs that are due, oldest first; how many were claimed. A handler's failure is the job's, not ours.
    ``only`` and ``but`` choose among the kinds: what takes long has a round of its own; no hand-off waits for it."""
    async with db.write() as session:
        claims = await claim(session, now(), limit, only=only, but=but)
    for claimed in claims:
        await _run(db, handlers, claimed)
    return len(claims)


async def claim(
    session: AsyncSession, at: datetime, limit: int, *, only: Collection[str] = (), but: Collection[str] = ()
) -> list[Claim]:
    """Lease up to ``limit`` due jobs to this caller. Nobody else gets them (SKIP LOCKED on PostgreSQL)."""
    due = (
        select(Job.id)
        .where(Job.state == "ready", Job.run_at <= at, *([Job.kind.in_(only)] if only else []))
        .where(*([Job.kind.not_in(but)] if but else []))
        .order_by(Job.run_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = await session.execute(
        update(Job)
        .where(Job.id.in_(due))
        .values(run_at=at + LEASE, attempts=Job.attempts + 1)
        .returning(Job.id, Job.kind, Job.payload, Job.attempts)
        .execution_options(synchronize_session=False)
    )
    return [Claim(*row) for row in claimed.all()]


async def _run(db: Database, handlers: Mapping[str, Handler], claimed: Claim) -> None:
    try:
        again = await handlers[claimed.kind](claimed.payload)
    except Exception as failed:
        log.warning("job %s %s failed: %s", claimed.kind, claimed.id, type(failed).__name__)
        await _put(db, claimed, _after_failure(claimed, failed))
    else:
        await _put(db, claimed, {"state": "done"} if again is None else {"run_at": again, "attempts": 0})


async def _put(db: Database, claimed: Claim, values: dict[str, Any]) -> None:
    async with db.write() as session:
        await session.execute(update(Job).where(Job.id == claimed.id).values(values))


def _after_failure(claimed: Claim, failed: Exception) -> dict[str, Any]:
    error = f"{type(failed).__name__}: {failed}"[:500]
    if claimed.attempts >= ATTEMPTS:
        return {"state": "dead", "error": error}
    return {"run_at": now() + PAUSE * 2 ** (claimed.attempts - 1), "error": error}
