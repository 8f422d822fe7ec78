"""What passages of a document become: entries that are new, changed in place, gone, or left as somebody made them.

Every function writes in the caller's transaction, whose first statement was :func:`knowledge.entries.bump`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import now
from knowledge import imports, imprint
from knowledge.documents import Document, Passage
from knowledge.entries import Draft
from knowledge.known import Known, key
from knowledge.models import QUESTION_LENGTH, Entry, Removal, Source, SourcePage
from knowledge.sheet import Fault

GONE = "gone"  # the content hash of a page that is gone: when it is back, its entries are turned on again
CHUNK = 500  # rows of one statement: SQLite takes 32,766 parameters


@dataclass(slots=True)
class Stored:
    """What became of a document: entries added, changed and removed, passages that were in already, the questions of
    entries that stay as somebody rewrote them, and the faults of what stayed out."""

    added: int = 0
    updated: int = 0
    removed: int = 0
    repeated: int = 0
    kept: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def passages_of(source: Source, document: Document) -> tuple[Passage, ...]:
    """What of ``document`` may come in, filed as the import's options want: here the passages of every file and of
    every page that says something new become drafts of entries, before the transaction that stores them."""
    options = source.options
    category, locale = str(options.get("category", "")), str(options.get("locale", ""))
    review = bool(options.get("review"))

    def filed(draft: Draft) -> Draft:
        return replace(
            draft,
            category=draft.category or category,
            locale=locale or draft.locale,
            active=draft.active and not review,
        )

    return tuple(replace(passage, draft=filed(passage.draft)) for passage in document.passages)


async def rows(
    session: AsyncSession, source: Source, version: int, passages: Sequence[Passage], known: Known
) -> Stored:
    """Rows of somebody's own file: one that asks what an entry asks stays out, with its reason."""
    stored, drafts = Stored(), []
    for passage in passages:
        asked = key(passage.draft.question)
        if asked in known.others or asked in known.own:
            stored.faults.append(_taken(passage))
        else:
            drafts.append(passage.draft)
            known.own.add(asked)
    stored.added = await _add(session, source, version, drafts, None)
    return stored


async def page(
    session: AsyncSession,
    source: Source,
    version: int,
    page: SourcePage | None,
    title: str,
    passages: Sequence[Passage],
    known: Known,
) -> Stored:
    """Passages of a document, or of a page that may have been read before: an entry that asks the same is changed in
    place and stays as published as it is; what the page no longer says goes; what somebody rewrote stays. After
    that nothing of the page asks the same twice."""
    found = await _entries_of(session, source, page)
    waiting: dict[str, Entry] = {}
    twice = [entry for entry in found if waiting.setdefault(key(entry.question), entry) is not entry]
    was_gone = page is not None and page.content_hash == GONE
    stored, fresh, drafts = Stored(), [], []
    for passage in passages:
        old = waiting.pop(key(passage.draft.question), None) or waiting.pop(key(_titled(passage.draft, title)), None)
        if old is None:
            fresh.append(passage)
        else:
            _renew(old, passage.draft, version, stored, back=was_gone)
    over = [*waiting.values(), *twice]
    stored.kept += [old.question for old in over if not imprint.is_untouched(old)]
    gone = [old for old in over if imprint.is_untouched(old)]
    for old in gone:
        known.forget(old.question, old.answer)
    away = {old.id for old in gone}
    for entry in found:
        if entry.id not in away:  # what goes may have asked or said the same as one that stays
            known.learn(entry.question, entry.answer)
    for passage in fresh:
        if (draft := _fitting(passage, title, known, stored)) is not None:
            drafts.append(draft)
            known.learn(draft.question, draft.answer)
    await session.flush()
    await remove(session, source, [old.id for old in gone], version)
    stored.removed = len(gone)
    stored.added = await _add(session, source, version, drafts, page)
    return stored


async def turn_off(session: AsyncSession, source: Source, version: int, page_ids: Sequence[str]) -> Stored:
    """Entries of pages that are gone answer no more; what somebody rewrote goes on."""
    stored = Stored()
    for start in range(0, len(page_ids), CHUNK):
        some = page_ids[start : start + CHUNK]
        query = select(Entry).where(Entry.source_id == source.id, Entry.page_id.in_(some), Entry.active)
        for entry in await session.scalars(query):
            if imprint.is_untouched(entry):
                entry.active, entry.version = False, version
                stored.removed += 1
            else:
                stored.kept.append(entry.question)
    await session.flush()
    return stored


async def count(session: AsyncSession, source: Source, page: SourcePage) -> int:
    """How many entries a page has now."""
    query = select(func.count()).select_from(Entry).where(Entry.source_id == source.id, Entry.page_id == page.id)
    return await session.scalar(query) or 0


async def remove(session: AsyncSession, source: Source, ids: Sequence[str], version: int) -> None:
    """Entries of an import are gone; indexes hear of it by their removals."""
    owner = {"workspace_id": source.workspace_id, "domain_id": source.domain_id, "version": version}
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        await session.execute(delete(Entry).where(Entry.id.in_(some)).execution_options(synchronize_session=False))
        await session.execute(insert(Removal), [owner | {"entry_id": entry_id} for entry_id in some])


def _renew(old: Entry, draft: Draft, version: int, stored: Stored, *, back: bool) -> None:
    if not imprint.is_untouched(old):
        stored.kept.append(old.question)
        return
    alternatives, returns = list(draft.alternatives), back and not old.active and not old.draft
    says = (old.answer, old.alternatives) == (draft.answer, alternatives)
    if says and old.url == draft.url and not returns:
        return
    old.answer, old.alternatives, old.url, old.version = draft.answer, alternatives, draft.url, version
    old.imprint = imprint.taken(old)
    old.active = old.active or returns
    stored.updated += not says  # the same words at a new address, or back again, are nothing to pay for


def _fitting(passage: Passage, title: str, known: Known, stored: Stored) -> Draft | None:
    """The draft as it may come in. Two pages of one site may both have an "Overview": the second is told apart by
    its page's title."""
    draft = passage.draft
    if known.says(draft.answer):
        stored.repeated += 1
        return None
    if key(draft.question) in known.own:
        draft = replace(draft, question=_titled(draft, title))
    if key(draft.question) not in known.own and key(draft.question) not in known.others:
        return draft
    stored.faults.append(_taken(passage))
    return None


def _taken(passage: Passage) -> Fault:
    asked = passage.draft.question
    asked = asked if len(asked) <= 100 else asked[:99] + "…"
    return Fault(passage.number, "question", f"An entry asks “{asked}” already. Leave this out, or edit the entry.")


def _titled(draft: Draft, title: str) -> str:
    titled = f"{draft.question} ({title})"
    return titled if title and len(titled) <= QUESTION_LENGTH else draft.question


async def _entries_of(session: AsyncSession, source: Source, page: SourcePage | None) -> list[Entry]:
    if page is None:
        return []
    query = select(Entry).where(Entry.source_id == source.id, Entry.page_id == page.id)
    return list(await session.scalars(query.order_by(Entry.position)))


async def _add(
    session: AsyncSession, source: Source, version: int, drafts: Sequence[Draft], page: SourcePage | None
) -> int:
    at = now()
    shared: dict[str, Any] = {
        "workspace_id": source.workspace_id,
        "domain_id": source.domain_id,
        "version": version,
        "source": f"import:{source.id}",
        "source_id": source.id,
        "page_id": page.id if page else None,
        "draft": bool(source.options.get("review")),
        "created_at": at,
        "updated_at": at,
    }
    await imports.insert_entries(session, shared, drafts, [{"imprint": imprint.taken(one)} for one in drafts])
    return len(drafts)


def faulty(passages: Sequence[Passage], known: Known) -> list[Fault]:
    """What :func:`rows` would leave out, without writing: for an import that is all or nothing."""
    asked = known.others | known.own
    return [_taken(one) for one in passages if key(one.draft.question) in asked]
