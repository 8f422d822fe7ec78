"""A domain's labelled questions: those somebody approved or put right, and phrasings of its own held out."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.codec import clean
from knowledge import entries
from knowledge.entries import Invalid
from knowledge.labelled import Labelled
from knowledge.models import QUESTION_LENGTH, Entry, Example
from knowledge.ranking import Document

MOST = 5_000  # labelled questions of a domain
HELD_OUT_OF = 3  # phrasings an entry has at least for one of them to be held out


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run asks of what: entries without the phrasings that are held out, and the questions."""

    documents: tuple[Document, ...]
    questions: tuple[Labelled, ...]


async def add(
    session: AsyncSession, workspace_id: str, domain_id: str, text: str, entry_id: str | None, *, source: str
) -> Example:
    """Label a question: the entry that is right, None where none is. Labelled again, the last word counts. Raises
    :class:`Invalid`, and :class:`NotFound` for a foreign domain or entry."""
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


async def measured(
    session: AsyncSession, workspace_id: str, domain_id: str, *, with_drafts: Sequence[str] | None = ()
) -> Measured:
    """What a run of today asks. ``with_drafts``: drafts that count as published (None: all of them)."""
    mine = (Entry.workspace_id == workspace_id, Entry.domain_id == domain_id)
    drafts = Entry.draft.is_(True) if with_drafts is None else Entry.id.in_(with_drafts)
    found = await session.scalars(select(Entry).where(*mine, Entry.active | drafts).order_by(Entry.position, Entry.id))
    documents, questions = [], []
    for entry in found:
        phrasings = (entry.question, *entry.alternatives)
        if len(phrasings) >= HELD_OUT_OF and not entry.draft:
            questions.append(Labelled(phrasings[-1], (entry.id,)))
            phrasings = phrasings[:-1]
        documents.append(Document(entry.id, phrasings, entry.answer))
    there = {document.id for document in documents}
    for example in await listing(session, workspace_id, domain_id, MOST):
        if example.entry_id is None or example.entry_id in there:
            questions.append(Labelled(example.text, (example.entry_id,) if example.entry_id else ()))
    return Measured(tuple(documents), tuple(questions))
