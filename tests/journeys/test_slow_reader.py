"""R16: whoever does not read costs nobody memory or time, and is cut."""

import asyncio
import base64
import json
import os
import socket
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.journeys.shop import Shop, opened
from tests.journeys.tab import Tab
from tests.servers.process import Node
from tests.wire import Client

MANY = 50
CUT = 20.0  # s within which a reader that does not read is gone
QUEUED = 1024 * 1024  # bytes that one may cost meanwhile
MOST_POSTED = (
    400  # of the long texts fill a queue of 1 MiB, a kernel's buffers and the reader's own, with room to spare
)
LONG_TEXT = "a long story " * 300  # 3,900 characters


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with opened(f"sqlite+aiosqlite:///{tmp_path / 'frontdesk.db'}") as shop:
        yield shop


@pytest.fixture
async def node(shop: Shop, tmp_path: Path) -> AsyncIterator[Node]:
    async with Node(tmp_path / "node", shop.environment()) as node:
        yield node


def resident(node: Node) -> int:
    """The process's memory in bytes."""
    status = Path(f"/proc/{node.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) * 1024


def connections(node: Node) -> int:
    """How many sockets the process has open."""
    links = [Path(f"/proc/{node.pid}/fd/{number}") for number in os.listdir(f"/proc/{node.pid}/fd")]
    return sum(_target(link).startswith("socket:") for link in links)


async def idle_reader(shop: Shop, node: Node, token: str) -> socket.socket:
    """A tab of the visitor with ``token`` that joins and then never reads a byte; its window is as small as can be."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    reader.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(reader, ("127.0.0.1", int(node.url.rpartition(":")[2])))
    key = base64.b64encode(os.urandom(16)).decode()
    await loop.sock_sendall(
        reader,
        (
            f"GET /v1/chat?bot={shop.acme.key} HTTP/1.1\r\nHost: x\r\nOrigin: {shop.acme.origin}\r\n"
            f"Connection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
        ).encode(),
    )
    assert (await loop.sock_recv(reader, 12)) == b"HTTP/1.1 101"
    join = json.dumps({"type": "room.join", "token": token}).encode()
    assert len(join) < 126
    await loop.sock_sendall(reader, bytes([0x81, 0x80 | len(join), 0, 0, 0, 0]) + join)  # masked with zeros
    return reader


async def silent_room(tab: Tab) -> str:
    """Put the tab's room into the queue, so that nothing but its visitor speaks there; the visitor's token."""
    await tab.until(lambda: tab.joined)
    await tab.say("person.request")
    await tab.until(lambda: tab.replica.state.get("mode") == "waiting")
    assert tab.token is not None
    return tab.token


async def round_trips(client: Client, count: int) -> list[float]:
    """Seconds from a command to its answer."""
    taken = []
    for _ in range(count):
        began = time.monotonic()
        await client.ask("room.join", after=0)
        taken.append(time.monotonic() - began)
    return taken


async def until_gone(node: Node, most: int, seconds: float) -> int:
    """Return once the process has at most ``most`` sockets; the highest memory seen meanwhile."""
    highest = resident(node)
    async with asyncio.timeout(seconds):
        while connections(node) > most:
            highest = max(highest, resident(node))
            await asyncio.sleep(0.02)
    return highest


async def test_fifty_readers_that_never_read_are_cut_and_cost_bounded_memory(shop: Shop, node: Node) -> None:
    async with Tab(lambda: shop.visitor(node)) as ada, AsyncExitStack() as stack:
        token = await silent_room(ada)
        for _ in range(40):  # the same traffic first without them, so that what it costs by itself is not counted
            await ada.post(LONG_TEXT)
        await ada.until(lambda: ada.settled)
        open_before, memory_before = connections(node), resident(node)
        for _ in range(MANY):
            stack.callback((await idle_reader(shop, node, token)).close)
        assert connections(node) == open_before + MANY
        highest, posted = memory_before, 0

        async with asyncio.timeout(CUT):
            while connections(node) > open_before:
                for _ in range(10):
                    await ada.post(LONG_TEXT)
                await ada.until(lambda: not ada.pending, 5)
                posted, highest = posted + 10, max(highest, resident(node))

        await ada.until(lambda: ada.settled)
        assert posted <= MOST_POSTED, "they were cut for their silence at last, not for what was queued"
        assert highest - memory_before < MANY * QUEUED
        assert not ada.closes, "the one who reads was cut as well"
        assert len(ada.texts("visitor")) == 40 + posted
        assert "engine.outbox: slow reader cut" in node.output(), "LOG_LEVEL=info tells the operator why"
        async with Tab(lambda: shop.visitor(node), token=token) as back:  # a cut reader comes back to everything
            await back.until(lambda: back.settled and back.replica.have == ada.replica.have)


async def test_a_send_that_hangs_is_cut_within_20_seconds_and_delays_nobody(shop: Shop, node: Node) -> None:
    async with Tab(lambda: shop.visitor(node)) as ada, shop.visitor(node) as bob, AsyncExitStack() as stack:
        token = await silent_room(ada)
        await bob.join()
        before = await round_trips(bob, 50)
        open_before = connections(node)
        stack.callback((await idle_reader(shop, node, token)).close)
        watch = asyncio.create_task(until_gone(node, open_before, CUT))
        for _ in range(80):  # more than the kernel holds, less than what is cut for its size
            await ada.post(LONG_TEXT)
        await ada.until(lambda: ada.settled)
        assert connections(node) == open_before + 1, "cut for its size: this proves nothing of the time"

        during = await round_trips(bob, 50)

        assert connections(node) == open_before + 1, "it was cut before its send could hang"
        assert statistics.median(during) < 5 * statistics.median(before) + 0.02, (before, during)
        await watch
        assert not ada.closes


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""  # closed meanwhile
