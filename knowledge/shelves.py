"""The domains that this process was asked about, each ready to be asked again.

A shelf is what one domain knew at a version. Asked for a later one it is brought there by what changed since, entry by
entry; learning everything anew (the regression, the idf, how sure it is) happens in the background, and is put in its
place at once. The shelves together keep within a bound of bytes: the one unused for longest goes first.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping

from engine.db import Database, Unreachable
from knowledge import ranking, stock
from knowledge.embeddings import catching_up, vectors
from knowledge.embeddings.embedding import Asker
from knowledge.shelf import Shelf, made, mended
from knowledge.stock import Key, Used

log = logging.getLogger(__name__)

MOST_DOMAINS = 1_000  # kept at a time, whatever they weigh
QUICK = 40  # phrasings: what is made ready in under 5 ms is made on the spot, the rest in a thread
WORTH_LEARNING = 0.02  # of a large base's phrasings changed: only then is everything learnt anew


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
            _, used = await stock.head(session, key)
        model = await self._model(used)
        async with db.read() as session:
            whole = await stock.whole(session, key)
            texts = [*stock.phrasings(whole.entries), *(text for text, _ in whole.approved)]
            known = await vectors.stored(session, key[0], model, texts) if model else {}
        if len(texts) <= QUICK:
            return made(whole, known, model)
        return await asyncio.to_thread(made, whole, known, model)

    async def _advanced(self, db: Database, key: Key, shelf: Shelf) -> Shelf | None:
        """``shelf`` at the domain's version of now, by what changed since its own; None where it must be read anew."""
        async with db.read() as session:
            changes = await stock.changes(session, key, shelf.version)
            if changes is None or changes.used.embeddings != shelf.used.embeddings:
                return None
            texts = stock.phrasings(changes.entries)
            known = await vectors.stored(session, key[0], shelf.model, texts) if shelf.model else {}
        if len(texts) <= QUICK:
            return mended(shelf, changes, known)
        return await asyncio.to_thread(mended, shelf, changes, known)

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
