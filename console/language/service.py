"""The bots of a domain with their languages, read and changed; every query is scoped (R10)."""

from typing import Any, Final, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine.languages import LANGUAGES
from engine.models import Bot
from knowledge import changes
from knowledge.changes import Owner
from knowledge.entries import NotFound

ADAPTS: Final = ""  # the page's language, else the browser's
CHOICES: Final = ((ADAPTS, "The visitor's own"), *sorted((tag, each.own) for tag, each in LANGUAGES.items()))


class SpeakingBot(NamedTuple):
    """A bot and the language it always speaks, ADAPTS where it follows the visitor's."""

    id: str
    name: str
    language: str


async def bots(session: AsyncSession, owner: Owner) -> list[SpeakingBot]:
    """The domain's bots, the oldest first."""
    query = select(Bot.id, Bot.name, Bot.language).where(*_mine(owner)).order_by(Bot.created_at, Bot.id)
    return [SpeakingBot(*row) for row in (await session.execute(query)).all()]


async def choose(session: AsyncSession, owner: Owner, bot_id: str, language: str) -> str:
    """Let a bot of the domain speak that language, one of CHOICES; its name. One line in the log, none where nothing
    changes. Raises :class:`~knowledge.entries.NotFound`."""
    query = select(Bot.name, Bot.language).where(Bot.id == bot_id, *_mine(owner))
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotFound
    name, before = row
    if before != language:
        await session.execute(update(Bot).where(Bot.id == bot_id, *_mine(owner)).values(language=language))
        await changes.record(session, owner, "bot.language", bot_id, {"before": before, "after": language})
    return str(name)


def _mine(owner: Owner) -> tuple[Any, ...]:
    return Bot.workspace_id == owner.workspace_id, Bot.domain_id == owner.domain_id
