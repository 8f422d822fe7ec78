"""The visitor's and the agent's socket: doors, read, one ``on_*`` method a command.

A socket is one task that reads; what goes out passes its bounded outbox. Each command is finished before the next one
is read, so a flood meets back-pressure, and acknowledged means committed.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import JSONResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from engine import codec, phrases, snapshots
from engine import protocol as wire
from engine.answers import Refusal, Taken
from engine.bus import room_channel
from engine.codec import Malformed, encode
from engine.db import Unreachable
from engine.doors import NotFound
from engine.languages import DEFAULT
from engine.locked import Post
from engine.outbox import Outbox
from engine.streams import Streams

log = logging.getLogger(__name__)

FIRST_FRAME = 10  # s for the first frame (R14)
TYPING_EVERY = 1.0  # s between two typing events of one socket that are passed on
NOT_YOURS = ("not_yours", "This chat is not yours just now. Claim it first.")  # only agents meet it
BAD_FRAMES = 20  # frames in a row that are no command before the socket is closed


class Connection(ABC):
    """What both kinds of socket share: accepting, reading, answering, closing with a reason."""

    def __init__(self, ws: WebSocket, streams: Streams) -> None:
        self.ws, self.streams, self.engine = ws, streams, streams.engine
        self.outbox = Outbox(_Wire(ws))
        self.channels: dict[str, None] = {}
        self.language = DEFAULT
        self._typed = 0.0

    async def serve(self) -> None:
        """Read commands until the peer goes, and leave nothing behind."""
        offered = self.ws.scope.get("subprotocols", [])
        await self.ws.accept(subprotocol=wire.VERSION if wire.VERSION in offered else None)
        self.engine.sockets.add(self)
        try:
            await self._read()
        except WebSocketDisconnect:
            pass
        finally:
            self.engine.sockets.discard(self)
            self.outbox.close()
            for channel in self.channels:
                self.engine.bus.unsubscribe(channel, self.outbox)

    async def _read(self) -> None:
        bad = 0
        try:
            async with asyncio.timeout(FIRST_FRAME):
                frame = await self._frame()
        except TimeoutError:
            await self.ws.close(1008, "nothing was sent within 10 s")
            return
        while True:
            bad = 0 if await self._handle(frame) else bad + 1
            if bad >= BAD_FRAMES:
                await self.ws.close(1008, "too many frames that are no command")
                return
            frame = await self._frame()

    async def _frame(self) -> str:
        message = await self.ws.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        text = message.get("text")
        return text if text is not None else "\0"  # a binary frame is no JSON

    async def _handle(self, frame: str) -> bool:
        try:
            command = self.decode(frame)
        except Malformed as wrong:
            self.error(wrong.code, wrong.message, wrong.ref)
            return False
        try:
            await self.obey(command)
        except Unreachable:
            client_id = getattr(command, "client_id", None)
            self.error("unavailable", self.said("unavailable"), command.ref, retry_after=2, client_id=client_id)
        except NotFound:
            self.error("not_found", self.said("no_room"), command.ref)
        except Exception:
            log.exception("%s failed", type(command).__name__)
            client_id = getattr(command, "client_id", None)
            self.error("internal", self.said("internal"), command.ref, None, client_id)
        return True

    @abstractmethod
    def decode(self, frame: str) -> Any:
        """The command in ``frame``; raises :class:`engine.codec.Malformed`."""

    @abstractmethod
    async def obey(self, command: Any) -> None:
        """Do what ``command`` says, and answer it."""

    def send(self, event: wire.Event) -> None:
        self.outbox.put(encode(event))

    def done(self, ref: str | None) -> None:
        """The ``ok`` of a command that is often sent and seldom waited for: only who names a ``ref`` gets one."""
        if ref is not None:
            self.send(wire.Ok(ref=ref))

    def error(
        self,
        code: str,
        message: str,
        ref: str | None = None,
        retry_after: int | None = None,
        client_id: str | None = None,
    ) -> None:
        self.send(wire.Error(code=code, message=message, ref=ref, retry_after=retry_after, client_id=client_id))

    def said(self, key: str, **values: int) -> str:
        """A sentence of ours in the language of who reads it."""
        return phrases.say(key, self.language, **values)

    def refusal(self, why: Refusal) -> tuple[str, str]:
        """The code and the sentence of a message that was not taken."""
        match why:
            case "conflict":
                return "conflict", self.said("conflict")
            case "not_yours":
                return NOT_YOURS
            case "no_file":
                return "no_file", self.said("no_file")
            case "unknown_room":
                return "not_found", self.said("no_room")

    async def follow(self, channel: str) -> None:
        if channel not in self.channels:
            self.channels[channel] = None
            await self.engine.bus.subscribe(channel, self.outbox)

    def unfollow(self, channel: str) -> None:
        if channel in self.channels:
            del self.channels[channel]
            self.engine.bus.unsubscribe(channel, self.outbox)

    async def join(
        self,
        room_id: str,
        after: int,
        bot: wire.BotView,
        token: str | None,
        ref: str | None,
        *,
        identified: bool = False,
    ) -> None:
        """Subscribe first, then read: nothing can fall between the two; the draft last, because a piece that comes
        while the rows are read finds a client that does not know its answer yet. After a long absence the way back is
        sent in several frames, none of which the outbox could not hold."""
        await self.follow(room_channel(room_id))
        while True:
            async with self.engine.db.read() as session:
                found = await snapshots.since(session, room_id, after)
            draft = await self.engine.bus.draft(room_id)
            current = draft and found.answer_id == draft.answer_id
            joined = wire.RoomJoined(
                room=room_id,
                revision=found.revision,
                mode=found.state.mode,
                agent=found.state.agent,
                state=found.state,
                messages=found.messages,
                bot=bot,
                token=token,
                draft=draft.text if draft and current else "" if found.answer_id else None,
                reset=found.reset,
                more=found.more,
                panel=self.engine.widget.version(),
                identified=identified,
                ref=ref,
            )
            self.send(joined)
            if found.revision >= found.head:
                return
            after = found.revision
            await self.outbox.flushed()

    async def post(self, command: wire.MessageSend, post: Post) -> None:
        taken = await self.streams.take(post)
        if taken.refused:
            code, said = self.refusal(taken.refused)
            self.error(code, said, command.ref, None, command.client_id)
        else:
            self.send(_stored(command, taken))

    def checked(self, command: wire.MessageSend) -> str | None:
        """The text as it will be stored; None when it cannot be, and the sender was told why."""
        text = codec.clean(command.text)
        if not text and not command.files:
            self.error("empty", self.said("empty"), command.ref, None, command.client_id)
            return None
        if len(text) > wire.TEXT_LIMIT:
            said = self.said("too_long", most=wire.TEXT_LIMIT, count=len(text))
            self.error("too_long", said, command.ref, None, command.client_id)
            return None
        return text

    def typing(self, room_id: str, author: wire.Author, on: bool, name: str | None = None) -> None:
        now = asyncio.get_running_loop().time()
        if on and now - self._typed < TYPING_EVERY:
            return
        self._typed = now if on else 0.0
        event = wire.TypingChanged(room=room_id, author=author, on=on, name=name)
        self.engine.bus.publish(room_channel(room_id), encode(event))


class _Wire:
    """The socket's writing end: straight to the protocol where it is ours, through ASGI elsewhere (tests)."""

    def __init__(self, ws: WebSocket) -> None:
        ours: Mapping[str, Any] = ws.scope.get("extensions", {}).get("frontdesk", {})
        self._ws, self._write, self._send, self._abort = ws, ours.get("write"), ours.get("send"), ours.get("abort")

    def write(self, frame: str) -> bool:
        return self._write is not None and self._write(frame)

    async def send(self, frames: list[str]) -> None:
        if self._send is not None:
            await self._send(frames)
            return
        for frame in frames:
            await self._ws.send_text(frame)

    def abort(self) -> None:
        if self._abort is not None:
            self._abort()


async def refuse(ws: WebSocket, status: int, code: str, message: str) -> None:
    response = JSONResponse({"error": {"code": code, "message": message}}, status, {"Cache-Control": "no-store"})
    await ws.send_denial_response(response)


def named(origin: str | None) -> str:
    return "a page without an origin" if not origin or not urlsplit(origin).hostname else origin[:200]


def _stored(command: wire.MessageSend, taken: Taken) -> wire.Ok:
    return wire.Ok(ref=command.ref, revision=taken.revision, client_id=command.client_id, message_id=taken.message_id)
