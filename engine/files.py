"""Files in a conversation: taken before the message they go with, kept with the room, gone with it.

Their bytes are rows beside the others: every node of many reaches them, one backup holds them, and an erased room
leaves none behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine import protocol as wire
from engine.db import new_id, now
from engine.filetypes import Kind
from engine.locked import Locked
from engine.models import File

NAME = 120  # characters of a file's name
ROOM = 100_000_000  # bytes of all files in one room
UNSENT = timedelta(days=1)  # after which a file that went with no message is gone

Sender = Literal["visitor", "agent"]


@dataclass(frozen=True, slots=True)
class Held:
    """A file as it is given out."""

    name: str
    type: str
    room_id: str
    workspace_id: str
    body: bytes


def called(name: str) -> str:
    """The last part of what a browser calls a file, at most ``NAME`` characters with its ending kept."""
    plain = name.replace("\\", "/").rpartition("/")[2].strip() or "file"
    stem, dot, ending = plain.rpartition(".")
    return plain if len(plain) <= NAME else f"{stem[: NAME - len(ending) - 1]}{dot}{ending}"[-NAME:]


async def keep(session: AsyncSession, room: Locked, sender: Sender, name: str, kind: Kind, body: bytes) -> str | None:
    """Keep a file in ``room``, whose row is locked, until a message takes it; its id. None: the room holds enough."""
    held = await session.scalar(select(func.coalesce(func.sum(File.size), 0)).where(File.room_id == room.id))
    if (held or 0) + len(body) > ROOM:
        return None
    whose = {"workspace_id": room.workspace_id, "room_id": room.id, "sender": sender}
    file_id = new_id()
    session.add(File(id=file_id, **whose, name=name, type=kind.type, size=len(body), body=body))
    await session.flush()
    return file_id


async def unsent(
    session: AsyncSession, room_id: str, sender: Sender, ids: Sequence[str]
) -> tuple[wire.Attachment, ...] | None:
    """The files ``ids`` of a locked room, in that order; None unless each is there, of that sender, and went with no
    message yet."""
    query = select(File.id, File.name, File.type, File.size).where(
        File.room_id == room_id, File.sender == sender, File.message_id.is_(None), File.id.in_(ids)
    )
    found = {row.id: wire.Attachment(*row) for row in (await session.execute(query)).all()}
    return tuple(found[file_id] for file_id in ids) if len(found) == len(ids) else None


async def send(session: AsyncSession, ids: Sequence[str], message_id: str) -> None:
    """They go with that message from now on."""
    await session.execute(update(File).where(File.id.in_(ids)).values(message_id=message_id))


async def held(session: AsyncSession, file_id: str) -> Held | None:
    query = select(File.name, File.type, File.room_id, File.workspace_id, File.body).where(File.id == file_id)
    row = (await session.execute(query)).one_or_none()
    return Held(*row) if row else None


async def forget(session: AsyncSession) -> int:
    """Drop what was uploaded and never sent; how many."""
    old = delete(File).where(File.message_id.is_(None), File.created_at < now() - UNSENT)
    return len((await session.scalars(old.returning(File.id))).all())
