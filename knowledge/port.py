"""This module IS the engine's ``Knowledge``: ``recall`` and ``file_gaps``.

Each process keeps the indexes of the domains it was asked about, each with the knowledge version it was built from.
A question carries the version its transaction read; an index older than that is rebuilt first, once, whoever else
waits, and away from the event loop where it takes long.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import Database
from engine.models import Domain
from engine.ports import Ask, Band, Fact, Missed, Recall
from knowledge import gaps
from knowledge.calibration import Calibration, band_of, calibrate, is_related, probability
from knowledge.models import Entry
from knowledge.ranking import Candidate, Document, Index, build, rank

MOST_DOMAINS = 256  # kept at a time; the one unused for longest goes first
MOST_PHRASINGS = 50_000  # kept at a time, in all: 11 KB each in small bases, so about 0.6 GB
QUICK = 40  # phrasings: what builds in under 5 ms is built on the spot, the rest in a thread
MOST_FACTS, MOST_NEAREST = 5, 3  # what a recall carries at most


async def recall(db: Database, ask: Ask) -> Recall:
    """The facts for ``ask``, only ever of its domain in its workspace (R20), as of its version or a later one.
    Sure: the one fact that is the answer. Between: up to five, best first. Unsure: none, but questions to offer."""
    shelf = await _shelf_of(db, ask)
    ranking = rank(shelf.index, ask.text)
    confidence = probability(shelf.calibration, ranking)
    found = band_of(confidence)
    shown = {Band.SURE: 1, Band.BETWEEN: MOST_FACTS, Band.UNSURE: 0}[found]
    facts = tuple(shelf.fact(candidate) for candidate in ranking.candidates[:shown])
    if found is Band.SURE:
        return Recall(found, facts, shelf.related(ranking.candidates[1:]), confidence)
    return Recall(found, facts, shelf.related(ranking.candidates) or shelf.popular, confidence)


async def file_gaps(session: AsyncSession, missed: Sequence[Missed]) -> None:
    """File what was not answered, in the caller's transaction; what is filed already is left alone."""
    await gaps.file_gaps(session, missed)


@dataclass(frozen=True, slots=True, eq=False)
class _Shelf:
    """One domain's knowledge as it was at ``version``, ready to be asked."""

    version: int
    index: Index
    calibration: Calibration
    facts: dict[str, Fact]
    popular: tuple[str, ...]

    def fact(self, candidate: Candidate) -> Fact:
        fact = self.facts[candidate.id]
        return Fact(fact.id, fact.question, fact.answer, candidate.score, fact.url)

    def related(self, candidates: Sequence[Candidate]) -> tuple[str, ...]:
        close = [c for c in candidates[:MOST_NEAREST] if is_related(self.calibration, c)]
        return tuple(dict.fromkeys(self.facts[c.id].question for c in close))


_Key = tuple[str, str]  # workspace and domain: an ask that pairs them wrongly finds nothing
_shelves: OrderedDict[_Key, _Shelf] = OrderedDict()
_loading: dict[_Key, asyncio.Task[_Shelf]] = {}


async def _shelf_of(db: Database, ask: Ask) -> _Shelf:
    key = (ask.workspace_id, ask.domain_id)
    shelf = _shelves.get(key)
    if shelf is not None and shelf.version >= ask.version:
        _shelves.move_to_end(key)
        return shelf
    shelf = await _load_once(db, key)
    # What another caller had begun to load before this question's version was written is one load too old.
    return shelf if shelf.version >= ask.version else await _load_once(db, key)


async def _load_once(db: Database, key: _Key) -> _Shelf:
    task = _loading.get(key)
    if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
        task = _loading[key] = asyncio.create_task(_load(db, key))
    return await asyncio.shield(task)


async def _load(db: Database, key: _Key) -> _Shelf:
    try:
        version, entries = await _read(db, key)
        phrasings = sum(1 + len(entry.alternatives) for entry in entries)
        made = asyncio.to_thread(_made, version, entries) if phrasings > QUICK else None
        shelf = await made if made is not None else _made(version, entries)
        _keep(key, shelf)
        return shelf
    finally:
        _loading.pop(key, None)


async def _read(db: Database, key: _Key) -> tuple[int, list[Entry]]:
    """The version first, then the entries: what is written in between makes the entries newer than their version,
    never older, whether or not the database gives the two reads one snapshot."""
    workspace_id, domain_id = key
    mine = (Entry.workspace_id == workspace_id, Entry.domain_id == domain_id, Entry.active)
    async with db.read() as session:
        version = await session.scalar(
            select(Domain.knowledge_version).where(Domain.id == domain_id, Domain.workspace_id == workspace_id)
        )
        if version is None:
            return 0, []
        found = await session.scalars(select(Entry).where(*mine).order_by(Entry.position, Entry.id))
        return version, list(found)


def _made(version: int, entries: Sequence[Entry]) -> _Shelf:
    documents = [Document(e.id, (e.question, *e.alternatives), e.answer) for e in entries]
    locales = [entry.locale for entry in entries] or ["en"]
    index = build(documents, max(sorted(set(locales)), key=locales.count))
    facts = {entry.id: Fact(entry.id, entry.question, entry.answer, 0.0, entry.url) for entry in entries}
    popular = tuple(entry.question for entry in entries[:MOST_NEAREST])
    return _Shelf(version, index, calibrate(index), facts, popular)


def _keep(key: _Key, shelf: _Shelf) -> None:
    _shelves[key] = shelf
    _shelves.move_to_end(key)
    held = sum(len(kept.index.owners) for kept in _shelves.values())
    while len(_shelves) > 1 and (len(_shelves) > MOST_DOMAINS or held > MOST_PHRASINGS):
        _, dropped = _shelves.popitem(last=False)
        held -= len(dropped.index.owners)
