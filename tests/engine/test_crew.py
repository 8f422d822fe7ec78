"""Tasks that outlive their starter, and a drain that waits for them, not for ever."""

import asyncio
import logging

import pytest

from engine.crew import Crew

pytestmark = pytest.mark.anyio


async def test_a_drain_lets_running_work_end() -> None:
    crew, done = Crew(), []

    async def work() -> None:
        await asyncio.sleep(0.05)
        done.append("worked")

    crew.start(work(), "work")
    await crew.drain(5)
    assert done == ["worked"]


async def test_a_drain_cancels_what_does_not_end_and_lets_it_close_properly() -> None:
    crew, closed = Crew(), []

    async def close() -> None:
        await asyncio.sleep(0.01)
        closed.append("closed")

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.shield(crew.start(close(), "close"))
            raise

    crew.start(endless(), "endless")
    await asyncio.sleep(0)
    await crew.drain(0.01)
    assert closed == ["closed"]


async def test_a_round_that_fails_is_logged_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    crew, rounds = Crew(), asyncio.Event()
    count = 0

    async def work() -> None:
        nonlocal count
        count += 1
        if count == 3:
            rounds.set()
        raise ValueError("not today")

    with caplog.at_level(logging.WARNING):
        crew.every(0.001, work, "sweep")
        await asyncio.wait_for(rounds.wait(), 5)
        await crew.drain(0)
    assert "sweep failed: not today" in caplog.text


async def test_work_that_fails_is_logged_with_its_name(caplog: pytest.LogCaptureFixture) -> None:
    crew = Crew()

    async def work() -> None:
        raise ValueError("broken")

    with caplog.at_level(logging.ERROR):
        crew.start(work(), "answer 7")
        await crew.drain(5)
    assert "answer 7 failed" in caplog.text
