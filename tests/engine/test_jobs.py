"""Jobs: written with their cause, claimed once, tried again with pauses, given up with the reason kept."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine import jobs
from engine.db import Database, now
from engine.models import Job
from tests import schema

pytestmark = pytest.mark.anyio


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    await schema.ready(database_url)
    db = Database(database_url)
    yield db
    await db.dispose()


async def add(db: Database, *numbers: int, run_at: datetime | None = None) -> None:
    async with db.write() as session:
        for number in numbers:
            await jobs.add(session, "count", {"number": number}, run_at)


async def rows(db: Database) -> list[Job]:
    async with db.read() as session:
        return list((await session.execute(select(Job).order_by(Job.run_at))).scalars())


async def make_due(db: Database) -> None:
    async with db.write() as session:
        await session.execute(update(Job).values(run_at=now() - timedelta(seconds=1)))


class Counting:
    """Remembers what it did; ``answer`` is returned, or raised when it is an exception."""

    def __init__(self, answer: datetime | Exception | None = None) -> None:
        self.done: list[int] = []
        self.answer = answer

    async def __call__(self, payload: dict[str, Any]) -> datetime | None:
        self.done.append(payload["number"])
        await asyncio.sleep(0)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def test_several_workers_do_each_job_once(db: Database, database_url: str) -> None:
    await add(db, *range(60))
    workers = [Database(database_url) for _ in range(3)]
    count = Counting()
    while any(await asyncio.gather(*(jobs.run_due(worker, {"count": count}, 7) for worker in workers))):
        pass
    for worker in workers:
        await worker.dispose()
    assert sorted(count.done) == list(range(60))
    assert {row.state for row in await rows(db)} == {"done"}


async def test_a_job_is_gone_with_the_transaction_that_wrote_it(db: Database) -> None:
    async def breaking() -> None:
        async with db.write() as session:
            await jobs.add(session, "count", {"number": 1})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await breaking()
    assert await rows(db) == []


async def test_a_job_waits_for_its_time_and_runs_again_when_it_asks_to(db: Database) -> None:
    later = now() + timedelta(hours=1)
    await add(db, 1, run_at=later)
    count = Counting(later)
    assert await jobs.run_due(db, {"count": count}) == 0
    await make_due(db)
    assert await jobs.run_due(db, {"count": count}) == 1
    (row,) = await rows(db)
    assert (count.done, row.state, row.run_at, row.attempts) == ([1], "ready", later, 0)


async def test_a_failing_job_is_tried_again_with_growing_pauses_and_given_up_with_its_reason(db: Database) -> None:
    await add(db, 1)
    count, pauses = Counting(ValueError("no such thing")), []
    for _ in range(jobs.ATTEMPTS):
        began = now()
        assert await jobs.run_due(db, {"count": count}) == 1
        (row,) = await rows(db)
        pauses.append(round((row.run_at - began).total_seconds()))
        assert row.error == "ValueError: no such thing"
        assert await jobs.run_due(db, {"count": count}) == 0
        await make_due(db)
    assert pauses[:-1] == [5, 10, 20, 40, 80, 160, 320]
    (row,) = await rows(db)
    assert (row.state, len(count.done)) == ("dead", jobs.ATTEMPTS)
    assert await jobs.run_due(db, {"count": count}) == 0


async def test_a_job_of_a_kind_that_nobody_knows_fails_like_any_other_and_harms_no_neighbour(db: Database) -> None:
    async with db.write() as session:
        await jobs.add(session, "unheard of", {})
    await add(db, 1)
    count = Counting()
    assert await jobs.run_due(db, {"count": count}) == 2
    assert sorted((row.kind, row.state) for row in await rows(db)) == [("count", "done"), ("unheard of", "ready")]


async def test_what_a_worker_that_died_had_claimed_is_taken_up_again(db: Database) -> None:
    await add(db, 1)
    async with db.write() as session:
        (claimed,) = await jobs.claim(session, now(), 5)  # and then the process is gone
    count = Counting()
    assert await jobs.run_due(db, {"count": count}) == 0, "it may still be at work"
    async with db.write() as session:
        (again,) = await jobs.claim(session, now() + jobs.LEASE, 5)
    assert (again.id, again.attempts) == (claimed.id, 2)
