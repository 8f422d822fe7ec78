"""Tasks that outlive the socket that started them: answers, sweeps, heartbeats."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)


CLOSING = 4.0  # s for a cancelled answer to store what was delivered of it


class Crew:
    """Holds its tasks until they end, and logs those that fail. ``drain`` waits for the one-off tasks, then stops
    everything."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._rounds: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run ``work`` on its own."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def every(self, seconds: float, work: Callable[[], Awaitable[None]], name: str) -> None:
        """Run ``work`` about every ``seconds`` (±10 %, so that nodes do not step in time), the first time at once."""
        task = asyncio.create_task(self._repeat(seconds, work, name), name=name)
        self._rounds.add(task)

    async def drain(self, seconds: float) -> None:
        """Let the one-off tasks end by themselves for ``seconds``, then cancel what is left and the rounds; what the
        cancelled ones start in order to close properly gets ``CLOSING`` seconds more."""
        for task in self._rounds:
            task.cancel()
        await asyncio.gather(*self._rounds, return_exceptions=True)
        for wait in (seconds, CLOSING):
            if self._tasks:
                await asyncio.wait(tuple(self._tasks), timeout=wait)
            for task in self._tasks:
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _repeat(self, seconds: float, work: Callable[[], Awaitable[None]], name: str) -> None:
        while True:
            try:
                await work()
            except Exception as failed:
                log.warning("%s failed: %s", name, failed, exc_info=log.isEnabledFor(logging.DEBUG))
            await asyncio.sleep(seconds * random.uniform(0.9, 1.1))

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failed := task.exception()) is not None:
            log.error("%s failed", task.get_name(), exc_info=failed)
