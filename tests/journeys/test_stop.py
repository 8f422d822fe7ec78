"""R14, R19: a process ends in order: answers first, then the door; and says why when it cannot start."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from tests.doubles.openai import OpenAI
from tests.journeys import audit
from tests.journeys.pair import STORY, WORDS, paired
from tests.journeys.shop import BETWEEN, Shop, opened
from tests.journeys.tab import Tab
from tests.servers.postgres import Postgres
from tests.servers.process import ROOT, Node
from tests.servers.redis import Redis
from tests.wire import Client

HEAD_SECONDS = 10  # s that a request's head may take (R14)
LEFT = 6  # s beside STOP_SECONDS that closing everything may take
CLEAN = (0, -15)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with opened(f"sqlite+aiosqlite:///{tmp_path / 'frontdesk.db'}") as shop:
        yield shop


@pytest.fixture
async def model() -> AsyncIterator[OpenAI]:
    async with OpenAI(answer=STORY, delay=0.02) as model:
        yield model


def settings(shop: Shop, model: OpenAI, stop_seconds: float) -> dict[str, str]:
    return shop.environment(OPENAI_BASE_URL=model.base_url, OPENAI_API_KEY="k", STOP_SECONDS=stop_seconds)


async def writing(stack: AsyncExitStack, shop: Shop, node: Node, count: int) -> list[Client]:
    """Visitors whose answers are being written."""
    visitors = [await stack.enter_async_context(shop.visitor(node)) for _ in range(count)]
    for visitor in visitors:
        await visitor.join()
        await visitor.send(BETWEEN[0])
    for visitor in visitors:
        await visitor.until("answer.delta")
    return visitors


async def close_code(visitor: Client) -> int | None:
    """The code the server closes this socket with."""
    try:
        while True:
            await visitor.hear()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


async def test_on_sigterm_sockets_close_with_1012_and_running_answers_are_finished(
    shop: Shop, model: OpenAI, tmp_path: Path
) -> None:
    async with Node(tmp_path / "node", settings(shop, model, 20)) as node, AsyncExitStack() as stack:
        visitors = await writing(stack, shop, node, 5)

        ending = asyncio.create_task(node.terminate())
        codes = await asyncio.gather(*[close_code(visitor) for visitor in visitors])

        assert codes == [1012] * 5
        assert not ending.done(), "the answers were not waited for"
        assert await ending in CLEAN, node.output()
    rest = await audit.at_rest(shop.db)
    assert rest.answers == {"complete": 5}
    assert rest.spent == 5


async def test_answers_that_take_longer_than_the_stop_are_closed_with_what_was_delivered(
    shop: Shop, model: OpenAI, tmp_path: Path
) -> None:
    model.behave = "hang_mid"
    async with Node(tmp_path / "node", settings(shop, model, 1)) as node, AsyncExitStack() as stack:
        visitors = await writing(stack, shop, node, 5)
        asked = visitors[0]
        await asked.until(lambda frame: frame["type"] == "answer.delta" and WORDS[20] in frame["text"])

        began = time.monotonic()
        ending = asyncio.create_task(node.terminate())
        codes = await asyncio.gather(*[close_code(visitor) for visitor in visitors])

        assert await ending in CLEAN, node.output()
        assert time.monotonic() - began < 1 + LEFT
        assert codes == [1012] * 5
        rest = await audit.at_rest(shop.db)
        assert rest.answers == {"failed": 5}
        assert rest.spent == 5, "what was delivered is charged, once"
        await node.start()
        async with shop.visitor(node) as again:
            joined = await again.join(token=next(f["token"] for f in asked.heard if f["type"] == "room.joined"))
            last = joined["messages"][-1]
            assert last["state"] == "failed"
            assert last["text"].startswith("".join(WORDS[:20]))
            assert STORY.startswith(last["text"].rstrip())


async def test_what_was_asked_while_the_last_answer_was_written_is_answered_or_closed_before_the_end(
    shop: Shop, model: OpenAI, tmp_path: Path
) -> None:
    async with Node(tmp_path / "node", settings(shop, model, 20)) as node, AsyncExitStack() as stack:
        (visitor,) = await writing(stack, shop, node, 1)
        await visitor.send(BETWEEN[1])

        ending = asyncio.create_task(node.terminate())

        assert await close_code(visitor) == 1012
        assert await ending in CLEAN, node.output()
    rest = await audit.at_rest(shop.db)
    assert rest.answers == {"complete": 2}


async def test_the_tabs_of_a_stopping_node_go_on_at_the_other_which_does_not_take_their_answers_for_dead(
    postgres: Postgres, redis_server: Redis, tmp_path: Path
) -> None:
    settings = {"ANSWER_LEASE_SECONDS": 3, "STOP_SECONDS": 25}
    async with paired(postgres.new_database(), redis_server.url, tmp_path, **settings) as pair:
        pair.model.delay = 0.17  # 10 s in all: three leases, and two sweeps of the other node
        nodes = [pair.a]
        async with AsyncExitStack() as stack:
            dialing = [Tab(lambda: pair.shop.visitor(nodes[0])) for _ in range(10)]
            tabs = [await stack.enter_async_context(tab) for tab in dialing]
            for tab in tabs:
                await tab.post(BETWEEN[0])
            for tab in tabs:
                await tab.until(lambda tab=tab: bool(tab.streaming))  # type: ignore[misc]

            nodes[0] = pair.b
            assert await pair.a.terminate() in CLEAN, pair.a.output()

            for tab in tabs:
                await tab.until(lambda tab=tab: tab.settled and tab.texts("bot") == [STORY])  # type: ignore[misc]
                assert tab.closes == [1012]
            rest = await audit.at_rest(pair.shop.db)
            assert rest.answers == {"complete": 10}
            await audit.kept(pair.shop.db, tabs)


async def test_a_dribbled_request_head_is_cut_after_10_seconds_and_a_silent_socket_too(
    shop: Shop, model: OpenAI, tmp_path: Path
) -> None:
    async with Node(tmp_path / "node", settings(shop, model, 1)) as node, shop.visitor(node) as silent:
        port = int(node.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: dribble\r\n")
        began = time.monotonic()

        async def dribble() -> None:
            while True:
                writer.write(b"X-Slow: 1\r\n")
                await writer.drain()
                await asyncio.sleep(1)

        dribbling = asyncio.create_task(dribble())
        try:
            async with asyncio.timeout(HEAD_SECONDS + 5):
                assert await _all_of(reader) == b""
            assert time.monotonic() - began >= HEAD_SECONDS - 1
            async with asyncio.timeout(HEAD_SECONDS + 5):
                assert await close_code(silent) == 1008
        finally:
            dribbling.cancel()
            await asyncio.gather(dribbling, return_exceptions=True)
            writer.transport.abort()


async def _all_of(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionError:
        return b""


def refused(node: Node, **settings: str) -> str:
    """What a second process with the node's settings says, which ends it with code 2."""
    done = subprocess.run(
        [sys.executable, "-m", "console", "serve"],
        cwd=ROOT,
        env=node.environment | settings,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


async def test_a_second_server_on_one_sqlite_file_and_a_taken_port_are_refused_with_a_sentence(
    shop: Shop, model: OpenAI, tmp_path: Path
) -> None:
    async with Node(tmp_path / "node", settings(shop, model, 1)) as node:
        taken = await asyncio.to_thread(refused, node)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            free = str(probe.getsockname()[1])
        second = await asyncio.to_thread(refused, node, PORT=free)

        assert taken.startswith(f"frontdesk: PORT: {node.environment['PORT']} on 127.0.0.1 is taken")
        assert second.startswith("frontdesk: DATA_DIR: another `frontdesk serve` runs on ")
        assert f"process {node.pid}" in second
        async with shop.visitor(node) as visitor:  # and the first one did not suffer
            await visitor.join()
            assert (await visitor.send("Where do you deliver?"))["type"] == "ok"
