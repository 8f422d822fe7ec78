"""One speaker at a time: a room's modes (bot, waiting, live, closed) and the leases that bound them.

Every decision is our own code's; nothing that a model says is read for control.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine import away, colleagues, doors, jobs, phrases, queue, stints
from engine import protocol as wire
from engine.db import now
from engine.locked import Locked
from engine.models import Member, Room, User, Workspace
from engine.ports import Agent
from engine.settings import Settings

Reason = Literal["asked", "unsure", "agent_gone", "unanswered", "route"]

LAPSE = "handoff.lapse"  # the job that looks after a lease
DUE = "handoff.due"  # the job that looks whether somebody who was given a room has written


@dataclass(frozen=True, slots=True)
class Claimed:
    """``won``, or who has the room (None: it is closed, or is nobody's to claim)."""

    won: bool
    holder: wire.AgentView | None = None


async def hand_off(session: AsyncSession, settings: Settings, room: Locked, reason: Reason) -> None:
    """To the queue, from the bot or from an agent who is gone. The visitor is told their place, and honestly whether
    anybody is there."""
    at = now()
    if room.member_id:
        await stints.end(session, room, "unanswered" if reason == "unanswered" else "gone")
    room.mode, room.member_id, room.agent = "waiting", None, None
    room.due = room.snoozed_until = None
    room.waiting_since, room.lease = at, at + timedelta(seconds=settings.QUEUE_SECONDS)
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
    await route(session, settings, room)


async def route(session: AsyncSession, settings: Settings, room: Locked) -> bool:
    """Give a room that waits to whoever is free, where the workspace wants it so; False: it goes on waiting."""
    query = select(Workspace.routing, Workspace.answer_seconds).where(Workspace.id == room.workspace_id)
    routing, seconds = (await session.execute(query)).one()
    to = await colleagues.free(session, room) if routing == "even" else None
    if to is None:
        return False
    await give(session, settings, room, to)
    room.due = now() + timedelta(seconds=seconds)
    await jobs.add(session, DUE, {"room": room.id}, room.due)
    return True


async def deal(session: AsyncSession, settings: Settings, room: Locked) -> None:
    """:func:`route` for a room that was found waiting, if it still waits."""
    if room.mode == "waiting":
        await route(session, settings, room)


async def give(session: AsyncSession, settings: Settings, room: Locked, to: wire.AgentView, by: str = "") -> None:
    """The room is ``to``'s: passed on by the colleague called ``by``, or given to them by the house."""
    if room.member_id:
        await stints.end(session, room, "passed_on")
    room.mode, room.member_id = "live", to.id
    room.lease = now() + timedelta(seconds=settings.AGENT_GONE_SECONDS)
    await jobs.add(session, LAPSE, {"room": room.id}, room.lease)
    await welcome(session, room, to, by)


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


async def welcome(session: AsyncSession, room: Locked, agent: wire.AgentView, by: str = "") -> None:
    """Tell the room that ``agent`` has it now, passed on by the colleague called ``by`` if that is said."""
    await stints.begin(session, room, agent.id, room.waiting_since)
    room.agent, room.due, room.snoozed_until, room.tag = agent, None, None, ""
    room.waiting_since, room.asked, room.unsure, room.tell_desk = None, None, 0, True
    room.ended = room.score = room.contact = room.left_at = None
    room.bump()
    room.events.append(wire.RoomClaimed(room=room.id, revision=room.revision, agent=room.agent, state=room.state()))
    passed_on = phrases.say("passed_on", room.language, name=agent.name, by=by)
    room.say(passed_on if by else phrases.say("joined", room.language, name=agent.name))


async def release(session: AsyncSession, room: Locked, why: Literal["released", "nobody_free"], name: str = "") -> None:
    """Back to the bot, by the agent called ``name``, or because nobody came; the visitor is told ``why``."""
    await stints.end(session, room, "released")
    _leave(room, "bot")
    room.events.append(wire.RoomReleased(room=room.id, revision=room.revision, state=room.state()))
    room.say(phrases.say(why, room.language, name=name))


def withdraw(room: Locked) -> None:
    """Out of the queue and back to the bot without a word: the visitor chose another way."""
    _leave(room, "bot")
    room.events.append(wire.RoomReleased(room=room.id, revision=room.revision, state=room.state()))


async def close(session: AsyncSession, room: Locked, name: str, tag: str = "") -> None:
    """The conversation is over; the next word of the visitor opens it again. ``tag``: a word for what it was about."""
    await stints.end(session, room, "closed", tag)
    room.contact = room.left_at = None
    _leave(room, "closed")
    room.tag = tag
    room.events.append(wire.RoomClosed(room=room.id, revision=room.revision, state=room.state()))
    room.say(phrases.say("closed", room.language, name=name))


async def snooze(session: AsyncSession, room: Locked, name: str, until: datetime) -> None:
    """Its agent puts the room aside; it is still theirs, and nobody else's job to watch over until then."""
    room.snoozed_until = room.lease = until
    room.due, room.tell_desk = None, True
    await jobs.add(session, LAPSE, {"room": room.id}, until)
    room.say(phrases.say("snoozed", room.language, name=name))


async def wake(session: AsyncSession, settings: Settings, room: Locked) -> None:
    """Back to its agent: the time has come, or the visitor wrote. An agent who is not there loses it as ever."""
    room.snoozed_until, room.lease = None, now() + timedelta(seconds=settings.AGENT_GONE_SECONDS)
    room.changed = room.tell_desk = True
    await jobs.add(session, LAPSE, {"room": room.id}, room.lease)


def reopen(room: Locked) -> None:
    """A closed room was written in, or is to begin anew."""
    _leave(room, "bot")
    room.events.append(wire.RoomOpened(room=room.id, revision=room.revision, state=room.state()))


async def vouch(session: AsyncSession, member_ids: Sequence[str], gone_seconds: float) -> None:
    """The agents with these memberships are here: their rooms' leases run on. Rooms before members, as when a room is
    given to somebody: so none waits for the other in a circle."""
    at = now()
    mine = Room.member_id.in_(member_ids)
    theirs = select(Room.id).where(Room.mode == "live", mine, Room.snoozed_until.is_(None))
    await session.execute(
        update(Room)
        .where(Room.id.in_(theirs.order_by(Room.id).with_for_update()))
        .values(lease=at + timedelta(seconds=gone_seconds))
        .execution_options(synchronize_session=False)
    )
    present = select(Member.id).where(Member.id.in_(member_ids)).order_by(Member.id).with_for_update()
    seen = update(Member).where(Member.id.in_(present)).values(seen_at=at)
    await session.execute(seen.execution_options(synchronize_session=False))


async def unanswered(session: AsyncSession, settings: Settings, room: Locked) -> datetime | None:
    """Whoever was given the room has not written in time: they are set away, so that nothing more is given to them,
    and the room goes to the next, or back to the queue. When it is not due yet: when to look again."""
    if room.mode != "live" or room.due is None or room.due > now():
        return room.due
    late = room.member_id
    assert late is not None, "a live room is somebody's"
    await colleagues.set_away(session, late, True)
    await hand_off(session, settings, room, "unanswered")
    return None


async def lapse(session: AsyncSession, settings: Settings, room: Locked) -> datetime | None:
    """What a lease that ran out means: an agent who is gone loses the room to the queue; a queue nobody serves gives
    it back to the bot, with a plain word and the form that leaves a message. When the lease was renewed meanwhile: when
    to look again."""
    if room.lease is None or room.lease > now():
        return room.lease
    if room.mode == "live" and room.snoozed_until:
        await wake(session, settings, room)
    elif room.mode == "live":
        await hand_off(session, settings, room, "agent_gone")
    elif room.mode == "waiting":
        await release(session, room, "nobody_free")
        await away.offer(session, settings, room)
    return None


def _leave(room: Locked, mode: wire.Mode) -> None:
    """A person's part that ends here may be rated until the next one begins."""
    had_person = room.member_id is not None
    room.mode, room.member_id, room.agent = mode, None, None
    room.waiting_since, room.lease, room.place, room.unsure = None, None, None, 0
    room.due = room.snoozed_until = None
    room.tell_desk = True
    revision = room.bump()
    room.ended, room.score = (revision if had_person else None), None


_WAITING: dict[Reason, str] = {  # why, as phrases.py has it
    "asked": "asked",
    "unsure": "cannot_help",
    "route": "route",
    "agent_gone": "agent_gone",
    "unanswered": "unanswered",
}
