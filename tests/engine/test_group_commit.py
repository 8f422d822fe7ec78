"""Calls that share a transaction: in order, and none pays for another's fault."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import Database, Unreachable
from engine.group_commit import GroupCommit

pytestmark = pytest.mark.anyio


@pytest.fixture
async def db(empty_database_url: str) -> AsyncIterator[Database]:
    db = Database(empty_database_url)
    async with db.write() as session:
        await session.execute(text("CREATE TABLE notes (place INTEGER, note TEXT NOT NULL)"))
    yield db
    await db.dispose()


class Notes:
    """Writes notes; a batch that holds a broken one raises, as a statement would."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.lost = False

    async def apply(self, session: AsyncSession, items: Sequence[str]) -> list[str]:
        self.batches.append(list(items))
        if self.lost:
            raise Unreachable("gone")
        for item in items:
            await session.execute(
                text("INSERT INTO notes SELECT count(*), :note FROM notes"), {"note": None if item == "bad" else item}
            )
        return [item.upper() for item in items]


async def stored(db: Database) -> list[str]:
    async with db.read() as session:
        return list((await session.execute(text("SELECT note FROM notes ORDER BY place"))).scalars())


async def test_calls_that_come_while_a_commit_is_under_way_share_the_next_in_order(db: Database) -> None:
    notes = Notes()
    commit = GroupCommit(db, notes.apply, most=20)
    names = [f"n{number}" for number in range(50)]
    assert await asyncio.gather(*(commit(name) for name in names)) == [name.upper() for name in names]
    assert await stored(db) == names
    assert [len(batch) for batch in notes.batches] == [20, 20, 10]
    assert await commit("later") == "LATER"


async def test_when_a_call_returns_its_item_is_committed(db: Database) -> None:
    commit = GroupCommit(db, Notes().apply)

    async def check(name: str) -> bool:
        await commit(name)
        return name in await stored(db)

    assert all(await asyncio.gather(*(check(f"n{number}") for number in range(10))))


async def test_one_broken_item_does_not_hurt_its_neighbours(db: Database) -> None:
    commit = GroupCommit(db, Notes().apply)
    outcomes = await asyncio.gather(*(commit(name) for name in ("a", "bad", "b", "c")), return_exceptions=True)
    assert [each for each in outcomes if isinstance(each, str)] == ["A", "B", "C"]
    assert isinstance(outcomes[1], Exception)
    assert await stored(db) == ["a", "b", "c"]


async def test_a_database_that_is_gone_is_told_to_everybody_and_nobody_is_tried_alone(db: Database) -> None:
    notes = Notes()
    commit = GroupCommit(db, notes.apply)
    notes.lost = True
    outcomes = await asyncio.gather(*(commit(name) for name in "abc"), return_exceptions=True)
    assert [type(each) for each in outcomes] == [Unreachable] * 3
    assert notes.batches == [["a", "b", "c"]]
    notes.lost = False
    assert await commit("back") == "BACK"
    assert await stored(db) == ["back"]


async def test_a_caller_who_leaves_takes_nobody_along(db: Database) -> None:
    commit = GroupCommit(db, Notes().apply)
    calls = [asyncio.create_task(commit(name)) for name in "abc"]
    await asyncio.sleep(0)
    calls[1].cancel()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert (outcomes[0], outcomes[2]) == ("A", "C")
    assert await stored(db) == ["a", "b", "c"], "what was asked for is stored all the same"
