"""Doors: the only places where an id from outside becomes something of ours. Absent and forbidden are the same."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine import protocol as wire
from engine.models import Bot, Domain, Room


class NotFound(Exception):
    """Absent or forbidden: to whoever asks it is the same."""


@dataclass(frozen=True, slots=True)
class Door:
    """A bot that may be talked to, as found by its public key, and what its visitors must bring."""

    bot_id: str
    workspace_id: str
    domain_id: str
    origins: tuple[str, ...]
    view: wire.BotView
    language: str = ""  # the one it always speaks; empty: the visitor's
    help: str = "off"  # whether its panel has a Help tab: off, beside or first
    consent: str = ""  # what must be agreed to before the first message; empty: nothing
    version: int = 0  # of that consent
    identified: bool = False  # whether only those may write whom their site vouches for
    generation: int = 1  # of the secret that the site signs with
    before: bool = False  # whether the one before still holds
    vitals: int = 0  # of how many visits in a hundred its panel measures itself


@dataclass(frozen=True, slots=True)
class Opening:
    """What a room is opened with at its first message."""

    door: Door
    visitor_id: str
    page: str | None = None
    locale: str | None = None
    language: str = "en"
    person: dict[str, Any] | None = None  # who the visitor is in the word of their site (wire.Person)
    context: dict[str, str] | None = None  # what the page says of them


# Doors ---------------------------------------------------------------------------------------------------------


async def door(session: AsyncSession, key: str) -> Door:
    """The bot with public key ``key``; raises :class:`NotFound` when there is none or it is paused."""
    if "\0" in key:  # PostgreSQL would call it broken instead of unknown
        raise NotFound
    found = await session.execute(
        select(Bot, Domain.allowed_origins, Domain.identity, Domain.identity_before)
        .join(Domain, Domain.id == Bot.domain_id)
        .where(Bot.key == key, Bot.active.is_(True))
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound
    bot, origins, generation, before = row
    ids = (bot.id, bot.workspace_id, bot.domain_id)
    consent = bot.consent if bot.consent_first else ""
    version = bot.consent_version if consent else 0
    return Door(
        *ids,
        tuple(origins),
        _bot_view(bot),
        language=bot.language,
        help=bot.help,
        consent=consent,
        version=version,
        identified=bot.identified,
        generation=generation,
        before=before,
        vitals=bot.vitals,
    )


async def for_member(session: AsyncSession, workspace_id: str, room_id: str) -> str:
    """``room_id`` itself when it is a room of the workspace; raises :class:`NotFound` otherwise."""
    found = await session.execute(select(Room.id).where(Room.id == room_id, Room.workspace_id == workspace_id))
    if (known := found.scalar_one_or_none()) is None:
        raise NotFound
    return known


async def bot_of(session: AsyncSession, room_id: str) -> wire.BotView:
    """The bot of a room that exists."""
    found = await session.execute(select(Bot).join(Room, Room.bot_id == Bot.id).where(Room.id == room_id))
    return _bot_view(found.scalar_one())


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whose voice a model speaks with."""

    name: str
    persona: str
    language: str
    domain: str


async def speaker(session: AsyncSession, bot_id: str) -> Speaker:
    found = await session.execute(
        select(Bot.name, Bot.persona, Bot.language, Domain.name)
        .join(Domain, Domain.id == Bot.domain_id)
        .where(Bot.id == bot_id)
    )
    return Speaker(*found.one())


def _bot_view(bot: Bot) -> wire.BotView:
    return wire.BotView(key=bot.key, name=bot.name, greeting=bot.greeting, color=bot.color, suggestions=bot.suggestions)
