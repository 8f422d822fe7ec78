"""Frames to commands, events to frames; and the one normaliser of what people write. No I/O."""

import json
import re
from typing import Any, NoReturn, TypeVar

import msgspec

from engine.protocol import DEPTH_LIMIT, AgentCommand, Event, VisitorCommand

C = TypeVar("C")


class Malformed(Exception):
    """A frame that is no command. ``code`` is stable; the message is a sentence a person can act on."""

    def __init__(self, code: str, message: str, ref: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.ref = code, message, ref


def encode(event: Event) -> str:
    """The frame for ``event``."""
    return _encoder.encode(event).decode()


def decode_visitor(frame: str) -> VisitorCommand:
    """The visitor's command in ``frame``; raises :class:`Malformed`."""
    return _decode(frame, _visitor)


def decode_agent(frame: str) -> AgentCommand:
    """The agent's command in ``frame``; raises :class:`Malformed`."""
    return _decode(frame, _agent)


def clean(text: str) -> str:
    """``text`` as both databases store it alike: no controls but tab and newline, no invisible tag characters, lone
    surrogates replaced, line ends as ``\\n``, no white space around."""
    return scrub(text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def scrub(text: str) -> str:
    """``clean`` for a piece of a text: white space stays as it is."""
    return _SURROGATE.sub("\ufffd", _UNSEEN.sub("", text))


_encoder = msgspec.json.Encoder()
_visitor: msgspec.json.Decoder[VisitorCommand] = msgspec.json.Decoder(VisitorCommand)
_agent: msgspec.json.Decoder[AgentCommand] = msgspec.json.Decoder(AgentCommand)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\U000e0000-\U000e007f]")
# Possessive, and an open string runs to the end: tried again at each quote, 60 KB of them would cost 15 s.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


def _decode(frame: str, decoder: msgspec.json.Decoder[C]) -> C:
    try:
        _refuse_deep(frame)
        return decoder.decode(frame)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return _decode_slowly(frame, decoder)


def _decode_slowly(frame: str, decoder: msgspec.json.Decoder[C]) -> C:
    """What the strict decoder refused: lone surrogates are mended (R14), everything else gets its reason."""
    try:
        value = _mended(json.loads(frame, parse_constant=_refuse_constant))
    except ValueError:
        raise Malformed("bad_json", "This frame is no valid JSON. Send one JSON object per text frame.") from None
    ref = value.get("ref") if isinstance(value, dict) else None
    ref = ref[:64] if isinstance(ref, str) else None
    try:
        return decoder.decode(json.dumps(value))
    except msgspec.ValidationError as wrong:
        raise _explained(str(wrong), ref) from None
    except msgspec.DecodeError:  # a number beyond every float came back as Infinity
        raise Malformed("bad_json", "This frame holds a number that is too large.", ref) from None


def _explained(why: str, ref: str | None) -> Malformed:
    if "$.type" in why or "`type`" in why or "Expected `object`" in why:
        return Malformed("unknown_command", f"This command is not known here: {why}.", ref)
    return Malformed("bad_command", f"A field of this command is wrong: {why}.", ref)


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _refuse_deep(frame: str) -> None:
    if frame.count("{") + frame.count("[") <= DEPTH_LIMIT:
        return
    depth = 0
    for token in _BRACKETS.finditer(frame):
        if token[0] in "{[":
            depth += 1
        elif token[0] in "}]":
            depth -= 1
        if depth > DEPTH_LIMIT:
            raise Malformed("bad_json", f"This JSON is nested deeper than {DEPTH_LIMIT} levels.")
