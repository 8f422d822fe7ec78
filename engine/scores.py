"""What a visitor thought of a conversation with a person: once it has ended, and for a while again."""

from datetime import timedelta
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine import protocol as wire
from engine.db import now
from engine.locked import Locked
from engine.models import Message, Score

CHANGE = timedelta(hours=24)  # after the first word; later it stands
Refusal = Literal["no_rating", "rating_kept"]  # as the words have it


async def rate(session: AsyncSession, room: Locked, score: int, comment: str) -> Refusal | None:
    """Store ``score`` (1 to 5) and ``comment`` (clean) for the part that ended in ``room``, whose row is locked; the
    same again changes nothing. Returns why it is not taken."""
    if room.ended is None:
        return "no_rating"
    mine = (Score.room_id == room.id, Score.ended == room.ended)
    known = await session.scalar(select(Score).where(*mine))
    if known is None:
        session.add(
            Score(
                room_id=room.id,
                ended=room.ended,
                workspace_id=room.workspace_id,
                member_id=await _agent(session, room),
                score=score,
                comment=comment,
            )
        )
        await session.flush()
    elif (known.score, known.comment) == (score, comment):
        return None
    elif known.created_at + CHANGE < now():
        return "rating_kept"
    else:
        await session.execute(update(Score).where(*mine).values(score=score, comment=comment, changed_at=now()))
    room.score, room.tell_desk = score, True
    room.bump()
    room.events.append(wire.RoomRated(room=room.id, revision=room.revision, state=room.state()))
    return None


async def _agent(session: AsyncSession, room: Locked) -> str | None:
    """Who of the team wrote last before the end."""
    said = select(Message.member_id).where(Message.room_id == room.id, Message.author == "agent")
    found = await session.execute(said.where(Message.position < room.ended).order_by(Message.position.desc()).limit(1))
    return found.scalar_one_or_none()
