"""Two entries that ask the same become one: the words of the one that goes are phrasings of the one that stays."""

from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import bulk, changes, deletion, entries
from knowledge.changes import Owner
from knowledge.entries import MOST_ALTERNATIVES
from knowledge.models import Dismissal, Entry, Example, Gap
from knowledge.text import normalise

MERGED, SETTLED = "entries.merge", "entries.settle"


async def merge(session: AsyncSession, owner: Owner, keep: str, drop: str) -> str:
    """``drop`` goes; its question and alternatives, its gaps and labelled questions are ``keep``'s, whose answer stays.
    Where ``drop`` answered visitors, ``keep`` does from now on, a draft too: nobody loses an answer by it. The id of
    the change. Raises :class:`~knowledge.entries.NotFound`."""
    await entries.hold(session, *owner.ids)
    kept = await entries.entry_of(session, *owner.ids, keep)
    gone = await entries.entry_of(session, *owner.ids, drop)
    if kept.id == gone.id:
        raise entries.NotFound
    added, was = _new_words(kept, gone), {"active": kept.active, "draft": kept.draft}
    if added or (gone.active and not kept.active):
        alternatives, active = (*kept.alternatives, *added), kept.active or gone.active
        await entries.edit(session, kept, replace(entries.draft_of(kept), alternatives=alternatives, active=active))
        kept.draft = kept.draft and not active
    moved = {"gaps": await _moved(session, owner, Gap, gone.id, kept.id)}
    moved["examples"] = await _moved(session, owner, Example, gone.id, kept.id)
    _, deleted = await deletion.remove(session, owner, [gone.id])
    detail = {"deleted": deleted, "gone": gone.id, "added": list(added), "was": was} | moved
    return await changes.record(session, owner, MERGED, kept.id, detail)


async def settle(session: AsyncSession, owner: Owner, one: str, other: str) -> str:
    """Both are right: the pair is no contradiction, and is not shown again. The id of the change. Raises
    :class:`~knowledge.entries.NotFound`."""
    first, second = sorted((one, other))
    for entry_id in (first, second):
        await entries.entry_of(session, *owner.ids, entry_id)
    await session.merge(Dismissal(first=first, second=second, workspace_id=owner.workspace_id))
    await session.flush()
    return await changes.record(session, owner, SETTLED, first, {"pair": [first, second]})


async def undo(session: AsyncSession, owner: Owner, change_id: str) -> bool:
    """Take a step back; whether there was anything to take back. Raises :class:`~knowledge.entries.NotFound`."""
    await entries.hold(session, *owner.ids)
    change = await changes.find(session, owner, change_id, (MERGED, SETTLED))
    if change.action == SETTLED:
        first, second = change.detail["pair"]
        mine = (Dismissal.first == first, Dismissal.second == second, Dismissal.workspace_id == owner.workspace_id)
        gone = await session.execute(delete(Dismissal).where(*mine).returning(Dismissal.first))
        return gone.scalar_one_or_none() is not None
    if not await bulk.undo(session, owner, change.detail["deleted"]):
        return False
    for table, ids in ((Gap, change.detail["gaps"]), (Example, change.detail["examples"])):
        mine = (table.domain_id == owner.domain_id, table.entry_id == change.subject, table.id.in_(ids))
        await session.execute(
            update(table)
            .where(*mine)
            .values(entry_id=change.detail["gone"])
            .execution_options(synchronize_session=False)
        )
    await _as_it_was(session, owner, change.subject, change.detail)
    await changes.record(session, owner, f"{MERGED}.undo", change.subject, {"gone": change.detail["gone"]})
    return True


async def _as_it_was(session: AsyncSession, owner: Owner, entry_id: str, detail: dict[str, Any]) -> None:
    """The entry that stayed, if it is still there, without the words it got; what else was changed since stays."""
    mine = (Entry.id == entry_id, Entry.domain_id == owner.domain_id, Entry.workspace_id == owner.workspace_id)
    kept = await session.scalar(select(Entry).where(*mine))
    if kept is None:
        return
    left = tuple(one for one in kept.alternatives if one not in detail["added"])
    active = kept.active and detail["was"]["active"]
    if left != tuple(kept.alternatives) or active != kept.active:
        await entries.edit(session, kept, replace(entries.draft_of(kept), alternatives=left, active=active))
        kept.draft = detail["was"]["draft"] and not active


def _new_words(kept: Entry, gone: Entry) -> tuple[str, ...]:
    known = {normalise(phrasing) for phrasing in (kept.question, *kept.alternatives)}
    fresh: dict[str, str] = {}
    for phrasing in (gone.question, *gone.alternatives):
        if (plain := normalise(phrasing)) not in known:
            fresh.setdefault(plain, phrasing)
    return tuple(fresh.values())[: max(0, MOST_ALTERNATIVES - len(kept.alternatives))]


async def _moved(
    session: AsyncSession, owner: Owner, table: type[Gap] | type[Example], one: str, other: str
) -> list[str]:
    """The ids of the rows of ``table`` that were tied to the entry ``one`` and are now to ``other``."""
    changed = await session.execute(
        update(table)
        .where(table.entry_id == one, table.domain_id == owner.domain_id)
        .values(entry_id=other)
        .returning(table.id)
        .execution_options(synchronize_session=False)
    )
    return list(changed.scalars())
