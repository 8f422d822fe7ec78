"""Plain HTTP/1.1 by hand, for doubles that must be able to break every rule of it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any


class Gone(Exception):
    """The client closed its end."""


@dataclass(slots=True)
class Request:
    """One request as it was received, and what became of it."""

    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: dict[str, Any]
    behaviour: str = ""
    at: float = field(default_factory=time.monotonic)
    pieces: int = 0  # sent to the client
    answered: bool = False  # to the end as the behaviour meant it
    gone_at: float | None = None  # when the client left before that end
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    def told(self) -> dict[str, Any]:
        """As JSON, without the headers: they hold the key."""
        names = ("method", "path", "body", "behaviour", "at", "pieces", "answered", "gone_at")
        return {name: getattr(self, name) for name in names}


class Wire:
    """One connection. While a request is being answered the client's leaving is watched for, as ``Gone``."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._next: asyncio.Task[bytes] | None = None  # the next request's first byte, or none for the end

    async def request(self) -> Request:
        """The next request; IncompleteReadError at the end of the connection."""
        head = (await self._next if self._next else b"") + await self._reader.readuntil(b"\r\n\r\n")
        self._next = None
        first, *lines = head.decode("latin-1").split("\r\n")[:-2]
        method, path, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await self._reader.readexactly(int(headers.get("content-length", "0")))
        return Request(method, path, headers, json.loads(body or b"{}"))

    @asynccontextmanager
    async def watched(self, request: Request) -> AsyncIterator[None]:
        """Tell ``request`` when its client leaves, or that it was answered."""
        self._next = asyncio.create_task(self._reader.read(1))
        try:
            yield
            request.answered = True
        except (Gone, ConnectionError):
            request.gone_at = time.monotonic()
            request.gone.set()
            raise
        finally:
            if not request.answered:
                self._next.cancel()

    async def head(self, status: int, headers: dict[str, str]) -> None:
        """The head of an answer in chunks."""
        lines = [f"HTTP/1.1 {status} As Told", "transfer-encoding: chunked"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        await self.raw("\r\n".join([*lines, "", ""]).encode())

    async def send(self, data: bytes) -> None:
        """One chunk."""
        await self.raw(b"%x\r\n%b\r\n" % (len(data), data))

    async def end(self) -> None:
        """The proper end of an answer in chunks; the connection lives on."""
        await self.raw(b"0\r\n\r\n")

    async def json(self, status: int, payload: object, headers: dict[str, str] | None = None) -> None:
        """A whole answer."""
        await self.head(status, {"content-type": "application/json"} | (headers or {}))
        await self.send(json.dumps(payload).encode())
        await self.end()

    async def raw(self, data: bytes) -> None:
        """Bytes as they are; Gone when nobody is there to read them."""
        self._writer.write(data)
        await self._writer.drain()
        await self.sleep(0)

    async def sleep(self, seconds: float | None) -> None:
        """Wait, for ever with None; Gone as soon as the client leaves."""
        assert self._next is not None
        await asyncio.wait({self._next}, timeout=seconds)
        if self._next.done() and not self._next.result():
            raise Gone

    def abort(self) -> None:
        """Drop the connection in the middle of whatever it was saying."""
        with suppress(RuntimeError):
            self._writer.transport.abort()
