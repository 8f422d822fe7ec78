"""The client process of ``turns``: visitors who ask, read the answer to its end, and ask the next thing.

``python -m benchmarks.visitors`` reads one :class:`Load` as JSON from stdin and prints one :class:`Outcome`. Closed
loop (``rate`` 0): each visitor asks as soon as the last answer is whole. Open loop: ``rate`` questions a second come
at random times whether or not the server keeps up, and their time counts from when they should have been asked.
"""

import asyncio
import itertools
import json
import os
import random
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass

import uvloop

from benchmarks import machine, questions
from benchmarks.table import percentile
from benchmarks.wire import Socket, connect

SETTLE = 1.0  # s between the last join and the first question
WARM = 1.0  # s of asking before it counts
LINGER = 5.0  # s for the last answers to come in
AT_ONCE = 50  # visitors that join at a time
clock = time.perf_counter  # the loop's own clock counts whole milliseconds under uvloop


@dataclass(frozen=True, slots=True)
class Load:
    """``server`` and ``database`` are process ids (0: none) whose CPU time is read; ``texts`` a file of questions.
    ``echo``: the server sends back what it is sent, and a turn is one message there and back."""

    url: str
    origin: str
    visitors: int
    seconds: float
    texts: str
    server: int
    database: int = 0
    rate: float = 0.0
    echo: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """Times in ms, CPU in µs a turn. ``asked`` counts all that were acknowledged, before and after the window too;
    ``odd`` the answers that did not come from the FAQ, or not whole."""

    turns: float
    p50: float
    p99: float
    ack: float
    server: float
    database: float
    client: float
    rss: int
    asked: int
    odd: int


class Visitor:
    """One visitor and what becomes of the question they last asked."""

    def __init__(self, crowd: "Crowd", number: int) -> None:
        self._crowd, self._number = crowd, number
        self._count = itertools.count(1)
        self._due = 0.0
        self.busy = False
        self.joined = asyncio.get_running_loop().create_future()
        self.socket: Socket | None = None

    async def join(self, load: Load) -> None:
        self.socket = await connect(load.url, load.origin, self._on_frame, self._number)
        if not load.echo:
            self.socket.send(b'{"type":"room.join","after":0}')
            async with asyncio.timeout(30):
                await self.joined

    def ask(self, due: float) -> None:
        """Ask the next question; its time counts from ``due``."""
        assert self.socket is not None
        self.busy, self._due = True, due
        text, number = self._crowd.text(), next(self._count)
        command = {"type": "message.send", "client_id": f"{self._number}-{number}", "ref": str(number), "text": text}
        self.socket.send(json.dumps(command).encode())

    def _on_frame(self, frame: bytes) -> None:
        if self._crowd.load.echo:
            self._finished()
        elif frame.startswith(b'{"type":"ok"'):
            self._crowd.acked(clock() - self._due)
        elif frame.startswith(b'{"type":"answer.finished"'):
            if b'"state":"complete"' not in frame or b'"sources":[{' not in frame:
                self._crowd.odd += 1
            self._finished()
        elif frame.startswith(b'{"type":"room.joined"'):
            self.joined.set_result(None)
        elif frame.startswith(b'{"type":"error"'):
            raise SystemExit(f"the server refused a question: {frame.decode()}")

    def _finished(self) -> None:
        at = clock()
        self.busy = False
        self._crowd.finished(self, at - self._due, at)


class Crowd:
    """All visitors, and what was measured."""

    def __init__(self, load: Load) -> None:
        self.load, self.odd, self.asked = load, 0, 0
        self._texts = itertools.cycle(questions.kept(load.texts))
        self._random = random.Random(7)
        self._turns: list[float] = []
        self._acks: list[float] = []
        self._counting, self._asking = False, False
        self._free: deque[Visitor] = deque()
        self._late: deque[float] = deque()

    def text(self) -> str:
        return next(self._texts)

    def acked(self, seconds: float) -> None:
        self.asked += 1
        if self._counting:
            self._acks.append(seconds)

    def finished(self, visitor: Visitor, seconds: float, at: float) -> None:
        if self._counting:
            self._turns.append(seconds)
        if not self.load.rate:
            if self._asking:
                visitor.ask(at)
        elif self._late:
            visitor.ask(self._late.popleft())
        else:
            self._free.append(visitor)

    async def run(self) -> Outcome:
        visitors = [Visitor(self, number) for number in range(self.load.visitors)]
        for some in range(0, len(visitors), AT_ONCE):
            await asyncio.gather(*(visitor.join(self.load) for visitor in visitors[some : some + AT_ONCE]))
        await asyncio.sleep(SETTLE)
        self._begin(visitors)
        await asyncio.sleep(WARM)
        before, start = self._cpu(), clock()
        self._counting = True
        await asyncio.sleep(self.load.seconds)
        spent, after = clock() - start, self._cpu()
        self._counting = self._asking = False
        rss = machine.rss(self.load.server)
        await self._end(visitors)
        turns = len(self._turns)
        if not turns:
            raise SystemExit("not one turn was finished")
        server, database, client = (1e6 * (b - a) / turns for a, b in zip(before, after, strict=True))
        return Outcome(
            turns / spent,
            1e3 * percentile(self._turns, 0.5),
            1e3 * percentile(self._turns, 0.99),
            1e3 * percentile(self._acks, 0.5),
            server,
            database,
            client,
            rss,
            self.asked,
            self.odd,
        )

    def _begin(self, visitors: list[Visitor]) -> None:
        self._asking = True
        now = clock()
        if self.load.rate:
            self._free.extend(visitors)
            self._arrive(now)
        else:
            for visitor in visitors:
                visitor.ask(now)

    def _arrive(self, due: float) -> None:
        """Ask what is due by now, and come back for the next."""
        while self._asking and due <= clock():
            if self._free:
                self._free.popleft().ask(due)
            else:
                self._late.append(due)
            due += self._random.expovariate(self.load.rate)
        if self._asking:
            asyncio.get_running_loop().call_later(max(0.0, due - clock()), self._arrive, due)

    async def _end(self, visitors: list[Visitor]) -> None:
        self._late.clear()
        until = clock() + LINGER
        while any(visitor.busy for visitor in visitors) and clock() < until:
            await asyncio.sleep(0.02)
        for visitor in visitors:
            if visitor.socket is not None:
                visitor.socket.close()

    def _cpu(self) -> tuple[float, float, float]:
        database = sum(machine.family_cpu(self.load.database).values()) if self.load.database else 0.0
        own = machine.cpu_seconds(os.getpid())
        return machine.cpu_seconds(self.load.server), database, own


async def _main(load: Load) -> None:
    print(json.dumps(asdict(await Crowd(load).run())))


if __name__ == "__main__":
    machine.allow_files(4_096)
    uvloop.run(_main(Load(**json.load(sys.stdin))))
