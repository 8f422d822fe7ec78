"""Jobs: written with their cause, claimed once, retried, given up with the reason kept."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

import migrations
from engine import jobs
from engine.db import Database, now
from engine.models import Job

pytestmark = pytest.mark.anyio


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    await migrations.upgrade(database_url)
    database = Database(database_url)
    yield database
    await database.dispose()


async def add(db: Database, number: int = 1, run_at: datetime | None = None) -> None:
    async with db.write() as session:
        for each in range(number):
            await jobs.add(session, "greet", {"number": each}, run_at)


async def row(db: Database) -> Job:
    async with db.read() as session:
        return (await session.execute(select(Job))).scalar_one()


async def test_a_job_of_a_transaction_that_fails_was_never_there(db: Database) -> None:
    async def regret() -> None:
        async with db.write() as session:
            await jobs.add(session, "greet", {})
            raise ValueError("after all not")

    with pytest.raises(ValueError, match="after all not"):
        await regret()
    async with db.read() as session:
        assert (await session.execute(select(Job))).first() is None


async def test_many_workers_do_each_job_once(db: Database) -> None:
    await add(db, 60)
    done: list[int] = []

    async def greet(payload: dict[str, Any]) -> None:
        await asyncio.sleep(0)
        done.append(payload["number"])

    async def worker() -> None:
        while await jobs.run_due(db, {"greet": greet}, limit=7):
            pass

    await asyncio.gather(*(worker() for _ in range(5)))
    assert sorted(done) == list(range(60))
    async with db.read() as session:
        assert set((await session.execute(select(Job.state))).scalars()) == {"done"}


async def test_a_job_that_is_not_due_waits(db: Database) -> None:
    await add(db, run_at=now() + timedelta(minutes=1))
    assert await jobs.run_due(db, {}) == 0


async def test_a_handler_may_ask_to_be_called_again(db: Database) -> None:
    await add(db)
    later = now() + timedelta(minutes=3)

    async def again(payload: dict[str, Any]) -> datetime | None:
        return later

    await jobs.run_due(db, {"greet": again})
    job = await row(db)
    assert (job.state, job.run_at) == ("ready", later)


async def test_a_job_that_fails_is_tried_again_with_growing_pauses_and_given_up_with_its_reason(db: Database) -> None:
    await add(db)

    async def fail(payload: dict[str, Any]) -> None:
        raise ConnectionError("nobody at home")

    pauses = []
    for _ in range(jobs.ATTEMPTS):
        before = now()
        assert await jobs.run_due(db, {"greet": fail}) == 1
        pauses.append((await row(db)).run_at - before)
        async with db.write() as session:
            await session.execute(update(Job).values(run_at=before))
    job = await row(db)
    assert job.state == "dead"
    assert job.error == "ConnectionError: nobody at home"
    assert pauses[:-1] == sorted(pauses[:-1])
    assert pauses[3] > 4 * pauses[0]
    assert await jobs.run_due(db, {"greet": fail}) == 0


async def test_a_job_whose_worker_died_is_taken_up_again_after_its_lease(db: Database) -> None:
    await add(db)
    async with db.write() as session:
        assert len(await jobs.claim(session, now(), 5)) == 1
    async with db.write() as session:
        assert await jobs.claim(session, now(), 5) == []
        assert len(await jobs.claim(session, now() + jobs.LEASE + timedelta(seconds=1), 5)) == 1
