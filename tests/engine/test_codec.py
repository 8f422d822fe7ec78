"""Frames to commands and back (R14)."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import codec
from engine import protocol as wire
from engine.codec import Malformed

SEND = {"type": "message.send", "client_id": "client-1", "text": "hello"}


def test_a_command_is_read_field_by_field() -> None:
    command = codec.decode_visitor(json.dumps(SEND | {"ref": "7"}))
    assert command == wire.MessageSend(client_id="client-1", text="hello", ref="7")


def test_fields_that_are_not_known_are_ignored() -> None:
    sent = SEND | {"id": "x" * 32, "revision": 9, "author": "agent", "credits": -5, "workspace_id": "other"}
    assert codec.decode_visitor(json.dumps(sent)) == wire.MessageSend(client_id="client-1", text="hello")


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("", "bad_json"),
        ("{", "bad_json"),
        ("\0", "bad_json"),
        ('{"type":"room.join","after":NaN}', "bad_json"),
        ('{"type":"room.join","after":1e999}', "bad_json"),
        ("[" * 33 + "]" * 33, "bad_json"),
        ("[" * 60_000, "bad_json"),
        ("[]", "unknown_command"),
        ('"text"', "unknown_command"),
        ("{}", "unknown_command"),
        ('{"type":"room.destroy"}', "unknown_command"),
        ('{"type":"desk.join"}', "unknown_command"),
        ('{"type":7}', "unknown_command"),
        ('{"type":"message.send","text":"a"}', "bad_command"),
        ('{"type":"message.send","client_id":"","text":"a"}', "bad_command"),
        ('{"type":"message.send","client_id":"a b","text":"a"}', "bad_command"),
        ('{"type":"message.send","client_id":"a\\n","text":"a"}', "bad_command"),
        ('{"type":"message.send","client_id":"ab","text":["a"]}', "bad_command"),
        ('{"type":"room.join","after":-1}', "bad_command"),
        ('{"type":"room.join","after":1.5}', "bad_command"),
        ('{"type":"room.join","after":"1"}', "bad_command"),
        ('{"type":"typing.set","on":"yes"}', "bad_command"),
    ],
)
def test_what_is_no_command_has_a_code_and_a_sentence(frame: str, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        codec.decode_visitor(frame)
    assert refused.value.code == code
    assert refused.value.message.endswith(".")


def test_the_ref_of_a_broken_command_comes_back() -> None:
    with pytest.raises(Malformed) as refused:
        codec.decode_visitor('{"type":"message.send","ref":"41"}')
    assert refused.value.ref == "41"


def test_an_agents_command_is_none_of_a_visitors() -> None:
    claim = '{"type":"room.claim","room":"r"}'
    assert codec.decode_agent(claim) == wire.RoomClaim(room="r")
    with pytest.raises(Malformed):
        codec.decode_visitor(claim)


def test_a_lone_surrogate_is_replaced_and_the_rest_kept() -> None:
    command = codec.decode_visitor('{"type":"message.send","client_id":"c","text":"a\\ud800b \\ud83c\\udf3f"}')
    assert isinstance(command, wire.MessageSend)
    assert command.text == "a\ufffdb 🌿"


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("a\0b", "ab"),
        ("\r\nline\r\nnext\r", "line\nnext"),
        ("tag\U000e0041s", "tags"),
        ("\ud800", "\ufffd"),
        ("  \t ", ""),
        ("مرحبا \u202eabc", "مرحبا \u202eabc"),
        ("👩\u200d🌾 e\u0301", "👩\u200d🌾 e\u0301"),
    ],
)
def test_text_is_normalised_once_for_both_databases(written: str, stored: str) -> None:
    assert codec.clean(written) == stored


@given(st.text())
def test_cleaning_never_raises_and_cleaned_text_stays_as_it_is(text: str) -> None:
    cleaned = codec.clean(text)
    assert codec.clean(cleaned) == cleaned
    cleaned.encode()


@given(st.text(max_size=200))
def test_no_frame_raises_anything_but_malformed(frame: str) -> None:
    for decode in (codec.decode_visitor, codec.decode_agent):
        code = None
        try:
            decode(frame)
        except Malformed as refused:
            code = refused.code
        assert code in {None, "bad_json", "bad_command", "unknown_command"}


@pytest.mark.parametrize("piece", ['"', "\\", "{", "[", '{"a":', "a", '\\"'])
def test_a_hostile_frame_is_refused_in_no_time(piece: str) -> None:
    frame = (piece * (wire.FRAME_LIMIT // len(piece)))[: wire.FRAME_LIMIT]
    begun = time.process_time()
    with pytest.raises(Malformed):
        codec.decode_visitor(frame)
    assert time.process_time() - begun < 1


def test_an_event_is_one_json_object_with_its_type() -> None:
    frame = json.loads(codec.encode(wire.Pulse(room="r", revision=3)))
    assert frame == {"type": "pulse", "room": "r", "revision": 3}
