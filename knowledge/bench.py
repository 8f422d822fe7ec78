"""A domain's entries and labelled questions put on the bench: read, given their vectors where meaning counts, judged.

Vectors are taken from the cache; those of questions that were never embedded are computed once and kept there. Where
none can be had, the run is by words alone, as the bot is then.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import Database
from knowledge import evaluate, examples
from knowledge.embeddings import vectors
from knowledge.embeddings.embedding import Asker, Embedder, Failed
from knowledge.evaluate import Outcome
from knowledge.examples import Measured
from knowledge.labelled import Labelled
from knowledge.models import KnowledgeSettings
from knowledge.ranking import Document

AT_ONCE = 100  # questions that are embedded and kept in one go


@dataclass(frozen=True, slots=True)
class Set:
    """What is asked of what, how cautiously, and the vectors that are known, by their text's hash."""

    measured: Measured
    caution: int = 50
    known: vectors.Known = field(default_factory=dict)


async def gather(
    db: Database,
    askers: Mapping[str, Asker],
    workspace_id: str,
    domain_id: str,
    *,
    with_drafts: Sequence[str] = (),
) -> Set:
    """What a run of today asks; empty for a pair that does not exist. ``with_drafts`` count as published."""
    async with db.read() as session:
        settings = await _settings(session, workspace_id, domain_id)
        measured = await examples.measured(session, workspace_id, domain_id, with_drafts=with_drafts)
    asker = askers.get(settings.embeddings) if settings is not None else None
    embedder = await asker.maker() if asker is not None and measured.questions else None
    known = await _known(db, embedder, workspace_id, measured) if embedder is not None else {}
    return Set(measured, settings.caution if settings is not None else 50, known)


async def judged(asked: Set, questions: Sequence[Labelled] | None = None) -> list[Outcome]:
    """Every question judged (``questions`` instead of the set's own, where given), away from the event loop."""
    return await asyncio.to_thread(_judged, asked, asked.measured.questions if questions is None else questions)


def _judged(asked: Set, questions: Sequence[Labelled]) -> list[Outcome]:
    documents = [_with_vectors(document, asked.known) for document in asked.measured.documents]
    bench = evaluate.prepare(documents, asked.measured.locale)
    return [
        bench.judge(question, asked.caution, asked.known.get(vectors.content_hash(question.text)))
        for question in questions
    ]


def _with_vectors(document: Document, known: vectors.Known) -> Document:
    return replace(document, vectors=vectors.of(known, document.phrasings)) if known else document


async def _settings(session: AsyncSession, workspace_id: str, domain_id: str) -> KnowledgeSettings | None:
    found = await session.get(KnowledgeSettings, domain_id)
    return found if found is not None and found.workspace_id == workspace_id else None


async def _known(db: Database, embedder: Embedder, workspace_id: str, measured: Measured) -> vectors.Known:
    asked = [question.text for question in measured.questions]
    phrasings = [phrasing for document in measured.documents for phrasing in document.phrasings]
    async with db.read() as session:
        known = await vectors.stored(session, workspace_id, embedder.model, [*phrasings, *asked])
    missing = [text for text in dict.fromkeys(asked) if vectors.content_hash(text) not in known]
    for start in range(0, len(missing), AT_ONCE):
        some = missing[start : start + AT_ONCE]
        try:
            matrix = await embedder.embed(some)
        except Failed:
            break  # the rest is judged by words, as a visitor's question would be now
        async with db.write() as session:
            await vectors.keep(session, workspace_id, embedder.model, some, matrix)
        known |= {vectors.content_hash(text): row for text, row in zip(some, matrix, strict=True)}
    return known
