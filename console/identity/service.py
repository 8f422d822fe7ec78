"""The secret that a site signs its visitors with; every query is scoped (R10)."""

from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine import identity
from engine.models import Domain
from knowledge import changes
from knowledge.changes import Owner


class Secret(NamedTuple):
    """What a site signs with. ``before``: the one before it still holds."""

    value: str
    before: bool


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


def _here(owner: Owner) -> tuple[Any, ...]:
    return Domain.id == owner.domain_id, Domain.workspace_id == owner.workspace_id
