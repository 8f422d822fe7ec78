"""What visitors of a domain really asked of late, and what its knowledge of today makes of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import Database
from engine.models import Domain, Message, Room
from engine.ports import Ask
from knowledge import port
from knowledge.judging import Judged
from knowledge.models import QUESTION_LENGTH, Reply
from knowledge.smalltalk import is_small_talk

PAGE = 500  # messages that are read at a time: greetings among them ask nothing
MOST_PAGES = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """A visitor's question, and where it stands: its room, and its place there."""

    text: str
    room_id: str
    position: int


async def recent(session: AsyncSession, workspace_id: str, domain_id: str, limit: int) -> list[Asked]:
    """The last ``limit`` questions of the domain's visitors, newest first; of a domain of another workspace none (R10).
    Small talk and answers to filtered questions ask nothing, and are passed over, as is what is too long for one
    question."""
    mine = (Room.workspace_id == workspace_id, Room.domain_id == domain_id, Message.author == "visitor")
    query = select(Message.text, Message.room_id, Message.position).join(Room, Room.id == Message.room_id).where(*mine)
    query = query.order_by(Message.created_at.desc(), Message.id)
    found: list[Asked] = []
    for page in range(MOST_PAGES):
        rows = (await session.execute(query.limit(PAGE).offset(page * PAGE))).all()
        told = await _told(session, {room_id for _, room_id, _ in rows})
        for text, room_id, position in rows:
            if len(text) <= QUESTION_LENGTH and (room_id, text.strip()) not in told and not is_small_talk(text):
                found.append(Asked(text.strip(), room_id, position))
        if len(found) >= limit or len(rows) < PAGE:
            break
    return found[:limit]


async def judged(
    db: Database, workspace_id: str, domain_id: str, questions: Sequence[Asked]
) -> list[tuple[Asked, Judged]]:
    """Each question as it would be judged now, with what it leans on in its conversation."""
    async with db.read() as session:
        mine = (Domain.id == domain_id, Domain.workspace_id == workspace_id)
        version = await session.scalar(select(Domain.knowledge_version).where(*mine)) or 0
    found = []
    for each in questions:
        ask = Ask(workspace_id, domain_id, version, each.text, each.room_id, each.position)
        found.append((each, await port.judged(db, ask)))
        await asyncio.sleep(0)  # hundreds of them: others get their turn after each
    return found


async def _told(session: AsyncSession, room_ids: set[str]) -> set[tuple[str, str]]:
    """What was said in these rooms in answer to a filtered question."""
    found = await session.execute(select(Reply.room_id, Reply.raw).where(Reply.room_id.in_(room_ids)))
    return {(room_id, raw.strip()) for room_id, raw in found.all() if raw.strip()}
