"""One speaker at a time: a room's modes (bot, waiting, live, closed) and the leases that bound them.

Every decision is our own code's; nothing that a model says is read for control.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine import doors, jobs, queue
from engine import protocol as wire
from engine.db import now
from engine.locked import Locked
from engine.models import Member, Room, User
from engine.ports import Agent

Reason = Literal["asked", "unsure", "agent_gone", "route"]

LAPSE = "handoff.lapse"  # the job that looks after a lease

# Every way of asking holds one of these; none has an i, for which IGNORECASE takes more letters than casefold does.
_HINT = re.compile("huma|person|agent|some|body|one|operator|represent|staff|team|mensch|arbe|conse")
_PERSON = re.compile(
    r"\b(?:(?:speak|talk|chat|connect me|put me through|transfer me)\s+(?:to|with)\s+(?:an?\s+|the\s+|some|your\s+)?"
    r"(?:real\s+|live\s+|actual\s+)?(?:human|person|agent|someone|somebody|body|one|operator|representative|staff|team)"
    r"|(?:real|live|actual)\s+(?:human|person|agent)"
    r"|(?:i\s+)?(?:want|need|get(?:\s+me)?)\s+(?:an?\s+)(?:human|real person|live agent|agent|operator)"
    r"|(?:mit\s+)?(?:einem\s+)?(?:echten\s+)?(?:mensch(?:en)?|mitarbeiter)\s+(?:sprechen|reden)"
    r"|parler\s+(?:à|a|avec)\s+(?:une?\s+)?(?:personne|humain|conseiller|agent)"
    r"|hablar\s+con\s+(?:una?\s+)?(?:persona|humano|agente))\b"
    r"|^\W*(?:human|agent|operator|representative|(?:a\s+)?(?:real\s+)?person)(?:\s*,?\s*please)?\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """``won``, or who has the room (None: it is closed, or is nobody's to claim)."""

    won: bool
    holder: wire.AgentView | None = None


def wants_person(text: str) -> bool:
    """Whether ``text`` plainly asks for a person. Long messages are left to the button: they ask for more."""
    return len(text) <= 200 and _HINT.search(text.casefold()) is not None and _PERSON.search(text) is not None


async def hand_off(session: AsyncSession, room: Locked, reason: Reason, queue_seconds: float) -> None:
    """To the queue, from the bot or from an agent who is gone. The visitor is told their place, and honestly whether
    anybody is there."""
    at = now()
    room.mode, room.member_id, room.agent = "waiting", None, None
    room.waiting_since, room.lease = at, at + timedelta(seconds=queue_seconds)
    room.unsure, room.asked, room.tell_desk = 0, None, True
    room.place = await queue.place(session, room.workspace_id, at)
    room.online = await queue.staffed(session, room.workspace_id)
    room.bump()
    room.events.append(
        wire.RoomHandedOff(room=room.id, revision=room.revision, reason=reason, state=room.state(), place=room.place)
    )
    room.say(_WAITING[reason] + (_STAFFED if room.online else _UNSTAFFED))
    await jobs.add(session, LAPSE, {"room": room.id}, room.lease)


async def claim(session: AsyncSession, agent: Agent, room_id: str, gone_seconds: float) -> Claimed:
    """Take a room that waits, or take it over from the bot, by one conditional UPDATE: of five agents one wins. The
    row is locked from here on; :func:`welcome` tells of it."""
    at = now()
    taken = await session.execute(
        update(Room)
        .where(
            Room.id == room_id,
            Room.workspace_id == agent.workspace_id,
            Room.member_id.is_(None),
            Room.mode.in_(("waiting", "bot")),
        )
        .values(mode="live", member_id=agent.member_id, lease=at + timedelta(seconds=gone_seconds))
        .returning(Room.id)
        .execution_options(synchronize_session=False)
    )
    if taken.scalar_one_or_none() is not None:
        await jobs.add(session, LAPSE, {"room": room_id}, at + timedelta(seconds=gone_seconds))
        return Claimed(True)
    await doors.for_member(session, agent.workspace_id, room_id)
    found = await session.execute(
        select(Member.id, User.name)
        .join(User, Member.user_id == User.id)
        .join(Room, Room.member_id == Member.id)
        .where(Room.id == room_id)
    )
    holder = found.one_or_none()
    return Claimed(False, wire.AgentView(*holder) if holder else None)


def welcome(room: Locked, agent: Agent) -> None:
    """Tell the room that ``agent`` has it (after a claim that won)."""
    room.agent = wire.AgentView(agent.member_id, agent.name)
    room.waiting_since, room.asked, room.unsure, room.tell_desk = None, None, 0, True
    room.bump()
    room.events.append(wire.RoomClaimed(room=room.id, revision=room.revision, agent=room.agent, state=room.state()))
    room.say(f"{agent.name} joined the chat.")


def release(room: Locked, why: str) -> None:
    """Back to the bot; ``why`` is the sentence that the visitor reads."""
    _leave(room, "bot")
    room.events.append(wire.RoomReleased(room=room.id, revision=room.revision, state=room.state()))
    room.say(why)


def close(room: Locked, name: str) -> None:
    """The conversation is over; the next word of the visitor opens it again."""
    _leave(room, "closed")
    room.events.append(wire.RoomClosed(room=room.id, revision=room.revision, state=room.state()))
    room.say(f"{name} closed the chat. Write any time to start again.")


def reopen(room: Locked) -> None:
    """A closed room was written in."""
    _leave(room, "bot")
    room.events.append(wire.RoomOpened(room=room.id, revision=room.revision, state=room.state()))


async def vouch(session: AsyncSession, member_ids: Sequence[str], gone_seconds: float) -> None:
    """The agents with these memberships are here: their rooms' leases run on."""
    at = now()
    await session.execute(update(Member).where(Member.id.in_(member_ids)).values(seen_at=at))
    theirs = select(Room.id).where(Room.mode == "live", Room.member_id.in_(member_ids))
    await session.execute(
        update(Room)
        .where(Room.id.in_(theirs.order_by(Room.id).with_for_update()))
        .values(lease=at + timedelta(seconds=gone_seconds))
        .execution_options(synchronize_session=False)
    )


async def lapse(session: AsyncSession, room: Locked, queue_seconds: float) -> datetime | None:
    """What a lease that ran out means: an agent who is gone loses the room to the queue; a queue nobody serves gives
    it back to the bot, with a plain word. When the lease was renewed meanwhile: when to look again."""
    if room.lease is None or room.lease > now():
        return room.lease
    if room.mode == "live":
        await hand_off(session, room, "agent_gone", queue_seconds)
    elif room.mode == "waiting":
        release(room, NOBODY_FREE)
    return None


def _leave(room: Locked, mode: wire.Mode) -> None:
    room.mode, room.member_id, room.agent = mode, None, None
    room.waiting_since, room.lease, room.place, room.unsure = None, None, None, 0
    room.tell_desk = True
    room.bump()


_WAITING: dict[Reason, str] = {
    "asked": "You asked for a person. ",
    "unsure": "I could not help with this, so I am asking a person in. ",
    "route": "This is one for our team, so I am asking a person in. ",
    "agent_gone": "Your agent has lost the connection, so you are back at the front desk. ",
}
_STAFFED = "Somebody will be with you shortly."
_UNSTAFFED = "Nobody is at the desk right now, so this may take a while."
NOBODY_FREE = (
    "Nobody is free at the moment. Your messages are kept for the team: leave your e-mail address here to get a reply. "
    "Meanwhile I am back to answer what I can."
)
