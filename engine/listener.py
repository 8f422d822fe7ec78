"""The HTTP and WebSocket server as we run it: uvicorn, with what it leaves open closed.

A reader that stops is freed (uvicorn waits for its buffer for ever), a dribbled request head is cut after 10 s, a flood
of fragments is refused, and a stop is bounded. Several frames to one socket go out in one write.
"""

import asyncio
import socket
from typing import Any

from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.protocol import State

from engine.protocol import FRAME_LIMIT

HEAD_SECONDS = 10  # for a whole request head (R14)
FRAGMENTS = 64  # of one message (R14)
HIGH_WATER = 32 * 1024  # bytes waiting in this process for one socket before its sender waits
SEND_BUFFER = 64 * 1024  # bytes in the kernel for one socket: a slow reader costs 134 KB instead of 3.8 MB
USER_TIMEOUT = 20_000  # ms that sent data may stay unacknowledged before the kernel drops the peer
LINGER = 2  # s that a closing socket gets to read its 1012


class Sockets(WebSocketsSansIOProtocol):
    """One WebSocket. The application finds ``write``, ``send`` and ``abort`` in its scope's extensions."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=HIGH_WATER)

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            extensions: Any = self.scope["extensions"]
            extensions["frontdesk"] = {"write": self.write, "send": self.send_all, "abort": self.transport.abort}

    def write(self, frame: str) -> bool:
        """Send a text frame unless that means waiting; what one turn of the loop writes leaves in one system call."""
        if not self.writable.is_set() or self._is_going:
            return False
        self.conn.send_text(frame.encode())
        self.transport.write(b"".join(self.conn.data_to_send()))
        return True

    async def send_all(self, frames: list[str]) -> None:
        """Send text frames in one write; waits while the buffer is full, raises once the peer is gone."""
        await self.writable.wait()
        if self._is_going:
            raise ClientDisconnected
        for frame in frames:
            self.conn.send_text(frame.encode())
        self.transport.write(b"".join(self.conn.data_to_send()))

    @property
    def _is_going(self) -> bool:
        """Nothing more can be sent: either side said goodbye, or the line is cut."""
        return self.disconnected or self.close_sent or self.conn.state is not State.OPEN

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) >= FRAGMENTS:
            self.conn.fail(1009, f"a message may have at most {FRAGMENTS} fragments")
            self.handle_parser_exception()
            return
        super().handle_cont(event)

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()

    def shutdown(self) -> None:
        super().shutdown()
        self.loop.call_later(LINGER, self.transport.abort)


class Requests(HttpToolsProtocol):
    """One HTTP connection, whose first request head must come within 10 s."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._deadline = asyncio.get_running_loop().call_later(HEAD_SECONDS, transport.abort)

    def on_headers_complete(self) -> None:
        self._deadline.cancel()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.cancel()
        super().connection_lost(exc)


def config(app: Any, *, stop_seconds: float, log_level: str = "warning", **more: Any) -> Config:
    """uvicorn's configuration for ``app``."""
    options: dict[str, Any] = {
        "http": Requests,
        "ws": Sockets,
        "ws_max_size": FRAME_LIMIT,
        "ws_per_message_deflate": False,
        "ws_ping_interval": 20.0,
        "ws_ping_timeout": 20.0,
        "timeout_graceful_shutdown": max(1, round(stop_seconds)),
        "timeout_keep_alive": 10,
        "lifespan": "on",
        "access_log": False,
        "server_header": False,
        "log_level": log_level,
    }
    return Config(app, **options | more)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket whose accepted sockets cannot be held by a slow reader. Raises ``OSError``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol by its number: asyncio turns Nagle off (40 ms a frame) only on sockets that say they are TCP.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT)
        listening.bind((host, port))
        listening.listen(2048)
    except OSError:
        listening.close()
        raise
    listening.setblocking(False)
    return listening
