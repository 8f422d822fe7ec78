"""What a visitor says of an answer: good or bad. A lasting change like any other; a bad word is a gap for the owner."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine import answers
from engine import protocol as wire
from engine.locked import Locked, message_from
from engine.models import Message
from engine.ports import Knowledge, Missed

GOOD, BAD = 1, -1
Refusal = Literal["not_found", "unfinished"]
REFUSED: dict[Refusal, str] = {"not_found": "no_answer", "unfinished": "unfinished"}  # as phrases.py has it


@dataclass(frozen=True, slots=True)
class Rated:
    """The revision at which the rating stands, or why there is none."""

    revision: int = 0
    refused: Refusal | None = None


async def rate(session: AsyncSession, knowledge: Knowledge, room: Locked, message_id: str, *, good: bool) -> Rated:
    """Store the visitor's word on an answer of ``room``, whose row is locked; the same word again changes nothing. A
    message of another room, of a person or of the visitor's own is as absent as one that never was (R10)."""
    found = await session.execute(
        select(Message.__table__).where(Message.id == message_id, Message.room_id == room.id, Message.author == "bot")
    )
    row = found.mappings().one_or_none()
    if row is None:
        return Rated(refused="not_found")
    if row["state"] == "streaming":
        return Rated(refused="unfinished")
    message, rating = message_from(row), GOOD if good else BAD
    if message.rating == rating:
        return Rated(message.revision)
    message = room.change(message, rating=rating)
    room.events.append(wire.MessageChanged(room=room.id, revision=room.revision, message=message))
    if not good:
        question = await answers.asked_before(session, room.id, message.position)
        if question:
            missed = Missed(room.workspace_id, room.domain_id, room.id, message.id, question, "rated")
            await knowledge.file_gaps(session, [missed])
    return Rated(room.revision)
