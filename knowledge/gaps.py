"""The questions nobody could answer: filed with the answer that failed them, listed for the owner."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from engine.codec import clean
from engine.ports import Missed
from knowledge.models import Gap

LONGEST = 4_000  # characters kept of a question: as long as a visitor's message may be (R14)


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


def _row(missed: Missed) -> dict[str, str]:
    return {
        "workspace_id": missed.workspace_id,
        "domain_id": missed.domain_id,
        "room_id": missed.room_id,
        "message_id": missed.message_id,
        "text": clean(missed.text)[:LONGEST],
        "reason": missed.reason,
    }
