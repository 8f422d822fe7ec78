"""The floor every test stands on: real servers, each started on first use and ended with the session.

A part that is missing on this machine fails the test that asks for it; nothing is skipped.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests import schema
from tests.schema import Lending
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
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without a table: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'frontdesk.sqlite'}"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = postgres.new_database()
    yield url
    postgres.start()
    postgres.drop_database(url)


@pytest.fixture(scope="session")
def lending(postgres_cluster: Postgres) -> Lending:
    """The PostgreSQL databases that tests use one after the other."""
    return Lending(postgres_cluster)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite database with the schema and no row: for what no database decides."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'frontdesk.sqlite'}"
    asyncio.run(schema.ready(url))
    return url


@pytest.fixture
def postgresql_url(postgres: Postgres, lending: Lending) -> Iterator[str]:
    """The same of a PostgreSQL database."""
    url = lending.lend()
    yield url
    lending.take_back(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database with the schema and no row: the test runs once on SQLite and once on PostgreSQL."""
    # Asked for here, so that a run on SQLite alone starts no server.
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


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
