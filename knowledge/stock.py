"""What the database holds of one domain's knowledge, read for a shelf."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.models import Domain
from knowledge.models import Entry, Example, KnowledgeSettings, Removal

MOST_CHANGED = 2_000  # entries that changed since: with more, reading everything is quicker
MOST_APPROVED = 500  # labelled chats that calibration looks at
AT_ONCE = 1_000  # entries read before others have their turn

Key = tuple[str, str]  # workspace and domain: an ask that pairs them wrongly finds nothing (R10, R20)


class Used(NamedTuple):
    """How the domain's owner wants its knowledge used: see :class:`~knowledge.models.KnowledgeSettings`."""

    caution: int = 50
    embeddings: str = "off"


class Kept(NamedTuple):
    """What of an :class:`~knowledge.models.Entry` a shelf is made of."""

    id: str
    question: str
    alternatives: list[str]
    answer: str
    url: str | None
    locale: str
    position: int
    active: bool


class Whole(NamedTuple):
    """All of a domain's active knowledge, and the questions really asked whose right entry somebody named."""

    version: int
    used: Used
    entries: list[Kept]
    approved: list[tuple[str, str | None]]


class Changes(NamedTuple):
    """What is new since a version: the entries that changed, active or not, and the ids of those that went."""

    version: int
    used: Used
    entries: list[Kept]
    gone: set[str]


async def head(session: AsyncSession, key: Key) -> tuple[int, Used]:
    """The domain's version and how its owner wants it used; 0 where there is no such domain."""
    workspace_id, domain_id = key
    version = await session.scalar(
        select(Domain.knowledge_version).where(Domain.id == domain_id, Domain.workspace_id == workspace_id)
    )
    if version is None:
        return 0, Used()
    settings = await session.get(KnowledgeSettings, domain_id)
    return version, Used(settings.caution, settings.embeddings) if settings else Used()


async def whole(session: AsyncSession, key: Key) -> Whole:
    """Everything; nothing for a domain that does not exist."""
    # The version first, then the entries: what is written in between makes the entries newer than their version,
    # never older, whether or not the database gives the two reads one snapshot.
    version, used = await head(session, key)
    if not version:
        return Whole(version, used, [], [])
    return Whole(version, used, await _entries(session, key), await _approved(session, key))


async def changes(session: AsyncSession, key: Key, since: int) -> Changes | None:
    """What changed after the version ``since``; None where that is too much, or the domain is gone."""
    version, used = await head(session, key)
    found = await _entries(session, key, since) if version else []
    if not version or len(found) > MOST_CHANGED:
        return None
    return Changes(version, used, found, await _removed(session, key, since))


def phrasings(entries: Sequence[Kept]) -> list[str]:
    """Every question of ``entries``, in their order."""
    return [phrasing for entry in entries for phrasing in (entry.question, *entry.alternatives)]


async def _entries(session: AsyncSession, key: Key, since: int | None = None) -> list[Kept]:
    """The active entries in their order; with ``since`` those that changed after it, active or not. Some at a time, and
    no objects of the ORM: others have their turn while 100,000 are read."""
    columns = [getattr(Entry, name) for name in Kept._fields]
    query = select(*columns).where(Entry.workspace_id == key[0], Entry.domain_id == key[1])
    if since is None:
        query = query.where(Entry.active)
    else:
        query = query.where(Entry.version > since).limit(MOST_CHANGED + 1)
    found: list[Kept] = []
    rows = await session.stream(query.order_by(Entry.position, Entry.id))
    async for some in rows.partitions(AT_ONCE):
        found += map(Kept._make, some)
    return found


async def _removed(session: AsyncSession, key: Key, since: int) -> set[str]:
    query = select(Removal.entry_id).where(
        Removal.workspace_id == key[0], Removal.domain_id == key[1], Removal.version > since
    )
    return set(await session.scalars(query))


async def _approved(session: AsyncSession, key: Key) -> list[tuple[str, str | None]]:
    """Questions really asked whose right entry somebody named, the newest."""
    query = (
        select(Example.text, Example.entry_id)
        .where(Example.workspace_id == key[0], Example.domain_id == key[1], Example.source == "chat")
        .order_by(Example.created_at.desc(), Example.id)
        .limit(MOST_APPROVED)
    )
    return [(text, entry_id) for text, entry_id in (await session.execute(query)).all()]
