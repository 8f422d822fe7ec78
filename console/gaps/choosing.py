"""The entries that a group of gaps could become part of: those that come nearest, or those that somebody looks for."""

from dataclasses import dataclass

from sqlalchemy import select

from engine.db import Database
from engine.models import Domain
from engine.ports import Ask
from knowledge import closing, entries, port
from knowledge.changes import Owner
from knowledge.entries import Draft
from knowledge.models import Entry

SHOWN = 8  # entries to choose from


@dataclass(frozen=True, slots=True)
class Choice:
    """``asked``: the group as a draft, its clearest question first; ``entries``: what it could be added to; ``more``:
    others were found too."""

    asked: Draft
    entries: tuple[Entry, ...]
    more: bool


async def choice(db: Database, owner: Owner, gap_ids: list[str], search: str) -> Choice | None:
    """What to choose from: the entries with the words ``search``, without any the nearest ones; None where no gap of
    ``gap_ids`` is open any more."""
    async with db.read() as session:
        try:
            asked = await closing.drafted(session, owner, gap_ids)
        except entries.NotFound:
            return None
        if search:
            found = await entries.listing(session, *owner.ids, search=search, limit=SHOWN + 1)
            return Choice(asked, tuple(found[:SHOWN]), len(found) > SHOWN)
        mine = (Domain.id == owner.domain_id, Domain.workspace_id == owner.workspace_id)
        version = await session.scalar(select(Domain.knowledge_version).where(*mine)) or 0
    judged = await port.judged(db, Ask(*owner.ids, version, asked.question), ())
    near = {fact.id: place for place, fact in enumerate(judged.facts[:SHOWN])}
    async with db.read() as session:
        mine_too = (Entry.workspace_id == owner.workspace_id, Entry.domain_id == owner.domain_id)
        rows = await session.scalars(select(Entry).where(*mine_too, Entry.id.in_(near)))
        return Choice(asked, tuple(sorted(rows, key=lambda entry: near[entry.id])), False)
