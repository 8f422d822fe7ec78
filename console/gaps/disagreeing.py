"""Entries that ask the same, as the page shows them: those that answer differently first."""

from dataclasses import dataclass

from sqlalchemy import select

from engine.db import Database
from knowledge.agreement import agreement
from knowledge.contradictions import Twins
from knowledge.models import Entry

SHOWN = 20  # pairs on the page


@dataclass(frozen=True, slots=True)
class Side:
    """One of two entries, as it is shown. ``state``: on, off or draft."""

    id: str
    question: str
    answer: str
    state: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries that ask the same, and where their answers part."""

    twins: Twins
    first: Side
    second: Side


@dataclass(frozen=True, slots=True)
class Page:
    """The pairs to show, of ``total``. ``stale``: they are as they were found before the last change, and looked for
    anew; ``compared`` of ``entries`` were held against each other."""

    pairs: tuple[Pair, ...]
    total: int
    stale: bool
    compared: int
    entries: int


async def page(db: Database, workspace_id: str, domain_id: str) -> Page:
    """The pairs, without those that somebody settled."""
    found = await agreement.found(db, workspace_id, domain_id)
    shown = found.twins[:SHOWN]
    ids = {id for twins in shown for id in (twins.first, twins.second)}
    mine = (Entry.workspace_id == workspace_id, Entry.domain_id == domain_id)
    async with db.read() as session:
        rows = await session.scalars(select(Entry).where(*mine, Entry.id.in_(ids)))
        sides = {entry.id: Side(entry.id, entry.question, entry.answer, _state(entry)) for entry in rows}
    both = [twins for twins in shown if twins.first in sides and twins.second in sides]
    pairs = tuple(Pair(twins, sides[twins.first], sides[twins.second]) for twins in both)
    return Page(pairs, len(found.twins), found.stale, found.compared, found.total)


def known(workspace_id: str, domain_id: str) -> int | None:
    """How many pairs disagreed when somebody last looked in this process; None if nobody did."""
    return agreement.disagreeing(workspace_id, domain_id)


def _state(entry: Entry) -> str:
    return "draft" if entry.draft else "on" if entry.active else "off"
