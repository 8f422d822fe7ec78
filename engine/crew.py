"""Tasks that outlive the socket that started them: answers, sweeps, heartbeats."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Collection, Coroutine
from typing import Any

log = logging.getLogger(__name__)


CLOSING = 4.0  # s for a cancelled answer to store what was delivered of it


class Crew:
    """Holds its tasks until they end, and logs those that fail. ``drain`` waits for the one-off tasks, then stops
    everything."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._rounds: set[asyncio.Task[None]] = set()
        self._last: set[asyncio.Task[None]] = set()
        self._rest, self._rest_last = asyncio.Event(), asyncio.Event()  # set: no round begins again

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run ``work`` on its own."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def every(
        self, seconds: float, work: Callable[[], Awaitable[None]], name: str, *, to_the_last: bool = False
    ) -> None:
        """Run ``work`` about every ``seconds`` (±10 %, so that nodes do not step in time), the first time at once.
        ``to_the_last``: a drain ends it only after the one-off tasks, which need it."""
        rounds, rest = (self._last, self._rest_last) if to_the_last else (self._rounds, self._rest)
        rounds.add(asyncio.create_task(_repeat(rest, seconds, work, name), name=name))

    async def drain(self, seconds: float) -> None:
        """Let the one-off tasks end by themselves for ``seconds``, then cancel what is left; what the cancelled ones
        start in order to close properly gets ``CLOSING`` seconds more. A round that is at work may finish, for
        ``CLOSING`` seconds at most: cut off inside a statement it would leave a connection behind."""
        await _rested(self._rounds, self._rest, min(seconds, CLOSING))
        deadline = asyncio.get_running_loop().time() + seconds
        while self._tasks and (left := deadline - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(tuple(self._tasks), timeout=left)  # again: one that ends may have started another
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=CLOSING)
        await _end(self._tasks)
        await _rested(self._last, self._rest_last, CLOSING)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failed := task.exception()) is not None:
            log.error("%s failed", task.get_name(), exc_info=failed)


async def _repeat(rest: asyncio.Event, seconds: float, work: Callable[[], Awaitable[None]], name: str) -> None:
    while not rest.is_set():
        try:
            await work()
        except Exception as failed:
            log.warning("%s failed: %s", name, failed, exc_info=log.isEnabledFor(logging.DEBUG))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds * random.uniform(0.9, 1.1)):
                await rest.wait()


async def _rested(rounds: Collection[asyncio.Task[None]], rest: asyncio.Event, seconds: float) -> None:
    rest.set()
    if rounds:
        await asyncio.wait(rounds, timeout=seconds)
    await _end(rounds)


async def _end(tasks: Collection[asyncio.Task[None]]) -> None:
    ending = tuple(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)
