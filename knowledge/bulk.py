"""Many entries at once: publish, turn on and off, file under a category, put in place; each to be taken back.

Every change names the domain's version it came with, so that an index follows it entry by entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine.codec import clean
from engine.db import now
from knowledge import changes, deletion, entries
from knowledge.changes import Owner
from knowledge.deletion import DELETED, MOST, Change
from knowledge.entries import Invalid, NotFound
from knowledge.models import CATEGORY_LENGTH, Entry

PUBLISHED, TURNED, FILED, MOVED = "entries.publish", "entries.turn", "entries.category", "entries.move"
ACTIONS = (PUBLISHED, TURNED, FILED, MOVED, DELETED)


@dataclass(frozen=True, slots=True)
class Moved:
    """The place that an entry has now (the first is 1), and the id of the change; None where it stood there already."""

    place: int
    change_id: str | None = None


async def publish(session: AsyncSession, owner: Owner, ids: Sequence[str]) -> Change:
    """The drafts among ``ids`` answer visitors from now on."""
    return await _set(session, owner, PUBLISHED, ids, {"draft": False, "active": True}, only={"draft": True})


async def turn(session: AsyncSession, owner: Owner, ids: Sequence[str], *, on: bool) -> Change:
    """Entries answer visitors, or do not. Drafts stay as they are: they are published."""
    return await _set(session, owner, TURNED, ids, {"active": on}, only={"draft": False, "active": not on})


async def categorise(session: AsyncSession, owner: Owner, ids: Sequence[str], category: str) -> Change:
    """Entries are of ``category``. Raises :class:`~knowledge.entries.Invalid`."""
    category = clean(category)
    if len(category) > CATEGORY_LENGTH:
        raise Invalid({"category": f"The category has {len(category)} characters. Keep at most {CATEGORY_LENGTH}."})
    return await _set(session, owner, FILED, ids, {"category": category}, only={})


async def undo(session: AsyncSession, owner: Owner, change_id: str) -> int:
    """Take a step back, a deletion too; how many entries are as they were. What was changed since stays as it is now.
    Raises :class:`~knowledge.entries.NotFound`."""
    version = await entries.bump(session, *owner.ids)
    change = await changes.find(session, owner, change_id, ACTIONS)
    if change.action == DELETED:
        done = await deletion.restore(session, owner, change.detail, version)
    elif change.action == MOVED:
        done = await _put(session, owner, change.detail["before"])
    else:
        done = await _set_back(session, owner, change.detail, version)
    if done:
        await changes.record(session, owner, f"{change.action}.undo", change.subject, {"count": done})
    return done


async def place(session: AsyncSession, owner: Owner, entry_id: str, place: int) -> Moved:
    """Move an entry to a place (the first is 1; beyond the last is the last). Raises
    :class:`~knowledge.entries.NotFound`."""
    await entries.hold(session, *owner.ids)
    return await _moved(session, owner, entry_id, place - 1)


async def shift(session: AsyncSession, owner: Owner, entry_id: str, by: int) -> Moved:
    """Move an entry by so many places, down or (negative) up. Raises :class:`~knowledge.entries.NotFound`."""
    await entries.hold(session, *owner.ids)
    positions = await _positions(session, owner)
    here = list(positions).index(entry_id) if entry_id in positions else 0
    return await _moved(session, owner, entry_id, here + by)


async def put_first(session: AsyncSession, owner: Owner, ids: Sequence[str]) -> Change:
    """Entries come before all the others, in the order in which they were."""
    await entries.hold(session, *owner.ids)
    order = list(await _positions(session, owner))
    wanted = set(list(ids)[:MOST])
    before = {id: place for place, id in enumerate(order) if id in wanted}
    if list(before.values()) == list(range(len(before))):
        return 0, None
    await _put(session, owner, {id: place for place, id in enumerate(before)})
    subject = next(iter(before)) if len(before) == 1 else f"{len(before)} entries"
    return len(before), await changes.record(session, owner, MOVED, subject, {"before": before})


async def _moved(session: AsyncSession, owner: Owner, entry_id: str, at: int) -> Moved:
    order = list(await _positions(session, owner))
    if entry_id not in order:
        raise NotFound
    before, target = order.index(entry_id), min(max(at, 0), len(order) - 1)
    if target == before:
        return Moved(target + 1)
    await _put(session, owner, {entry_id: target})
    detail = {"before": {entry_id: before}, "place": target + 1}
    return Moved(target + 1, await changes.record(session, owner, MOVED, entry_id, detail))


async def _positions(session: AsyncSession, owner: Owner) -> dict[str, int]:
    query = select(Entry.id, Entry.position).where(*_mine(owner)).order_by(Entry.position, Entry.id)
    return dict(row for row in (await session.execute(query)).all())


async def _put(session: AsyncSession, owner: Owner, places: dict[str, int]) -> int:
    """Each entry of ``places`` that there is stands there (from 0), the others around them as they were; how many
    there are."""
    positions = await _positions(session, owner)
    order = [id for id in positions if id not in places]
    present = sorted((place, id) for id, place in places.items() if id in positions)
    for place, id in present:
        order.insert(place, id)
    moved = {id: place for place, id in enumerate(order) if positions[id] != place}
    if moved:
        version = await entries.bump(session, *owner.ids)
        rows = [{"id": id, "position": place, "version": version} for id, place in moved.items()]
        await session.execute(update(Entry), rows)
    return len(present)


async def _set(
    session: AsyncSession,
    owner: Owner,
    action: str,
    ids: Sequence[str],
    values: dict[str, Any],
    *,
    only: dict[str, Any],
) -> Change:
    version = await entries.bump(session, *owner.ids)
    where = [getattr(Entry, name) == value for name, value in only.items()]
    kept = [getattr(Entry, name) for name in values]
    query = select(Entry.id, *kept).where(*_mine(owner), Entry.id.in_(list(ids)[:MOST]), *where)
    before = [row._asdict() for row in (await session.execute(query)).all()]
    before = [row for row in before if any(row[name] != value for name, value in values.items())]
    if not before:
        return 0, None
    touched = [row["id"] for row in before]
    await _update(session, touched, values | {"version": version})
    subject = touched[0] if len(touched) == 1 else f"{len(touched)} entries"
    return len(touched), await changes.record(session, owner, action, subject, {"before": before, "after": values})


async def _set_back(session: AsyncSession, owner: Owner, detail: dict[str, Any], version: int) -> int:
    """Each entry that still is as the step left it gets what it had before."""
    now_is = [getattr(Entry, name) == value for name, value in detail["after"].items()]
    ids = [row["id"] for row in detail["before"]]
    left = set(await session.scalars(select(Entry.id).where(*_mine(owner), Entry.id.in_(ids), *now_is)))
    rows = [row | {"version": version, "updated_at": now()} for row in detail["before"] if row["id"] in left]
    if rows:
        await session.execute(update(Entry), rows)
    return len(rows)


async def _update(session: AsyncSession, ids: Sequence[str], values: dict[str, Any]) -> None:
    await session.execute(
        update(Entry)
        .where(Entry.id.in_(ids))
        .values(**values, updated_at=now())
        .execution_options(synchronize_session=False)
    )


def _mine(owner: Owner) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Entry.workspace_id == owner.workspace_id, Entry.domain_id == owner.domain_id
