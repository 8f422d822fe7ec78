"""A client that keeps up by itself: it reads in the background and joins again where the wire says so."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from websockets.exceptions import ConnectionClosed

from tests.wire import SECONDS, Client, Frame, Replica, fresh_id

T = TypeVar("T")


class Follower:
    """A visitor, or with ``room`` an agent who watches it. Its ``replica`` may be one that was left behind before."""

    def __init__(
        self, client: Client, *, replica: Replica | None = None, room: str | None = None, token: str = ""
    ) -> None:
        self.replica = replica or Replica()
        self.frames: list[Frame] = []
        self.token = token
        self._client, self._room = client, room
        self._head = 0
        self._joining = False
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        self._task = asyncio.create_task(self._read())
        await self.join()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._client.__aexit__(kind, error, trace)

    @property
    def room(self) -> str:
        return str(self._of("room.joined")[0]["room"])

    @property
    def live(self) -> list[Frame]:
        """The lasting events heard, in order."""
        lasting = [f for f in self.frames if isinstance(f.get("room"), str) and "revision" in f]
        return [f for f in lasting if f["type"] not in ("room.joined", "pulse")]

    async def join(self) -> None:
        count = len(self._of("room.joined"))
        await self._ask_to_join()
        await self.when(lambda: len(self._of("room.joined")) > count)
        self.token = self._of("room.joined")[0].get("token") or self.token

    async def say(self, type: str, **fields: Any) -> None:
        await self._client.say(type, **fields)

    async def ask(self, type: str, **fields: Any) -> Frame:
        """Send a command; its ``ok`` or ``error``."""
        ref = fresh_id()
        await self.say(type, ref=ref, **fields)
        return await self.when(lambda: next((f for f in self.frames if f.get("ref") == ref), None))

    async def send(self, text: str, **fields: Any) -> Frame:
        return await self.ask("message.send", client_id=fresh_id(), text=text, **fields)

    async def when(self, true: Callable[[], T | None], seconds: float = SECONDS) -> T:
        """What ``true`` gives once that is something, asked again after every frame."""
        async with asyncio.timeout(seconds):
            while not (found := true()):
                self._changed.clear()
                await self._changed.wait()
            return found

    def _of(self, type: str) -> list[Frame]:
        return [frame for frame in self.frames if frame["type"] == type]

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                frame: Frame = json.loads(await self._client.ws.recv())
                self.frames.append(frame)
                await self._take(frame)
                self._changed.set()

    async def _take(self, frame: Frame) -> None:
        self.replica.apply(frame)
        if frame["type"] == "room.joined":
            self._joining = False
            self._head = frame["revision"] if frame["reset"] else max(self._head, frame["revision"])
        elif frame.get("room") and "revision" in frame:
            self._head = max(self._head, frame["revision"])
        if (self.replica.gap or self._head > self.replica.have) and not self._joining:
            await self._ask_to_join()

    async def _ask_to_join(self) -> None:
        self._joining = True
        if self._room is not None:
            await self.say("room.watch", room=self._room, after=self.replica.have)
        else:
            token = {"token": self.token} if self.token else {}
            await self.say("room.join", after=self.replica.have, **token)
