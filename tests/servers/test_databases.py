import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from .child import Child
from .parts import MissingPart, program


async def test_an_empty_database_of_each_kind_takes_a_row(
    empty_database_url: str, request: pytest.FixtureRequest
) -> None:
    database = create_async_engine(empty_database_url)
    assert database.dialect.name in request.node.name
    async with database.begin() as connection:
        await connection.execute(text("CREATE TABLE rooms (name text)"))
        await connection.execute(text("INSERT INTO rooms VALUES ('ada')"))
    async with database.connect() as connection:
        assert await connection.scalar(text("SELECT name FROM rooms")) == "ada"
    await database.dispose()


def test_a_missing_part_fails_and_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingPart, match=r"redis-server is not on this machine.*apt-get install redis"):
        program("redis-server", package="redis-server")


async def test_a_child_is_refused_outside_the_main_thread(tmp_path: Path) -> None:
    assert threading.current_thread() is threading.main_thread()
    with pytest.raises(RuntimeError, match="from the main thread"):
        await asyncio.to_thread(Child, ["sleep", "60"], log=tmp_path / "log")
