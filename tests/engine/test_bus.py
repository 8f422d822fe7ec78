"""The bus: in memory, and across nodes over a real Redis that may be gone, late or hanging (R19)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from engine.bus import Draft, MemoryBus
from engine.redis_bus import RedisBus
from tests.servers.redis import Redis

pytestmark = pytest.mark.anyio


class Ear:
    def __init__(self) -> None:
        self.heard: list[str] = []
        self.news = asyncio.Event()

    def put(self, frame: str) -> None:
        self.heard.append(frame)
        self.news.set()

    async def until(self, frame: str, seconds: float = 10) -> None:
        async with asyncio.timeout(seconds):
            while frame not in self.heard:
                self.news.clear()
                await self.news.wait()


@contextlib.asynccontextmanager
async def two_nodes(redis: Redis) -> AsyncIterator[tuple[RedisBus, RedisBus]]:
    here, there = RedisBus(redis.url), RedisBus(redis.url)
    await here.start()
    await there.start()
    try:
        yield here, there
    finally:
        await here.stop()
        await there.stop()


async def healthy(bus: RedisBus, is_healthy: bool, seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while bus.healthy is not is_healthy:
            bus.flipped.clear()
            if bus.healthy is not is_healthy:
                await bus.flipped.wait()


async def test_a_frame_reaches_every_ear_of_its_channel_and_no_other() -> None:
    bus, ada, bob, eve = MemoryBus(), Ear(), Ear(), Ear()
    await bus.subscribe("room:1", ada)
    await bus.subscribe("room:1", bob)
    await bus.subscribe("room:2", eve)
    bus.publish("room:1", "hello")
    assert (ada.heard, bob.heard, eve.heard) == (["hello"], ["hello"], [])
    bus.unsubscribe("room:1", bob)
    bus.publish("room:1", "again")
    assert (ada.heard, bob.heard) == (["hello", "again"], ["hello"])
    assert bus.channels("room:") == ["room:1", "room:2"]


async def test_subscribing_twice_hears_once() -> None:
    bus, ada = MemoryBus(), Ear()
    await bus.subscribe("room:1", ada)
    await bus.subscribe("room:1", ada)
    bus.publish("room:1", "hello")
    assert ada.heard == ["hello"]


async def test_a_frame_crosses_nodes_once_and_in_order(redis_server: Redis) -> None:
    async with two_nodes(redis_server) as (here, there):
        ada, grace = Ear(), Ear()
        await here.subscribe("room:1", ada)
        await there.subscribe("room:1", grace)
        for number in range(50):
            here.publish("room:1", f"frame {number}")
        await grace.until("frame 49")
        assert grace.heard == ada.heard == [f"frame {number}" for number in range(50)]


async def test_a_subscription_holds_from_its_return_on(redis_server: Redis) -> None:
    async with two_nodes(redis_server) as (here, there):
        for number in range(30):
            ear = Ear()
            await there.subscribe(f"room:{number}", ear)
            here.publish(f"room:{number}", "now")
            await ear.until("now")


async def test_a_draft_is_read_on_another_node_until_it_is_dropped(redis_server: Redis) -> None:
    async with two_nodes(redis_server) as (here, there):
        ear = Ear()
        await there.subscribe("room:1", ear)
        here.write_draft("1", Draft("a" * 32, "Delivery takes 🌿"))
        here.publish("room:1", "written")
        await ear.until("written")
        assert await there.draft("1") == Draft("a" * 32, "Delivery takes 🌿")
        here.drop_draft("1")
        here.publish("room:1", "dropped")
        await ear.until("dropped")
        assert await there.draft("1") is None


async def test_a_redis_that_was_restarted_is_used_again_with_every_subscription(redis_server: Redis) -> None:
    async with two_nodes(redis_server) as (here, there):
        ear = Ear()
        await there.subscribe("room:1", ear)
        redis_server.stop()
        await healthy(here, False)
        await healthy(there, False)
        here.publish("room:1", "lost")
        redis_server.start()
        await healthy(here, True)
        await healthy(there, True)
        assert there.flipped.is_set()
        here.publish("room:1", "found")
        await ear.until("found")
        assert ear.heard == ["found"]


async def test_with_redis_hanging_this_node_goes_on_at_once(redis_server: Redis) -> None:
    async with two_nodes(redis_server) as (here, _):
        ear = Ear()
        await here.subscribe("room:1", ear)
        redis_server.pause()
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for number in range(1000):
            here.publish("room:1", f"frame {number}")
        await here.subscribe("room:2", ear)
        assert await here.draft("1") is None
        assert len(ear.heard) == 1000
        assert loop.time() - begun < 5
        redis_server.resume()


async def test_a_node_that_starts_without_redis_finds_it_later(redis_server: Redis) -> None:
    redis_server.stop()
    bus, ear = RedisBus(redis_server.url), Ear()
    await bus.start()
    try:
        await bus.subscribe("room:1", ear)
        bus.publish("room:1", "alone")
        assert ear.heard == ["alone"]
        redis_server.start()
        await healthy(bus, True)
    finally:
        await bus.stop()
