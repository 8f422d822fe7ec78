"""Whatever the model's server does (R8): a plain message in time, what was delivered is kept, nothing leaks."""

import asyncio
import json
import logging
import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from engine import phrases
from engine.ports import Fact
from engine.providers import OpenAICompatible, Timeouts
from tests.doubles.behaviours import ODD_USAGES
from tests.doubles.knowledge import FACT
from tests.doubles.openai import BEHAVIOURS, SECRET, OpenAI
from tests.engine import books
from tests.stage import Stage, staged
from tests.wire import Client, Frame

pytestmark = pytest.mark.anyio

KEY = "sk-our-own-key-000"
ANSWER = "You can return any item within 30 days, free of charge."
RETURNS = Fact("f" * 32, "Can I return an item?", ANSWER, 0.9)
QUICK = Timeouts(connect=0.8, first=0.8, between=0.8, total=1.2, tail=0.1)
WHOLE = {"ok", "unshaped", "endless", "no_finish", "running_usage", "hang_tail", "no_done", "duplicates", *ODD_USAGES}
PARTIAL = {
    *("hang_mid", "empty_deltas", "cut", "cut_event", "end_early", "garbage", "invalid_utf8", "huge_line"),
    "error_event",
}
STATUSES = ("301", "400", "401", "403", "404", "408", "418", "429", "429:0.1", "429:99", "500", "502", "503", "529")
FIRST_WORDS = {"endless": "and so on ", "duplicates": "You You can can", "unshaped": "Sure, here it is:"}


async def upstream(stack: AsyncExitStack, database_url: str, folder: Path, double: OpenAI) -> Stage:
    await stack.enter_async_context(double)
    provider = OpenAICompatible(model="double", api_key=KEY, base_url=double.base_url, timeouts=QUICK)
    stage = await stack.enter_async_context(
        staged(database_url, folder, provider=provider, credits=100_000, ANSWER_SECONDS=5)
    )
    stage.oracle.facts = (FACT, RETURNS)
    return stage


async def ask(ada: Client, behaviour: str) -> Frame:
    assert (await ada.send(f"between you and me #{behaviour}"))["type"] == "ok"
    return await ada.until("answer.finished")


async def test_r8_every_misbehaviour_ends_in_a_plain_message_and_the_next_question_is_answered(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "aiosqlite")  # every statement
    heard: list[Frame] = []

    async def suffer(stage: Stage, behaviour: str) -> None:
        async with stage.visitor() as ada:
            await ada.join()
            began = time.monotonic()
            finished = await ask(ada, behaviour)
            seconds = time.monotonic() - began
            message, state, credits = finished["message"], finished["state"], finished["credits"]
            deltas = "".join(frame["text"] for frame in ada.heard if frame["type"] == "answer.delta")
            if behaviour == "drip":  # a byte at a time: whole or not, as fast as this machine is
                assert ANSWER.startswith(deltas), behaviour
            elif behaviour in WHOLE:
                assert (state, credits >= 1) == ("complete", True), behaviour
                assert message["text"].startswith(FIRST_WORDS.get(behaviour, ANSWER)), behaviour
                assert len(message["text"]) <= 20_100, behaviour  # endless, and past the ceiling that was asked for
            elif behaviour in PARTIAL:
                assert (state, credits >= 1, message["person"]) == ("failed", True, True), behaviour
                assert message["text"] == deltas, behaviour
                assert deltas.startswith("You can return"), behaviour
            else:
                told = (message["text"], state, credits, message["person"])
                assert told == (phrases.say("upstream"), "failed", 0, True), behaviour
            assert seconds < 10, behaviour
            after = await ask(ada, "ok")
            assert (after["state"], after["message"]["text"]) == ("complete", ANSWER), behaviour
            heard.extend(ada.heard)

    async with AsyncExitStack() as stack:
        stage = await upstream(stack, database_url, tmp_path, OpenAI(answer=ANSWER))
        ways = [*BEHAVIOURS, *STATUSES]
        for start in range(0, len(ways), 25):
            async with asyncio.TaskGroup() as group:
                for behaviour in ways[start : start + 25]:
                    group.create_task(suffer(stage, behaviour))
        money = await books.account(stage.db, stage.cast.acme.workspace_id)
    money.check()
    assert money.held == 0
    everything = json.dumps(heard) + caplog.text
    for secret in (SECRET, KEY, "/srv/secret", "chatcmpl"):
        assert secret not in everything, secret


async def test_r8_a_server_that_is_not_there_is_told_like_any_other_failure(sqlite_url: str, tmp_path: Path) -> None:
    async with OpenAI() as double:
        pass
    provider = OpenAICompatible(model="double", api_key=KEY, base_url=double.base_url, timeouts=QUICK)
    async with staged(sqlite_url, tmp_path, provider=provider) as stage, stage.visitor() as ada:
        await ada.join()
        assert (await ask(ada, "ok"))["message"]["text"] == phrases.say("upstream")


async def test_r8_the_whole_answer_is_bounded_by_the_wall_clock(sqlite_url: str, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        double = await stack.enter_async_context(OpenAI(behave="endless", delay=0.02))
        provider = OpenAICompatible(model="double", base_url=double.base_url, timeouts=QUICK)
        stage = await stack.enter_async_context(staged(sqlite_url, tmp_path, provider=provider, ANSWER_SECONDS=0.5))
        ada = await stack.enter_async_context(stage.visitor())
        await ada.join()
        finished = await ask(ada, "endless")
        async with asyncio.timeout(5):
            await double.requests[0].gone.wait()
    assert finished["state"] == "failed"
    assert finished["message"]["text"].startswith("and so on ")
    assert 5 < double.requests[0].pieces < 60


async def test_r8_a_stop_closes_the_connection_to_the_model(database_url: str, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        double = OpenAI(answer="word " * 5_000, delay=0.005)
        stage = await upstream(stack, database_url, tmp_path, double)
        ada = await stack.enter_async_context(stage.visitor())
        await ada.join()
        await ada.send("between you and me")
        await ada.until("answer.delta")
        await ada.until("answer.delta")
        await ada.say("answer.stop")
        finished = await ada.until("answer.finished")
        async with asyncio.timeout(5):
            await double.requests[0].gone.wait()
        assert finished["state"] == "stopped"
        assert finished["message"]["text"].startswith("word word")
        double.answer = ANSWER
        after = await ask(ada, "ok")
        assert after["state"] == "complete"


async def test_r8_an_answer_outlives_the_socket_that_asked_for_it(sqlite_url: str, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        answer = f"{ANSWER} {ANSWER}"
        stage = await upstream(stack, sqlite_url, tmp_path, OpenAI(answer=answer, delay=0.2))
        async with stage.visitor() as ada:
            joined = await ada.join()
            await ada.send("between you and me")
            await ada.until("answer.delta")
        async with stage.visitor() as ada:
            back = await ada.join(token=joined["token"])
            assert back["messages"][-1]["state"] == "streaming"
            assert back["draft"] == f"{ANSWER} "
            finished = await ada.until("answer.finished")
    assert finished["message"]["text"] == answer


async def test_deltas_are_gathered_to_one_frame_in_30_ms(sqlite_url: str, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        stage = await upstream(stack, sqlite_url, tmp_path, OpenAI(answer="word " * 300, delay=0.001))
        ada = await stack.enter_async_context(stage.visitor())
        await ada.join()
        began = time.monotonic()
        await ada.send("between you and me")
        finished = await ada.until("answer.finished")
        seconds = time.monotonic() - began
    deltas = [frame for frame in ada.heard if frame["type"] == "answer.delta"]
    assert "".join(delta["text"] for delta in deltas) == finished["message"]["text"] == "word " * 300
    assert [delta["at"] for delta in deltas] == [sum(len(d["text"]) for d in deltas[:n]) for n in range(len(deltas))]
    assert 4 < len(deltas) <= seconds / 0.03 + 2
