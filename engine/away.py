"""What a visitor is offered when nobody is there: the hours, and a form that leaves a message."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine import hours, queue
from engine import protocol as wire
from engine.db import now
from engine.locked import Locked
from engine.models import Bot
from engine.settings import Settings


@dataclass(frozen=True, slots=True)
class Standing:
    """``open``: within the bot's hours (always, where it has none); ``opens``: when they begin again, if they do.
    ``staffed``: an agent is at the desk, whatever the hours say. ``consent``: what who leaves a message agrees to."""

    open: bool
    opens: datetime | None
    staffed: bool
    consent: str
    version: int


async def standing(session: AsyncSession, room: Locked) -> Standing:
    """How it stands with the bot of ``room`` now."""
    row = await session.execute(select(Bot.hours, Bot.consent, Bot.consent_version).where(Bot.id == room.bot_id))
    stored, consent, version = row.one()
    staffed, at = await queue.staffed(session, room.workspace_id), now()
    if not stored:
        return Standing(True, None, staffed, consent, version)
    known = hours.read(stored)
    is_open = known.open_at(at)
    return Standing(is_open, None if is_open else known.opens_after(at), staffed, consent, version)


async def offer(session: AsyncSession, settings: Settings, room: Locked, found: Standing | None = None) -> None:
    """Offer the form in ``room``, with the consent as it reads today. Who was offered it, or has left a message
    already, is not asked again: nobody goes round in circles."""
    if room.contact is not None or room.left_at is not None:
        return
    found = found or await standing(session, room)
    contact: dict[str, Any] = {"mail": bool(settings.SMTP_URL), "consent": found.consent, "version": found.version}
    room.contact = contact | {"opens": found.opens.isoformat() if found.opens else None}
    room.bump()
    room.events.append(wire.ContactOffered(room=room.id, revision=room.revision, state=room.state()))
