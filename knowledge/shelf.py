"""One domain's knowledge as it was at a version, ready to be asked: made of what the database holds. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest

from engine.ports import Fact
from knowledge import ranking
from knowledge.calibration import Calibration, calibrate, is_related
from knowledge.embeddings import vectors
from knowledge.ranking import Candidate, Document, Index
from knowledge.stock import Changes, Kept, Used, Whole

MOST_NEAREST = 3  # questions that are offered
TEXT_BYTES = 120  # of a fact beside its characters


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """One domain's knowledge as it was at ``version``, ready to be asked. ``model``: whose vectors are in it."""

    version: int
    index: Index
    lexical: Calibration
    semantic: Calibration | None
    facts: dict[str, Fact]
    places: dict[str, tuple[int, str]]
    used: Used
    model: str | None = None
    popular: tuple[str, ...] = ()  # the owner's first questions: what is offered where nothing is near
    lacking: bool = False  # some phrasing has no vector yet, and should have one

    @property
    def nbytes(self) -> int:
        """Bytes that the shelf takes, near enough."""
        texts = sum(len(fact.question) + len(fact.answer) + TEXT_BYTES for fact in self.facts.values())
        return ranking.nbytes(self.index) + texts

    def calibration(self, *, semantic: bool) -> Calibration:
        return self.semantic if semantic and self.semantic is not None else self.lexical

    def fact(self, candidate: Candidate) -> Fact:
        return replace(self.facts[candidate.id], score=candidate.score)

    def related(self, candidates: Sequence[Candidate], *, semantic: bool = False) -> tuple[str, ...]:
        calibration = self.calibration(semantic=semantic)
        close = [c for c in candidates[:MOST_NEAREST] if is_related(calibration, c)]
        return tuple(dict.fromkeys(self.facts[c.id].question for c in close))


def made(whole: Whole, known: vectors.Known, model: str | None) -> Shelf:
    """The shelf of all that the database holds, with the vectors that are ``known`` of ``model``. 5 s for 100,000
    entries: away from the event loop."""
    found, approved = whole.entries, whole.approved
    locales = [entry.locale for entry in found] or ["en"]
    documents = [_document(entry, known, model) for entry in found]
    index = ranking.build(documents, max(sorted(set(locales)), key=locales.count))
    # The approved questions' own vectors, where a run over the labelled ones has had them made.
    meant = {text: known[name] for text, _ in approved if (name := vectors.content_hash(text)) in known}
    facts = {entry.id: _fact(entry) for entry in found}
    places = {entry.id: (entry.position, entry.id) for entry in found}
    return Shelf(
        version=whole.version,
        index=index,
        lexical=calibrate(index, approved),
        semantic=calibrate(index, approved, semantic=True, vectors=meant) if index.vectors is not None else None,
        facts=facts,
        places=places,
        used=whole.used,
        model=model,
        popular=_popular(facts, places),
        lacking=any(_lacks(document, model) for document in documents),
    )


def mended(shelf: Shelf, changes: Changes, known: vectors.Known) -> Shelf | None:
    """``shelf`` with what changed since taken in; None where scores by meaning now need thresholds of their own."""
    active = [entry for entry in changes.entries if entry.active]
    documents = [_document(entry, known, shelf.model) for entry in active]
    dropped = (changes.gone | {entry.id for entry in changes.entries}) & shelf.facts.keys()
    index = ranking.changed(shelf.index, documents, dropped) if documents or dropped else shelf.index
    if index.vectors is not None and shelf.semantic is None:
        return None
    facts = {i: fact for i, fact in shelf.facts.items() if i not in dropped}
    places = {i: place for i, place in shelf.places.items() if i not in dropped}
    facts |= {entry.id: _fact(entry) for entry in active}
    places |= {entry.id: (entry.position, entry.id) for entry in active}
    return replace(
        shelf,
        version=changes.version,
        index=index,
        facts=facts,
        places=places,
        popular=_popular(facts, places),
        used=changes.used,
        lacking=shelf.lacking or any(_lacks(document, shelf.model) for document in documents),
    )


def _document(entry: Kept, known: vectors.Known, model: str | None) -> Document:
    phrasings = (entry.question, *entry.alternatives)
    return Document(entry.id, phrasings, entry.answer, vectors.of(known, phrasings) if model else None)


def _lacks(document: Document, model: str | None) -> bool:
    return model is not None and document.vectors is None


def _fact(entry: Kept) -> Fact:
    return Fact(entry.id, entry.question, entry.answer, 0.0, entry.url)


def _popular(facts: Mapping[str, Fact], places: Mapping[str, tuple[int, str]]) -> tuple[str, ...]:
    first = nsmallest(MOST_NEAREST, places, key=places.__getitem__)
    return tuple(facts[entry_id].question for entry_id in first)
