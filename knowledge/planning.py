"""When an import is read: by a job that is written now, and again every week where its owner wants that. Any process
may do the job."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from engine import jobs
from engine.db import now
from knowledge.models import Source

JOB: Final = "import"
READING: Final = ("waiting", "running")  # states of an import that is not over
WEEK = timedelta(days=7)  # between two looks at a site that is to be followed


async def start(session: AsyncSession, source: Source) -> None:
    """Have it read as soon as a process is free."""
    await jobs.add(session, JOB, _payload(source))


async def follow(session: AsyncSession, source: Source, *, weekly: bool) -> bool:
    """Look at a page or site again every week from now on, or no more; False for files and for what was undone."""
    await session.refresh(source, with_for_update=True)
    if source.url is None or source.state == "undone":
        return False
    was = bool(source.options.get("weekly"))
    source.options = source.options | {"weekly": weekly}
    if not weekly:
        source.next_at = None
    elif not was and source.state not in READING:
        await plan(session, source)
    await session.flush()
    return True


async def plan(session: AsyncSession, source: Source) -> None:
    """The next look by itself, where one is wanted."""
    if source.url is not None and source.options.get("weekly"):
        source.next_at = now() + WEEK
        await jobs.add(session, JOB, _payload(source) | {"planned": True}, source.next_at)


def is_due(source: Source) -> bool:
    """What the job of a planned look asks first: False where it was called off, or put off by a look in between."""
    return bool(source.options.get("weekly")) and source.next_at is not None and source.next_at <= now()


def _payload(source: Source) -> dict[str, Any]:
    return {"workspace": source.workspace_id, "domain": source.domain_id, "source": source.id, "look": source.look}
