"""Clients of the wire as a browser would be one: a raw one that says and hears frames, and the state they add up to."""

import asyncio
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect

Frame = dict[str, Any]
_numbers = itertools.count(1)

SECONDS = 10.0  # to wait for a frame that must come


def fresh_id() -> str:
    """A client id that no other message of this run has."""
    return f"client-{next(_numbers):08d}"


class Client:
    """One socket. ``heard`` holds every frame received so far, in order."""

    def __init__(self, url: str, *, origin: str | None, cookie: str | None = None) -> None:
        headers = {"Cookie": cookie} if cookie else {}
        self._connecting = connect(
            url,
            origin=origin,  # type: ignore[arg-type]
            subprotocols=["frontdesk.v1"],  # type: ignore[list-item]
            additional_headers=headers,
            compression=None,
            max_size=None,
            open_timeout=SECONDS,
        )
        self.ws: ClientConnection
        self.heard: list[Frame] = []
        self._seen = 0

    async def __aenter__(self) -> Self:
        self.ws = await self._connecting
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.ws.close()

    async def say(self, type: str, **fields: Any) -> None:
        """Send a command."""
        await self.ws.send(json.dumps({"type": type, **fields}))

    async def hear(self, seconds: float = SECONDS) -> Frame:
        """The next frame."""
        async with asyncio.timeout(seconds):
            frame: Frame = json.loads(await self.ws.recv())
        self.heard.append(frame)
        return frame

    async def until(self, wanted: str | Callable[[Frame], bool], seconds: float = SECONDS) -> Frame:
        """The next frame that is of type ``wanted`` (or for which it is true), reading past others."""
        async with asyncio.timeout(seconds):
            while True:
                frame = await self.hear(seconds)
                if frame["type"] == wanted if isinstance(wanted, str) else wanted(frame):
                    return frame

    async def ask(self, type: str, **fields: Any) -> Frame:
        """Send a command and return its ``ok``, ``error`` or joined frame."""
        ref = fresh_id()
        await self.say(type, ref=ref, **fields)
        return await self.until(lambda frame: frame.get("ref") == ref)

    async def join(self, after: int = 0, **fields: Any) -> Frame:
        return await self.ask("room.join", after=after, **fields)

    async def send(self, text: str, *, client_id: str | None = None, **fields: Any) -> Frame:
        """Post a message; its ``ok`` or ``error``."""
        return await self.ask("message.send", client_id=client_id or fresh_id(), text=text, **fields)

    async def quiet(self, seconds: float) -> list[Frame]:
        """Whatever comes within ``seconds``."""
        came: list[Frame] = []
        try:
            async with asyncio.timeout(seconds):
                while True:
                    came.append(await self.hear(seconds + 1))
        except TimeoutError:
            return came


@dataclass(slots=True)
class Replica:
    """What a client knows of a room: built from frames alone, by the rules of the wire. ``gap`` is set when an event
    came that does not follow on what it has; the client must join again with ``after=have``."""

    have: int = 0
    messages: dict[str, Frame] = field(default_factory=dict)
    state: Frame = field(default_factory=dict)
    gap: bool = False

    def apply(self, frame: Frame) -> None:
        kind = frame["type"]
        if kind == "room.joined":
            self._joined(frame)
        elif kind == "answer.delta":
            self._delta(frame)
        elif kind == "pulse":
            self.gap = self.gap or frame["revision"] > self.have
        elif "revision" in frame and "room" in frame and isinstance(frame["room"], str):
            self._event(frame)

    def transcript(self) -> list[Frame]:
        """The messages in order."""
        return sorted(self.messages.values(), key=lambda message: message["position"])

    def _joined(self, frame: Frame) -> None:
        if frame["reset"]:
            self.messages.clear()
        for message in frame["messages"]:
            self._put(message)
        for message in self.messages.values():
            if message["state"] == "streaming":
                message["text"] = frame["draft"] or ""
        self.have, self.state, self.gap = frame["revision"], frame["state"], False

    def _delta(self, frame: Frame) -> None:
        message = self.messages.get(frame["message_id"])
        if message is None or message["state"] != "streaming":
            return
        if frame["at"] > len(message["text"]):
            self.gap = True
            return
        message["text"] = message["text"][: frame["at"]] + frame["text"]

    def _event(self, frame: Frame) -> None:
        if frame["revision"] <= self.have or self.gap:
            return
        if frame["revision"] > self.have + 1:
            self.gap = True
            return
        self.have = frame["revision"]
        if "message" in frame:
            self._put(frame["message"])
        if "state" in frame and isinstance(frame["state"], dict):
            self.state = frame["state"]

    def _put(self, message: Frame) -> None:
        self.messages[message["id"]] = dict(message)
