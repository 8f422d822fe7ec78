"""How often a sign-in may fail: per address and per account (R11)."""

import hashlib
import logging
import math
import time
from typing import Protocol

from limits.aio.storage import MemoryStorage, RedisStorage
from redis.asyncio import ConnectionPool

from engine.limits import network

PER_ADDRESS = (5, 5 * 60)  # failures, in seconds
PER_ACCOUNT = (10, 15 * 60)  # failures, in seconds

log = logging.getLogger(__name__)


class Counts(Protocol):
    """The part of a ``limits`` storage that is used here."""

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int: ...
    async def get_expiry(self, key: str) -> float: ...


class Attempts:
    """Counts sign-ins before they are tried, so that a hundred at once are no way round, and takes back those that
    succeed. Shared by all nodes through Redis; while Redis is gone each node counts for itself."""

    def __init__(self, redis_url: str | None = None) -> None:
        self._local: Counts = MemoryStorage()
        self._shared: Counts | None = None
        self._pool: ConnectionPool | None = None
        if redis_url:
            self._pool = ConnectionPool.from_url(redis_url, socket_timeout=1, socket_connect_timeout=1)
            shared = {"connection_pool": self._pool}
            self._shared = RedisStorage(f"async+{redis_url}", implementation="redispy", **shared)  # type: ignore[arg-type]

    async def aclose(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()

    async def take(self, address: str, account: str) -> int | None:
        """Count one attempt. None when it may go on, else the seconds to wait."""
        for key, limit, seconds in _keys(address, account):
            wait = await self._count(key, limit, seconds, 1)
            if wait is not None:  # a refused address must not use up the account's attempts
                return wait
        return None

    async def give_back(self, address: str, account: str) -> None:
        """The attempt succeeded: it does not count."""
        for key, limit, seconds in _keys(address, account):
            await self._count(key, limit, seconds, -1)

    async def _count(self, key: str, limit: int, seconds: int, amount: int) -> int | None:
        if self._shared is not None:
            try:
                return await _add(self._shared, key, limit, seconds, amount)
            except Exception as failed:
                log.warning("shared limits unreachable: %s", type(failed).__name__)
        return await _add(self._local, key, limit, seconds, amount)


async def _add(counts: Counts, key: str, limit: int, seconds: int, amount: int) -> int | None:
    if await counts.incr(key, seconds, amount) <= limit:
        return None
    return max(1, math.ceil(await counts.get_expiry(key) - time.time()))


def _keys(address: str, account: str) -> list[tuple[str, int, int]]:
    """The counters of one attempt; the account is hashed, so that keys have a fixed length and hold no address."""
    digest = hashlib.sha256(account.encode("utf-8", "surrogatepass")).hexdigest()
    return [(f"sign-in:ip:{network(address)}", *PER_ADDRESS), (f"sign-in:account:{digest}", *PER_ACCOUNT)]
