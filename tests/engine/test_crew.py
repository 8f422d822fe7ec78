"""Tasks that outlive the socket that started them."""

import asyncio
import logging

import pytest

from engine.crew import Crew

pytestmark = pytest.mark.anyio


async def test_a_task_that_fails_is_logged_and_forgotten(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError("broken")

    crew = Crew()
    await asyncio.wait({crew.start(fail(), "the failing one")})
    await crew.drain(1)
    assert "the failing one failed" in caplog.text


async def test_draining_waits_for_what_can_end_and_cancels_what_cannot() -> None:
    ended: list[str] = []

    async def quick() -> None:
        await asyncio.sleep(0.01)
        ended.append("quick")

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("endless")

    crew = Crew()
    crew.start(quick(), "quick")
    crew.start(endless(), "endless")
    await asyncio.sleep(0)
    await crew.drain(0.1)
    assert ended == ["quick", "endless"]


async def test_what_a_cancelled_task_starts_in_order_to_close_is_waited_for() -> None:
    crew, ended = Crew(), []

    async def close() -> None:
        await asyncio.sleep(0.01)
        ended.append("closed")

    async def answer() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.shield(crew.start(close(), "close"))

    crew.start(answer(), "answer")
    await asyncio.sleep(0)
    await crew.drain(0.01)
    assert ended == ["closed"]


async def test_a_round_that_fails_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    times, enough = [], asyncio.Event()

    async def work() -> None:
        times.append(asyncio.get_running_loop().time())
        if len(times) == 3:
            enough.set()
        if len(times) == 1:
            raise ValueError("once")

    crew = Crew()
    crew.every(0.01, work, "the round")
    async with asyncio.timeout(5):
        await enough.wait()
    await crew.drain(1)
    assert "the round failed: once" in caplog.text
    count = len(times)
    await asyncio.sleep(0.03)
    assert len(times) == count, "drained rounds rest"


async def test_a_round_at_work_finishes_before_the_drain_does_and_one_that_hangs_is_cut() -> None:
    crew, ended, begun = Crew(), [], asyncio.Event()

    async def work() -> None:
        begun.set()
        await asyncio.sleep(0.05)
        ended.append("whole")

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cut")

    crew.every(60, work, "at work")
    crew.every(60, hang, "hanging")
    await begun.wait()
    await crew.drain(0.2)
    assert ended == ["whole", "cut"]
