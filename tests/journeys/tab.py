"""A tab as the widget and the desk are one: it comes back by itself, resends what was not acknowledged, and joins
again when it sees a gap."""

import asyncio
import contextlib
import random
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.wire import Client, Frame, Replica, fresh_id

GONE = (OSError, ConnectionClosed, InvalidHandshake, EOFError)
RETRY = 0.3  # s after which a message that could not be stored is sent again
LONG = 30.0  # s to wait for what must come, on a busy machine


class Tab:
    """``pending``: sent, not acknowledged; ``acked``: client id to revision; ``closes``: the codes it was closed with.

    ``dial`` gives a fresh socket, to whichever node is to be had; ``room`` is named by agents only.
    """

    def __init__(self, dial: Callable[[], Client], *, token: str | None = None, room: str | None = None) -> None:
        self.replica = Replica()
        self.pending: dict[str, str] = {}
        self.sent: dict[str, str] = {}
        self.acked: dict[str, int] = {}
        self.errors: list[Frame] = []
        self.closes: list[int] = []
        self.transient: list[Frame] = []  # what lasts not: deltas, typing, presence
        self.token, self.room = token, room
        self.joined = False
        self._dial, self._agent = dial, room is not None
        self._client: Client | None = None
        self._head = 0
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._resends: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._live())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        tasks = [self._task, *self._resends]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def post(self, text: str) -> str:
        """Send a message, now or once there is a connection; its client id."""
        client_id = fresh_id()
        self.pending[client_id] = self.sent[client_id] = text
        if self.joined:
            await self._send(client_id)
        return client_id

    async def say(self, type: str, **fields: Any) -> None:
        """A command that is not repeated if it is lost."""
        assert self._client is not None
        await self._client.say(type, **(self._named | fields))

    async def until(self, wanted: Callable[[], bool], seconds: float = LONG) -> None:
        """Return once ``wanted`` is true; it is looked at after each frame."""
        assert self._task is not None
        try:
            async with asyncio.timeout(seconds):
                while not wanted():
                    if self._task.done():
                        self._task.result()
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"not within {seconds} s; {self}") from None

    @property
    def author(self) -> str:
        return "agent" if self._agent else "visitor"

    @property
    def settled(self) -> bool:
        """Everything sent is acknowledged and, where the bot speaks, answered; no answer is being written as far as
        this tab knows."""
        quiet = self.joined and not self.pending and not self.replica.gap and not self.streaming
        return quiet and not (self.replica.state.get("mode") == "bot" and self._asking)

    @property
    def _asking(self) -> bool:
        """The last word is the visitor's: an answer that was cut may be followed by the one to what was asked since."""
        said = self.replica.transcript()
        return bool(said) and said[-1]["author"] == "visitor"

    @property
    def streaming(self) -> Frame | None:
        """The answer that is being written."""
        writing = [m for m in self.replica.messages.values() if m["state"] == "streaming"]
        return writing[0] if writing else None

    def texts(self, author: str) -> list[str]:
        return [message["text"] for message in self.replica.transcript() if message["author"] == author]

    def __str__(self) -> str:
        said = [(m["author"], m["state"], m["text"][:40]) for m in self.replica.transcript()[-6:]]
        return f"joined {self.joined}, have {self.replica.have}, head {self._head}, pending {self.pending}, {said}"

    @property
    def _named(self) -> dict[str, str]:
        return {"room": self.room} if self._agent and self.room else {}

    async def _live(self) -> None:
        while True:
            try:
                async with self._dial() as self._client:
                    await self._join()
                    while True:
                        await self._take(await self._client.hear(90))
            except ConnectionClosed as closed:
                self.closes.append(closed.rcvd.code if closed.rcvd else 1006)
            except GONE:
                pass
            finally:
                self.joined, self._client = False, None
                self._changed.set()
            await asyncio.sleep(random.uniform(0.02, 0.1))

    async def _join(self) -> None:
        assert self._client is not None
        self.joined = False
        after = self.replica.have
        if self._agent:
            await self._client.say("desk.join", after=0)
            await self._client.say("room.watch", room=self.room, after=after)
        else:
            await self._client.say("room.join", after=after, token=self.token)

    async def _take(self, frame: Frame) -> None:
        kind = frame["type"]
        if isinstance(frame.get("room"), str) and "revision" in frame:
            self._head = max(self._head, frame["revision"])
        if kind in ("answer.delta", "typing.changed", "presence.changed"):
            self.transient.append(frame)
        if kind == "ok" and frame.get("client_id"):
            self.acked[frame["client_id"]] = frame["revision"]
            self.pending.pop(frame["client_id"], None)
        if kind == "error":
            self.errors.append(frame)
            if frame["code"] == "unavailable" and frame.get("client_id") in self.pending:
                self._resends.add(asyncio.create_task(self._resend(frame["client_id"])))
        self.replica.apply(frame)
        if kind == "room.joined":
            self.room, self.token, self.joined = frame["room"], frame["token"] or self.token, True
            for client_id in list(self.pending):
                await self._send(client_id)
        if self.joined and (self.replica.gap or self.replica.have < self._head):
            await self._join()
        self._changed.set()

    async def _resend(self, client_id: str) -> None:
        await asyncio.sleep(RETRY)
        if self.joined and client_id in self.pending:
            await self._send(client_id)

    async def _send(self, client_id: str) -> None:
        with contextlib.suppress(*GONE):
            assert self._client is not None
            await self._client.say("message.send", client_id=client_id, text=self.pending[client_id], **self._named)
