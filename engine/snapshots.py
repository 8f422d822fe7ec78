"""What a client that comes back is missing: read in one transaction, in frames that a socket can hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine import locked, queue, rooms
from engine import protocol as wire
from engine.models import Domain, Message, Room

# Reading -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a client that has seen ``after`` is missing, read in one transaction. ``revision`` is where it brings the
    client; below ``head`` there is more to ask for. ``answer_id``: being written."""

    revision: int
    head: int
    messages: list[wire.Message]
    state: wire.RoomState
    answer_id: str | None
    reset: bool
    more: bool


async def since(session: AsyncSession, room_id: str, after: int) -> Snapshot:
    """Everything after revision ``after`` of a room that may not exist yet. A position that the room never had is
    answered with a reset and the newest messages, never with silence (R4)."""
    found = await session.execute(
        select(*rooms.COLUMNS).join(Domain, Domain.id == Room.domain_id).where(Room.id == room_id)
    )
    row = found.one_or_none()
    if row is None:
        return Snapshot(0, 0, [], wire.RoomState(mode="bot"), None, after > 0, False)
    room = rooms.locked_from(row)
    reset = after > room.revision
    after = 0 if reset else after
    messages, cut = await (_missed(session, room_id, after) if after else _newest(session, room_id))
    revision = room.revision
    if after and cut:  # no further than the state that goes with it: on PostgreSQL the two reads are not of one moment
        revision = min(revision, max(message.revision for message in messages))
    if room.member_id:
        room.agent = (await rooms.names_of(session, {room.member_id})).get(room.member_id)
    if room.mode == "waiting":
        room.place = await queue.place(session, room.workspace_id, room.waiting_since)
        room.online = await queue.staffed(session, room.workspace_id)
    return Snapshot(revision, room.revision, messages, room.state(), room.answer_id, reset, cut and not after)


async def head(session: AsyncSession, room_id: str) -> tuple[int, str | None]:
    """The room's revision and the answer that is being written in it; (0, None) before its first message."""
    found = (await session.execute(select(Room.revision, Room.answer_id).where(Room.id == room_id))).one_or_none()
    return (found[0], found[1]) if found else (0, None)


async def heads(session: AsyncSession, room_ids: Sequence[str]) -> dict[str, int]:
    """The revision of each room that exists."""
    found = await session.execute(select(Room.id, Room.revision).where(Room.id.in_(room_ids)))
    return {row[0]: row[1] for row in found}


async def history(session: AsyncSession, room_id: str, before: int, limit: int = 12) -> list[wire.Message]:
    """The last ``limit`` messages of the present conversation before position ``before``, oldest first."""
    episode = select(Room.episode).where(Room.id == room_id).scalar_subquery()
    found = await session.execute(
        select(Message.__table__)
        .where(Message.room_id == room_id, Message.position < before, Message.position > episode)
        .order_by(Message.position.desc())
        .limit(limit)
    )
    return [locked.message_from(row) for row in reversed(found.mappings().all())]


async def _missed(session: AsyncSession, room_id: str, after: int) -> tuple[list[wire.Message], bool]:
    """What changed after ``after``, as it changed, and whether one frame could not hold it all."""
    query = select(Message.__table__).where(Message.room_id == room_id, Message.revision > after)
    return _page((await session.execute(query.order_by(Message.revision).limit(wire.PAGE + 1))).mappings().all())


async def _newest(session: AsyncSession, room_id: str) -> tuple[list[wire.Message], bool]:
    """The newest messages, oldest first, and whether there are older ones."""
    query = select(Message.__table__).where(Message.room_id == room_id)
    rows = (await session.execute(query.order_by(Message.position.desc()).limit(wire.PAGE + 1))).mappings().all()
    messages, cut = _page(rows)
    return messages[::-1], cut


def _page(rows: Sequence[Any]) -> tuple[list[wire.Message], bool]:
    messages: list[wire.Message] = []
    size = 0
    for row in rows[: wire.PAGE]:
        size += len(row["text"])
        if messages and size > wire.PAGE_TEXT:
            break
        messages.append(locked.message_from(row))
    return messages, len(messages) < len(rows)
