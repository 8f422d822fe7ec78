"""A streamed reply reads the same however its bytes are cut, and nothing in it can hurt."""

import json
import time
from typing import Any

import pytest

from engine.ports import Usage
from engine.sse import BODY_LIMIT, LINE_LIMIT, Reply

TEXT = "Within 30 days – gratuitement, 無料 👩‍👩‍👧."


def event(payload: object) -> bytes:
    return f"data: {json.dumps(payload, ensure_ascii=False)}\n\n".encode()


def piece(content: str | None, finish: str | None = None) -> bytes:
    return event({"choices": [{"index": 0, "delta": {"content": content}, "finish_reason": finish}]})


def recorded() -> bytes:
    usage = {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 4}}
    pieces = [piece(word) for word in TEXT.partition("grat")]
    return (
        b"\xef\xbb\xbf"
        + b": hello\n\nevent: x\nid: 1\nretry: 5\n"
        + b"".join([piece(""), *pieces, piece(None, "stop"), event(usage), b"data: [DONE]\n\n"])
    )


def read(*chunks: bytes) -> tuple[str, Reply]:
    reply = Reply()
    text = "".join(reply.feed(chunk) for chunk in chunks)
    return text + ("" if reply.done else reply.close()), reply


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_stream_split_at_every_byte_reads_the_same(end: bytes) -> None:
    whole = recorded().replace(b"\n", end)
    for cut in range(len(whole) + 1):
        text, reply = read(whole[:cut], whole[cut:])
        assert (text, reply.fault, reply.usage) == (TEXT, None, Usage(9, 4)), cut
    assert read(*(whole[at : at + 1] for at in range(len(whole))))[0] == TEXT


def test_a_stream_cut_off_at_any_byte_is_a_beginning_of_the_text_and_unreachable_before_its_end() -> None:
    whole = recorded()
    finished = whole.index(b'"stop"')
    for cut in range(len(whole)):
        text, reply = read(whole[:cut])
        assert TEXT.startswith(text)
        assert reply.fault == (None if reply.finished else "unreachable")
        assert reply.finished == (cut > whole.index(b"\n", finished))


def test_data_in_several_lines_is_one_event() -> None:
    text, reply = read(b'data: {"choices": [{"delta":\ndata:{"content": "hello"}}]}\n\n')
    assert text == "hello"
    assert reply.fault == "unreachable"


def test_a_stream_cut_off_within_an_event_of_several_lines_is_unreachable() -> None:
    assert read(b'data: {"choices":\ndata: [{"del')[1].fault == "unreachable"


def test_a_last_event_without_its_empty_line_counts() -> None:
    assert read(piece("hello") + b"data: [DONE]\n")[1].fault is None


GARBAGE = [
    b"<!doctype html>\n",
    b'{"choices": []}\n',
    b"data: {\n\n",
    b"data: nothing\n\n",
    b"data: []\n\n",
    b"data: 7\n\n",
    b'data: {"choices": 7}\n\n',
    b'data: {"choices": [{"delta": {"content": 7}}]}\n\n',
    b'data: {"choices": [{"delta": {"content": "\xff\xfe"}}]}\n\n',
    b"data: " + b"[" * 60_000 + b"\n\n",
    b'data: {"x": ' + b"[" * 60_000 + b"\n\n",
    b"data: NaN\n\n",
]


@pytest.mark.parametrize("bad", GARBAGE, ids=range(len(GARBAGE)))
def test_r8_garbage_is_garbage_and_what_came_before_it_stays(bad: bytes) -> None:
    assert [read(bad)[1].fault, read(bad)[0]] == ["garbage", ""]
    text, reply = read(piece("before ") + bad + piece("after"))
    assert (text, reply.fault, reply.done) == ("before ", "garbage", True)


def test_r8_garbage_after_the_whole_text_spoils_nothing() -> None:
    text, reply = read(piece("whole", "stop") + b"data: {\n\n")
    assert (text, reply.fault) == ("whole", None)


@pytest.mark.parametrize(
    "huge",
    [
        b"data: " + b"x" * LINE_LIMIT,
        b"data: " + b"x" * LINE_LIMIT + b"\n\n",
        b"data: xxxx\n" * LINE_LIMIT,
        b": " + b"x" * LINE_LIMIT,
    ],
    ids=["no end", "one line", "many lines", "comment"],
)
def test_r8_a_line_or_an_event_beyond_its_bound_is_too_large(huge: bytes) -> None:
    chunks = [huge[at : at + 4096] for at in range(0, len(huge), 4096)]
    text, reply = read(piece("before"), *chunks)
    assert (text, reply.fault) == ("before", "too_large")


def test_r8_a_response_of_more_than_a_megabyte_is_too_large() -> None:
    reply, chunk, fed = Reply(), piece("and so on "), 0
    while not reply.done:
        reply.feed(chunk)
        fed += len(chunk)
    assert reply.fault == "too_large"
    assert BODY_LIMIT < fed <= BODY_LIMIT + len(chunk)


def test_an_error_in_the_stream_is_a_fault_whose_words_are_not_kept() -> None:
    text, reply = read(piece("half") + event({"error": {"message": "secret"}}) + piece("never"))
    assert (text, reply.fault) == ("half", "unreachable")


@pytest.mark.parametrize(
    "reported",
    [
        None,
        7,
        [1, 2],
        {},
        {"prompt_tokens": 1},
        {"prompt_tokens": -1, "completion_tokens": 1},
        {"prompt_tokens": True, "completion_tokens": True},
        {"prompt_tokens": "1", "completion_tokens": "1"},
        {"prompt_tokens": 1.0, "completion_tokens": 1.0},
    ],
)
def test_r7_usage_that_is_no_pair_of_counts_is_ignored_and_a_sound_one_before_it_stays(reported: object) -> None:
    sound: dict[str, Any] = {"prompt_tokens": 9, "completion_tokens": 4}
    assert read(event({"usage": reported}) + b"data: [DONE]\n\n")[1].usage is None
    assert read(event({"usage": sound}) + event({"usage": reported}))[1].usage == Usage(9, 4)


def test_of_running_usages_the_last_one_stands() -> None:
    running = [event({"usage": {"prompt_tokens": 9, "completion_tokens": n}}) for n in range(5)]
    assert read(*running)[1].usage == Usage(9, 4)


def test_other_choices_and_text_after_the_finish_are_not_the_reply() -> None:
    other = event({"choices": [{"index": 1, "delta": {"content": "other"}}]})
    assert read(other + piece("mine", "stop") + piece("late"))[0] == "mine"


def test_a_megabyte_that_comes_byte_by_byte_is_read_in_proportion() -> None:
    chunk = piece("x" * 200) * 400
    began = time.process_time()
    read(*(chunk[at : at + 1] for at in range(len(chunk))))
    assert time.process_time() - began < 2
