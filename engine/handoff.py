"""One speaker at a time: a room's modes (bot, waiting, live, closed) and the leases that bound them.

Every decision is our own code's; nothing that a model says is read for control.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine import away, doors, jobs, phrases, queue
from engine import protocol as wire
from engine.db import now
from engine.locked import Locked
from engine.models import Member, Room, User
from engine.ports import Agent
from engine.settings import Settings

Reason = Literal["asked", "unsure", "agent_gone", "route"]

LAPSE = "handoff.lapse"  # the job that looks after a lease


@dataclass(frozen=True, slots=True)
class Claimed:
    """``won``, or who has the room (None: it is closed, or is nobody's to claim)."""

    won: bool
    holder: wire.AgentView | None = None


async def hand_off(session: AsyncSession, room: Locked, reason: Reason, queue_seconds: float) -> None:
    """To the queue, from the bot or from an agent who is gone. The visitor is told their place, and honestly whether
    anybody is there."""
    at = now()
    room.mode, room.member_id, room.agent = "waiting", None, None
    room.waiting_since, room.lease = at, at + timedelta(seconds=queue_seconds)
    room.unsure, room.asked, room.tell_desk = 0, None, True
    room.ended = room.score = None
    room.place = await queue.place(session, room.workspace_id, at)
    room.online = await queue.staffed(session, room.workspace_id)
    room.bump()
    room.events.append(
        wire.RoomHandedOff(room=room.id, revision=room.revision, reason=reason, state=room.state(), place=room.place)
    )
    outlook = phrases.say("staffed" if room.online else "unstaffed", room.language)
    room.say(phrases.joined(phrases.say(_WAITING[reason], room.language), outlook))
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
    room.ended = room.score = room.contact = room.left_at = None
    room.bump()
    room.events.append(wire.RoomClaimed(room=room.id, revision=room.revision, agent=room.agent, state=room.state()))
    room.say(phrases.say("joined", room.language, name=agent.name))


def release(room: Locked, why: Literal["released", "nobody_free"], name: str = "") -> None:
    """Back to the bot, by the agent called ``name``, or because nobody came; the visitor is told ``why``."""
    _leave(room, "bot")
    room.events.append(wire.RoomReleased(room=room.id, revision=room.revision, state=room.state()))
    room.say(phrases.say(why, room.language, name=name))


def withdraw(room: Locked) -> None:
    """Out of the queue and back to the bot without a word: the visitor chose another way."""
    _leave(room, "bot")
    room.events.append(wire.RoomReleased(room=room.id, revision=room.revision, state=room.state()))


def close(room: Locked, name: str) -> None:
    """The conversation is over; the next word of the visitor opens it again."""
    room.contact = room.left_at = None
    _leave(room, "closed")
    room.events.append(wire.RoomClosed(room=room.id, revision=room.revision, state=room.state()))
    room.say(phrases.say("closed", room.language, name=name))


def reopen(room: Locked) -> None:
    """A closed room was written in, or is to begin anew."""
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


async def lapse(session: AsyncSession, settings: Settings, room: Locked) -> datetime | None:
    """What a lease that ran out means: an agent who is gone loses the room to the queue; a queue nobody serves gives
    it back to the bot, with a plain word and the form that leaves a message. When the lease was renewed meanwhile: when
    to look again."""
    if room.lease is None or room.lease > now():
        return room.lease
    if room.mode == "live":
        await hand_off(session, room, "agent_gone", settings.QUEUE_SECONDS)
    elif room.mode == "waiting":
        release(room, "nobody_free")
        await away.offer(session, settings, room)
    return None


def _leave(room: Locked, mode: wire.Mode) -> None:
    """A person's part that ends here may be rated until the next one begins."""
    had_person = room.member_id is not None
    room.mode, room.member_id, room.agent = mode, None, None
    room.waiting_since, room.lease, room.place, room.unsure = None, None, None, 0
    room.tell_desk = True
    revision = room.bump()
    room.ended, room.score = (revision if had_person else None), None


_WAITING: dict[Reason, str] = {  # why, as phrases.py has it
    "asked": "asked",
    "unsure": "cannot_help",
    "route": "route",
    "agent_gone": "agent_gone",
}
