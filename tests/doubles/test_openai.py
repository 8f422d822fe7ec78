"""The double speaks the real protocol, so that what passes against it passes against an upstream."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import openai
import pytest

from tests.doubles.behaviours import ODD_USAGES
from tests.doubles.openai import BEHAVIOURS, SECRET, OpenAI
from tests.doubles.reply import UNKNOWN

pytestmark = pytest.mark.anyio

SYSTEM = 'Rules.\n\nFacts:\n<fact id="f1">\nQuestion: Return?\nAnswer: Within 30 days,\nfree of charge.\n</fact>'


def asked(question: str = "May I?", **more: Any) -> dict[str, Any]:
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question}]
    return {"model": "double", "messages": messages, "stream": True, **more}


async def post(double: OpenAI, question: str = "May I?", **more: Any) -> httpx2.Response:
    async with httpx2.AsyncClient(timeout=5) as http:
        return await http.post(f"{double.base_url}/chat/completions", json=asked(question, **more))


@pytest.fixture
async def sdk() -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(api_key="k", base_url="http://unset", max_retries=0) as client:
        yield client


async def test_the_sdk_reads_a_grounded_answer_with_its_usage(sdk: openai.AsyncOpenAI) -> None:
    async with OpenAI() as double:
        chat = sdk.with_options(base_url=double.base_url).chat.completions
        stream = await chat.create(**asked(stream_options={"include_usage": True}))
        chunks = [chunk async for chunk in stream]
    told = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert told == "Within 30 days,\nfree of charge."
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert (chunks[-1].choices, chunks[-1].usage.completion_tokens) == ([], 6)


async def test_the_sdk_reads_a_whole_answer_and_the_models(sdk: openai.AsyncOpenAI) -> None:
    async with OpenAI(answer="Hello there") as double:
        client = sdk.with_options(base_url=double.base_url)
        told = await client.chat.completions.create(**asked(stream=False))
        assert told.choices[0].message.content == "Hello there"
        assert [model.id async for model in client.models.list()] == ["double"]


async def test_no_more_words_come_than_the_ceiling_and_the_reason_says_so() -> None:
    async with OpenAI(answer="one two three") as double:
        told = (await post(double, stream=False, max_tokens=2)).json()["choices"][0]
    assert (told["message"]["content"], told["finish_reason"]) == ("one two ", "length")


async def test_without_facts_it_says_that_it_does_not_know() -> None:
    async with OpenAI() as double, httpx2.AsyncClient() as http:
        body = {"model": "x", "messages": [{"role": "user", "content": "Hi"}]}
        told = (await http.post(f"{double.base_url}/chat/completions", json=body)).json()
    assert told["choices"][0]["message"]["content"] == UNKNOWN


async def test_words_in_the_message_go_before_the_script_and_the_script_before_the_rest() -> None:
    async with OpenAI(behave="403", script=["500"]) as double:
        told = [(await post(double, question)).status_code for question in ("a #429:7 b", "is #1 in #colour", "x")]
        assert told == [429, 500, 403]
        assert [request.behaviour for request in double.requests] == ["429:7", "500", "403"]


async def test_an_error_holds_a_secret_and_the_pause_it_was_told() -> None:
    async with OpenAI(behave="429:7") as double:
        told = await post(double)
    assert SECRET in told.text
    assert told.headers["retry-after"] == "7"


async def test_it_tells_when_the_client_left_and_how_far_it_came() -> None:
    async with OpenAI(behave="hang_mid", answer="one two three four") as double, httpx2.AsyncClient() as http:
        async with http.stream("POST", f"{double.base_url}/chat/completions", json=asked()) as response:
            async for chunk in response.aiter_raw():
                if b"two" in chunk:
                    break
        await asyncio.wait_for(double.requests[0].gone.wait(), 2)
        (request,) = double.requests
        assert (request.pieces, request.answered) == (2, False)
        assert request.gone_at is not None
        assert request.gone_at > request.at


async def test_an_answer_heard_to_the_end_is_no_early_leave() -> None:
    async with OpenAI() as double:
        await post(double)
        assert double.requests[0].answered
        assert not double.requests[0].gone.is_set()


async def test_control_changes_what_it_does_and_tells_what_was_asked_without_the_key() -> None:
    async with OpenAI() as double, httpx2.AsyncClient(headers={"authorization": "Bearer hidden"}) as http:
        control = double.base_url.replace("/v1", "/control")
        await http.post(control, json={"script": ["500"], "behave": "403", "answer": "Hi", "port": 1})
        codes = [(await http.post(f"{double.base_url}/chat/completions", json=asked())).status_code for _ in range(2)]
        told = await http.get(control)
        assert codes == [500, 403]
        assert [told.json()["count"], told.json()["requests"][0]["body"]] == [2, asked()]
        assert "hidden" not in told.text
        assert double.answer == "Hi"
        assert (await http.post(control, json={"reset": True})).json()["count"] == 0


def test_it_misbehaves_in_every_way_that_the_house_tests_for() -> None:
    assert set(BEHAVIOURS) >= {
        *("hang", "hang_after_head", "hang_mid", "hang_tail", "cut", "cut_before_head", "cut_event", "end_early"),
        *("garbage", "html", "invalid_utf8", "huge_line", "error_event", "error_first", "comments", "empty_deltas"),
        *("drip", "endless", "duplicates", "gzip_bomb", "redirect", "empty", "no_done", "no_finish", "running_usage"),
        *ODD_USAGES,
    }


async def test_as_a_process_it_prints_its_port_serves_and_ends_on_sigterm() -> None:
    command = [sys.executable, "-m", "tests.doubles.openai", "--script", "503", "--answer", "Hi", "--delay", "0"]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    port = int(await asyncio.wait_for(process.stdout.readline(), 20))
    async with httpx2.AsyncClient() as http:
        codes = [
            (await http.post(f"http://127.0.0.1:{port}/v1/chat/completions", json=asked())).status_code for _ in "ab"
        ]
        count = (await http.get(f"http://127.0.0.1:{port}/control")).json()["count"]
    process.send_signal(signal.SIGTERM)
    await asyncio.wait_for(process.communicate(), 10)
    assert (codes, count, process.returncode) == ([503, 200], 2, 0)


async def test_the_gzip_it_sends_is_a_bomb() -> None:
    async with (
        OpenAI(behave="gzip_bomb") as double,
        httpx2.AsyncClient() as http,
        http.stream("POST", f"{double.base_url}/chat/completions", json=asked()) as response,
    ):
        packed = b"".join([chunk async for chunk in response.aiter_raw()])
    assert response.headers["content-encoding"] == "gzip"
    assert len(packed) < 100_000
