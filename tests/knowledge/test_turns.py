"""One reader at a time for a site."""

from datetime import timedelta

import pytest

from engine.db import Database, now
from knowledge.sites import turns

pytestmark = pytest.mark.anyio
HOST, MINE, YOURS = "shop.example", "a" * 32, "b" * 32
PAUSE = timedelta(hours=1)


async def take(database: Database, holder: str, host: str = HOST) -> bool:
    async with database.write() as session:
        later = await turns.take(session, host, holder)
    assert later is None or later > now() - turns.PATIENCE
    return later is None


async def leave(database: Database, holder: str, pause: timedelta) -> bool:
    async with database.write() as session:
        return await turns.leave(session, HOST, holder, pause)


async def test_a_site_has_one_reader_and_another_site_its_own(database: Database) -> None:
    assert await take(database, MINE)
    assert not await take(database, YOURS)
    assert await take(database, YOURS, "other.example")


async def test_one_that_leaves_hears_whether_another_waits_who_then_may_read_after_the_pause(
    database: Database,
) -> None:
    assert await take(database, MINE)
    assert not await leave(database, MINE, PAUSE)
    assert not await take(database, YOURS), "the pause is for everybody else"
    assert await take(database, MINE), "one that went on has waited itself"
    assert not await take(database, YOURS)
    assert await leave(database, MINE, timedelta())
    assert await take(database, YOURS)
    assert not await take(database, MINE)


async def test_one_that_no_longer_has_the_turn_gives_nothing_away(database: Database) -> None:
    assert await take(database, MINE)
    assert not await leave(database, YOURS, timedelta())
    assert not await take(database, YOURS)
