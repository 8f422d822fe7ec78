"""The client process of ``connections``: visitors who open the panel and say nothing, and one who does.

``python -m benchmarks.idlers`` reads one :class:`Idle` as JSON from stdin and prints one :class:`Held`.
"""

import asyncio
import gc
import itertools
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import uvloop

from benchmarks import machine, questions
from benchmarks.table import percentile
from benchmarks.wire import Socket, connect

AT_ONCE = 50  # connections that are being made at a time
CALM = 3.0  # s after the last join before memory and CPU are read
TURN_EVERY = 0.5  # s between two questions of the one who talks
PATIENCE = 30.0  # s for a join or a turn before the run fails


@dataclass(frozen=True, slots=True)
class Idle:
    """``server``: the process id. ``seconds`` of idling are watched. ``texts``: a file of questions, for the product;
    without one nobody joins and nobody talks (a bare server)."""

    url: str
    origin: str
    connections: int
    seconds: float
    server: int
    texts: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """Bytes, seconds and shares. ``connect`` times run from the first packet to the join's answer; ``pulses`` is how
    many frames the idle ones were sent while they were watched."""

    empty: int
    full: int
    seconds: float
    connect_p50: float
    connect_p99: float
    cpu: float
    pulses: int
    turn_p50: float
    turn_p99: float
    left: int


class Idler:
    """One visitor who only listens."""

    def __init__(self, counted: "list[int]") -> None:
        self.joined: asyncio.Future[None] | None = asyncio.get_running_loop().create_future()
        self._counted = counted
        self.socket: Socket | None = None

    def on_frame(self, frame: bytes) -> None:
        if self.joined is not None and frame.startswith(b'{"type":"room.joined"'):
            self.joined.set_result(None)
            self.joined = None
        else:
            self._counted[0] += 1


async def hold(idle: Idle) -> Held:
    """Open them all, watch them, ask a question now and then."""
    empty = machine.rss(idle.server)
    frames, times = [0], list[float]()
    numbers = itertools.count()
    start = time.perf_counter()
    batches = [_open(idle, numbers, frames, times) for _ in range(AT_ONCE)]
    idlers = [idler for batch in await asyncio.gather(*batches) for idler in batch]
    seconds = time.perf_counter() - start
    gc.freeze()  # a collection over 10,000 sockets of ours would stand in the talker's way
    await asyncio.sleep(CALM)
    full, before, frames[0] = machine.rss(idle.server), machine.cpu_seconds(idle.server), 0
    begin = time.perf_counter()
    turns = await _talk(idle) if idle.texts else await asyncio.sleep(idle.seconds, [])
    cpu = (machine.cpu_seconds(idle.server) - before) / (time.perf_counter() - begin)
    pulses = frames[0]
    left = sum(idler.socket is not None and not idler.socket.closed.done() for idler in idlers)
    for idler in idlers:
        if idler.socket is not None:
            idler.socket.close()
    return Held(
        empty,
        full,
        seconds,
        1e3 * percentile(times, 0.5),
        1e3 * percentile(times, 0.99),
        cpu,
        pulses,
        1e3 * percentile(turns, 0.5),
        1e3 * percentile(turns, 0.99),
        left,
    )


async def _open(idle: Idle, numbers: Iterator[int], frames: list[int], times: list[float]) -> list[Idler]:
    opened: list[Idler] = []
    while (number := next(numbers)) < idle.connections:
        start = time.perf_counter()
        idler = Idler(frames)
        async with asyncio.timeout(PATIENCE):
            idler.socket = await connect(idle.url, idle.origin, idler.on_frame, number)
            if idle.texts and idler.joined is not None:
                idler.socket.send(b'{"type":"room.join","after":0}')
                await idler.joined
        times.append(time.perf_counter() - start)
        opened.append(idler)
    return opened


async def _talk(idle: Idle) -> list[float]:
    """Ask a question every half second; the seconds each took from sending to the end of its answer."""
    texts = questions.kept(idle.texts)
    ended = asyncio.Event()

    def on_frame(frame: bytes) -> None:
        if frame.startswith((b'{"type":"answer.finished"', b'{"type":"room.joined"')):
            ended.set()
        elif frame.startswith(b'{"type":"error"'):
            raise SystemExit(f"the server refused a question: {frame.decode()}")

    socket = await connect(idle.url, idle.origin, on_frame, idle.connections)
    socket.send(b'{"type":"room.join","after":0}')
    await ended.wait()
    turns: list[float] = []
    begin = time.perf_counter()
    for number, text in enumerate(texts):
        due = begin + number * TURN_EVERY
        if due >= begin + idle.seconds:
            break
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        ended.clear()
        start = time.perf_counter()
        command = {"type": "message.send", "client_id": f"talk-{number}", "text": text}
        socket.send(json.dumps(command).encode())
        async with asyncio.timeout(PATIENCE):
            await ended.wait()
        turns.append(time.perf_counter() - start)
    socket.close()
    return turns


async def _main(idle: Idle) -> None:
    print(json.dumps(asdict(await hold(idle))))


if __name__ == "__main__":
    told = Idle(**json.load(sys.stdin))
    machine.allow_files(told.connections + 500)
    uvloop.run(_main(told))
