"""Frames to commands and back; the one normaliser of what people write (R14)."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import codec
from engine import protocol as wire
from engine.codec import Malformed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.dictionaries(
    st.sampled_from(["ref", "after", "token", "page", "client_id", "text", "room", "on", "revision", "id"]), JSON
)
COMMANDS = st.sampled_from(["room.join", "message.send", "read.mark", "typing.set", "room.watch", "desk.join", "x"])


def outcome(decode: Callable[[str], wire.Command], frame: str) -> wire.Command | Malformed:
    """The command, or why it is none; nothing else may come of a frame."""
    try:
        return decode(frame)
    except Malformed as malformed:
        return malformed


@given(st.text())
@settings(max_examples=200)
def test_r14_any_text_is_a_command_or_malformed_and_nothing_else(frame: str) -> None:
    for decode in (codec.decode_visitor, codec.decode_agent):
        told = outcome(decode, frame)
        assert isinstance(told, Malformed)
        assert told.code in ("bad_json", "unknown_command", "bad_command")


@given(COMMANDS, FIELDS)
@settings(max_examples=200)
def test_r14_any_fields_make_a_command_or_a_malformed_one(command: str, fields: dict[str, Any]) -> None:
    frame = json.dumps({"type": command, **fields})
    for decode in (codec.decode_visitor, codec.decode_agent):
        told = outcome(decode, frame)
        if isinstance(told, Malformed):
            assert told.message.endswith(".")
        else:
            codec.clean(getattr(told, "text", "")).encode()  # no lone surrogate is left


@given(st.text(alphabet=st.characters()))
@settings(max_examples=300)
def test_r14_what_was_cleaned_is_clean_and_can_be_stored_anywhere(text: str) -> None:
    once = codec.clean(text)
    assert codec.clean(once) == once
    assert "\x00" not in once
    once.encode()


def test_a_refused_command_is_answered_under_its_ref() -> None:
    for frame, ref in (
        ('{"type":"room.join","ref":"r1","after":-1}', "r1"),
        ('{"type":"nothing","ref":"r2"}', "r2"),
        ('{"type":"room.join","ref":7}', None),
        ('{"type":"nothing","ref":"' + "r" * 90 + '"}', "r" * 64),
        ("{", None),
    ):
        with pytest.raises(Malformed) as caught:
            codec.decode_visitor(frame)
        assert caught.value.ref == ref


def test_visitors_and_agents_have_commands_of_their_own() -> None:
    with pytest.raises(Malformed, match="not known"):
        codec.decode_visitor('{"type":"room.claim","room":"x"}')
    with pytest.raises(Malformed, match="not known"):
        codec.decode_agent('{"type":"room.join"}')


@pytest.mark.parametrize(
    "frame",
    [
        '"' + '\\"' * 32_000 + "[" * 33,
        "[" * 65_000,
        '{"a":"' + "{" * 65_000,
        '{"type":"message.send","client_id":"a","text":"' + "{[" * 32_000 + '"}',
        "\\" * 65_000 + "[" * 33,
        '"' * 65_000 + "[" * 33,
    ],
    ids=range(6),
)
def test_no_frame_takes_longer_than_50_ms(frame: str) -> None:
    began = time.process_time()
    outcome(codec.decode_visitor, frame)
    assert time.process_time() - began < 0.05


def test_brackets_in_a_text_are_no_nesting() -> None:
    command = codec.decode_visitor(json.dumps({"type": "message.send", "client_id": "a", "text": '{["\\' * 100}))
    assert isinstance(command, wire.MessageSend)
    assert command.text == '{["\\' * 100


def test_times_are_written_as_utc() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    message = wire.Message(id="m", author="bot", text="Grüße", revision=1, position=1, state="complete", created_at=at)
    frame = json.loads(codec.encode(wire.MessageCreated(room="r", revision=1, message=message)))
    assert frame["message"]["created_at"] == "2026-01-02T03:04:05Z"
    assert frame["message"]["text"] == "Grüße"
