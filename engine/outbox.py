"""What is on its way to one socket: bounded, so that a reader who is slow costs nobody memory and time (R16)."""

import asyncio
import logging
from collections import deque
from typing import Protocol

log = logging.getLogger(__name__)

MOST_FRAMES = 256
MOST_BYTES = 1024 * 1024  # of queued text, in characters: frames are nearly all ASCII
SEND_SECONDS = 10  # a single send that takes longer means that nobody reads


class Wire(Protocol):
    """The connection's writing end."""

    def write(self, frame: str) -> bool:
        """Hand one frame to the network if that needs no waiting; False when it does, or the peer is gone."""

    async def send(self, frames: list[str]) -> None:
        """Hand frames to the network; waits while its buffer is full. Raises when the peer is gone."""

    def abort(self) -> None:
        """Drop the connection at once, unsent data and all."""


class Outbox:
    """A bounded queue with a writer that exists only while the network is busy.

    ``put`` never waits. Overflow, or a send that hangs, aborts the connection: the client comes back and resumes.
    """

    def __init__(self, wire: Wire, send_seconds: float = SEND_SECONDS) -> None:
        self._wire = wire
        self._send_seconds = send_seconds
        self._frames: deque[str] = deque()
        self._count = 0  # frames queued or under way, and their characters
        self._size = 0
        self._writer: asyncio.Task[None] | None = None
        self.cut = False

    def put(self, frame: str) -> None:
        if self.cut:
            return
        if self._writer is None and self._wire.write(frame):
            return
        self._frames.append(frame)
        self._count += 1
        self._size += len(frame)
        if self._count > MOST_FRAMES or self._size > MOST_BYTES:
            log.info("slow reader cut: %d frames, %d characters queued", self._count, self._size)
            self._cut()
        elif self._writer is None:
            self._writer = asyncio.create_task(self._write())

    async def flushed(self) -> None:
        """Return once everything queued so far was handed to the network, or the connection is cut."""
        if self._writer is not None:
            await asyncio.wait({self._writer})

    def close(self) -> None:
        """Take nothing more; what is queued is dropped."""
        self.cut = True
        self._frames.clear()
        if self._writer is not None:
            self._writer.cancel()

    async def _write(self) -> None:
        try:
            while self._frames:
                frames = list(self._frames)
                self._frames.clear()
                async with asyncio.timeout(self._send_seconds):
                    await self._wire.send(frames)
                self._count -= len(frames)
                self._size -= sum(map(len, frames))
        except TimeoutError:
            log.info("slow reader cut: a send took more than %.0f s", self._send_seconds)
            self._cut()
        except Exception:
            self.cut = True  # the peer is gone; its reader is told by its own receive
        finally:
            self._writer = None

    def _cut(self) -> None:
        self.cut = True
        self._frames.clear()
        self._wire.abort()
