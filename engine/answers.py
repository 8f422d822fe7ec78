"""The life of an answer in the database: begun with the question's own transaction, closed exactly once.

``take`` and ``finish`` are the two transactions of every turn. Both work on many rooms at once, so that concurrent
turns share one commit (``engine/group_commit.py``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec.structs import asdict
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine import absent, asking, away, files, handoff, ledger, phrases, rooms, stints, wishes
from engine import protocol as wire
from engine.bus import Draft
from engine.db import now
from engine.locked import Locked, Post
from engine.models import Message, Room
from engine.ports import Knowledge, Missed, Moment
from engine.settings import Settings

Delivered = Callable[[Locked, Draft | None], Draft | None]
"""The freshest draft of a room's live answer: this process's own, else the one that was found before."""

Refusal = Literal["conflict", "not_yours", "unknown_room", "no_file"]


@dataclass(frozen=True, slots=True)
class Begun:
    """An answer that must be written now. ``question`` None: everything the visitor wrote since the last answer
    (they went on while it was being written)."""

    answer_id: str
    room_id: str
    workspace_id: str
    domain_id: str
    bot_id: str
    knowledge_version: int
    position: int
    question: str | None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a post: stored at ``revision`` (now or by an earlier send of the same id), or refused."""

    revision: int = 0
    message_id: str = ""
    refused: Refusal | None = None
    begun: Begun | None = None
    stopped: str | None = None
    tell_desk: bool = False
    events: Sequence[wire.Event] = ()


@dataclass(frozen=True, slots=True)
class Finish:
    """How an answer ended. ``credits`` is what its delivered text is worth; ``held``: a hold was placed; ``missed``:
    the question, where it is to be filed as a gap; ``route``: a rule of the owner's brings a person in."""

    begun: Begun
    text: str
    state: wire.State
    sources: tuple[wire.Source, ...] = ()
    offers: tuple[str, ...] = ()
    person: bool = False
    sure: bool = True
    missed: str | None = None
    held: bool = False
    credits: int = 0
    detail: dict[str, Any] = field(default_factory=dict)
    route: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """``next``: the answer to what was asked meanwhile. Nothing at all when another ended the answer before."""

    next: Begun | None = None
    tell_desk: bool = False
    events: Sequence[wire.Event] = ()


async def take(
    session: AsyncSession,
    settings: Settings,
    knowledge: Knowledge,
    posts: Sequence[tuple[Post, Draft | None]],
    delivered: Delivered,
) -> list[Taken]:
    """Store what was sent, in order, and begin the answers it asks for. A client id that is stored already changes
    nothing and is acknowledged as it was; with another text it is a conflict (R2)."""
    locked = await rooms.lock(session, {post.room_id for post, _ in posts})
    await rooms.open_missing(session, locked, {post.room_id: post.opening for post, _ in posts if post.opening})
    known = await rooms.known(session, [post for post, _ in posts])
    taken = []
    for post, draft in posts:
        room = locked.get(post.room_id)
        draft = delivered(room, draft) if room else None
        taken.append(await _take(session, settings, knowledge, room, post, draft, known))
    await rooms.save(session, locked.values())
    return taken


async def _take(
    session: AsyncSession,
    settings: Settings,
    knowledge: Knowledge,
    room: Locked | None,
    post: Post,
    draft: Draft | None,
    known: dict[tuple[str, str], wire.Message],
) -> Taken:
    if room is None:
        return Taken(refused="unknown_room")
    stored = known.get((post.room_id, post.client_id))
    if stored is not None:
        same = stored.text == post.text and (stored.author == "agent") == (post.agent is not None)
        return Taken(stored.position, stored.id) if same else Taken(refused="conflict")
    if post.agent and (room.mode != "live" or room.member_id != post.agent.id):
        return Taken(refused="not_yours")
    attached = (
        await files.unsent(session, room.id, "agent" if post.agent else "visitor", post.files) if post.files else ()
    )
    if attached is None:
        return Taken(refused="no_file")
    mark = len(room.events)
    if room.mode == "closed":
        handoff.reopen(room)
    if post.opening:
        room.language = post.opening.language
    message = _store(room, post, attached)
    if attached:
        await files.send(session, post.files, message.id)
    known[post.room_id, post.client_id] = message
    begun, stopped = None, None
    name = post.opening.door.view.name if post.opening else None
    if post.agent or room.mode == "live":
        room.tell_desk = True
        if room.snoozed_until:
            await handoff.wake(session, settings, room)
        if post.agent:
            room.due = None
            await stints.answered(session, room)
            await absent.expect(session, room, message.position)
    elif room.mode == "waiting":
        room.tell_desk = True
        if post.text:
            await _hear(session, knowledge, room, post.text, "hand_off", name)
    elif not post.text:
        _unread(room, name)
    elif wishes.wants_person(post.text):
        stopped = await cut(session, room, draft)
        await call_person(session, settings, knowledge, room, "asked", name)
    elif await _hear(session, knowledge, room, post.text, "reply", name):
        if room.answer_id:
            room.asked = message.position
        else:
            begun = begin(room, settings, post.text, name)
    events = room.events[mark:]
    return Taken(message.position, message.id, None, begun, stopped, room.tell_desk, events)


async def call_person(
    session: AsyncSession,
    settings: Settings,
    knowledge: Knowledge,
    room: Locked,
    reason: handoff.Reason,
    name: str | None = None,
) -> None:
    """To the queue; what the owner wants to know before somebody comes is asked meanwhile, and holds nothing up. Where
    nobody is there a message may be left instead; outside the hours nobody is made to wait at all."""
    found = await away.standing(session, room)
    if not found.staffed and not found.open:
        if room.mode == "closed":
            handoff.reopen(room)
        room.unsure, room.asked = 0, None
        room.say(phrases.say("unstaffed", room.language))
        await away.offer(session, settings, room, found)
        return
    await handoff.hand_off(session, settings, room, reason)
    if room.mode != "waiting":
        return  # given to somebody already: the bot is silent
    if not found.staffed:
        await away.offer(session, settings, room, found)
    await asking.ask(session, knowledge, room, "hand_off", name)


async def answer_question(
    session: AsyncSession, knowledge: Knowledge, room: Locked, question_id: str, value: str | None, name: str | None
) -> tuple[int, str]:
    """The answer of a control: the revision it is stored at, or 0 and what is expected (nothing said: the question is
    not open). It stands in the transcript as the visitor's own word. Nothing follows while a person is in the room, or
    once it is closed."""
    if room.question is None or room.question["id"] != question_id:
        return 0, ""
    question = room.question
    noted = await knowledge.note(session, asking.whose(room), value, typed=False)
    if noted.outcome not in asking.CLOSES:
        room.question = dict(noted.open) if noted.open is not None else question
        room.changed = True
        return 0, noted.said
    if value is not None:
        message = room.add("visitor", value)
        room.events.append(wire.MessageCreated(room=room.id, revision=room.revision, message=message))
    asking.close(room, noted)
    room.tell_desk = room.mode != "bot"
    if room.mode in ("bot", "waiting") and room.answer_id is None:
        moment: Moment = "hand_off" if room.mode == "waiting" else "reply"
        if not await asking.ask(session, knowledge, room, moment, name) and noted.said and room.mode == "bot":
            asking.say(room, noted.said, name)
    return room.revision, ""


async def _hear(
    session: AsyncSession, knowledge: Knowledge, room: Locked, text: str, moment: Moment, name: str | None
) -> bool:
    """Let the open question have the visitor's words; whether they are (also) to be answered like any question."""
    noted = await asking.heard(session, knowledge, room, text, typed=True)
    if noted is None or noted.outcome in ("ignored", "given_up"):
        return True
    if noted.asks or room.answer_id:
        return noted.asks  # what is due follows the answer
    if noted.outcome != "invalid" and await asking.ask(session, knowledge, room, moment, name):
        return False
    if noted.said and room.mode == "bot":
        asking.say(room, noted.said, name)
    return False


def _store(room: Locked, post: Post, attached: Sequence[wire.Attachment]) -> wire.Message:
    values: dict[str, Any] = {"client_id": post.client_id, "attachments": [asdict(each) for each in attached]}
    if post.agent:
        message = room.add("agent", post.text, member_id=post.agent.id, name=post.agent.name, **values)
    else:
        message = room.add("visitor", post.text, **values)
    room.events.append(wire.MessageCreated(room=room.id, revision=room.revision, message=message))
    return message


def _unread(room: Locked, name: str | None) -> None:
    """A file without a word: the bot opens none, says so, and offers a person."""
    message = room.add("bot", phrases.say("files_only", room.language), name=name, person=True)
    room.events.append(wire.MessageCreated(room=room.id, revision=room.revision, message=message))


def begin(room: Locked, settings: Settings, question: str | None, name: str | None) -> Begun:
    """An empty answer row, leased to this process."""
    message = room.add("bot", "", state="streaming", name=name)
    room.answer_id, room.asked = message.id, None
    room.answer_lease = now() + timedelta(seconds=settings.ANSWER_LEASE_SECONDS)
    room.events.append(wire.AnswerStarted(room=room.id, revision=room.revision, message_id=message.id, message=message))
    return Begun(
        message.id,
        room.id,
        room.workspace_id,
        room.domain_id,
        room.bot_id,
        room.knowledge_version,
        message.position,
        question,
        room.language,
    )


async def hold(session: AsyncSession, begun: Begun, credits: int) -> Literal["held", "no_credits", "over"]:
    """Set the worst case aside before the model is asked; ``over`` when the answer was ended meanwhile."""
    locked = await rooms.lock(session, [begun.room_id])
    room = locked.get(begun.room_id)
    if room is None or room.answer_id != begun.answer_id:
        return "over"
    held = await ledger.hold(session, begun.workspace_id, credits, _reference(begun.answer_id))
    return "held" if held else "no_credits"


async def cut(
    session: AsyncSession, room: Locked, draft: Draft | None, state: wire.State = "stopped", otherwise: str = ""
) -> str | None:
    """End the live answer of ``room`` with what was delivered of it, free of charge; its id, None when none is live.
    Whoever writes it finds the room no longer his and falls silent. ``otherwise``: the text when nothing came."""
    if room.answer_id is None:
        return None
    answer_id, room.answer_id, room.answer_lease = room.answer_id, None, None
    message = (await rooms.messages(session, [answer_id]))[answer_id]
    text = draft.text if draft and draft.answer_id == answer_id else ""
    message = room.change(message, text=text or otherwise, state=state)
    room.events.append(_finished(room, message, 0))
    charge = ledger.Charge(room.workspace_id, _reference(answer_id), 0, room.id, {"ended": state})
    await ledger.release(session, charge)
    return answer_id


async def finish(
    session: AsyncSession, settings: Settings, knowledge: Knowledge, endings: Sequence[Finish]
) -> list[Finished]:
    """Close answers: text, sources, money, what comes next. One that was ended by somebody else stays as it is."""
    locked = await rooms.lock(session, {ending.begun.room_id for ending in endings})
    messages = await rooms.messages(session, {ending.begun.answer_id for ending in endings})
    finished = [
        await _finish(session, settings, knowledge, locked.get(ending.begun.room_id), messages, ending)
        for ending in endings
    ]
    ours = [ending for ending, done in zip(endings, finished, strict=True) if done.events]
    await ledger.note_free(session, [_charge(ending) for ending in ours if not ending.held])
    await rooms.save(session, locked.values())
    missed = [_missed(ending.begun, ending.missed) for ending in ours if ending.missed]
    if missed:
        await knowledge.file_gaps(session, missed)
    return finished


async def _finish(
    session: AsyncSession,
    settings: Settings,
    knowledge: Knowledge,
    room: Locked | None,
    messages: dict[str, wire.Message],
    ending: Finish,
) -> Finished:
    begun = ending.begun
    if room is None or room.answer_id != begun.answer_id:
        return Finished()
    mark = len(room.events)
    room.answer_id, room.answer_lease = None, None
    spent = await _settle(session, ending)
    message = room.change(
        messages[begun.answer_id],
        text=ending.text,
        state=ending.state,
        sources=list(ending.sources),
        offers=list(ending.offers),
        person=ending.person,
    )
    room.events.append(_finished(room, message, spent))
    room.unsure = 0 if ending.sure else room.unsure + 1
    following = None
    told = room.contact is not None or room.left_at is not None  # that nobody is there: not again by itself
    if ending.route or (room.unsure >= settings.HANDOFF_AFTER_UNSURE and not told):
        reason: handoff.Reason = "route" if ending.route else "unsure"
        await call_person(session, settings, knowledge, room, reason, message.name)
    elif room.asked is not None:
        following = begin(room, settings, None, message.name)
    elif ending.sure and ending.state in ("complete", "withheld"):  # who got no answer is helped first, not asked
        await asking.ask(session, knowledge, room, "reply", message.name)
    return Finished(following, room.tell_desk, room.events[mark:])


async def orphans(session: AsyncSession, at: datetime, limit: int = 50) -> list[str]:
    """Rooms whose answer nobody vouches for at ``at``: the process that wrote it is gone."""
    found = await session.execute(
        select(Room.id).where(Room.answer_lease <= at).order_by(Room.answer_lease).limit(limit)
    )
    return list(found.scalars())


async def adopt(
    session: AsyncSession, settings: Settings, room: Locked, at: datetime, draft: Draft | None
) -> tuple[str | None, Begun | None]:
    """Close what a dead process left open: marked failed, the hold released, the visitor told; then go on with what
    was asked meanwhile. (the answer that was closed, the answer begun)."""
    if room.answer_lease is None or room.answer_lease > at:
        return None, None
    asked = room.asked
    closed = await cut(session, room, draft, "failed", phrases.say("interrupted", room.language))
    return closed, begin(room, settings, None, None) if asked is not None and room.mode == "bot" else None


async def vouch(session: AsyncSession, settings: Settings, written: Mapping[str, str]) -> set[str]:
    """Renew the leases of answers that this process writes (answer to room); those among them that are still live."""
    until = now() + timedelta(seconds=settings.ANSWER_LEASE_SECONDS)
    # Locked in the order of their ids like everywhere: out of it two transactions could wait for each other.
    theirs = select(Room.id).where(Room.id.in_(sorted(written.values()))).order_by(Room.id).with_for_update()
    renewed = await session.execute(
        update(Room)
        .where(Room.id.in_(theirs), Room.answer_id.in_(sorted(written)))
        .values(answer_lease=until)
        .returning(Room.answer_id)
        .execution_options(synchronize_session=False)
    )
    return {answer_id for answer_id in renewed.scalars() if answer_id}


async def asked_before(session: AsyncSession, room_id: str, position: int) -> str:
    """What the visitor wrote between the answer at ``position`` and the one before it; at most 4,000 characters."""
    before = (
        select(Message.position)
        .where(Message.room_id == room_id, Message.author == "bot", Message.position < position)
        .order_by(Message.position.desc())
        .limit(1)
        .scalar_subquery()
    )
    written = await session.execute(
        select(Message.text)
        .where(
            Message.room_id == room_id,
            Message.author == "visitor",
            Message.position > func.coalesce(before, 0),
            Message.position < position,
        )
        .order_by(Message.position)
    )
    return "\n".join(written.scalars())[-wire.TEXT_LIMIT :]


async def _settle(session: AsyncSession, ending: Finish) -> int:
    if not ending.held:
        return 0
    charge = _charge(ending)
    if charge.credits:
        return await ledger.settle(session, charge)
    await ledger.release(session, charge)
    return 0


def _finished(room: Locked, message: wire.Message, spent: int) -> wire.AnswerFinished:
    return wire.AnswerFinished(
        room=room.id,
        revision=room.revision,
        message_id=message.id,
        message=message,
        state=message.state,
        sources=message.sources,
        credits=spent,
    )


def _charge(ending: Finish) -> ledger.Charge:
    begun = ending.begun
    credits = ending.credits if ending.held else 0
    return ledger.Charge(
        begun.workspace_id, _reference(begun.answer_id), credits, begun.room_id, ending.detail | {"ended": ending.state}
    )


def _missed(begun: Begun, question: str) -> Missed:
    return Missed(begun.workspace_id, begun.domain_id, begun.room_id, begun.answer_id, question)


def _reference(answer_id: str) -> str:
    return f"answer:{answer_id}"
