"""The questions nobody could answer: filed with the answer that failed them, and where each of them stands.

A gap is open until it became part of an entry (answered) or was set aside (dismissed). Every step takes only gaps that
are where it begins, so that of two owners who click at once one moves a gap and the other nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from engine.codec import clean
from engine.models import Room
from engine.ports import Missed
from knowledge.models import Gap

LONGEST = 4_000  # characters kept of a question: as long as a visitor's message may be (R14)
MOST_OPEN = 2_000  # gaps that are looked at together, the newest: grouping more takes seconds
_AT_ONCE = 5_000  # ids in one statement


@dataclass(frozen=True, slots=True)
class OpenGap:
    """A gap as it is grouped. ``answer_id``: the message of the bot that failed it."""

    id: str
    text: str
    reason: str
    room_id: str
    answer_id: str
    visitor_id: str
    at: datetime


async def file_gaps(session: AsyncSession, missed: Sequence[Missed]) -> None:
    """File ``missed`` in the caller's transaction; a message that is filed already stays as it is."""
    if not missed:
        return
    insert: Any = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(Gap.__table__).on_conflict_do_nothing(index_elements=["message_id"])
    await session.execute(statement, [_row(one) for one in missed])


async def listing(
    session: AsyncSession, workspace_id: str, domain_id: str, *, status: str = "open", limit: int = 100
) -> list[Gap]:
    """The gaps of a domain with that status, newest first; none for a domain of another workspace."""
    query = (
        select(Gap)
        .where(Gap.workspace_id == workspace_id, Gap.domain_id == domain_id, Gap.status == status)
        .order_by(Gap.created_at.desc(), Gap.id)
        .limit(limit)
    )
    return list(await session.scalars(query))


async def open_ones(
    session: AsyncSession, workspace_id: str, domain_id: str, limit: int = MOST_OPEN
) -> tuple[list[OpenGap], int]:
    """The newest ``limit`` open gaps of a domain, the oldest of them first, and how many are open in all."""
    query = (
        select(
            *(Gap.id, Gap.text, Gap.reason, Gap.room_id, Gap.message_id, Room.visitor_id, Gap.created_at),
            func.count().over(),
        )
        .join(Room, Room.id == Gap.room_id)
        .where(Gap.workspace_id == workspace_id, Gap.domain_id == domain_id, Gap.status == "open")
        .order_by(Gap.created_at.desc(), Gap.id)
        .limit(limit)
    )
    rows = (await session.execute(query)).all()
    return [OpenGap(*row[:-1]) for row in reversed(rows)], rows[0][-1] if rows else 0


async def dismiss(session: AsyncSession, workspace_id: str, domain_id: str, ids: Sequence[str]) -> list[str]:
    """Set open gaps aside; the ids of those that were open."""
    return await _moved(session, (workspace_id, domain_id), ids, Gap.status == "open", status="dismissed")


async def answer(
    session: AsyncSession, workspace_id: str, domain_id: str, ids: Sequence[str], entry_id: str
) -> list[str]:
    """Open gaps are answered by the entry, one of the same domain; the ids of those that were open."""
    wanted = {"status": "answered", "entry_id": entry_id}
    return await _moved(session, (workspace_id, domain_id), ids, Gap.status == "open", **wanted)


async def reopen(
    session: AsyncSession, workspace_id: str, domain_id: str, ids: Sequence[str], *, entry_id: str | None = None
) -> list[str]:
    """Dismissed gaps are open again, or with ``entry_id`` those that this entry answered; the ids of those moved."""
    answered = (Gap.status == "answered") & (Gap.entry_id == entry_id)
    begin = Gap.status == "dismissed" if entry_id is None else answered
    return await _moved(session, (workspace_id, domain_id), ids, begin, status="open", entry_id=None)


async def _moved(
    session: AsyncSession, owner: tuple[str, str], ids: Sequence[str], begin: ColumnElement[bool], **values: str | None
) -> list[str]:
    moved: list[str] = []
    for some in _chunks(sorted(set(ids))):
        # Locked in the order of their ids: two owners who move overlapping groups then never wait for each other.
        theirs = select(Gap.id).where(Gap.id.in_(some), Gap.workspace_id == owner[0], Gap.domain_id == owner[1], begin)
        changed = await session.execute(
            update(Gap)
            .where(Gap.id.in_(theirs.order_by(Gap.id).with_for_update()), begin)
            .values(**values)
            .returning(Gap.id)
            .execution_options(synchronize_session=False)
        )
        moved.extend(changed.scalars())
    return sorted(moved)


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _row(missed: Missed) -> dict[str, str]:
    return {
        "workspace_id": missed.workspace_id,
        "domain_id": missed.domain_id,
        "room_id": missed.room_id,
        "message_id": missed.message_id,
        "text": clean(missed.text)[:LONGEST],
        "reason": missed.reason,
    }
