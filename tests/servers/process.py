"""The real product as a process of its own, as its owner starts it: to be drained, killed or frozen."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2

from .child import Child
from .parts import free_port

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = (sys.executable, "-m", "console")


class Node:
    """One process of Frontdesk, with `environment` and no other setting of this machine.

    `async with Node(folder, {"DATABASE_URL": url}) as node:` gives it ready, and ends it whatever happens.
    `folder` takes its data (DATA_DIR, unless given) and its log; nodes that share a database still have a
    `folder` each. `work` and other commands that serve no pages are given as `arguments`, and count as ready
    at once.
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        arguments: Sequence[str] = ("serve",),
        *,
        program: Sequence[str] = PRODUCT,
        seconds: float = 30,
    ) -> None:
        self.folder = folder
        self.arguments = tuple(arguments)
        self.seconds = seconds
        self._program = tuple(program)
        self.environment = _environment(folder, environment or {})
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>`, the same after a restart."""
        return f"http://{self.environment['HOST']}:{self.environment['PORT']}"

    @property
    def pid(self) -> int:
        return self._running().pid

    @property
    def code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._running().code

    def output(self) -> str:
        """All that the process printed, over all its starts."""
        return self._running().output()

    async def start(self) -> None:
        """Returns when `/readyz` answers 200. Raises NotReady, with what the process printed, otherwise."""
        self.folder.mkdir(parents=True, exist_ok=True)
        child = self._child = Child(
            [*self._program, *self.arguments],
            log=self.folder / "output.log",
            environment=self.environment,
            folder=ROOT,
        )
        if self.arguments[:1] != ("serve",):
            return
        deadline = time.monotonic() + self.seconds
        async with httpx2.AsyncClient(base_url=self.url, trust_env=False, timeout=2) as client:
            while not await _is_ready(client):
                child.check(deadline, self.seconds)
                await asyncio.sleep(0.02)

    async def terminate(self, seconds: float = 35) -> int:
        """SIGTERM, then waits for the drain (30 s at most) to end; returns the exit code."""
        return await self._end(signal.SIGTERM, seconds)

    async def kill(self) -> None:
        """SIGKILL: nothing is finished, flushed or said."""
        await self._end(signal.SIGKILL, 10)

    async def restart(self) -> None:
        """A kill and a new start with the same settings, port and data."""
        await self.kill()
        await self.start()

    def pause(self) -> None:
        """SIGSTOP: its sockets and locks stay, and nothing answers."""
        self._running().send(signal.SIGSTOP)

    def resume(self) -> None:
        self._running().send(signal.SIGCONT)

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            self._drop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._drop()

    async def _end(self, by: signal.Signals, seconds: float) -> int:
        # Not in this thread: proxies and fake servers of the test's own loop must go on answering meanwhile.
        return await asyncio.to_thread(self._running().end, by, seconds)

    def _drop(self) -> None:
        if self._child is not None:
            self._child.end(signal.SIGKILL)

    def _running(self) -> Child:
        assert self._child is not None, "the node was never started"
        return self._child


def _environment(folder: Path, given: Mapping[str, str]) -> dict[str, str]:
    own = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "DATA_DIR": str(folder / "data"),
        "HOST": "127.0.0.1",
        "PYTHONUNBUFFERED": "1",
    }
    return {**own, "PORT": str(free_port()), **given}


async def _is_ready(client: httpx2.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == 200
    except httpx2.TransportError:
        return False
