"""A WebSocket client that costs little enough not to be what is measured: text frames of a server, pings answered.

RFC 6455 as far as a server of ours (or a peer) makes use of it: no fragments, no extensions.
"""

import asyncio
import base64
import os
import socket
import struct
from collections.abc import Callable
from typing import cast

_PING, _TEXT, _CLOSE = 0x89, 0x81, 0x88
_SPREAD = 20_000  # connections from one source address at most: beyond, its ports run out


class Socket(asyncio.Protocol):
    """One connection. ``on_frame`` is called with every text frame; ``opened`` holds the moment (loop time) at which
    the server agreed, or ConnectionError. What ends it is ``closed``."""

    def __init__(self, request: bytes, on_frame: Callable[[bytes], None]) -> None:
        loop = asyncio.get_running_loop()
        self.on_frame = on_frame
        self.opened: asyncio.Future[float] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        self._request, self._rest = request, b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("closed before the upgrade"))
        if not self.closed.done():
            self.closed.set_result(None)

    def send(self, text: bytes) -> None:
        """One text frame. The mask is zero: it costs the server the same and us nothing."""
        assert self._transport is not None
        self._transport.write(_masked(_TEXT, text))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        data = self._rest + data if self._rest else data
        start = 0 if self.opened.done() else self._upgraded(data)
        while start >= 0 and len(data) - start >= 2:
            size, head = data[start + 1], 2
            if size == 126:
                head = 4
            elif size == 127:
                head = 10
            if len(data) - start < head:
                break
            if head > 2:
                size = int.from_bytes(data[start + 2 : start + head], "big")
            end = start + head + size
            if len(data) < end:
                break
            self._frame(data[start], data[start + head : end])
            start = end
        self._rest = data[start:] if start >= 0 else data

    def _upgraded(self, data: bytes) -> int:
        """Where the frames begin; -1 while the answer to the request is not whole."""
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return -1
        if not data.startswith(b"HTTP/1.1 101"):
            refusal = data[:400].decode("latin-1")
            self.opened.set_exception(ConnectionError(f"refused: {refusal}"))
            self.close()
            return len(data)
        self.opened.set_result(asyncio.get_running_loop().time())
        return end + 4

    def _frame(self, kind: int, payload: bytes) -> None:
        if kind == _TEXT:
            self.on_frame(payload)
        elif kind == _PING and self._transport is not None:
            self._transport.write(_masked(0x8A, payload))
        elif kind == _CLOSE:
            self.close()


async def connect(url: str, origin: str, on_frame: Callable[[bytes], None], number: int = 0) -> Socket:
    """A socket to ``url`` (``ws://host:port/path``), agreed. ``number`` spreads many over 127.0.0.x. Raises OSError."""
    address, _, path = url.removeprefix("ws://").partition("/")
    host, _, port = address.partition(":")
    request = (
        f"GET /{path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Protocol: frontdesk.v1\r\nOrigin: {origin}\r\n\r\n"
    ).encode()
    loop = asyncio.get_running_loop()
    source = (f"127.0.0.{1 + number // _SPREAD}", 0) if number >= _SPREAD else None
    _, made = await loop.create_connection(
        lambda: Socket(request, on_frame), host, int(port), family=socket.AF_INET, local_addr=source
    )
    await made.opened
    return made


def _masked(kind: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return struct.pack("!BBI", kind, 0x80 | size, 0) + payload
    if size < 65_536:
        return struct.pack("!BBHI", kind, 0xFE, size, 0) + payload
    return struct.pack("!BBQI", kind, 0xFF, size, 0) + payload
