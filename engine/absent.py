"""What an agent writes to a visitor who left an address and is gone: one letter a silence, never one a message."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine import jobs, letters
from engine.addresses import address
from engine.db import Database, now
from engine.locked import Locked
from engine.models import Bot, Domain, Message, Room, Visitor
from engine.ports import Handler, Knowledge
from engine.settings import Settings
from engine.stationery import Said, Sheet

JOB = "reply.mail"
GATHER = timedelta(minutes=1)  # after an agent's first word: what follows goes into the same letter, and who reads
# it in the chat meanwhile gets none
MOST = 30  # messages of one letter


async def expect(session: AsyncSession, room: Locked, position: int) -> None:
    """An agent wrote at ``position`` to a visitor who left an address: look later whether they saw it. Once for each
    silence: until they have read what was written."""
    if room.mailed is None or (room.mailed and room.read_visitor < room.mailed):
        return
    room.mailed = position
    await jobs.add(session, JOB, {"room": room.id, "position": position}, now() + GATHER)


def handler(db: Database, knowledge: Knowledge, settings: Settings) -> Handler:
    """Does the job: a letter, unless the visitor has read it meanwhile."""

    async def look(payload: dict[str, Any]) -> None:
        async with db.write() as session:
            room = await session.scalar(select(Room).where(Room.id == payload["room"]))
            if room is not None and room.read_visitor < payload["position"] and settings.SMTP_URL:
                await _write(session, knowledge, room, payload["position"])

    return look


async def _write(session: AsyncSession, knowledge: Knowledge, room: Room, position: int) -> None:
    to = address(await knowledge.address_of(session, room.workspace_id, room.id))
    said = await _said(session, room.id, position)
    if to is None or not said:
        return
    found = await session.execute(
        select(Bot.name, Domain.name, Domain.allowed_origins, Visitor.page)
        .join(Domain, Domain.id == Bot.domain_id)
        .join(Visitor, Visitor.id == room.visitor_id)
        .where(Bot.id == room.bot_id)
    )
    bot, site, origins, page = found.one()
    back = way_back(page, origins)
    sheet = Sheet(
        subject=f"{said[0].name} answered you",
        opening=(f"You wrote to {site}. Here is the answer:",),
        said=said,
        link=("Go on in the chat", back) if back else None,
        foot=f"You get this letter because you left your address in the chat on {site}.",
    )
    await letters.write(session, room.workspace_id, "reply", to, bot, sheet, room_id=room.id)


def way_back(page: str | None, origins: list[str]) -> str | None:
    """Where the chat can be gone on with: the page the visitor was on, if it is on the owner's own site and carries
    nothing that somebody could have put into it; else the site; never an address from elsewhere."""
    try:
        parts = urlsplit(page or "")
        if page and f"{parts.scheme}://{parts.netloc}".lower() in origins and page.isprintable() and " " not in page:
            return f"{parts.scheme}://{parts.netloc}{parts.path or '/'}"
    except ValueError:
        pass  # no address at all
    return f"{origins[0]}/" if origins else None


async def _said(session: AsyncSession, room_id: str, position: int) -> tuple[Said, ...]:
    query = select(Message.name, Message.text, Message.created_at).where(
        Message.room_id == room_id, Message.author == "agent", Message.position >= position
    )
    found = (await session.execute(query.order_by(Message.position).limit(MOST))).all()
    return tuple(Said(row.name or "", row.text, row.created_at) for row in found)
