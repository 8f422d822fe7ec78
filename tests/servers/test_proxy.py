import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from .proxy import Proxy


@pytest.fixture
async def echo() -> AsyncIterator[Proxy]:
    """A proxy before a server that sends back what it gets."""

    async def send_back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(1000):
                writer.write(piece)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(send_back, "127.0.0.1", 0)
    async with Proxy("127.0.0.1", server.sockets[0].getsockname()[1]) as proxy:
        yield proxy
    server.close()


@contextlib.asynccontextmanager
async def client(proxy: Proxy) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def is_silent(reader: asyncio.StreamReader) -> bool:
    """Nothing arrives within a fifth of a second; what arrives later is not lost."""
    try:
        async with asyncio.timeout(0.2):
            await reader.readexactly(1)
    except TimeoutError:
        return True
    return False


async def test_bytes_pass_both_ways_and_are_counted(echo: Proxy) -> None:
    async with client(echo) as (reader, writer):
        writer.write(b"x" * 300_000)
        assert await reader.readexactly(300_000) == b"x" * 300_000
        assert (echo.accepted, echo.connections) == (1, 1)
    assert echo.to_server.forwarded == 300_000
    assert echo.to_client.forwarded == 300_000


async def test_the_end_of_one_side_is_passed_on_and_the_answer_still_comes(echo: Proxy) -> None:
    async with client(echo) as (reader, writer):
        writer.write(b"last words")
        writer.write_eof()
        assert await reader.read() == b"last words"


async def test_a_cut_resets_open_connections_and_takes_new_ones(echo: Proxy) -> None:
    async with client(echo) as (reader, writer):
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello"

        echo.cut()

        with pytest.raises(ConnectionResetError):
            await reader.read()
    async with client(echo) as (reader, writer):
        writer.write(b"again")
        assert await reader.readexactly(5) == b"again"


@pytest.mark.parametrize("count", [1, 7, 9])
async def test_a_cut_after_n_bytes_lets_exactly_n_through(echo: Proxy, count: int) -> None:
    echo.to_client.cut_after(count)
    async with client(echo) as (reader, writer):
        writer.write(b"0123456789")
        assert await reader.read() == b"0123456789"[:count]
    assert echo.to_client.forwarded == count


async def test_the_other_direction_is_cut_after_n_bytes_too(echo: Proxy) -> None:
    async with client(echo) as (reader, writer):
        echo.to_server.cut_after(4)
        writer.write(b"0123456789")
        with contextlib.suppress(ConnectionResetError):
            await reader.read()
    assert echo.to_server.forwarded == 4


async def test_a_stalled_direction_holds_its_bytes_and_loses_none(echo: Proxy) -> None:
    async with client(echo) as (reader, writer):
        echo.to_client.stall()
        writer.write(b"held")
        assert await is_silent(reader)
        assert echo.to_server.forwarded == 4
        assert echo.to_client.forwarded == 0

        echo.to_client.flow()

        assert await reader.readexactly(4) == b"held"


async def test_a_stall_after_n_bytes_lets_exactly_n_through(echo: Proxy) -> None:
    async with client(echo) as (reader, writer):
        echo.to_client.stall_after(3)
        writer.write(b"012345")
        assert await reader.readexactly(3) == b"012"
        assert await is_silent(reader)

        echo.to_client.flow()

        assert await reader.readexactly(3) == b"345"


async def test_a_cut_ends_a_stalled_connection(echo: Proxy) -> None:
    async with client(echo) as (reader, writer):
        echo.to_client.stall()
        writer.write(b"never arrives")
        assert await is_silent(reader)

        echo.cut()

        with pytest.raises(ConnectionResetError):
            await reader.read()


async def test_a_delay_holds_each_answer_for_its_time(echo: Proxy) -> None:
    loop = asyncio.get_running_loop()
    async with client(echo) as (reader, writer):
        echo.to_client.delay(0.15)
        sent = loop.time()
        writer.write(b"slow")
        assert await reader.readexactly(4) == b"slow"
        assert loop.time() - sent >= 0.15


async def test_a_refusing_proxy_resets_newcomers_until_it_accepts(echo: Proxy) -> None:
    echo.refuse()
    async with client(echo) as (reader, _):
        with pytest.raises(ConnectionResetError):
            await reader.read()
    assert echo.accepted == 0

    echo.accept()

    async with client(echo) as (reader, writer):
        writer.write(b"welcome")
        assert await reader.readexactly(7) == b"welcome"


async def test_a_server_that_is_not_there_ends_the_connection() -> None:
    async with Proxy("127.0.0.1", 9) as proxy, client(proxy) as (reader, _):
        assert await reader.read() == b""
