"""What agents tell each other about a room. Notes are no messages: nothing that visitors, models or letters read has
them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine import protocol as wire
from engine.db import now
from engine.locked import Locked
from engine.models import Member, Note, Room

MOST = 200  # notes that are listed, the newest


async def write(
    session: AsyncSession, room: Locked, by: wire.AgentView, client_id: str, text: str, mentions: Sequence[str] = ()
) -> bool:
    """Store a note in a locked room and call whom it mentions, as far as they are of the workspace; a ``client_id``
    that is there already changes nothing. False: it was stored with another text."""
    known = select(Note.text).where(Note.room_id == room.id, Note.client_id == client_id)
    if (stored := (await session.execute(known)).scalar_one_or_none()) is not None:
        return stored == text
    theirs = select(Member.id).where(Member.workspace_id == room.workspace_id, Member.id.in_(mentions))
    called = sorted((await session.scalars(theirs)).all()) if mentions else []
    session.add(
        Note(
            workspace_id=room.workspace_id, room_id=room.id, member_id=by.id, name=by.name, client_id=client_id,
            text=text, mentions=called, position=room.revision, created_at=now(),
        )
    )  # fmt: skip
    await session.flush()
    room.called = sorted({*room.called, *called} - {by.id})
    room.changed = room.tell_desk = True
    return True


async def calls(session: AsyncSession, room_id: str, member_id: str) -> bool:
    """Whether a note in that room calls the member, who has not looked yet."""
    return member_id in (await session.scalars(select(Room.called).where(Room.id == room_id))).one()


def looked(room: Locked, member_id: str) -> None:
    """A member who was called has opened the room."""
    if member_id in room.called:
        room.called = [each for each in room.called if each != member_id]
        room.changed = room.tell_desk = True


async def of(session: AsyncSession, room_id: str) -> list[wire.Note]:
    """The room's notes, the oldest first."""
    query = select(Note).where(Note.room_id == room_id).order_by(Note.created_at.desc(), Note.id.desc()).limit(MOST)
    return [_shown(note) for note in reversed((await session.scalars(query)).all())]


def _shown(note: Note) -> wire.Note:
    return wire.Note(
        id=note.id,
        client_id=note.client_id,
        text=note.text,
        name=note.name,
        member=note.member_id,
        mentions=note.mentions,
        position=note.position,
        created_at=note.created_at,
    )
