"""Concurrent calls share a transaction, and none pays for another's broken one."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import Database, Unreachable
from engine.group_commit import GroupCommit

pytestmark = pytest.mark.anyio


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    async with database.write() as session:
        await session.execute(text("CREATE TABLE notes (word VARCHAR(20) PRIMARY KEY)"))
    yield database
    await database.dispose()


class Notes:
    """Writes words; remembers how they were grouped. ``broken`` raises, ``gone`` finds no database."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []

    async def write(self, session: AsyncSession, words: Sequence[str]) -> list[str]:
        self.groups.append(list(words))
        if "gone" in words:
            raise Unreachable("gone")
        for word in words:
            await session.execute(text("INSERT INTO notes VALUES (:word)"), {"word": word})
            if word == "broken":
                raise ValueError(word)
        return [word.upper() for word in words]


async def stored(db: Database) -> set[str]:
    async with db.read() as session:
        return set((await session.execute(text("SELECT word FROM notes"))).scalars())


async def test_what_comes_while_a_commit_is_on_its_way_shares_the_next(db: Database) -> None:
    notes = Notes()
    write = GroupCommit(db, notes.write)
    words = [f"word{number:02d}" for number in range(40)]
    outcomes = await asyncio.gather(*map(write, words))
    assert outcomes == [word.upper() for word in words]
    assert await stored(db) == set(words)
    assert len(notes.groups) <= 3
    assert [word for group in notes.groups for word in group] == words


async def test_a_group_is_bounded(db: Database) -> None:
    notes = Notes()
    write = GroupCommit(db, notes.write, most=5)
    await asyncio.gather(*(write(f"word{number}") for number in range(12)))
    assert max(map(len, notes.groups)) == 5


async def test_a_broken_item_fails_alone_and_its_neighbours_are_stored(db: Database) -> None:
    write = GroupCommit(db, Notes().write)
    outcomes = await asyncio.gather(write("first"), write("a"), write("broken"), write("b"), return_exceptions=True)
    assert [outcomes[0], outcomes[1], outcomes[3]] == ["FIRST", "A", "B"]
    assert isinstance(outcomes[2], ValueError)
    assert await stored(db) == {"first", "a", "b"}


async def test_a_database_that_is_gone_is_told_to_everybody_once(db: Database) -> None:
    notes = Notes()
    write = GroupCommit(db, notes.write)
    outcomes = await asyncio.gather(write("gone"), write("a"), write("b"), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Unreachable)]
    assert len(refused) + len(await stored(db)) == 3
    assert refused
    assert await write("after") == "AFTER"


async def test_a_caller_who_leaves_takes_nothing_back(db: Database) -> None:
    write = GroupCommit(db, Notes().write)
    leaving = asyncio.create_task(write("left"))
    await asyncio.sleep(0)
    leaving.cancel()
    await write("stayed")
    assert await stored(db) == {"left", "stayed"}
