"""Rates: how often somebody may do something, shared by all nodes through Redis, kept here when Redis is gone."""

import ipaddress
import logging
import math
import time

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter, RateLimiter

log = logging.getLogger(__name__)

TIMEOUT = 0.5  # s for one question to Redis: a message waits for it
PAUSE = 5.0  # s without a question to a Redis that failed; then one message tries it again, and only that one waits


class Limits:
    """Counts hits. ``redis_url`` None: this process alone."""

    def __init__(self, redis_url: str | None = None) -> None:
        self._local = Windows()
        self._shared: RateLimiter | None = None
        self._storage: RedisStorage | None = None
        self._paused_until = -math.inf
        if redis_url:
            options = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT}
            self._storage = RedisStorage(f"async+{redis_url}", implementation="redispy", **options)  # type: ignore[arg-type]
            self._shared = FixedWindowRateLimiter(self._storage)

    async def aclose(self) -> None:
        """Let go of Redis."""
        if self._storage is not None:
            # The library offers no way to close its pool.
            await self._storage.bridge.storage.aclose()  # type: ignore[attr-defined]

    async def hit(self, key: str, *rates: RateLimitItem) -> int | None:
        """Count one hit on ``key`` against every rate. None when allowed, else the seconds to wait. While Redis is
        gone each node counts for itself, so that spending stays capped (R15)."""
        if self._shared is None:
            return self._local.hit(key, *rates)
        now = time.monotonic()
        if now >= self._paused_until:
            probing = self._paused_until > -math.inf
            if probing:
                self._paused_until = now + PAUSE
            try:
                wait = await _hit(self._shared, key, rates)
            except Exception as failed:
                log.warning("shared limits unreachable: %s", type(failed).__name__)
                self._paused_until = time.monotonic() + PAUSE
            else:
                self._paused_until = -math.inf
                return wait
        return self._local.hit(key, *rates)


class Windows:
    """Fixed windows in this process, cut by the clock, so that a window's counts are dropped as one when it ends. (The
    library's memory storage looks through every key at each hit: 18 ms at 50,000 visitors.)"""

    def __init__(self) -> None:
        self._windows: dict[int, tuple[int, dict[str, int]]] = {}

    def hit(self, key: str, *rates: RateLimitItem) -> int | None:
        """As :meth:`Limits.hit`."""
        now = time.time()
        for rate in rates:
            seconds = rate.get_expiry()
            number = int(now // seconds)
            current, counts = self._windows.get(seconds, (-1, {}))
            if current != number:
                counts = {}
                self._windows[seconds] = (number, counts)
            count = counts[key] = counts.get(key, 0) + 1
            if count > rate.amount:
                return max(1, math.ceil((number + 1) * seconds - now))
        return None


def visitor_rates(per_minute: int, per_day: int) -> tuple[RateLimitItem, ...]:
    return RateLimitItemPerMinute(per_minute), RateLimitItemPerDay(per_day)


def network(address: str) -> str:
    """What is counted as one sender: an IPv4 address, or the /64 an IPv6 address lies in (R15)."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((parsed, 64), strict=False).network_address)
    return str(parsed)


async def _hit(limiter: RateLimiter, key: str, rates: tuple[RateLimitItem, ...]) -> int | None:
    for rate in rates:
        if not await limiter.hit(rate, key):
            window = await limiter.get_window_stats(rate, key)
            return max(1, math.ceil(window.reset_time - time.time()))
    return None
