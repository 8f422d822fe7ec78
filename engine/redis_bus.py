"""The bus of many processes: local sinks first, the other nodes through Redis pub/sub."""

import asyncio
import contextlib
import logging
from collections import defaultdict
from typing import Any

from engine.bus import Bus, Draft, MemoryBus, Sink
from engine.db import new_id

log = logging.getLogger(__name__)

DRAFT_TTL = 120  # s that a draft outlives its last delta in Redis; an answer takes at most 60
DRAFT_TIMEOUT = 0.5  # s to read a draft: somebody who joins waits for it
BACKLOG = 10_000  # publications kept for a Redis that is slow; beyond it the oldest hints are dropped
REDIS_TIMEOUT = 2  # s for one Redis command, and between two probes of its health
RETRY = 0.5  # s between two attempts to reach a Redis that is gone
ID_LENGTH = 32  # characters of an id
CONFIRM = 1  # s to wait for Redis to confirm a subscription before going on with local delivery alone


class RedisBus(MemoryBus):
    """The bus of many processes: local sinks first, the other nodes through Redis pub/sub.

    When Redis is gone ``healthy`` is False, local delivery goes on, and whoever keeps heads polls faster; once it is
    back every channel is subscribed again and ``flipped`` tells to check the heads at once.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        from redis.asyncio import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        self._redis: Redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=REDIS_TIMEOUT,
            socket_connect_timeout=REDIS_TIMEOUT,
            retry=Retry(NoBackoff(), 0),
        )
        self._pubsub: Any = None
        self._node = new_id()[:8]
        self._out: asyncio.Queue[tuple[str, str, str]] = asyncio.Queue(BACKLOG)
        self._waiting: dict[str, list[asyncio.Future[None]]] = defaultdict(list)
        self._tasks: list[asyncio.Task[None]] = []
        self._unsubscribed: set[str] = set()
        self._sending = False
        self.healthy = False

    async def start(self) -> None:
        with contextlib.suppress(Exception):
            await self._connect()
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._send())]

    async def stop(self) -> None:
        """Let what was published last, the end of an answer perhaps, reach the other nodes first."""
        deadline = asyncio.get_running_loop().time() + CONFIRM
        while self.healthy and (self._sending or not self._out.empty()):
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(0.01)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(Exception):
            await self._forget_pubsub()
            await self._redis.aclose()

    async def subscribe(self, channel: str, sink: Sink) -> None:
        first = self._add(channel, sink)
        self._unsubscribed.discard(channel)
        if not self.healthy or not (first or channel in self._waiting):
            return
        confirmed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[channel].append(confirmed)
        try:
            async with asyncio.timeout(CONFIRM):
                if first:
                    await self._pubsub.subscribe(channel)
                await confirmed
        except Exception as failed:
            log.warning("redis subscription unconfirmed: %s", type(failed).__name__)
        finally:
            self._settle(channel)

    def unsubscribe(self, channel: str, sink: Sink) -> None:
        super().unsubscribe(channel, sink)
        if channel not in self._sinks and self.healthy:
            self._unsubscribed.add(channel)

    def publish(self, channel: str, frame: str) -> None:
        self.deliver(channel, frame)
        self._queue("publish", channel, self._node + frame)

    def write_draft(self, room_id: str, draft: Draft) -> None:
        super().write_draft(room_id, draft)
        self._queue("draft", f"draft:{room_id}", draft.answer_id + draft.text)

    async def draft(self, room_id: str) -> Draft | None:
        local = await super().draft(room_id)
        if local is not None or not self.healthy:
            return local
        try:
            async with asyncio.timeout(DRAFT_TIMEOUT):
                found: Any = await self._redis.get(f"draft:{room_id}")
        except Exception as failed:
            log.warning("redis draft unread: %s", type(failed).__name__)
            return None
        return Draft(found[:ID_LENGTH], found[ID_LENGTH:]) if found else None

    def drop_draft(self, room_id: str) -> None:
        super().drop_draft(room_id)
        self._queue("drop", f"draft:{room_id}", "")

    def _queue(self, verb: str, key: str, value: str) -> None:
        if not self.healthy:
            return
        if self._out.full():
            self._out.get_nowait()
        self._out.put_nowait((verb, key, value))

    async def _send(self) -> None:
        """Everything queued goes out in one pipeline; a silent spell probes Redis instead."""
        while True:
            batch = await self._batch()
            if not self.healthy:
                continue
            self._sending = bool(batch)
            try:
                if self._unsubscribed:
                    gone, self._unsubscribed = self._unsubscribed, set()
                    await self._pubsub.unsubscribe(*gone)
                async with asyncio.timeout(REDIS_TIMEOUT):
                    await self._pipe(batch)
            except Exception as failed:
                self._down(failed)
            finally:
                self._sending = False

    async def _batch(self) -> list[tuple[str, str, str]]:
        # Not wait_for: before Python 3.12 it swallows a cancellation that meets a publication, and a stop never ends.
        try:
            async with asyncio.timeout(REDIS_TIMEOUT):
                batch = [await self._out.get()]
        except TimeoutError:
            return []
        while not self._out.empty() and len(batch) < 500:
            batch.append(self._out.get_nowait())
        return batch

    async def _pipe(self, batch: list[tuple[str, str, str]]) -> None:
        if not batch:
            await self._redis.ping()
            return
        async with self._redis.pipeline(transaction=False) as pipe:
            for verb, key, value in batch:
                if verb == "publish":
                    pipe.publish(key, value)
                elif verb == "draft":
                    pipe.set(key, value, ex=DRAFT_TTL)
                else:
                    pipe.delete(key)
            await pipe.execute()

    async def _listen(self) -> None:
        while True:
            try:
                if not self.healthy:
                    await self._connect()
                message = await self._pubsub.get_message(ignore_subscribe_messages=False, timeout=REDIS_TIMEOUT)
                if message is not None:
                    self._receive(message)
            except Exception as failed:
                self._down(failed)
                await asyncio.sleep(RETRY)

    def _receive(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":
            self._settle(message["channel"])
        elif message["type"] == "message" and not message["data"].startswith(self._node):
            self.deliver(message["channel"], message["data"][len(self._node) :])

    async def _connect(self) -> None:
        await self._forget_pubsub()
        await self._redis.ping()
        self._pubsub = self._redis.pubsub()
        wanted, asked = {f"node:{self._node}", *self._sinks}, set[str]()
        while missing := wanted - asked:  # who listens since the last look is not subscribed by anybody else
            await self._pubsub.subscribe(*missing)
            asked |= missing
            wanted = {*wanted, *self._sinks}
        self._flip(True)

    async def _forget_pubsub(self) -> None:
        if self._pubsub is not None:
            pubsub, self._pubsub = self._pubsub, None
            with contextlib.suppress(Exception):
                await pubsub.aclose()

    def _down(self, why: Exception) -> None:
        if self.healthy:
            log.warning("redis is gone (%s): this node goes on alone and polls", type(why).__name__)
            self._flip(False)

    def _flip(self, healthy: bool) -> None:
        self.healthy = healthy
        self.flipped.set()
        while not healthy and not self._out.empty():
            self._out.get_nowait()

    def _settle(self, channel: str) -> None:
        for waiting in self._waiting.pop(channel, []):
            if not waiting.done():
                waiting.set_result(None)


def connect(redis_url: str | None) -> Bus:
    """The bus that the settings ask for; not started yet."""
    return RedisBus(redis_url) if redis_url else MemoryBus()
