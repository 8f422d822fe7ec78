"""A reader who does not read costs nobody anything (R16)."""

import asyncio
import socket
from pathlib import Path

import pytest

from engine import outbox
from engine.outbox import Outbox
from tests.stage import Stage

pytestmark = pytest.mark.anyio


class Peer:
    """The other end of a connection: reads while ``reading`` is set."""

    def __init__(self) -> None:
        self.frames: list[str] = []
        self.writes = 0
        self.aborted = False
        self.reading = asyncio.Event()
        self.reading.set()

    async def send(self, frames: list[str]) -> None:
        await self.reading.wait()
        self.writes += 1
        self.frames += frames

    def abort(self) -> None:
        self.aborted = True


async def test_frames_leave_in_order_and_together() -> None:
    peer = Peer()
    box = Outbox(peer)
    for number in range(10):
        box.put(str(number))
    await box.flushed()
    assert peer.frames == [str(number) for number in range(10)]
    assert peer.writes == 1


async def test_an_idle_outbox_has_no_task() -> None:
    before = asyncio.all_tasks()
    box = Outbox(Peer())
    box.put("one")
    assert len(asyncio.all_tasks()) == len(before) + 1
    await box.flushed()
    assert asyncio.all_tasks() == before


async def test_too_many_frames_cut_the_connection() -> None:
    peer = Peer()
    peer.reading.clear()
    box = Outbox(peer)
    box.put("taken")
    await asyncio.sleep(0)
    for _ in range(outbox.MOST_FRAMES):
        box.put("x")
    assert not peer.aborted
    box.put("one too many")
    assert peer.aborted
    assert box.cut
    box.close()


async def test_too_many_bytes_cut_the_connection() -> None:
    peer = Peer()
    peer.reading.clear()
    box = Outbox(peer)
    for _ in range(17):
        box.put("x" * 64 * 1024)
    assert peer.aborted
    box.close()


async def test_a_send_that_hangs_cuts_the_connection() -> None:
    peer = Peer()
    peer.reading.clear()
    box = Outbox(peer, send_seconds=0.05)
    box.put("never read")
    await box.flushed()
    assert peer.aborted


async def test_a_tab_that_never_reads_is_cut_and_the_other_tab_is_not_kept_waiting(
    stage: Stage, tmp_path: Path
) -> None:
    async with stage.visitor() as ada:
        token = (await ada.join())["token"]
        await ada.send("sure?")
        await ada.until("answer.finished")
        slow = await _deaf(stage, token)
        loop, longest = asyncio.get_running_loop(), 0.0
        while not _was_cut(stage):
            begun = loop.time()
            ok = await ada.send("x" * 3_900)
            assert ok["type"] == "ok"
            longest = max(longest, loop.time() - begun)
        slow.close()
    assert longest < 5


async def _deaf(stage: Stage, token: str) -> socket.socket:
    """A joined tab of the visitor with ``token`` that reads nothing any more."""
    host, _, port = stage.address.partition(":")
    tab = socket.create_connection((host, int(port)))
    tab.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    key = stage.cast.acme.key
    request = (
        f"GET /v1/chat?bot={key} HTTP/1.1\r\nHost: {stage.address}\r\nOrigin: {stage.cast.acme.origin}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    join = f'{{"type":"room.join","after":0,"token":"{token}"}}'.encode()
    tab.sendall(request.encode())
    await asyncio.get_running_loop().sock_recv(_nonblocking(tab), 1024)
    # A masked frame whose mask is zero is its own payload (RFC 6455, 5.3).
    tab.sendall(bytes([0x81, 0xFE]) + len(join).to_bytes(2, "big") + bytes(4) + join)
    async with asyncio.timeout(10):
        while len(stage.engine.bus.channels("room:")) == 0 or _listeners(stage) < 2:
            await asyncio.sleep(0.01)
    return tab


def _nonblocking(tab: socket.socket) -> socket.socket:
    tab.setblocking(False)
    return tab


def _listeners(stage: Stage) -> int:
    return len(stage.engine.sockets)


def _was_cut(stage: Stage) -> bool:
    return _listeners(stage) == 1
