"""A reader who does not read costs nobody anything (R16): bounded, cut, and free to come back."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.outbox import MOST_BYTES, MOST_FRAMES, Outbox
from engine.visitors import VisitorConnection
from tests.cast import Company
from tests.engine import books
from tests.stage import Stage, staged

pytestmark = pytest.mark.anyio


class Valve:
    """A network that takes what it is given while it is open."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.sent: list[list[str]] = []
        self.aborted = 0
        self.gone = False

    def write(self, frame: str) -> bool:
        return False  # the network is always busy: what passes it at once needs no outbox

    async def send(self, frames: list[str]) -> None:
        await self.open.wait()
        if self.gone:
            raise ConnectionError
        self.sent.append(frames)

    def abort(self) -> None:
        self.aborted += 1


async def test_what_is_put_leaves_in_order_and_together() -> None:
    valve = Valve()
    valve.open.set()
    outbox = Outbox(valve)
    for frame in "abc":
        outbox.put(frame)
    await outbox.flushed()
    outbox.put("d")
    await outbox.flushed()
    assert valve.sent == [["a", "b", "c"], ["d"]]
    await outbox.flushed()
    assert (outbox.cut, valve.aborted) == (False, 0)


@pytest.mark.parametrize(("frame", "most"), [("x", MOST_FRAMES), ("x" * 65_536, MOST_BYTES // 65_536)])
async def test_r16_an_outbox_that_overflows_is_cut_once_and_keeps_nothing(frame: str, most: int) -> None:
    valve = Valve()
    outbox = Outbox(valve)
    for _ in range(most):
        outbox.put(frame)
    await asyncio.sleep(0)  # the writer takes all of it and hangs: under way counts as queued
    assert not outbox.cut
    outbox.put(frame)
    assert (outbox.cut, valve.aborted) == (True, 1)
    for _ in range(1_000):
        outbox.put(frame)
    assert (valve.aborted, valve.sent) == (1, [])
    outbox.close()
    await outbox.flushed()


async def test_a_peer_that_is_gone_stops_the_outbox_quietly() -> None:
    valve = Valve()
    valve.gone = True
    valve.open.set()
    outbox = Outbox(valve)
    outbox.put("x")
    await outbox.flushed()
    assert (outbox.cut, valve.aborted) == (True, 0)
    outbox.put("y")
    assert valve.sent == []


async def test_r16_a_send_that_hangs_is_cut() -> None:
    valve = Valve()
    outbox = Outbox(valve, send_seconds=0.02)
    outbox.put("x")
    await outbox.flushed()
    assert (outbox.cut, valve.aborted) == (True, 1)


async def test_r16_a_reader_who_never_reads_is_cut_and_nobody_waits_for_them(sqlite_url: str, tmp_path: Path) -> None:
    async with staged(sqlite_url, tmp_path) as stage, stage.visitor() as ada, stage.agent() as grace:
        joined = await ada.join()
        await ada.send("sure")
        await ada.until("answer.finished")
        await grace.ask("room.claim", room=joined["room"])
        others = set(stage.engine.sockets)
        async with deaf(stage.address, stage.cast.acme, joined["token"]) as tab:
            await books.until(lambda: followed(stage, others))
            (connection,) = stage.engine.sockets - others
            assert isinstance(connection, VisitorConnection)
            outbox, sent = connection.outbox, 0
            while not outbox.cut:
                assert sent < 600, "cut by the amount, long before the 10 s are over"
                assert outbox._size <= MOST_BYTES
                async with asyncio.timeout(2):
                    assert (await ada.send(f"{sent} " + "x" * 3_900))["type"] == "ok"
                sent += 1
            assert not outbox._frames
            await books.until(lambda: left(stage, connection))
            assert (await ada.send("and on it goes"))["type"] == "ok"
            tab.settimeout(5)
            with contextlib.suppress(ConnectionError):  # what had left before; then the end
                while await asyncio.to_thread(tab.recv, 65_536):
                    pass


async def followed(stage: Stage, others: set[object]) -> bool:
    return any(getattr(each, "room_id", None) for each in stage.engine.sockets - others)


async def left(stage: Stage, connection: object) -> bool:
    return connection not in stage.engine.sockets


@contextlib.asynccontextmanager
async def deaf(address: str, company: Company, token: str) -> AsyncIterator[socket.socket]:
    """A tab that joins the room and never reads a byte, its kernel's buffer the smallest there is."""
    host, _, port = address.partition(":")
    loop = asyncio.get_running_loop()
    with socket.socket() as tab:
        tab.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        tab.setblocking(False)
        await loop.sock_connect(tab, (host, int(port)))
        upgrade = (
            f"GET /v1/chat?bot={company.key} HTTP/1.1\r\nHost: {address}\r\nOrigin: {company.origin}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        join = json.dumps({"type": "room.join", "token": token}).encode()
        assert len(join) < 126
        frame = bytes([0x81, 0x80 | len(join), 0, 0, 0, 0]) + join  # masked with zeros
        await loop.sock_sendall(tab, upgrade.encode())
        await asyncio.sleep(0.1)  # the upgrade comes first
        await loop.sock_sendall(tab, frame)
        yield tab
