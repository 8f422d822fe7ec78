"""When one model is dead the next one speaks, and a visitor does not wait for the dead one twice."""

import asyncio
import time
from typing import Literal

import pytest

from engine.fallbacks import Fallbacks
from engine.ports import Prompt, Provider, UpstreamFailed, Usage
from engine.providers import Scripted

pytestmark = pytest.mark.anyio

PROMPT = Prompt((("user", "Hello"),), 5)
Code = Literal["unreachable", "timeout", "refused", "busy", "garbage", "too_large"]


async def hear(provider: Provider) -> str:
    return "".join([str(piece) async for piece in provider.stream(PROMPT, max_tokens=9)])


@pytest.mark.parametrize("code", ["unreachable", "timeout", "refused", "busy", "garbage", "too_large"])
async def test_the_next_provider_speaks_when_one_fails_before_its_first_piece(code: Code) -> None:
    dead, alive = Scripted(UpstreamFailed(code), model="first"), Scripted("Hello")
    fallbacks = Fallbacks([dead, alive])
    assert fallbacks.model == "first"
    assert await hear(fallbacks) == "Hello"


async def test_after_the_first_piece_nobody_takes_over() -> None:
    cut, other = Scripted("Hel", UpstreamFailed("unreachable")), Scripted("Hello")
    pieces = Fallbacks([cut, other]).stream(PROMPT, max_tokens=9)
    assert await anext(pieces) == "Hel"
    with pytest.raises(UpstreamFailed, match="unreachable"):
        await anext(pieces)
    assert not other.prompts


async def test_one_that_failed_is_passed_over_and_asked_again_later() -> None:
    dead, alive = Scripted(UpstreamFailed("unreachable")), Scripted("Hello")
    fallbacks = Fallbacks([dead, alive], skip=0.05)
    assert [await hear(fallbacks), await hear(fallbacks)] == ["Hello", "Hello"]
    assert (len(dead.prompts), len(alive.prompts)) == (1, 2)
    later = asyncio.Event()
    asyncio.get_running_loop().call_later(0.06, later.set)
    await later.wait()
    dead.steps = ("I am back",)
    assert await hear(fallbacks) == "I am back"


async def test_one_that_refused_a_prompt_is_not_passed_over_for_other_visitors() -> None:
    strict, lax = Scripted(UpstreamFailed("refused")), Scripted("Hello")
    fallbacks = Fallbacks([strict, lax])
    await hear(fallbacks)
    strict.steps = ("Gladly",)
    assert await hear(fallbacks) == "Gladly"


async def test_when_all_have_failed_all_are_asked_and_the_last_failure_is_raised() -> None:
    fallbacks = Fallbacks([Scripted(UpstreamFailed("busy")), Scripted(UpstreamFailed("garbage"))])
    for _ in range(2):
        with pytest.raises(UpstreamFailed, match="garbage"):
            await hear(fallbacks)


async def test_r8_a_chain_of_hung_providers_ends_within_the_time_of_one() -> None:
    hung = [Scripted(asyncio.Event()) for _ in range(3)]
    began = time.monotonic()
    with pytest.raises(UpstreamFailed, match="timeout"):
        await hear(Fallbacks(hung, total=0.09))
    assert time.monotonic() - began < 0.5
    assert [provider.cut for provider in hung] == [1, 1, 1]


async def test_closing_it_closes_the_one_that_speaks() -> None:
    speaker = Scripted("Hel", Usage(1, 1), asyncio.Event())
    pieces = Fallbacks([speaker]).stream(PROMPT, max_tokens=9)
    await anext(pieces)
    await pieces.aclose()
    assert speaker.cut == 1


async def test_the_scripted_provider_yields_waits_fails_and_tells_what_it_was_asked() -> None:
    gate = asyncio.Event()
    scripted = Scripted("One ", gate, "two", Usage(3, 2), UpstreamFailed("busy"))
    asyncio.get_running_loop().call_soon(gate.set)
    pieces = scripted.stream(PROMPT, max_tokens=5)
    assert [await anext(pieces) for _ in range(3)] == ["One ", "two", Usage(3, 2)]
    with pytest.raises(UpstreamFailed, match="busy"):
        await anext(pieces)
    assert (scripted.prompts, scripted.ceilings, scripted.cut) == ([PROMPT], [5], 0)


async def test_the_scripted_provider_tells_that_it_was_cut_short() -> None:
    scripted = Scripted("One ", asyncio.Event())
    pieces = scripted.stream(PROMPT, max_tokens=5)
    await anext(pieces)
    await pieces.aclose()
    assert scripted.cut == 1
