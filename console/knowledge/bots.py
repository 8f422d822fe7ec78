"""The bots of a domain and one setting of theirs, read and changed; every query is scoped (R10)."""

from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from engine.models import Bot
from knowledge import changes
from knowledge.changes import Owner
from knowledge.entries import NotFound


class SetBot(NamedTuple):
    """A bot, and what the setting in question is for it."""

    id: str
    name: str
    value: Any


async def all_with(session: AsyncSession, owner: Owner, setting: InstrumentedAttribute[Any]) -> list[SetBot]:
    """The domain's bots, the oldest first. ``setting``: a column of :class:`engine.models.Bot`."""
    query = select(Bot.id, Bot.name, setting).where(*_mine(owner)).order_by(Bot.created_at, Bot.id)
    return [SetBot(*row) for row in (await session.execute(query)).all()]


async def change(
    session: AsyncSession, owner: Owner, bot_id: str, setting: InstrumentedAttribute[Any], value: Any
) -> str:
    """Give a bot of the domain that value; its name. One line in the log, none where nothing changes. Raises
    :class:`~knowledge.entries.NotFound`."""
    row = (await session.execute(select(Bot.name, setting).where(Bot.id == bot_id, *_mine(owner)))).one_or_none()
    if row is None:
        raise NotFound
    name, before = row
    if before != value:
        await session.execute(update(Bot).where(Bot.id == bot_id, *_mine(owner)).values({setting: value}))
        await changes.record(session, owner, f"bot.{setting.key}", bot_id, {"before": before, "after": value})
    return str(name)


def _mine(owner: Owner) -> tuple[Any, ...]:
    return Bot.workspace_id == owner.workspace_id, Bot.domain_id == owner.domain_id
