"""What a visitor agrees to before they write, where the owner asks for it first: kept as it read, with its version."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine import protocol as wire
from engine.locked import Locked
from engine.models import Consent, Room


async def given(session: AsyncSession, room_id: str, version: int) -> bool:
    """Whether the visitor of a room, which may not exist yet, agreed to ``version``."""
    found = await session.execute(select(Room.id).where(Room.id == room_id, Room.agreed == version))
    return found.scalar_one_or_none() is not None


async def give(session: AsyncSession, room: Locked, text: str, version: int) -> None:
    """Keep that ``text`` was agreed to in ``room``, whose row is locked; the same version again changes nothing."""
    if room.agreed == version:
        return
    known = select(Consent.version).where(Consent.room_id == room.id, Consent.version == version)
    if (await session.execute(known)).scalar_one_or_none() is None:
        session.add(Consent(room_id=room.id, version=version, workspace_id=room.workspace_id, text=text))
        await session.flush()
    room.agreed = version
    room.bump()
    room.events.append(wire.ConsentGiven(room=room.id, revision=room.revision, state=room.state()))
