"""A conversation by mail, for the visitor who had it: their own room, to one address, not often (R15, R18)."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from limits import RateLimitItemPerDay, RateLimitItemPerHour
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine import letters
from engine import protocol as wire
from engine.limits import network
from engine.locked import Locked
from engine.models import Domain, Message
from engine.ports import Limiter
from engine.stationery import Said, Sheet

MOST = 400  # messages of one transcript, the newest; more than a mailbox wants to show
_VISITOR = (RateLimitItemPerHour(3), RateLimitItemPerDay(6))
_NETWORK = (RateLimitItemPerHour(10), RateLimitItemPerDay(30))
_READER = (RateLimitItemPerDay(3),)  # to one address, whoever asks: nobody is flooded with what strangers write
_WORKSPACE = (RateLimitItemPerDay(500),)


async def wait(limits: Limiter, visitor_id: str, ip: str, workspace_id: str, to: str) -> int | None:
    """The seconds until another transcript may be asked for; None: now. Counts this one."""
    reader = hashlib.sha256(to.lower().encode()).hexdigest()[:32]
    for key, rates in (
        (f"transcript:{visitor_id}", _VISITOR),
        (f"transcript-from:{network(ip)}", _NETWORK),
        (f"transcript-to:{reader}", _READER),
        (f"transcript-of:{workspace_id}", _WORKSPACE),
    ):
        if (seconds := await limits.hit(key, *rates)) is not None:
            return seconds
    return None


async def send(session: AsyncSession, room: Locked, to: str, bot: str) -> bool:
    """Write the letter to ``to`` (checked) from the bot called ``bot``; False where nothing was said yet."""
    said = await _said(session, room.id, bot)
    if not said:
        return False
    site = await session.scalar(select(Domain.name).where(Domain.id == room.domain_id))
    sheet = Sheet(
        subject=f"Your conversation with {bot}",
        opening=(f"Here is your conversation with {bot} on {site}.",),
        said=said,
        foot=f"Somebody asked for this letter in the chat on {site}. If that was not you, you can ignore it.",
    )
    await letters.write(session, room.workspace_id, "transcript", to, bot, sheet, room_id=room.id)
    return True


async def _said(session: AsyncSession, room_id: str, bot: str) -> tuple[Said, ...]:
    query = select(Message.author, Message.name, Message.text, Message.attachments, Message.created_at).where(
        Message.room_id == room_id
    )
    found = (await session.execute(query.order_by(Message.position.desc()).limit(MOST))).all()
    said = [Said(_name(row.author, row.name, bot), _told(row.text, row.attachments), row.created_at) for row in found]
    return tuple(each for each in reversed(said) if each.text)


def _told(text: str, attachments: Sequence[Mapping[str, Any]]) -> str:
    """A message's words, and what its files are called."""
    return "\n".join(filter(None, (text, *(f"[{each['name']}]" for each in attachments))))


def _name(author: wire.Author, name: str | None, bot: str) -> str:
    return {"visitor": "You", "system": "–", "bot": bot}.get(author) or name or bot
