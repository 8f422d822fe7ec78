"""Group commit: concurrent calls of one kind share one transaction.

A commit waits for the disk (SQLite, ``synchronous=FULL``) or the server; while one is on its way, the calls that come
in queue up and go together in the next. One statement then serves many rows, and one flush many visitors.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import Database, Unreachable

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

GATHER = 0.01  # s that a busy stream of calls is let gather on SQLite, where each commit waits for the disk and each
# statement for another thread: without it groups are small, and so dear, just when the load is moderate
MOST = 100  # calls in one transaction: bounds how long its row locks are held


class GroupCommit(Generic[Item, Outcome]):
    """Await an instance with an item: it returns once the transaction that holds the item is committed.

    ``apply`` is given the items in the order in which they came and returns one outcome for each. Should it raise, each
    item is tried again in a transaction of its own, so that no caller pays for another's broken item.
    """

    def __init__(
        self,
        db: Database,
        apply: Callable[[AsyncSession, Sequence[Item]], Awaitable[Sequence[Outcome]]],
        most: int = MOST,
    ) -> None:
        self._db, self._apply, self._most = db, apply, most
        self._queue: deque[tuple[Item, asyncio.Future[Outcome]]] = deque()
        self._runner: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Outcome:
        """The outcome of ``item``, committed. Raises what ``apply`` raised for it alone, or :class:`Unreachable`."""
        done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._queue.append((item, done))
        if self._runner is None:
            self._runner = asyncio.create_task(self._run())
        return await done

    async def _run(self) -> None:
        try:
            while self._queue:
                batch = [self._queue.popleft() for _ in range(min(self._most, len(self._queue)))]
                try:
                    await self._commit(batch)
                except Exception as failed:
                    await self._apart(batch, failed)
                if self._db.is_sqlite and 1 < len(batch) < self._most:
                    await asyncio.sleep(GATHER)
        finally:
            self._runner = None

    async def _apart(self, batch: list[tuple[Item, asyncio.Future[Outcome]]], failed: Exception) -> None:
        if len(batch) == 1 or isinstance(failed, Unreachable):
            for _, done in batch:
                if not done.done():
                    done.set_exception(failed)
            return
        for single in batch:
            try:
                await self._commit([single])
            except Exception as alone:
                if not single[1].done():
                    single[1].set_exception(alone)

    async def _commit(self, batch: list[tuple[Item, asyncio.Future[Outcome]]]) -> None:
        async with self._db.write() as session:
            outcomes = await self._apply(session, [item for item, _ in batch])
        for (_, done), outcome in zip(batch, outcomes, strict=True):
            if not done.done():
                done.set_result(outcome)
