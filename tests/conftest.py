"""The floor every test stands on: real servers, each started on first use and ended with the session.

A part that is missing on this machine fails the test that asks for it; nothing is skipped.
"""

import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.servers import browser as browsers
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis


def pytest_configure() -> None:
    # A run that is told to end does so like one that is interrupted: its fixtures end what they started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Postgres]:
    """The session's PostgreSQL, for fixtures that outlive one test; tests ask for `postgres`."""
    cluster = Postgres()
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def postgres(postgres_cluster: Postgres) -> Postgres:
    """A running PostgreSQL, whatever the test before did to it."""
    postgres_cluster.start()
    return postgres_cluster


@pytest.fixture
def durable_postgres() -> Iterator[Postgres]:
    """A PostgreSQL of the test's own that keeps what it acknowledged, also when it is killed."""
    cluster = Postgres(durable=True)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def redis_process() -> Iterator[Redis]:
    """The session's Redis; tests ask for `redis_server`."""
    redis = Redis()
    try:
        redis.start()
        yield redis
    finally:
        redis.remove()


@pytest.fixture
def redis_server(redis_process: Redis) -> Redis:
    """A running, empty Redis, whatever the test before did to it."""
    redis_process.resume()
    redis_process.start()
    redis_process.empty()
    return redis_process


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'frontdesk.sqlite'}"
        return
    # Asked for here, so that a run on SQLite alone starts no server.
    postgres: Postgres = request.getfixturevalue("postgres")
    url = postgres.new_database()
    yield url
    postgres.start()
    postgres.drop_database(url)


@pytest.fixture(scope="session")
async def browser(anyio_backend: str) -> AsyncIterator[Browser]:
    """The session's Chromium; a test opens a context or asks for `page`."""
    async with browsers.launched() as chromium:
        yield chromium


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A fresh page; an exception that its scripts do not catch fails the test."""
    async with browsers.fresh_page(browser) as page:
        yield page
