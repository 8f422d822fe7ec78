"""R4, R19: Redis is a hint. Restarted, gone or hanging, it delays no chat on one node and loses nothing across two."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from tests.journeys import audit
from tests.journeys.pair import STORY, WORDS, Pair, paired
from tests.journeys.shop import BETWEEN, SURE
from tests.journeys.tab import Tab
from tests.servers.postgres import Postgres
from tests.servers.process import Node
from tests.servers.redis import Redis
from tests.wire import Client

ACK = 1.0  # s within which a message is acknowledged, whatever becomes of Redis
NOTICED = 15.0  # s within which a lost last message is noticed (R4)
POLLED = 5.0  # s within which another node's message is polled while Redis is gone (R19)
NOISE = 1.5  # s more, for a machine that does something else as well


@pytest.fixture(scope="module")
async def the_pair(
    postgres_cluster: Postgres, redis_process: Redis, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Pair]:
    url = postgres_cluster.new_database()
    async with paired(url, redis_process.url, tmp_path_factory.mktemp("pair")) as pair:
        yield pair
    postgres_cluster.drop_database(url)


@pytest.fixture
async def pair(the_pair: Pair, redis_server: Redis) -> AsyncIterator[Pair]:
    """The pair, both of whose nodes reach Redis."""
    for node in (the_pair.a, the_pair.b):
        await redis_is(node, "ok")
    the_pair.model.delay = 0.0
    yield the_pair
    await audit.at_rest(the_pair.shop.db)


async def redis_is(node: Node, wanted: str) -> None:
    """Return once the node says so of Redis; it is ready in any case."""
    async with asyncio.timeout(20), httpx2.AsyncClient(trust_env=False, timeout=5) as client:
        while (told := await client.get(f"{node.url}/readyz")).json()["redis"] != wanted:
            assert told.status_code == 200
            await asyncio.sleep(0.05)


async def in_talk(pair: Pair, ada: Tab) -> Tab:
    """Grace's desk on B, in whose hands ada's room is; to be entered."""
    grace = pair.shop.acme.grace
    await ada.say("person.request")
    await ada.until(lambda: ada.replica.state.get("mode") == "waiting")
    async with await pair.shop.agent(pair.b, grace) as desk:
        assert (await desk.ask("room.claim", room=ada.room))["type"] == "ok"
    await ada.until(lambda: ada.replica.state["mode"] == "live", NOTICED)
    cookie = await pair.shop.signed_in(grace)
    return Tab(lambda: Client(pair.shop.desk(pair.b), origin=pair.b.url, cookie=cookie), room=ada.room)


async def acknowledged(tab: Tab, text: str) -> float:
    """Send ``text``; the seconds until it was acknowledged."""
    sent = time.monotonic()
    client_id = await tab.post(text)
    await tab.until(lambda: client_id in tab.acked)
    return time.monotonic() - sent


@pytest.mark.parametrize("moment", ["before", "between", "after"])
async def test_a_redis_restarted_while_the_last_message_is_sent_delays_it_by_at_most_15_seconds(
    pair: Pair, redis_server: Redis, moment: str
) -> None:
    async with pair.visitor(pair.a) as ada:
        await ada.until(lambda: ada.joined)
        async with await in_talk(pair, ada) as grace:
            await grace.until(lambda: grace.joined and grace.replica.have == ada.replica.have)
            if moment != "after":
                redis_server.stop()
            if moment == "before":
                redis_server.start()
            await ada.post("the visitor's last word")
            await grace.post("the agent's last word")
            if moment == "after":
                redis_server.stop()
            if moment != "before":
                redis_server.start()

            for tab in (ada, grace):  # nothing else is sent by anybody
                await tab.until(lambda tab=tab: len(tab.texts("visitor") + tab.texts("agent")) == 2, NOTICED)  # type: ignore[misc]

            await ada.until(lambda: ada.settled)
            await grace.until(lambda: grace.settled)
            assert ada.replica.transcript() == grace.replica.transcript()
            assert len(grace.acked) == len(ada.acked) == 1
    await audit.kept(pair.shop.db, [ada, grace])


async def test_a_hint_that_is_lost_without_a_trace_is_noticed_within_15_seconds(pair: Pair, tmp_path: Path) -> None:
    elsewhere = Redis()  # a node on another Redis believes that all is well, and hears of nothing
    try:
        elsewhere.start()
        settings = pair.shop.environment(REDIS_URL=elsewhere.url)
        async with Node(tmp_path / "deaf", settings) as deaf, pair.visitor(pair.a) as ada:
            await redis_is(deaf, "ok")
            await ada.until(lambda: ada.joined)
            async with pair.visitor(deaf, ada.token) as same:
                await same.until(lambda: same.joined)

                await ada.post(SURE[0])

                await same.until(lambda: len(same.texts("bot")) == 1 and same.settled, NOTICED)
                await ada.until(lambda: ada.settled)
                assert same.replica.transcript() == ada.replica.transcript()
    finally:
        elsewhere.remove()


async def test_with_redis_gone_chat_on_a_node_goes_on_and_the_other_node_follows_by_polling(
    pair: Pair, redis_server: Redis
) -> None:
    async with pair.visitor(pair.a) as ada, pair.visitor(pair.a) as bob:
        await ada.until(lambda: ada.joined)
        await bob.until(lambda: bob.joined)
        async with await in_talk(pair, ada) as grace:
            await grace.until(lambda: grace.joined and grace.replica.have == ada.replica.have)
            redis_server.stop()

            waits = [await acknowledged(bob, question) for question in (*SURE, *SURE)]

            assert max(waits) < ACK, waits
            await bob.until(lambda: bool(bob.texts("bot")) and bob.settled)
            pair.model.delay = 0.02
            await bob.post(BETWEEN[0])
            await bob.until(lambda: bob.texts("bot")[-1] == STORY and bob.settled)
            for node in (pair.a, pair.b):
                await redis_is(node, "unreachable")
            await ada.post("anybody there?")
            await grace.until(lambda: "anybody there?" in grace.texts("visitor"), POLLED + NOISE)
            await grace.post("yes")
            await ada.until(lambda: "yes" in ada.texts("agent"), POLLED + NOISE)
            async with pair.visitor(pair.b, bob.token) as again:
                await again.until(lambda: again.joined)
                assert again.replica.transcript() == bob.replica.transcript()
            redis_server.start()
            for node in (pair.a, pair.b):
                await redis_is(node, "ok")
            await ada.post("back")
            await grace.until(lambda: "back" in grace.texts("visitor"), 2)
    await audit.kept(pair.shop.db, [ada, bob, grace])


async def test_with_redis_hanging_nothing_blocks(pair: Pair, redis_server: Redis) -> None:
    async with pair.visitor(pair.a) as ada, pair.visitor(pair.b) as bob:
        await ada.until(lambda: ada.joined)
        await bob.until(lambda: bob.joined)
        redis_server.pause()

        for question in SURE:
            for tab in (ada, bob):
                assert await acknowledged(tab, question) < ACK
        pair.model.delay = 0.02
        await ada.post(BETWEEN[0])
        await ada.until(lambda: ada.texts("bot")[-1] == STORY and ada.settled, len(WORDS) * pair.model.delay + 5)
        began = time.monotonic()
        async with pair.visitor(pair.b, ada.token) as again:
            await again.until(lambda: again.joined)
            assert time.monotonic() - began < ACK + NOISE
            assert again.replica.transcript() == ada.replica.transcript()
            await ada.post(SURE[0])
            await again.until(lambda: again.texts("visitor")[-1] == SURE[0], POLLED + NOISE)
            await ada.say("person.request")
            await ada.until(lambda: ada.replica.state["mode"] == "waiting", ACK + NOISE)
        redis_server.resume()
        for node in (pair.a, pair.b):
            await redis_is(node, "ok")
        for tab in (ada, bob):
            await tab.until(lambda tab=tab: tab.settled)  # type: ignore[misc]
    await audit.kept(pair.shop.db, [ada, bob])
