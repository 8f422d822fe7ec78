"""A domain's labelled questions: those somebody approved or put right, and phrasings of its own held out."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.codec import clean
from knowledge import entries
from knowledge.entries import Invalid, NotFound
from knowledge.labelled import Labelled
from knowledge.models import QUESTION_LENGTH, Entry, Example
from knowledge.ranking import Document
from knowledge.text import normalise

MOST = 5_000  # labelled questions of a domain
HELD_OUT_OF = 3  # phrasings an entry has at least for one of them to be held out
MOST_HELD_OUT = 1_000  # of a domain: more tell nothing new, and a run must end within a job's lease


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run asks of what: entries without the phrasings that are held out, the questions, the language."""

    documents: tuple[Document, ...]
    questions: tuple[Labelled, ...]
    locale: str = "en"


async def add(
    session: AsyncSession, workspace_id: str, domain_id: str, text: str, entry_id: str | None, *, source: str
) -> Example:
    """Label a question: the entry that is right, None where none is. Labelled again, the last word counts. Raises
    :class:`~knowledge.entries.Invalid`, and :class:`~knowledge.entries.NotFound` for a foreign domain or entry."""
    text = " ".join(clean(text).split())
    if not 0 < len(text) <= QUESTION_LENGTH:
        raise Invalid({"text": f"A question has 1 to {QUESTION_LENGTH} characters."})
    await entries.bump(session, workspace_id, domain_id)
    if entry_id is not None:
        await entries.entry_of(session, workspace_id, domain_id, entry_id)
    mine = (Example.workspace_id == workspace_id, Example.domain_id == domain_id)
    known = await session.scalar(select(Example).where(*mine, Example.text == text))
    if known is None:
        if (await session.scalar(select(func.count()).select_from(Example).where(*mine)) or 0) >= MOST:
            raise Invalid({"text": f"There are {MOST:,} labelled questions already. Remove some first."})
        known = Example(workspace_id=workspace_id, domain_id=domain_id, text=text)
        session.add(known)
    known.entry_id, known.source = entry_id, source
    await session.flush()
    return known


async def remove(session: AsyncSession, workspace_id: str, domain_id: str, example_id: str) -> bool:
    """Forget a labelled question; False when there is no such one here."""
    await entries.bump(session, workspace_id, domain_id)
    mine = (Example.workspace_id == workspace_id, Example.domain_id == domain_id)
    found = await session.scalar(select(Example.id).where(*mine, Example.id == example_id))
    await session.execute(delete(Example).where(*mine, Example.id == example_id))
    return found is not None


async def listing(session: AsyncSession, workspace_id: str, domain_id: str, limit: int = 200) -> list[Example]:
    """The newest labelled questions of a domain."""
    mine = (Example.workspace_id == workspace_id, Example.domain_id == domain_id)
    query = select(Example).where(*mine).order_by(Example.created_at.desc(), Example.id).limit(limit)
    return list(await session.scalars(query))


async def load(
    session: AsyncSession, workspace_id: str, domain_id: str, questions: Sequence[Labelled]
) -> tuple[int, tuple[str, ...]]:
    """Label many at once, as a file has them: how many were, and for the others a sentence each. A right entry is named
    by its id or by its question; of several the first counts. Raises :class:`NotFound`."""
    await entries.bump(session, workspace_id, domain_id)
    named = await _named(session, workspace_id, domain_id)
    mine = (Example.workspace_id == workspace_id, Example.domain_id == domain_id)
    known = {each.text: each for each in await session.scalars(select(Example).where(*mine))}
    done, faults = 0, []
    for question in questions:
        text = " ".join(clean(question.text).split())
        right = next((named[name] for name in map(normalise_name, question.entries) if name in named), None)
        if not 0 < len(text) <= QUESTION_LENGTH:
            faults.append(f"“{text[:60]}”: a question has 1 to {QUESTION_LENGTH} characters.")
        elif question.entries and right is None:
            faults.append(f"“{text[:60]}”: there is no entry “{question.entries[0][:60]}”.")
        elif text not in known and len(known) >= MOST:
            faults.append(f"“{text[:60]}”: there are {MOST:,} labelled questions already.")
        else:
            if text not in known:
                known[text] = Example(workspace_id=workspace_id, domain_id=domain_id, text=text)
                session.add(known[text])
            known[text].entry_id, known[text].source = right, "manual"
            done += 1
    await session.flush()
    return done, tuple(faults)


async def entry_named(session: AsyncSession, workspace_id: str, domain_id: str, name: str) -> str:
    """The id of the entry with that id or that question. Raises :class:`NotFound`."""
    found = (await _named(session, workspace_id, domain_id)).get(normalise_name(name))
    if found is None:
        raise NotFound
    return found


def normalise_name(name: str) -> str:
    """An entry's id or question, so that spelling it a little differently does no harm."""
    return normalise(name) or name.strip()


async def measured(
    session: AsyncSession, workspace_id: str, domain_id: str, *, with_drafts: Sequence[str] = ()
) -> Measured:
    """What a run of today asks. ``with_drafts``: drafts that count as published."""
    mine = (Entry.workspace_id == workspace_id, Entry.domain_id == domain_id)
    drafts = set(with_drafts)
    query = select(Entry).where(*mine, Entry.active | Entry.draft).order_by(Entry.position, Entry.id)
    found = [entry for entry in await session.scalars(query) if entry.active or entry.id in drafts]
    held_out = _held_out(found)
    documents, questions = [], []
    for entry in found:
        phrasings = (entry.question, *entry.alternatives)
        if entry.id in held_out:
            questions.append(Labelled(phrasings[-1], (entry.id,)))
            phrasings = phrasings[:-1]
        documents.append(Document(entry.id, phrasings, entry.answer))
    there = {document.id for document in documents}
    for example in await listing(session, workspace_id, domain_id, MOST):
        if example.entry_id is None or example.entry_id in there:
            questions.append(Labelled(example.text, (example.entry_id,) if example.entry_id else ()))
    locales = [entry.locale for entry in found] or ["en"]
    return Measured(tuple(documents), tuple(questions), max(sorted(set(locales)), key=locales.count))


def _held_out(found: Sequence[Entry]) -> set[str]:
    """Entries that give up their last phrasing, evenly over the base: the same ones as long as it stays as it is, so
    that runs compare. Drafts never: a run with them and one without must ask the same."""
    able = [entry.id for entry in found if 1 + len(entry.alternatives) >= HELD_OUT_OF and not entry.draft]
    return set(able[:: max(1, -(-len(able) // MOST_HELD_OUT))])


async def _named(session: AsyncSession, workspace_id: str, domain_id: str) -> dict[str, str]:
    mine = (Entry.workspace_id == workspace_id, Entry.domain_id == domain_id)
    rows = (await session.execute(select(Entry.id, Entry.question).where(*mine).order_by(Entry.active))).all()
    by_question = {normalise_name(question): entry_id for entry_id, question in rows}
    return by_question | {normalise_name(entry_id): entry_id for entry_id, _ in rows}
