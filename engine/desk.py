"""The desk of a workspace as its agents see it: one line a room, and what changed since the desk's own revision."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine import protocol as wire
from engine.models import Bot, File, Member, Message, Note, Room, User, Workspace

OPEN = ("waiting", "live")
RECENT = 30  # rooms with the bot that a fresh desk is shown, newest first
TITLE = 80  # characters of the line that names a room
PREVIEW = 140  # characters of its last message


@dataclass(frozen=True, slots=True)
class Lines:
    """``revision``: the desk's head; ``reset``: the position that was asked for is unknown."""

    revision: int
    rooms: list[wire.RoomSummary]
    reset: bool


async def since(session: AsyncSession, workspace_id: str, after: int) -> Lines:
    """Rooms whose line changed after ``after``; at 0, or from an unknown position, the open ones and the newest of
    the others."""
    head = await revision(session, workspace_id)
    reset = after > head
    if after and not reset:
        changed = _lines().where(Room.workspace_id == workspace_id, Room.desk_revision > after)
        return Lines(head, await _summaries(session, changed), False)
    mine = Room.workspace_id == workspace_id
    open_ones = _lines().where(mine, or_(Room.mode.in_(OPEN), Room.left_at.is_not(None))).order_by(Room.waiting_since)
    spoken = (
        select(Message.id).where(Message.room_id == Room.id).exists()
    )  # who only agreed to something has said nothing
    others = (
        _lines().where(mine, Room.mode.not_in(OPEN), Room.left_at.is_(None), spoken).order_by(Room.updated_at.desc())
    )
    waiting = await _summaries(session, open_ones)
    return Lines(head, waiting + await _summaries(session, others.limit(RECENT)), reset)


async def lines(session: AsyncSession, room_ids: Collection[str]) -> list[tuple[str, int, wire.RoomSummary]]:
    """(workspace, desk revision, line) of these rooms."""
    rows = (await session.execute(_lines().where(Room.id.in_(room_ids)))).mappings().all()
    return [(row["workspace_id"], row["desk_revision"], _summary(row)) for row in rows]


async def revision(session: AsyncSession, workspace_id: str) -> int:
    found = await session.execute(select(Workspace.desk_revision).where(Workspace.id == workspace_id))
    return found.scalar_one()


def _lines() -> Select[Any]:
    """A row a room: its state, its first words and its last, and how much of it no agent has seen."""
    sent = (File.room_id == Message.room_id, File.message_id == Message.id)
    name = select(File.name).where(*sent).order_by(File.created_at).limit(1).scalar_subquery()
    words = func.coalesce(func.nullif(Message.text, ""), name)  # a file without words is named
    said = and_(Message.room_id == Room.id, Message.author.in_(("visitor", "agent", "bot")), words.is_not(None))
    asked = and_(Message.room_id == Room.id, Message.author == "visitor")
    first = select(words).where(asked).order_by(Message.position).limit(1).scalar_subquery()
    last = select(words).where(said).order_by(Message.position.desc()).limit(1).scalar_subquery()
    unread = select(func.count()).where(asked, Message.position > Room.read_agent).scalar_subquery()
    notes = select(func.count()).where(Note.room_id == Room.id).scalar_subquery()
    columns: list[Any] = [
        Room.id,
        Room.workspace_id,
        Room.revision,
        Room.mode,
        Room.waiting_since,
        Room.updated_at,
        Room.desk_revision,
        Room.left_at,
        Room.member_id,
        Room.called,
        Room.snoozed_until,
        Room.due,
        Room.tag,
        User.name.label("agent"),
        Bot.name.label("bot"),
        first.label("first"),
        last.label("last"),
        unread.label("unread"),
        notes.label("notes"),
    ]
    return (
        select(*columns)
        .join(Bot, Bot.id == Room.bot_id)
        .outerjoin(Member, Member.id == Room.member_id)
        .outerjoin(User, User.id == Member.user_id)
    )


async def _summaries(session: AsyncSession, query: Select[Any]) -> list[wire.RoomSummary]:
    return [_summary(row) for row in (await session.execute(query)).mappings().all()]


def _summary(row: Any) -> wire.RoomSummary:
    return wire.RoomSummary(
        room=row["id"],
        revision=row["revision"],
        mode=row["mode"],
        title=_short(row["first"], TITLE),
        preview=_short(row["last"], PREVIEW),
        waiting_since=row["waiting_since"],
        updated_at=row["updated_at"],
        agent=wire.AgentView(row["member_id"], row["agent"]) if row["member_id"] else None,
        unread=row["unread"],
        bot=row["bot"],
        left=row["left_at"] is not None,
        notes=row["notes"],
        called=row["called"],
        snoozed_until=row["snoozed_until"],
        due=row["due"],
        tag=row["tag"],
    )


def _short(text: str | None, length: int) -> str:
    words = " ".join((text or "").split())
    return words if len(words) <= length else words[: length - 1] + "…"
