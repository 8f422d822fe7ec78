"""The domains that this process was asked about, each ready to be asked again.

A shelf is what one domain knew at a version. Asked for a later one it is brought there by what changed since, entry by
entry; learning everything anew (the regression, the idf, how sure it is) happens in the background, and is put in its
place at once. The shelves together keep within a bound of bytes: the one unused for longest goes first.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import Database, Unreachable
from engine.models import Domain
from engine.ports import Fact
from knowledge import catching_up, ranking, vectors
from knowledge.calibration import Calibration, calibrate, is_related
from knowledge.embedding import Asker
from knowledge.models import Entry, Example, KnowledgeSettings, Removal
from knowledge.ranking import Candidate, Document, Index

log = logging.getLogger(__name__)

MOST_DOMAINS = 1_000  # kept at a time, whatever they weigh
QUICK = 40  # phrasings: what is made ready in under 5 ms is made on the spot, the rest in a thread
MOST_CHANGED = 2_000  # entries that changed since: with more, reading everything is quicker
WORTH_LEARNING = 0.02  # of a large base's phrasings changed: only then is everything learnt anew
MOST_APPROVED = 500  # labelled chats that calibration looks at
MOST_NEAREST = 3  # questions that are offered
AT_ONCE = 1_000  # entries read before others have their turn
TEXT_BYTES = 120  # of a fact beside its characters

Key = tuple[str, str]  # workspace and domain: an ask that pairs them wrongly finds nothing (R10, R20)


class Kept(NamedTuple):
    """What of an :class:`~knowledge.models.Entry` a shelf is made of."""

    id: str
    question: str
    alternatives: list[str]
    answer: str
    url: str | None
    locale: str
    position: int
    active: bool


@dataclass(frozen=True, slots=True)
class Used:
    """How the domain's owner wants its knowledge used: see :class:`~knowledge.models.KnowledgeSettings`."""

    caution: int = 50
    embeddings: str = "off"


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


class Shelves:
    """The shelves of this process. ``most``: bytes they may take together; ``askers``: by the domain's choice (local,
    endpoint) who makes the vectors that its phrasings should have."""

    def __init__(self, most: int = 512 * 1024 * 1024, askers: Mapping[str, Asker] | None = None) -> None:
        self.most = most
        self.askers = dict(askers or {})
        self._kept: OrderedDict[Key, Shelf] = OrderedDict()
        self._sizes: dict[Key, int] = {}
        self._loading: dict[Key, asyncio.Task[Shelf]] = {}
        self._learning: dict[Key, asyncio.Task[None]] = {}

    async def get(self, db: Database, workspace_id: str, domain_id: str, version: int) -> Shelf:
        """The domain's shelf as of ``version`` or later; an empty one for a pair that does not exist."""
        key = (workspace_id, domain_id)
        shelf = self._kept.get(key)
        if shelf is not None and shelf.version >= version:
            self._kept.move_to_end(key)
            return shelf
        shelf = await self._load_once(db, key)
        # What another caller had begun to load before this version was written is one load too old.
        return shelf if shelf.version >= version else await self._load_once(db, key)

    def held(self) -> int:
        """Bytes of all shelves."""
        return sum(self._sizes.values())

    async def settled(self) -> None:
        """Wait until nothing is being learnt in the background."""
        loop = asyncio.get_running_loop()
        while running := [task for task in self._learning.values() if task.get_loop() is loop and not task.done()]:
            await asyncio.wait(running)

    async def _load_once(self, db: Database, key: Key) -> Shelf:
        task = self._loading.get(key)
        if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
            task = self._loading[key] = db.behind(self._load(db, key), f"load {key[1]}")
        return await asyncio.shield(task)

    async def _load(self, db: Database, key: Key) -> Shelf:
        try:
            before = self._kept.get(key)
            shelf = await self._advanced(db, key, before) if before is not None else None
            shelf = shelf or await self._fresh(db, key)
            self._keep(key, shelf)
            self._learn_later(db, key, shelf)
            if shelf.lacking:
                await self._ask_for_vectors(db, key)
            return shelf
        finally:
            self._loading.pop(key, None)

    async def _fresh(self, db: Database, key: Key) -> Shelf:
        async with db.read() as session:
            _, used = await _head(session, key)
        model = await self._model(used)
        async with db.read() as session:
            version, used = await _head(session, key)
            found = await _entries(session, key) if version else []
            approved = await _approved(session, key) if version else []
            texts = [*_phrasings(found), *(text for text, _ in approved)]
            known = await vectors.stored(session, key[0], model, texts) if model else {}
        phrasings = sum(1 + len(entry.alternatives) for entry in found)
        blank = Shelf(version, ranking.build([]), calibrate(ranking.build([])), None, {}, {}, used, model)
        if phrasings <= QUICK:
            return _made(blank, found, known, approved)
        return await asyncio.to_thread(_made, blank, found, known, approved)

    async def _advanced(self, db: Database, key: Key, shelf: Shelf) -> Shelf | None:
        """``shelf`` at the domain's version of now, by what changed since its own; None where it must be read anew."""
        async with db.read() as session:
            version, used = await _head(session, key)
            if not version or used.embeddings != shelf.used.embeddings:
                return None
            found = await _entries(session, key, since=shelf.version)
            if len(found) > MOST_CHANGED:
                return None
            gone = await _removed(session, key, shelf.version)
            known = await vectors.stored(session, key[0], shelf.model, _phrasings(found)) if shelf.model else {}
        changed = gone | {entry.id for entry in found}
        active = [entry for entry in found if entry.active]
        documents = [_document(entry, known, shelf.model) for entry in active]
        dropped = changed & shelf.facts.keys()
        index = shelf.index
        if documents or dropped:
            if sum(len(document.phrasings) for document in documents) <= QUICK:
                index = ranking.changed(index, documents, dropped)
            else:
                index = await asyncio.to_thread(ranking.changed, index, documents, dropped)
        facts = {i: fact for i, fact in shelf.facts.items() if i not in dropped} if dropped else dict(shelf.facts)
        places = {i: place for i, place in shelf.places.items() if i not in dropped} if dropped else dict(shelf.places)
        for entry in active:
            facts[entry.id], places[entry.id] = _fact(entry), (entry.position, entry.id)
        lacking = shelf.lacking or any(_lacks(document, shelf.model) for document in documents)
        if index.vectors is not None and shelf.semantic is None:
            return None  # scores by meaning need thresholds of their own
        return replace(
            shelf,
            version=version,
            index=index,
            facts=facts,
            places=places,
            popular=_popular(facts, places),
            used=used,
            lacking=lacking,
        )

    async def _model(self, used: Used) -> str | None:
        asker = self.askers.get(used.embeddings)
        embedder = await asker.maker() if asker is not None else None
        return embedder.model if embedder is not None else None

    async def _ask_for_vectors(self, db: Database, key: Key) -> None:
        try:
            async with db.write() as session:
                await catching_up.ask_for(session, *key)
        except Unreachable:
            log.warning("domain %s: its vectors are asked for with the next change", key[1])

    def _learn_later(self, db: Database, key: Key, shelf: Shelf) -> None:
        size = len(shelf.index.owners)
        due = shelf.index.stale and (size <= ranking.SMALL or shelf.index.stale >= WORTH_LEARNING * size)
        running = self._learning.get(key)
        if not due or (running and not running.done() and running.get_loop() is asyncio.get_running_loop()):
            return
        self._learning[key] = db.behind(self._learn(db, key), f"learn {key[1]}")

    async def _learn(self, db: Database, key: Key) -> None:
        """Read and learn everything anew, and put it in the place of what was mended; again if that changed meanwhile.
        Nobody waits for it, so what goes wrong is told in the log and tried again with the next change."""
        try:
            while (before := self._kept.get(key)) is not None and before.index.stale:
                learnt = await self._fresh(db, key)
                current = self._kept.get(key)
                if current is None:
                    return
                if current.version > learnt.version:
                    learnt = await self._advanced(db, key, learnt) or learnt
                if learnt.version >= current.version:
                    self._keep(key, learnt)
        except Exception:
            log.exception("domain %s was not learnt anew", key[1])
        finally:
            self._learning.pop(key, None)

    def _keep(self, key: Key, shelf: Shelf) -> None:
        self._kept[key] = shelf
        self._kept.move_to_end(key)
        self._sizes[key] = shelf.nbytes
        while len(self._kept) > 1 and (len(self._kept) > MOST_DOMAINS or self.held() > self.most):
            dropped, _ = self._kept.popitem(last=False)
            del self._sizes[dropped]


async def _head(session: AsyncSession, key: Key) -> tuple[int, Used]:
    """The version first, then the entries: what is written in between makes the entries newer than their version,
    never older, whether or not the database gives the two reads one snapshot. 0 where there is no such domain."""
    workspace_id, domain_id = key
    version = await session.scalar(
        select(Domain.knowledge_version).where(Domain.id == domain_id, Domain.workspace_id == workspace_id)
    )
    if version is None:
        return 0, Used()
    settings = await session.get(KnowledgeSettings, domain_id)
    return version, Used(settings.caution, settings.embeddings) if settings else Used()


async def _entries(session: AsyncSession, key: Key, since: int | None = None) -> list[Kept]:
    """The active entries in their order; with ``since`` those that changed after it, active or not. Some at a time, and
    no objects of the ORM: others have their turn while 100,000 are read."""
    columns = [getattr(Entry, name) for name in Kept._fields]
    query = select(*columns).where(Entry.workspace_id == key[0], Entry.domain_id == key[1])
    if since is None:
        query = query.where(Entry.active)
    else:
        query = query.where(Entry.version > since).limit(MOST_CHANGED + 1)
    found: list[Kept] = []
    rows = await session.stream(query.order_by(Entry.position, Entry.id))
    async for some in rows.partitions(AT_ONCE):
        found += map(Kept._make, some)
    return found


async def _removed(session: AsyncSession, key: Key, since: int) -> set[str]:
    query = select(Removal.entry_id).where(
        Removal.workspace_id == key[0], Removal.domain_id == key[1], Removal.version > since
    )
    return set(await session.scalars(query))


async def _approved(session: AsyncSession, key: Key) -> list[tuple[str, str | None]]:
    """Questions really asked whose right entry somebody named, the newest."""
    query = (
        select(Example.text, Example.entry_id)
        .where(Example.workspace_id == key[0], Example.domain_id == key[1], Example.source == "chat")
        .order_by(Example.created_at.desc(), Example.id)
        .limit(MOST_APPROVED)
    )
    return [(text, entry_id) for text, entry_id in (await session.execute(query)).all()]


def _made(
    blank: Shelf, found: Sequence[Kept], known: vectors.Known, approved: Sequence[tuple[str, str | None]]
) -> Shelf:
    locales = [entry.locale for entry in found] or ["en"]
    documents = [_document(entry, known, blank.model) for entry in found]
    index = ranking.build(documents, max(sorted(set(locales)), key=locales.count))
    # The approved questions' own vectors, where a run over the labelled ones has had them made.
    meant = {text: known[name] for text, _ in approved if (name := vectors.content_hash(text)) in known}
    facts = {entry.id: _fact(entry) for entry in found}
    places = {entry.id: (entry.position, entry.id) for entry in found}
    return replace(
        blank,
        index=index,
        lexical=calibrate(index, approved),
        semantic=calibrate(index, approved, semantic=True, vectors=meant) if index.vectors is not None else None,
        facts=facts,
        places=places,
        popular=_popular(facts, places),
        lacking=any(_lacks(document, blank.model) for document in documents),
    )


def _popular(facts: Mapping[str, Fact], places: Mapping[str, tuple[int, str]]) -> tuple[str, ...]:
    first = nsmallest(MOST_NEAREST, places, key=places.__getitem__)
    return tuple(facts[entry_id].question for entry_id in first)


def _phrasings(found: Sequence[Kept]) -> list[str]:
    return [phrasing for entry in found for phrasing in (entry.question, *entry.alternatives)]


def _document(entry: Kept, known: vectors.Known, model: str | None) -> Document:
    phrasings = (entry.question, *entry.alternatives)
    return Document(entry.id, phrasings, entry.answer, vectors.of(known, phrasings) if model else None)


def _lacks(document: Document, model: str | None) -> bool:
    return model is not None and document.vectors is None


def _fact(entry: Kept) -> Fact:
    return Fact(entry.id, entry.question, entry.answer, 0.0, entry.url)
