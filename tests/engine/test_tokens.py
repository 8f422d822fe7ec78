"""Tokens are counted exactly where the ranks can be had, and estimated where they cannot, without anyone waiting."""

import asyncio
import subprocess
import sys
import threading
import time

import pytest
import tiktoken

from engine.tokens import Counter, counter, known

pytestmark = pytest.mark.anyio


def tiny() -> tiktoken.Encoding:
    """A real encoding of 263 tokens; each longer one joins two that stand before it."""
    ranks = {bytes([byte]): byte for byte in range(256)}
    for joined in (b"th", b"he", b" t", b" th", b" the", b"in", b"er"):
        ranks[joined] = len(ranks)
    special = {"<|endoftext|>": len(ranks)}
    return tiktoken.Encoding(
        "test-tiny",
        pat_str=r" ?\w+| ?[^\s\w]+|\s+",
        mergeable_ranks=ranks,
        special_tokens=special,
        explicit_n_vocab=len(ranks) + 1,
    )


async def test_with_the_ranks_at_hand_the_count_is_exact() -> None:
    count = await counter("gpt-4.1-mini", load=lambda model, cache_dir: tiny())
    assert count.exact
    assert count(" the") == 1
    assert count("there") == 3


async def test_a_special_token_that_a_visitor_types_is_counted_as_text() -> None:
    count = Counter(tiny())
    with pytest.raises(ValueError, match="endoftext"):
        tiny().encode("<|endoftext|>")
    assert count("<|endoftext|>") > 5


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("é" * 4, 2), ("日本語", 3)]
)
def test_without_ranks_the_count_is_bytes_by_four_rounded_up_and_says_that_it_is_an_estimate(
    text: str, tokens: int
) -> None:
    assert Counter()(text) == tokens
    assert not Counter().exact


@pytest.mark.parametrize("exact", [True, False])
def test_a_lone_surrogate_is_counted_rather_than_raised(exact: bool) -> None:
    assert Counter(tiny() if exact else None)("a\ud800b") > 0


async def test_a_model_that_nobody_knows_is_estimated() -> None:
    assert not (await counter("llama-of-the-day")).exact


async def test_a_download_that_fails_leaves_the_estimate(caplog: pytest.LogCaptureFixture) -> None:
    def broken(model: str, cache_dir: str | None) -> tiktoken.Encoding:
        raise ConnectionError("https://user:secret@host/path")

    assert not (await counter("gpt-4.1-mini", load=broken)).exact
    assert "estimating" in caplog.text
    assert "secret" not in caplog.text


async def test_where_packets_are_dropped_the_estimate_is_there_by_the_deadline() -> None:
    never = threading.Event()

    def hanging(model: str, cache_dir: str | None) -> tiktoken.Encoding:
        never.wait()
        return tiny()

    began = time.monotonic()
    count = await counter("gpt-4.1-mini", deadline=0.02, load=hanging)
    never.set()
    assert not count.exact
    assert time.monotonic() - began < 10, "it did not wait for what never comes"


async def test_the_loop_goes_on_while_the_ranks_are_loaded() -> None:
    ticked = threading.Event()

    def waits_for_the_loop(model: str, cache_dir: str | None) -> tiktoken.Encoding:
        assert ticked.wait(5)
        return tiny()

    asyncio.get_running_loop().call_later(0.01, ticked.set)
    assert (await counter("gpt-4.1-mini", load=waits_for_the_loop)).exact


def test_a_load_that_hangs_does_not_keep_the_process_alive() -> None:
    script = (
        "import asyncio, threading; from engine.tokens import counter;"
        "wait = lambda model, cache_dir: threading.Event().wait();"
        "print(asyncio.run(counter('gpt-4.1-mini', deadline=0.01, load=wait)).exact)"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=True)
    assert told.stdout == "False\n"


def test_a_router_s_prefix_does_not_hide_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def note(model: str) -> tiktoken.Encoding:
        asked.append(model)
        return tiny()

    monkeypatch.setattr(tiktoken, "encoding_for_model", note)
    known("openai/gpt-4.1-mini", None)
    assert asked == ["gpt-4.1-mini"]
