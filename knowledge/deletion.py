"""Entries that are deleted, and that come back: whole, under their old ids, with what was tied to them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import changes, entries
from knowledge.changes import Owner
from knowledge.models import Dismissal, Entry, Example, Gap, Removal, Source, SourcePage

MOST = 1_000  # entries in one step: what it takes to undo it is kept
DELETED = "entries.delete"
_COLUMNS = tuple(column for column in Entry.__table__.columns if column.name not in {"workspace_id", "domain_id"})

Change = tuple[int, str | None]  # how many entries changed, and the id by which it is taken back (None: nothing did)


async def remove(session: AsyncSession, owner: Owner, ids: Sequence[str]) -> Change:
    """Entries are gone, with what was labelled as theirs: the change brings them back as they were."""
    version = await entries.bump(session, *owner.ids)
    found = await _rows(session, owner, ids)
    if not found:
        return 0, None
    gone = [row["id"] for row in found]
    detail = {"before": found, "ties": await _ties(session, gone)}
    await session.execute(delete(Entry).where(Entry.id.in_(gone)).execution_options(synchronize_session=False))
    marks = [{"entry_id": id, "workspace_id": owner.workspace_id, "domain_id": owner.domain_id} for id in gone]
    await session.execute(delete(Removal).where(Removal.entry_id.in_(gone)))
    await session.execute(insert(Removal), [mark | {"version": version} for mark in marks])
    subject = gone[0] if len(gone) == 1 else f"{len(gone)} entries"
    return len(gone), await changes.record(session, owner, DELETED, subject, detail)


async def restore(session: AsyncSession, owner: Owner, detail: dict[str, Any], version: int) -> int:
    """Bring back what a deletion took, under its old ids and with version ``version``; how many entries came back.
    One that is there again by other means stays as it is."""
    ids = [row["id"] for row in detail["before"]]
    present = set(await session.scalars(select(Entry.id).where(Entry.id.in_(ids))))
    found = await _sources(session, owner)
    rows = [_revived(row, owner, version, found) for row in detail["before"] if row["id"] not in present]
    if not rows:
        return 0
    back = {row["id"] for row in rows}
    await session.execute(delete(Removal).where(Removal.entry_id.in_(back)))
    await session.execute(insert(Entry), rows)
    await _tie(session, owner, detail["ties"], back)
    return len(rows)


async def _sources(session: AsyncSession, owner: Owner) -> set[str]:
    """The sources and their pages that there still are."""
    sources = select(Source.id).where(Source.workspace_id == owner.workspace_id, Source.domain_id == owner.domain_id)
    pages = select(SourcePage.id).where(SourcePage.source_id.in_(sources))
    return {*await session.scalars(sources), *await session.scalars(pages)}


def _revived(row: dict[str, Any], owner: Owner, version: int, found: set[str]) -> dict[str, Any]:
    """A row as it was, without its ties to a source that is gone by now."""
    times = {name: datetime.fromisoformat(row[name]) for name in ("created_at", "updated_at")}
    mine = {"workspace_id": owner.workspace_id, "domain_id": owner.domain_id, "version": version}
    ties = {name: row[name] if row[name] in found else None for name in ("source_id", "page_id")}
    return row | times | mine | ties


async def _rows(session: AsyncSession, owner: Owner, ids: Sequence[str]) -> list[dict[str, Any]]:
    query = select(*_COLUMNS).where(*_mine(owner), Entry.id.in_(list(ids)[:MOST])).order_by(Entry.position, Entry.id)
    found = []
    for row in (await session.execute(query.with_for_update())).all():
        kept = row._asdict()
        found.append(kept | {name: kept[name].isoformat() for name in ("created_at", "updated_at")})
    return found


async def _ties(session: AsyncSession, ids: Sequence[str]) -> dict[str, Any]:
    """What else names the entries: labelled questions and settled pairs go with them, gaps forget them."""
    examples = await session.execute(
        select(Example.id, Example.text, Example.entry_id, Example.source).where(Example.entry_id.in_(ids))
    )
    gaps = await session.execute(select(Gap.id, Gap.entry_id).where(Gap.entry_id.in_(ids)))
    settled = await session.execute(
        select(Dismissal.first, Dismissal.second).where(Dismissal.first.in_(ids) | Dismissal.second.in_(ids))
    )
    return {
        "examples": [row._asdict() for row in examples.all()],
        "gaps": [row._asdict() for row in gaps.all()],
        "settled": [list(row) for row in settled.all()],
    }


async def _tie(session: AsyncSession, owner: Owner, ties: dict[str, Any], back: set[str]) -> None:
    mine = {"workspace_id": owner.workspace_id}
    texts = [row["text"] for row in ties["examples"]]
    taken = set(
        await session.scalars(select(Example.text).where(Example.domain_id == owner.domain_id, Example.text.in_(texts)))
    )
    examples = [row for row in ties["examples"] if row["entry_id"] in back and row["text"] not in taken]
    if examples:
        await session.execute(insert(Example), [row | mine | {"domain_id": owner.domain_id} for row in examples])
    for row in ties["gaps"]:
        if row["entry_id"] in back:
            untied = (Gap.id == row["id"], Gap.domain_id == owner.domain_id, Gap.entry_id.is_(None))
            await session.execute(
                update(Gap)
                .where(*untied, Gap.status == "answered")
                .values(entry_id=row["entry_id"])
                .execution_options(synchronize_session=False)
            )
    ends = {id for pair in ties["settled"] for id in pair}
    here = set(await session.scalars(select(Entry.id).where(*_mine(owner), Entry.id.in_(ends))))
    kept = set((await session.execute(select(Dismissal.first, Dismissal.second).where(_between(here)))).all())
    pairs = [(one, two) for one, two in ties["settled"] if {one, two} <= here and (one, two) not in kept]
    if pairs:
        await session.execute(insert(Dismissal), [mine | {"first": one, "second": two} for one, two in pairs])


def _between(ids: set[str]) -> ColumnElement[bool]:
    return Dismissal.first.in_(ids) & Dismissal.second.in_(ids)


def _mine(owner: Owner) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Entry.workspace_id == owner.workspace_id, Entry.domain_id == owner.domain_id
