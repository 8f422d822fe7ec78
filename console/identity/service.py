"""The secret that a site signs its visitors with, and the bots that talk to nobody else; every query is scoped
(R10)."""

from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine import identity
from engine.models import Bot, Domain
from knowledge import changes
from knowledge.changes import Owner
from knowledge.entries import NotFound


class Secret(NamedTuple):
    """What a site signs with. ``before``: the one before it still holds."""

    value: str
    before: bool


class Gate(NamedTuple):
    """A bot, and whether only those may write to it whom the site vouches for."""

    id: str
    name: str
    identified: bool


async def secret(session: AsyncSession, owner: Owner, key: bytes) -> Secret:
    """The domain's secret of now; ``key`` is this installation's own."""
    row = (await session.execute(select(Domain.identity, Domain.identity_before).where(*_here(owner)))).one()
    return Secret(identity.secret_of(key, owner.domain_id, row.identity), row.identity_before)


async def rotate(session: AsyncSession, owner: Owner) -> None:
    """A new secret; the one before goes on holding until :func:`end`, and the one before that ends now."""
    fresh = update(Domain).where(*_here(owner)).values(identity=Domain.identity + 1, identity_before=True)
    await session.execute(fresh)
    await changes.record(session, owner, "identity.rotate", owner.domain_id, {})


async def end(session: AsyncSession, owner: Owner) -> None:
    """The secret before holds no more."""
    await session.execute(update(Domain).where(*_here(owner)).values(identity_before=False))
    await changes.record(session, owner, "identity.end", owner.domain_id, {})


async def gates(session: AsyncSession, owner: Owner) -> list[Gate]:
    """The domain's bots, the oldest first."""
    query = select(Bot.id, Bot.name, Bot.identified).where(*_mine(owner)).order_by(Bot.created_at, Bot.id)
    return [Gate(*row) for row in (await session.execute(query)).all()]


async def choose(session: AsyncSession, owner: Owner, bot_id: str, *, identified: bool) -> str:
    """Whether a bot of the domain talks to the identified alone; its name. Raises
    :class:`~knowledge.entries.NotFound`."""
    row = (await session.execute(select(Bot.name, Bot.identified).where(Bot.id == bot_id, *_mine(owner)))).one_or_none()
    if row is None:
        raise NotFound
    name, before = row
    if before != identified:
        await session.execute(update(Bot).where(Bot.id == bot_id, *_mine(owner)).values(identified=identified))
        await changes.record(session, owner, "bot.identified", bot_id, {"before": before, "after": identified})
    return str(name)


def _here(owner: Owner) -> tuple[Any, ...]:
    return Domain.id == owner.domain_id, Domain.workspace_id == owner.workspace_id


def _mine(owner: Owner) -> tuple[Any, ...]:
    return Bot.workspace_id == owner.workspace_id, Bot.domain_id == owner.domain_id
