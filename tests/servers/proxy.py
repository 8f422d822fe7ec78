"""A wire that a test can cut, stall and slow, byte for byte, put between a client and a server."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from types import TracebackType
from typing import Self

_CHUNK = 64 * 1024
# close() with this sends a reset in place of the ordinary end, as a vanished peer's router does.
_RESET = struct.pack("ii", 1, 0)


class Direction:
    """What happens to the bytes that flow one way, over all connections of the proxy."""

    def __init__(self, cut: Callable[[], None]) -> None:
        self.forwarded = 0
        self._cut = cut
        self._delay = 0.0
        self._left: int | None = None
        self._at_end: Callable[[], None] = cut
        self._flows = asyncio.Event()
        self._flows.set()

    def stall(self) -> None:
        """Holds every byte from now on; the connections stay open."""
        self._flows.clear()

    def flow(self) -> None:
        """Lets the held bytes go and forgets every `delay`, `cut_after` and `stall_after`."""
        self._delay = 0.0
        self._left = None
        self._flows.set()

    def delay(self, seconds: float) -> None:
        """Every piece that arrives from now on waits `seconds` before it goes on."""
        self._delay = seconds

    def cut_after(self, count: int) -> None:
        """Lets exactly `count` more bytes through, then ends every connection: the reader sees the end."""
        self._left, self._at_end = count, self._cut

    def stall_after(self, count: int) -> None:
        """Lets exactly `count` more bytes through, then holds the rest as `stall` does."""
        self._left, self._at_end = count, self.stall

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forwards until the sender's end, which is passed on."""
        while piece := await reader.read(_CHUNK):
            await asyncio.sleep(self._delay)
            while piece:
                await self._flows.wait()
                piece = await self._forward(piece, writer)
        writer.write_eof()

    async def _forward(self, piece: bytes, writer: asyncio.StreamWriter) -> bytes:
        """Sends what may go; returns what may not go yet."""
        passing = len(piece) if self._left is None else min(self._left, len(piece))
        writer.write(piece[:passing])
        await writer.drain()
        self.forwarded += passing
        if self._left is not None:
            self._left -= passing
            if self._left == 0:
                self._left = None
                self._at_end()
        return piece[passing:]


class Proxy:
    """Forwards TCP from a free port of 127.0.0.1 to `host:port`.

    `async with Proxy("127.0.0.1", port) as proxy:` then connect to `proxy.port`. `proxy.to_server` and
    `proxy.to_client` are the two directions. It lives in the test's own event loop.
    """

    def __init__(self, host: str, port: int) -> None:
        self._server_address = (host, port)
        self._connections: dict[asyncio.Task[None], tuple[asyncio.StreamWriter, ...]] = {}
        self._refuses = False
        self.port = 0
        self.accepted = 0
        self.to_server = Direction(self._end_all)
        self.to_client = Direction(self._end_all)

    @property
    def connections(self) -> int:
        """How many clients are connected through it now."""
        return len(self._connections)

    def cut(self) -> None:
        """Resets every open connection at once, both ways. New ones are taken."""
        for writers in self._connections.values():
            for writer in writers:
                _reset_on_close(writer)
        self._end_all()

    def refuse(self) -> None:
        """Resets every open connection, and every new one as soon as it is made, until `accept`."""
        self._refuses = True
        self.cut()

    def accept(self) -> None:
        self._refuses = False

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        open_ones = list(self._connections)
        self._end_all()
        await asyncio.gather(*open_ones, return_exceptions=True)

    async def _connected(self, from_client: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        if self._refuses:
            _reset_on_close(client)
            client.transport.abort()
            return
        self.accepted += 1
        connection = asyncio.current_task()
        assert connection is not None
        self._connections[connection] = (client,)
        try:
            with contextlib.suppress(asyncio.CancelledError):  # `_end_all` ended it, and nobody waits for this task
                await self._carry(from_client, client, connection)
        except* OSError:
            pass  # an end that vanished; the other end sees it below
        finally:
            for writer in self._connections.pop(connection):
                writer.transport.abort()

    async def _carry(
        self, from_client: asyncio.StreamReader, client: asyncio.StreamWriter, connection: asyncio.Task[None]
    ) -> None:
        from_server, server = await asyncio.open_connection(*self._server_address)
        self._connections[connection] = (client, server)
        await self._carry_both(from_client, client, from_server, server)

    async def _carry_both(
        self,
        from_client: asyncio.StreamReader,
        client: asyncio.StreamWriter,
        from_server: asyncio.StreamReader,
        server: asyncio.StreamWriter,
    ) -> None:
        for writer in (client, server):
            # `drain` then returns once the kernel has all bytes: a cut after N bytes loses none of them.
            writer.transport.set_write_buffer_limits(0)
        async with asyncio.TaskGroup() as directions:
            directions.create_task(self.to_server.carry(from_client, server))
            directions.create_task(self.to_client.carry(from_server, client))

    def _end_all(self) -> None:
        for connection, writers in self._connections.items():
            for writer in writers:
                writer.transport.abort()
            connection.cancel()


def _reset_on_close(writer: asyncio.StreamWriter) -> None:
    wire: socket.socket = writer.get_extra_info("socket")
    if wire.fileno() < 0:
        return  # it ended by itself a moment ago
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
