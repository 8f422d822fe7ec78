"""What must be true of a database once everything has come to rest, read straight from its tables (R1, R2, R5, R6)."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from engine.db import Database
from engine.models import Hold, LedgerEntry, Message, Room, Workspace
from tests.journeys.tab import Tab


@dataclass(frozen=True, slots=True)
class Rest:
    """What the audit counted."""

    messages: int
    answers: Counter[str]  # by state
    spent: int


async def at_rest(db: Database) -> Rest:
    """Money adds up, nothing is held or half written, each answer has its one line, no room skipped a revision."""
    async with db.read() as session:
        workspaces = (await session.execute(select(Workspace))).scalars().all()
        lines = (await session.execute(select(LedgerEntry))).scalars().all()
        total = func.sum(LedgerEntry.amount)
        summed = await session.execute(select(LedgerEntry.workspace_id, total).group_by(LedgerEntry.workspace_id))
        sums = {row[0]: row[1] for row in summed}
        held = (await session.execute(select(Hold).where(Hold.state == "open"))).scalars().all()
        rooms = (await session.execute(select(Room))).scalars().all()
        messages = (await session.execute(select(Message))).scalars().all()
    for workspace in workspaces:
        assert sums.get(workspace.id, 0) == workspace.balance, workspace.slug
        assert workspace.held == 0, workspace.slug
    assert not held
    assert not [room.id for room in rooms if room.answer_id or room.answer_lease]
    assert not [message.id for message in messages if message.state == "streaming"]
    # What the bot asks of its own accord is said at once, never written piece by piece, and costs nothing.
    answers = [message for message in messages if message.author == "bot" and message.state != "sent"]
    billed = Counter(line.reference for line in lines if line.reference.startswith("answer:"))
    assert billed == Counter(f"answer:{answer.id}" for answer in answers)
    _gapless(rooms, messages)
    spent = -sum(line.amount for line in lines if line.kind == "usage")
    return Rest(len(messages), Counter(answer.state for answer in answers), spent)


async def kept(db: Database, tabs: Iterable[Tab]) -> None:
    """Every acknowledged message is stored once, at the revision that was acknowledged; nothing was stored that
    nobody sent; and every tab shows what is stored."""
    async with db.read() as session:
        stored = (await session.execute(select(Message).order_by(Message.position))).scalars().all()
    by_room = defaultdict(list)
    for message in stored:
        by_room[message.room_id].append(message)
    for tab in tabs:
        assert tab.room is not None
        mine = by_room[tab.room]
        posted = [message for message in mine if message.author == tab.author]
        assert {message.client_id: message.position for message in posted} == tab.acked
        assert len(posted) == len(tab.acked)
        assert all(message.text == tab.sent[message.client_id or ""] for message in posted)
        shown = [(m["id"], m["position"], m["revision"], m["state"], m["text"]) for m in tab.replica.transcript()]
        assert shown == [(m.id, m.position, m.revision, m.state, m.text) for m in mine]


def _gapless(rooms: Iterable[Room], messages: Iterable[Message]) -> None:
    """Where nothing but messages and answers happened, each revision is a message's first or its last."""
    marks: defaultdict[str, list[int]] = defaultdict(list)
    for message in messages:
        marks[message.room_id] += [message.position]
        if message.revision != message.position:
            marks[message.room_id] += [message.revision]
    for room in rooms:
        used = sorted(marks[room.id])
        assert len(used) == len(set(used)), "two changes under one revision"
        if room.mode == "bot" and not room.read_agent and not room.read_visitor:
            assert used == list(range(1, room.revision + 1)), room.id
