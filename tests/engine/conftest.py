"""A stage for every test that asks for one, on each database in turn; the schema is made once and copied."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

import migrations
from tests.servers.postgres import Postgres
from tests.stage import Stage, staged


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with the schema and nothing in it."""
    file = tmp_path_factory.mktemp("migrated") / "frontdesk.sqlite"
    asyncio.run(migrations.upgrade(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def migrated_url(postgres_cluster: Postgres) -> str:
    """The same on PostgreSQL, to be copied."""
    url = postgres_cluster.new_database()
    asyncio.run(migrations.upgrade(url))
    return url


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """For what no database decides."""
    shutil.copy(migrated_file, tmp_path / "frontdesk.sqlite")
    return f"sqlite+aiosqlite:///{tmp_path / 'frontdesk.sqlite'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database with the schema: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = postgres.new_database(like=request.getfixturevalue("migrated_url"))
    yield url
    postgres.start()
    postgres.drop_database(url)


@pytest.fixture
async def stage(database_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """The engine without a model, its cast in place."""
    async with staged(database_url, tmp_path) as stage:
        yield stage
