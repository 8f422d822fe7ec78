"""The bots of a domain with their Help tabs, read and switched; every query is scoped (R10)."""

from typing import Any, Final, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine.models import Bot
from knowledge import changes
from knowledge.changes import Owner
from knowledge.entries import NotFound

CHOICES: Final = (
    ("off", "No Help tab"),
    ("beside", "A Help tab; the chat opens first"),
    ("first", "A Help tab that opens first"),
)


class HelpBot(NamedTuple):
    """A bot and its switch, one of CHOICES."""

    id: str
    name: str
    help: str


async def bots(session: AsyncSession, owner: Owner) -> list[HelpBot]:
    """The domain's bots, the oldest first."""
    query = select(Bot.id, Bot.name, Bot.help).where(*_mine(owner)).order_by(Bot.created_at, Bot.id)
    return [HelpBot(*row) for row in (await session.execute(query)).all()]


async def switch(session: AsyncSession, owner: Owner, bot_id: str, choice: str) -> str:
    """Give a bot of the domain that choice; its name. One line in the log, none where nothing changes. Raises
    :class:`~knowledge.entries.NotFound`."""
    row = (await session.execute(select(Bot.name, Bot.help).where(Bot.id == bot_id, *_mine(owner)))).one_or_none()
    if row is None:
        raise NotFound
    name, before = row
    if before != choice:
        await session.execute(update(Bot).where(Bot.id == bot_id, *_mine(owner)).values(help=choice))
        detail = {"before": before, "after": choice}
        await changes.record(session, owner, "bot.help", bot_id, detail)
    return str(name)


def _mine(owner: Owner) -> tuple[Any, ...]:
    return Bot.workspace_id == owner.workspace_id, Bot.domain_id == owner.domain_id
