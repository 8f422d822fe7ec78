"""The bus: a hint to whoever listens, on this node at once, on the others through Redis, and never a wait."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from engine.bus import Draft, MemoryBus, room_channel
from engine.redis_bus import RedisBus, connect
from tests.engine import books
from tests.servers.redis import Redis

pytestmark = pytest.mark.anyio

ROOM = room_channel("r" * 32)
ANSWER = "a" * 32


class Ear:
    """A sink that remembers, and can be waited for."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def put(self, frame: str) -> None:
        self.heard.append(frame)

    async def hears(self, *frames: str) -> None:
        async def all_of_them() -> bool:
            return self.heard == list(frames)

        await books.until(all_of_them)


@asynccontextmanager
async def started(redis: Redis) -> AsyncIterator[RedisBus]:
    bus = RedisBus(redis.url)
    await bus.start()
    try:
        yield bus
    finally:
        await bus.stop()


async def becomes(bus: RedisBus, healthy: bool) -> None:
    async def so() -> bool:
        return bus.healthy is healthy

    await books.until(so)


async def test_in_memory_a_frame_reaches_each_listener_of_its_channel_once() -> None:
    bus = connect(None)
    assert isinstance(bus, MemoryBus)
    one, two, other = Ear(), Ear(), Ear()
    for ear in (one, one, two):
        await bus.subscribe(ROOM, ear)
    await bus.subscribe("room:other", other)
    bus.publish(ROOM, "x")
    assert (one.heard, two.heard, other.heard) == (["x"], ["x"], [])
    assert bus.channels("room:") == [ROOM, "room:other"]
    bus.unsubscribe(ROOM, one)
    bus.unsubscribe(ROOM, one)
    bus.publish(ROOM, "y")
    assert (one.heard, two.heard) == (["x"], ["x", "y"])
    bus.unsubscribe(ROOM, two)
    assert bus.channels(ROOM) == []


async def test_a_listener_that_leaves_while_a_frame_is_handed_round_harms_nobody() -> None:
    bus, last = MemoryBus(), Ear()

    class Leaving:
        def put(self, frame: str) -> None:
            bus.unsubscribe(ROOM, self)

    await bus.subscribe(ROOM, Leaving())
    await bus.subscribe(ROOM, last)
    bus.publish(ROOM, "x")
    assert last.heard == ["x"]


async def test_a_draft_is_kept_until_it_is_dropped() -> None:
    bus = MemoryBus()
    bus.write_draft("r", Draft(ANSWER, "so far"))
    assert await bus.draft("r") == (ANSWER, "so far")
    bus.drop_draft("r")
    bus.drop_draft("r")
    assert await bus.draft("r") is None


async def test_over_redis_a_frame_reaches_both_nodes_once_and_in_order(redis_server: Redis) -> None:
    async with started(redis_server) as here, started(redis_server) as there:
        near, far = Ear(), Ear()
        await here.subscribe(ROOM, near)
        await there.subscribe(ROOM, far)
        for number in range(50):
            here.publish(ROOM, f"{number}")
        there.publish(ROOM, "back 🌿")
        await far.hears("back 🌿", *map(str, range(50)))
        await near.hears(*map(str, range(50)), "back 🌿")
        here.deliver(ROOM, "only here")
        here.publish(ROOM, "last")
        await far.hears("back 🌿", *map(str, range(50)), "last")


async def test_over_redis_a_channel_that_was_left_is_silent_and_can_be_entered_again(redis_server: Redis) -> None:
    async with started(redis_server) as here, started(redis_server) as there:
        gone, back = Ear(), Ear()
        await there.subscribe(ROOM, gone)
        there.unsubscribe(ROOM, gone)
        await there.subscribe(ROOM, back)
        here.publish(ROOM, "x")
        await back.hears("x")
        assert gone.heard == []


async def test_over_redis_a_draft_is_seen_from_the_other_node_and_expires(redis_server: Redis) -> None:
    async with started(redis_server) as here, started(redis_server) as there:
        here.write_draft("r", Draft(ANSWER, "so far: 🌿"))

        async def seen() -> Draft | None:
            return await there.draft("r")

        assert await books.until(seen) == Draft(ANSWER, "so far: 🌿")
        assert 0 < await here._redis.ttl("draft:r") <= 120
        here.drop_draft("r")

        async def unseen() -> bool:
            return await there.draft("r") is None

        await books.until(unseen)


async def test_r19_after_a_restart_of_redis_every_channel_is_heard_again(redis_server: Redis) -> None:
    async with started(redis_server) as here, started(redis_server) as there:
        before, meanwhile = Ear(), Ear()
        await there.subscribe(ROOM, before)
        redis_server.stop()
        for bus in (here, there):
            await becomes(bus, False)
            assert bus.flipped.is_set()
            bus.flipped.clear()
        await there.subscribe("room:new", meanwhile)
        there.publish(ROOM, "alone")
        assert before.heard == ["alone"], "this node goes on"
        redis_server.start()
        for bus in (here, there):
            await becomes(bus, True)
            assert bus.flipped.is_set(), "heads are to be checked at once"
        here.publish(ROOM, "together")
        here.publish("room:new", "new")
        await before.hears("alone", "together")
        await meanwhile.hears("new")


async def test_r19_a_redis_that_hangs_delays_neither_a_publication_nor_a_subscription_for_long(
    redis_server: Redis,
) -> None:
    async with started(redis_server) as bus:
        ear = Ear()
        await bus.subscribe(ROOM, ear)
        redis_server.pause()
        began = time.monotonic()
        for number in range(20_000):  # more than the backlog holds
            bus.publish(ROOM, f"{number}")
            bus.write_draft("other", Draft(ANSWER, "x"))
        assert len(ear.heard) == 20_000
        assert bus._out.qsize() <= 10_000
        assert time.monotonic() - began < 2
        late = Ear()
        await bus.subscribe("room:late", late)
        assert await bus.draft("unknown") is None
        assert time.monotonic() - began < 5
        await becomes(bus, False)
        redis_server.resume()
        await becomes(bus, True)
        async with started(redis_server) as other:
            other.publish("room:late", "heard")
            await late.hears("heard")


async def test_a_redis_that_is_not_there_at_the_start_is_found_when_it_comes(redis_server: Redis) -> None:
    redis_server.stop()
    async with started(redis_server) as bus:
        assert bus.healthy is False
        ear = Ear()
        await bus.subscribe(ROOM, ear)
        bus.publish(ROOM, "here")
        assert ear.heard == ["here"]
        redis_server.start()
        await becomes(bus, True)


async def test_stopping_a_bus_leaves_no_task_behind(redis_server: Redis) -> None:
    before = asyncio.all_tasks()
    async with started(redis_server) as bus:
        await bus.subscribe(ROOM, Ear())
    assert asyncio.all_tasks() == before
