"""Whatever an upstream does, the reader gets its text or one plain failure, in time, and the connection is closed."""

import asyncio
import logging
import socket
import time
import traceback
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

import pytest

from engine.ports import Prompt, Provider, UpstreamFailed, Usage
from engine.providers import OpenAICompatible, Timeouts
from tests.doubles.behaviours import ODD_USAGES
from tests.doubles.openai import SECRET, OpenAI

pytestmark = pytest.mark.anyio

KEY = "sk-our-own-key-000"
ANSWER = "You can return any item within 30 days, free of charge."
PROMPT = Prompt((("system", "Answer from the facts."), ("user", "May I send it back?")), 20)
QUICK = Timeouts(connect=0.3, first=0.3, between=0.3, total=0.4, tail=0.05)
LONG = Timeouts(connect=5, first=5, between=5, total=6, tail=5)


@dataclass(frozen=True, slots=True)
class Heard:
    text: str
    usage: Usage | None
    code: str | None
    traceback: str = ""


async def hear(provider: Provider, max_tokens: int = 100) -> Heard:
    text, usage = "", None
    try:
        async for piece in provider.stream(PROMPT, max_tokens=max_tokens):
            if isinstance(piece, Usage):
                usage = piece
            else:
                text += piece
    except UpstreamFailed as failed:
        told = "".join(traceback.format_exception(failed))
        return Heard(text, usage, failed.code, told)
    return Heard(text, usage, None)


@asynccontextmanager
async def speaking(double: OpenAI, timeouts: Timeouts = LONG) -> AsyncIterator[OpenAICompatible]:
    provider = OpenAICompatible(model="double", api_key=KEY, base_url=double.base_url, timeouts=timeouts)
    try:
        yield provider
    finally:
        await provider.aclose()


async def test_a_schema_is_a_wish_that_a_server_may_refuse_once() -> None:
    schema = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    wished = Prompt(PROMPT.messages, PROMPT.tokens, schema=schema)
    async with OpenAI(answer="{}", behave="unshaped") as double, speaking(double) as provider:
        for _ in range(2):
            text = "".join([piece async for piece in provider.stream(wished, max_tokens=50) if isinstance(piece, str)])
            assert "{}" in text
        bodies = [request.body for request in double.requests]
        assert [body.get("response_format") is None for body in bodies] == [False, True, True]
        form = {"name": "reply", "strict": True, "schema": schema}
        assert bodies[0]["response_format"] == {"type": "json_schema", "json_schema": form}
    async with OpenAI(behave="400") as double, speaking(double) as provider:
        for prompt, asked in ((wished, 2), (wished, 4), (PROMPT, 5)):
            with pytest.raises(UpstreamFailed, match="refused"):
                await anext(provider.stream(prompt, max_tokens=50))
            assert len(double.requests) == asked


async def test_a_reply_comes_piece_by_piece_with_its_usage_last() -> None:
    async with OpenAI(answer=ANSWER, delay=0.002) as double, speaking(double) as provider:
        pieces = [piece async for piece in provider.stream(PROMPT, max_tokens=100)]
    assert len(pieces) > 5
    assert "".join(str(piece) for piece in pieces[:-1]) == ANSWER
    assert pieces[-1] == Usage(11, 11)


async def test_the_request_says_what_is_asked_and_no_more() -> None:
    async with OpenAI() as double, speaking(double) as provider:
        await hear(provider, max_tokens=7)
    (request,) = double.requests
    assert request.body == {
        "model": "double",
        "messages": [{"role": role, "content": text} for role, text in PROMPT.messages],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 7,
    }
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["accept-encoding"] == "identity"


async def test_two_replies_share_a_connection() -> None:
    async with OpenAI(answer=ANSWER) as double, speaking(double) as provider:
        assert (await hear(provider)).text == (await hear(provider)).text == ANSWER
        assert (len(double.requests), double.connections) == (2, 1)


@pytest.mark.parametrize("way", ["no_done", "no_finish", "hang_tail", "drip", "running_usage"])
async def test_a_whole_text_is_a_whole_reply_however_the_stream_ends(way: str) -> None:
    async with OpenAI(behave=way, answer=ANSWER) as double, speaking(double, QUICK) as provider:
        heard = await hear(provider)
    assert (heard.text, heard.code) == (ANSWER, None)


# Behaviour of the upstream, what we call it, whether text comes before, requests made.
FAILURES = [
    ("hang", "timeout", False, 2),
    ("hang_after_head", "timeout", False, 2),
    ("comments", "timeout", False, 2),
    ("hang_mid", "timeout", True, 1),
    ("empty_deltas", "timeout", True, 1),
    ("400", "refused", False, 1),
    ("401", "refused", False, 1),
    ("403", "refused", False, 1),
    ("404", "refused", False, 1),
    ("redirect", "refused", False, 1),
    ("empty", "refused", False, 1),
    ("429", "busy", False, 1),
    ("429:30", "busy", False, 1),
    ("429:0.01", "busy", False, 2),
    ("503:30", "busy", False, 1),
    ("503:0.01", "busy", False, 2),
    ("500:0.01", "unreachable", False, 2),
    ("500", "unreachable", False, 2),
    ("cut_before_head", "unreachable", False, 2),
    ("error_first", "unreachable", False, 2),
    ("cut", "unreachable", True, 1),
    ("cut_event", "unreachable", True, 1),
    ("end_early", "unreachable", True, 1),
    ("error_event", "unreachable", True, 1),
    ("garbage", "garbage", True, 1),
    ("invalid_utf8", "garbage", True, 1),
    ("html", "garbage", False, 1),
    ("gzip_bomb", "garbage", False, 1),
    ("huge_line", "too_large", True, 1),
    ("endless", "too_large", True, 1),
]


@pytest.mark.parametrize(("way", "code", "speaks", "requests"), FAILURES, ids=[way for way, *_ in FAILURES])
async def test_r8_an_upstream_that_fails_is_one_plain_failure_in_time_without_its_words(
    way: str, code: str, speaks: bool, requests: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with OpenAI(behave=way, answer=ANSWER) as double, speaking(double, QUICK) as provider:
        began = time.monotonic()
        heard = await hear(provider)
        took = time.monotonic() - began
    assert (heard.code, heard.usage, len(double.requests)) == (code, None, requests)
    assert bool(heard.text) is speaks
    if way != "endless":
        assert ANSWER.startswith(heard.text)
        assert took < QUICK.total + 0.3
    for hidden in (SECRET, KEY, "/srv/", "/v1", str(double.port)):
        assert hidden not in caplog.text + heard.traceback


@pytest.mark.parametrize("way", ["500:0.01", "503:0.01", "429:0.01", "cut_before_head", "error_first"])
async def test_r8_one_retry_before_the_first_piece_saves_the_reply(way: str) -> None:
    async with OpenAI(script=[way], answer=ANSWER) as double, speaking(double) as provider:
        heard = await hear(provider)
    assert (heard.text, heard.code, len(double.requests)) == (ANSWER, None, 2)


async def test_r8_a_hung_head_is_asked_again_within_the_time_that_is_left() -> None:
    limits = Timeouts(first=0.2, total=1.0)
    async with OpenAI(script=["hang"], answer=ANSWER) as double, speaking(double, limits) as provider:
        assert (await hear(provider)).text == ANSWER
        assert len(double.requests) == 2


def test_r8_the_longest_wait_for_a_first_piece_leaves_a_second_to_say_so() -> None:
    limits = Timeouts()
    assert (limits.connect, limits.first, limits.between) == (5, 15, 15)
    assert limits.total <= 19


async def test_r8_a_port_where_nobody_listens_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        provider = OpenAICompatible(model="x", base_url=f"http://127.0.0.1:{taken.getsockname()[1]}/v1", timeouts=QUICK)
        assert (await hear(provider)).code == "unreachable"
        await provider.aclose()


async def test_r8_an_address_that_swallows_packets_is_given_up_in_time() -> None:
    with socket.socket() as deaf, socket.socket() as first:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)  # one connection fills the queue; the next one's packets are dropped
        first.connect(deaf.getsockname())
        provider = OpenAICompatible(model="x", base_url=f"http://127.0.0.1:{deaf.getsockname()[1]}/v1", timeouts=QUICK)
        began = time.monotonic()
        assert (await hear(provider)).code == "timeout"
        assert time.monotonic() - began < QUICK.total + 0.3
        await provider.aclose()


async def test_a_reply_that_is_slow_but_steady_is_heard_to_its_end() -> None:
    async with OpenAI(answer=ANSWER, delay=0.08) as double, speaking(double, QUICK) as provider:
        began = time.monotonic()
        assert (await hear(provider)).text == ANSWER
        assert time.monotonic() - began > QUICK.total


@pytest.mark.parametrize("way", sorted(ODD_USAGES.keys() - {"huge_usage"}))
async def test_r7_usage_that_is_no_count_is_not_handed_on(way: str) -> None:
    async with OpenAI(behave=way, answer=ANSWER) as double, speaking(double) as provider:
        assert await hear(provider) == Heard(ANSWER, None, None)


async def test_r7_a_huge_usage_is_handed_on_to_be_clamped() -> None:
    async with OpenAI(behave="huge_usage", answer=ANSWER) as double, speaking(double) as provider:
        assert (await hear(provider)).usage == Usage(10**15, 10**15)


async def test_what_an_upstream_says_twice_is_handed_on_as_said() -> None:
    async with OpenAI(behave="duplicates", answer="One two") as double, speaking(double) as provider:
        assert (await hear(provider)).text == "One One twotwo"


@pytest.mark.parametrize("way", ["endless", "hang_mid"])
async def test_closing_the_iterator_closes_the_upstream_at_once(way: str) -> None:
    async with OpenAI(behave=way, delay=0.005) as double, speaking(double) as provider:
        async with aclosing(provider.stream(PROMPT, max_tokens=100)) as pieces:
            assert await anext(pieces)
        await asyncio.wait_for(double.requests[0].gone.wait(), 1)


@pytest.mark.parametrize("way", ["hang", "hang_after_head", "hang_mid"])
async def test_cancelling_the_reader_closes_the_upstream_at_once(way: str) -> None:
    async with OpenAI(behave=way) as double, speaking(double) as provider:
        reader = asyncio.create_task(hear(provider))
        await double.asked.wait()
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
        await asyncio.wait_for(double.requests[0].gone.wait(), 1)


async def test_r8_the_next_message_works_after_any_failure() -> None:
    ways = ["hang_mid", "garbage", "cut", "400", "huge_line", "comments", "gzip_bomb"]
    async with OpenAI(answer=ANSWER) as double, speaking(double, QUICK) as provider:
        for way in ways:
            double.script = [way, way] if way == "comments" else [way]
            assert (await hear(provider)).code
            assert await hear(provider) == Heard(ANSWER, Usage(11, 11), None)


def test_openai_s_own_endpoint_is_told_the_ceiling_by_its_newer_name() -> None:
    assert OpenAICompatible(model="gpt-4.1-mini", api_key=KEY)._ceiling == "max_completion_tokens"
    assert OpenAICompatible(model="x", base_url="http://localhost/v1")._ceiling == "max_tokens"
