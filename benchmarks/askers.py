"""The client process of ``first_token``: so many at once ask a model, through us or with the openai client alone.

``python -m benchmarks.askers`` reads one :class:`Asking` as JSON from stdin and prints one :class:`Heard`.
"""

import asyncio
import json
import random
import re
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field

import uvloop

from benchmarks import questions
from benchmarks.upstream import moments
from benchmarks.wire import Socket, connect

STAMP = re.compile(rb"[a-j]{10,}q[a-j]{10,}")
PAUSE = 0.4  # s on average between an answer and the next question of the same visitor
PATIENCE = 30.0  # s for one answer


@dataclass(frozen=True, slots=True)
class Asking:
    """``url``: the product's WebSocket, or (``alone``) the upstream's base URL. Questions from the file ``texts``."""

    url: str
    origin: str
    visitors: int
    seconds: float
    texts: str
    alone: bool = False


@dataclass(slots=True)
class Heard:
    """ms for each answer: ``reach``, from sending the question until the upstream had read it; ``first``, from the
    upstream's writing of its first piece until the asker held it. ``missed``: answers that came without the model."""

    reach: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    missed: int = 0

    def note(self, sent: int, heard: int, stamp: re.Match[bytes]) -> None:
        asked, written = moments(stamp[0].decode())
        self.reach.append((asked - sent) / 1e6)
        self.first.append((heard - written) / 1e6)


async def ask_all(asking: Asking) -> Heard:
    heard, until = Heard(), time.monotonic() + asking.seconds
    texts = questions.kept(asking.texts)
    if asking.alone:
        await _alone(asking, heard, until, texts)
    else:
        visitors = (_visitor(asking, heard, until, texts, number) for number in range(asking.visitors))
        await asyncio.gather(*visitors)
    return heard


async def _questions(texts: list[str], number: int, until: float) -> AsyncIterator[str]:
    """The questions of one visitor, with pauses of random length, so that they do not step in time."""
    chance = random.Random(number)
    while True:
        await asyncio.sleep(chance.uniform(0, 2 * PAUSE))
        if time.monotonic() >= until:
            return
        yield chance.choice(texts)


async def _visitor(asking: Asking, heard: Heard, until: float, texts: list[str], number: int) -> None:
    ended = asyncio.Event()
    stamped = [0, False]

    def on_frame(frame: bytes) -> None:
        at = time.monotonic_ns()
        if frame.startswith(b'{"type":"answer.delta"'):
            if not stamped[1] and (stamp := STAMP.search(frame)):
                stamped[1] = True
                heard.note(int(stamped[0]), at, stamp)
        elif frame.startswith((b'{"type":"answer.finished"', b'{"type":"room.joined"')):
            ended.set()
        elif frame.startswith(b'{"type":"error"'):
            raise SystemExit(f"the server refused a question: {frame.decode()}")

    socket: Socket = await connect(asking.url, asking.origin, on_frame, number)
    socket.send(b'{"type":"room.join","after":0}')
    await ended.wait()
    count = 0
    async for text in _questions(texts, number, until):
        ended.clear()
        count += 1
        command = {"type": "message.send", "client_id": f"{number}-{count}", "text": text}
        stamped[:] = [time.monotonic_ns(), False]
        socket.send(json.dumps(command).encode())
        async with asyncio.timeout(PATIENCE):
            await ended.wait()
        heard.missed += not stamped[1]
    socket.close()


async def _alone(asking: Asking, heard: Heard, until: float, texts: list[str]) -> None:
    from openai import AsyncOpenAI

    async with AsyncOpenAI(api_key="none", base_url=asking.url, max_retries=0) as client:

        async def one(number: int) -> None:
            async for text in _questions(texts, number, until):
                sent, first = time.monotonic_ns(), True
                async with asyncio.timeout(PATIENCE):
                    stream = await client.chat.completions.create(
                        model="double",
                        messages=[{"role": "user", "content": text}],
                        stream=True,
                        stream_options={"include_usage": True},
                        max_tokens=400,
                    )
                    async for chunk in stream:
                        at = time.monotonic_ns()
                        piece = chunk.choices[0].delta.content if chunk.choices else None
                        if first and piece and (stamp := STAMP.match(piece.encode())):
                            first = False
                            heard.note(sent, at, stamp)
                heard.missed += first

        await asyncio.gather(*(one(number) for number in range(asking.visitors)))


async def _main(asking: Asking) -> None:
    print(json.dumps(asdict(await ask_all(asking))))


if __name__ == "__main__":
    uvloop.run(_main(Asking(**json.load(sys.stdin))))
