"""The bytes of one streamed chat completion, read strictly and within bounds. No I/O.

Server-sent events as in the HTML standard (section 9.2.6), the payload as in OpenAI's reference for streamed chat
completions. The SDK's own parsing of a delta costs eight times as much.
"""

from collections.abc import Iterator
from typing import Any, Literal, TypeGuard

import msgspec

from engine.ports import Usage

LINE_LIMIT = 64 * 1024  # bytes; a delta is some 300, a whole reply sent as one delta some 10,000
BODY_LIMIT = 1_000_000  # bytes of a whole response (R8)

Fault = Literal["unreachable", "garbage", "too_large"]


class Reply:
    """What has come of one reply so far. ``feed`` takes bytes as they arrive, cut anywhere, and returns their text."""

    def __init__(self) -> None:
        self.finished = False  # the model said why it ended: the text is whole
        self.done = False  # nothing more is to be read: the closing mark, or a fault
        self.fault: Fault | None = None  # never set once finished: what comes after a whole text cannot spoil it
        self.usage: Usage | None = None  # the last sound one; some servers send a running one with every delta
        self._events = _Events()
        self._size = 0

    def feed(self, chunk: bytes) -> str:
        """The text in the events that ``chunk`` completes; text that stands before a fault is still returned."""
        self._size += len(chunk)
        if self._size > BODY_LIMIT:
            self._fail("too_large")
        return self._read(self._events.feed(chunk), "garbage")

    def close(self) -> str:
        """The bytes have ended: like ``feed``, for a last event whose empty line is missing."""
        text = self._read(self._events.close(), "unreachable")
        if not (self.finished or self.done):
            self._fail("unreachable")
        self.done = True
        return text

    def _read(self, events: Iterator[bytes], otherwise: Fault) -> str:
        texts: list[str] = []
        try:
            for data in events:
                if self.done:
                    break
                texts.append(self._event(data))
        except _TooLong:
            self._fail("too_large")
        except (_NoEvent, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._fail(otherwise)
        return "".join(texts)

    def _event(self, data: bytes) -> str:
        if data == b"[DONE]":
            self.done = True
            return ""
        chunk = _decoder.decode(data)
        if chunk.error:
            self._fail("unreachable")
            return ""
        self.usage = _usage(chunk.usage) or self.usage
        return "".join(self._choice(choice) for choice in chunk.choices or () if choice.index == 0)

    def _choice(self, choice: "_Choice") -> str:
        if self.finished:
            return ""
        self.finished = bool(choice.finish_reason)  # some servers write "" for not yet
        return (choice.delta and choice.delta.content) or ""

    def _fail(self, fault: Fault) -> None:
        self.done = True
        if not self.finished:
            self.fault = self.fault or fault


class _TooLong(Exception):
    pass


class _NoEvent(Exception):
    pass


class _Events:
    """Bytes in, the data of complete events out. Lines end in LF, CRLF or CR."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._size = 0
        self._begun = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        lines = (self._rest + chunk).splitlines(keepends=True)
        # A line that ends in CR waits for the next byte, which may be its LF.
        self._rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        for line in lines:
            data = self._line(line.rstrip(b"\r\n"))
            if data is not None:
                yield data
        if len(self._rest) > LINE_LIMIT:
            raise _TooLong

    def close(self) -> Iterator[bytes]:
        if not self._rest.endswith(b"\r"):
            self._rest = b""  # cut in the middle of a line
        return self.feed(b"\n")

    def _line(self, line: bytes) -> bytes | None:
        """The event's data, when ``line`` is the empty one that ends it."""
        if not self._begun:
            self._begun = True
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line:
            data, self._data, self._size = self._data, [], 0
            return b"\n".join(data) if data else None
        if line.startswith(b"data:"):
            self._size += len(line)
            if self._size > LINE_LIMIT:
                raise _TooLong
            self._data.append(line[6:] if line[5:6] == b" " else line[5:])
        elif line.partition(b":")[0] not in _FIELDS:
            raise _NoEvent  # a page of HTML, or JSON from a server that does not stream
        return None


class _Delta(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    index: int = 0
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: Any = None
    error: Any = None


_FIELDS = {b"", b"data", b"event", b"id", b"retry"}  # a comment has an empty name
_decoder = msgspec.json.Decoder(_Chunk)


def _usage(reported: object) -> Usage | None:
    if not isinstance(reported, dict):
        return None
    prompt, completion = reported.get("prompt_tokens"), reported.get("completion_tokens")
    if _is_count(prompt) and _is_count(completion):
        return Usage(prompt, completion)
    return None


def _is_count(value: object) -> TypeGuard[int]:
    return type(value) is int and value >= 0  # a bool is an int, but no count
