"""Closing gaps: a group becomes an entry, becomes part of one, or is set aside; and each step taken back.

One transaction a step, with the change that takes it back. Done twice, or by two owners at once, a step happens once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import backlog, changes, entries, gaps, grouping, spoken
from knowledge.changes import Owner
from knowledge.entries import MOST_ALTERNATIVES, Draft
from knowledge.models import QUESTION_LENGTH, Entry, Gap
from knowledge.text import language_of, normalise

MOST_MERGED = 10  # phrasings that one group adds to an entry
DRAFTED, MERGED, ANSWERED, DISMISSED = "gaps.draft", "gaps.merge", "gaps.answered", "gaps.dismiss"


@dataclass(frozen=True, slots=True)
class Closed:
    """What a step did: how many gaps it closed (0: somebody else was first), the phrasings it added, the entry, and
    the id of the change."""

    gaps: int
    phrasings: tuple[str, ...] = ()
    entry_id: str | None = None
    change_id: str | None = None


async def drafted(session: AsyncSession, owner: Owner, ids: Sequence[str]) -> Draft:
    """An entry for the open gaps ``ids`` as far as it can be written without anybody: their clearest question, the
    other ways of asking it, and what an agent answered in one of their rooms. Raises
    :class:`~knowledge.entries.NotFound` where none is open."""
    mine = (Gap.workspace_id == owner.workspace_id, Gap.domain_id == owner.domain_id, Gap.status == "open")
    found = (await session.scalars(select(Gap).where(Gap.id.in_(ids), *mine).order_by(Gap.created_at, Gap.id))).all()
    if not found:
        raise entries.NotFound
    texts = [" ".join(gap.text.split()) for gap in found]
    asked = [text for text in texts if len(text) <= QUESTION_LENGTH] or [texts[0][:QUESTION_LENGTH]]
    clearest = grouping.clearest(asked)
    known = {normalise(clearest)}
    others = [text for text in asked if normalise(text) not in known]
    said = await spoken.replies(session, owner.workspace_id, [gap.message_id for gap in found])
    reply = next((said[gap.message_id] for gap in found if gap.message_id in said), "")
    return Draft(clearest, reply, tuple(backlog.phrasings(others, MOST_MERGED)))


async def draft(session: AsyncSession, owner: Owner, ids: Sequence[str], draft: Draft) -> Closed:
    """A new entry that answers the gaps ``ids``. Nothing at all is done if none of them is open any more. Raises
    :class:`~knowledge.entries.Invalid`."""
    draft = entries.checked(draft)
    await entries.bump(session, *owner.ids)
    if not await _any_open(session, owner, ids):
        return Closed(0)
    entry = await entries.add(session, *owner.ids, draft, source="gap")
    moved = await gaps.answer(session, *owner.ids, ids, entry.id)
    detail = {"gaps": moved, "question": draft.question}
    change_id = await changes.record(session, owner, DRAFTED, entry.id, detail)
    return Closed(len(moved), (), entry.id, change_id)


async def merge(session: AsyncSession, owner: Owner, ids: Sequence[str], entry_id: str) -> Closed:
    """The gaps' own words become phrasings of an entry, at most :data:`MOST_MERGED` of them, the most different.
    Raises :class:`~knowledge.entries.NotFound` for an entry that is not of this domain."""
    await entries.bump(session, *owner.ids)
    entry = await entries.entry_of(session, *owner.ids, entry_id)
    moved = await gaps.answer(session, *owner.ids, ids, entry.id)
    if not moved:
        return Closed(0, (), entry.id)
    asked = await session.scalars(select(Gap.text).where(Gap.id.in_(moved)).order_by(Gap.created_at, Gap.id))
    added = _new_phrasings(entry, list(asked))
    if added:
        await entries.edit(session, entry, _draft_of(entry, (*entry.alternatives, *added)))
    change_id = await changes.record(session, owner, MERGED, entry.id, {"gaps": moved, "added": list(added)})
    return Closed(len(moved), added, entry.id, change_id)


async def mark_answered(session: AsyncSession, owner: Owner, ids: Sequence[str], entry_id: str) -> Closed:
    """The gaps are answered by an entry as it is. Raises :class:`~knowledge.entries.NotFound`."""
    entry = await entries.entry_of(session, *owner.ids, entry_id)
    moved = await gaps.answer(session, *owner.ids, ids, entry.id)
    if not moved:
        return Closed(0, (), entry.id)
    change_id = await changes.record(session, owner, ANSWERED, entry.id, {"gaps": moved})
    return Closed(len(moved), (), entry.id, change_id)


async def dismiss(session: AsyncSession, owner: Owner, ids: Sequence[str]) -> Closed:
    """The gaps need no answer."""
    moved = await gaps.dismiss(session, *owner.ids, ids)
    if not moved:
        return Closed(0)
    return Closed(len(moved), change_id=await changes.record(session, owner, DISMISSED, "gaps", {"gaps": moved}))


async def undo(session: AsyncSession, owner: Owner, change_id: str) -> int:
    """Take a step back; how many gaps are open again. What was changed since stays: phrasings that somebody edited,
    gaps that somebody closed in another way. Raises :class:`~knowledge.entries.NotFound`."""
    await entries.bump(session, *owner.ids)
    change = await changes.find(session, owner, change_id, (DRAFTED, MERGED, ANSWERED, DISMISSED))
    ids = list(change.detail["gaps"])
    if change.action == DISMISSED:
        opened = await gaps.reopen(session, *owner.ids, ids)
    else:
        opened = await gaps.reopen(session, *owner.ids, ids, entry_id=change.subject)
    if not opened:
        return 0
    if change.action == DRAFTED:
        await entries.remove(session, await entries.entry_of(session, *owner.ids, change.subject))
    if change.action == MERGED:
        await _without(session, owner, change.subject, set(change.detail["added"]))
    await changes.record(session, owner, f"{change.action}.undo", change.subject, {"gaps": opened})
    return len(opened)


async def _any_open(session: AsyncSession, owner: Owner, ids: Sequence[str]) -> bool:
    mine = (Gap.workspace_id == owner.workspace_id, Gap.domain_id == owner.domain_id, Gap.status == "open")
    return await session.scalar(select(Gap.id).where(Gap.id.in_(ids), *mine).limit(1)) is not None


async def _without(session: AsyncSession, owner: Owner, entry_id: str, added: set[str]) -> None:
    entry = await entries.entry_of(session, *owner.ids, entry_id)
    kept = tuple(phrasing for phrasing in entry.alternatives if phrasing not in added)
    if len(kept) < len(entry.alternatives):
        await entries.edit(session, entry, _draft_of(entry, kept))


def _new_phrasings(entry: Entry, asked: Sequence[str]) -> tuple[str, ...]:
    known = {normalise(phrasing) for phrasing in (entry.question, *entry.alternatives)}
    plain = [" ".join(text.split()) for text in asked]
    fresh = [text for text in plain if len(text) <= QUESTION_LENGTH and normalise(text) not in known | {""}]
    room = max(0, min(MOST_MERGED, MOST_ALTERNATIVES - len(entry.alternatives)))
    return tuple(backlog.phrasings(fresh, room, language_of(entry.locale))) if room else ()


def _draft_of(entry: Entry, alternatives: tuple[str, ...]) -> Draft:
    return replace(entries.draft_of(entry), alternatives=alternatives)
