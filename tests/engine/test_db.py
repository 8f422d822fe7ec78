"""What goes on behind its callers ends before the database is closed."""

import asyncio

import pytest

from engine import db as module
from engine.db import Database

pytestmark = pytest.mark.anyio


async def test_closing_waits_for_work_behind_and_for_what_that_starts(database_url: str) -> None:
    db, done = Database(database_url), list[str]()

    async def later() -> None:
        await db.ping()
        done.append("later")

    async def first() -> str:
        await db.ping()
        db.behind(later(), "later")
        return "first"

    task = db.behind(first(), "first")
    await db.dispose()
    assert (task.result(), done) == ("first", ["later"])


async def test_work_that_hangs_is_cut_off_after_a_while(sqlite_url: str) -> None:
    db, cut = Database(sqlite_url), asyncio.Event()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cut.set()

    task = db.behind(hang(), "hanging")
    await asyncio.sleep(0)
    async with asyncio.timeout(module.CLOSING + 10):
        await db.dispose()
    assert cut.is_set()
    assert task.cancelled()


async def test_what_work_behind_raises_is_its_callers_alone(sqlite_url: str) -> None:
    db = Database(sqlite_url)

    async def fail() -> None:
        raise ValueError("broken")

    task = db.behind(fail(), "failing")
    await db.dispose()
    with pytest.raises(ValueError, match="broken"):
        await task
