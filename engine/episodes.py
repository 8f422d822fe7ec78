"""A new conversation in the same room: what was said stays readable, and is not spoken of any more."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine import answers, handoff, phrases
from engine import protocol as wire
from engine.bus import Draft
from engine.locked import Locked
from engine.models import Message


async def restart(session: AsyncSession, room: Locked, draft: Draft | None) -> bool:
    """Begin anew; an answer that is being written ends. False while a person is called or there: they would lose the
    thread. Where the visitor has said nothing since the last beginning, nothing changes."""
    if room.mode in ("waiting", "live"):
        return False
    if not await _spoken(session, room):
        return True
    await answers.cut(session, room, draft)
    if room.mode == "closed":
        handoff.reopen(room)
    room.unsure, room.asked, room.tell_desk = 0, None, True
    room.ended = room.score = None
    room.episode = room.bump()
    room.events.append(wire.RoomRestarted(room=room.id, revision=room.revision, state=room.state()))
    room.say(phrases.say("restarted", room.language))
    return True


async def _spoken(session: AsyncSession, room: Locked) -> bool:
    said = select(Message.id).where(
        Message.room_id == room.id, Message.author == "visitor", Message.position > room.episode
    )
    return (await session.execute(said.limit(1))).scalar_one_or_none() is not None
