"""What is made of one question: which entries may answer, how probably, and so who speaks."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine import snapshots
from engine.db import Database
from engine.ports import Ask, Band, Fact
from knowledge import followups, ranking
from knowledge.calibration import band_of, probability
from knowledge.ranking import Ranking
from knowledge.shelf import Shelf
from knowledge.shelves import Shelves

HISTORY = 8  # messages looked back at for what a question leans on


@dataclass(frozen=True, slots=True)
class Judged:
    """How a question was read. ``text``: as it was ranked, with what it leans on; ``facts``: the candidates in order,
    their scores and likeness in ``ranking``; ``confidence``: how probably the first is right; ``semantic``: meaning
    counted, not words alone; ``related``: questions near enough to be offered, ``popular``: those to offer instead."""

    text: str
    ranking: Ranking
    facts: tuple[Fact, ...]
    confidence: float
    band: Band
    caution: int
    semantic: bool
    related: tuple[str, ...]
    popular: tuple[str, ...]


class Judge:
    """Judges questions on the shelves of this process."""

    def __init__(self, shelves: Shelves | None = None) -> None:
        self.shelves = shelves or Shelves()

    async def judged(self, db: Database, ask: Ask, earlier: Sequence[str] | None = None) -> Judged:
        """``ask`` judged, only ever by its domain in its workspace (R20). ``earlier``: the visitor's questions before
        it, newest first, where it is not of a room."""
        shelf = await self.shelves.get(db, ask.workspace_id, ask.domain_id, ask.version)
        text = ask.text
        if followups.leans(text):
            before = await _before(db, ask) if earlier is None else earlier
            text = followups.joined(text, before)
        alone = await self._ranked(shelf, ask.text)
        if text == ask.text:
            return _judged(shelf, text, *alone)
        together, semantic = await self._ranked(shelf, text)
        return _judged(shelf, text, followups.combined(ask.text, alone[0], together), semantic and alone[1])

    async def _ranked(self, shelf: Shelf, text: str) -> tuple[Ranking, bool]:
        asker, vectors = self.shelves.askers.get(shelf.used.embeddings), shelf.index.vectors
        vector = await asker.vector(text, shelf.model) if asker and vectors is not None and shelf.model else None
        semantic = vector is not None and vectors is not None and vectors.takes(vector)
        return ranking.rank(shelf.index, text, vector if semantic else None), semantic


def _judged(shelf: Shelf, text: str, found: Ranking, semantic: bool) -> Judged:
    confidence = probability(shelf.calibration(semantic=semantic), found)
    band = band_of(confidence, shelf.used.caution)
    rest = found.candidates[1:] if band is Band.SURE else found.candidates
    return Judged(
        text,
        found,
        tuple(shelf.fact(candidate) for candidate in found.candidates),
        confidence,
        band,
        shelf.used.caution,
        semantic,
        shelf.related(rest, semantic=semantic),
        shelf.popular,
    )


async def _before(db: Database, ask: Ask) -> list[str]:
    """What the visitor asked before, newest first."""
    if ask.room_id is None:
        return []
    async with db.read() as session:
        said = await snapshots.history(session, ask.room_id, ask.position, HISTORY)
    asked = [message.text for message in said if message.author == "visitor" and message.text]
    if asked and asked[-1] in ask.text:
        asked.pop()  # the question itself
    return asked[::-1]
