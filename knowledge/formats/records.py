"""JSON as rows of named cells: an array of entries, an object that holds one, or an entry a line (JSON lines)."""

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from engine.codec import clean
from knowledge.charset import text_of
from knowledge.sheet import LARGEST, LONGEST_CELL, NAMES, Fault, Unreadable, key

DEPTH = 32  # nesting (R14)
_LISTS = ("entries", "faqs", "faq", "questions", "items", "data", "rows", "documents")
# Possessive, and an open string runs to the end: tried again at each quote, 60 KB of them would cost seconds.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_ADVICE = 'It should be a list of entries, such as [{"question": "…", "answer": "…"}].'


def read(data: bytes) -> Iterator[tuple[int, dict[str, str] | Fault]]:
    """Each entry's number, from 1, and its cells by our column names, or what is wrong with it. Raises
    :class:`~knowledge.sheet.Unreadable` for a file that is no JSON, too deep, or holds no list."""
    if len(data) > LARGEST:
        raise _whole(f"The file has {len(data) / 1e6:.1f} MB. Split it into files of at most 5 MB.")
    text = text_of(data)
    if not text.strip():
        raise _whole("The file is empty.")
    try:
        value = loads(text)
    except ValueError as broken:
        lines = text.strip().splitlines()
        if len(lines) < 2 or not lines[0].rstrip().endswith("}"):
            raise _whole(_why(broken)) from None
        yield from _lines(text)
        return
    found = _list_in(value)
    for number, one in enumerate(found, 1):
        yield number, _cells(number, one)


def loads(text: str) -> Any:
    """The value of a JSON text, at most :data:`DEPTH` levels deep, without NaN, and with lone surrogates mended.
    Raises ValueError."""
    _refuse_deep(text)
    return json.loads(text, parse_constant=_refuse_constant, parse_int=_number)


def _lines(text: str) -> Iterator[tuple[int, dict[str, str] | Fault]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, _cells(number, loads(line))
            except ValueError as broken:
                yield number, Fault(number, "", _why(broken).replace("The file", "The line"))


def _list_in(value: Any) -> list[Any]:
    if isinstance(value, dict):
        fields = {key(name): one for name, one in value.items()}
        for name in _LISTS:
            if isinstance(fields.get(name), list):
                value = fields[name]
                break
        else:
            value = [value] if _is_entry(fields) else _by_question(value)
    if not isinstance(value, list):
        raise _whole(f"The file holds no list of entries. {_ADVICE}")
    if not value:
        raise _whole(f"The list of entries is empty. {_ADVICE}")
    return value


def _is_entry(fields: dict[str, Any]) -> bool:
    return {"question", "answer"} <= {NAMES.get(name) for name in fields}


def _by_question(value: dict[str, Any]) -> Any:
    """``{"How much?": "Ten dollars."}`` is a list of entries too."""
    if value and all(isinstance(answer, str) for answer in value.values()):
        return [{"question": question, "answer": answer} for question, answer in value.items()]
    return value


def _cells(number: int, value: Any) -> dict[str, str] | Fault:
    if not isinstance(value, dict):
        return Fault(number, "", f"Entry {number} is no object with a question and an answer.")
    texts: dict[str, list[str]] = {}
    for field, content in value.items():
        name = NAMES.get(key(field))
        if name is None or content is None:
            continue
        listed = content if isinstance(content, list) else [content]
        if not all(isinstance(text, str | int | float) for text in listed):
            return Fault(number, name, f"The field “{clean(field)[:40]}” must be text, or a list of texts.")
        texts.setdefault(name, []).extend(_phrasings(content) if name == "alternatives" else map(str, listed))
    for name, told in texts.items():
        if (longest := max(map(len, told), default=0)) > LONGEST_CELL:
            return Fault(number, name, f"The text has {longest:,} characters. Shorten it to {LONGEST_CELL:,}.")
    asked = texts.pop("question", [])
    others = [*map(_escaped, asked[1:]), *texts.pop("alternatives", [])]
    cells = {name: "\n".join(told) for name, told in texts.items()}
    return cells | {"question": asked[0] if asked else "", "alternatives": "\n".join(others)}


def _phrasings(content: Any) -> list[str]:
    """A list holds a phrasing an item; one text holds them as a cell of a spreadsheet does."""
    return [_escaped(str(text)) for text in content] if isinstance(content, list) else [str(content)]


def _escaped(text: str) -> str:
    """A phrasing as one line of a cell of them: :func:`knowledge.imports.alternatives_in` gives it back."""
    return re.sub(r"[\\|]", r"\\\g<0>", " ".join(text.split()))


def _refuse_deep(text: str) -> None:
    depth = 0
    for token in _BRACKETS.finditer(text):
        if token[0] in "{[":
            depth += 1
            if depth > DEPTH:
                raise ValueError(f"It is nested deeper than {DEPTH} levels")
        elif token[0] in "}]":
            depth -= 1


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no value of JSON")


def _number(digits: str) -> int | str:
    return int(digits) if len(digits) < 100 else digits  # Python refuses to read a number of 5,000 digits


def _why(broken: ValueError) -> str:
    if isinstance(broken, json.JSONDecodeError):
        where = f"line {broken.lineno}, column {broken.colno}"
        return f"The file is no valid JSON: {broken.msg.rstrip(':')} at {where}. Correct it there."
    return f"The file cannot be read: {broken}. {_ADVICE}"


def _whole(sentence: str) -> Unreadable:
    return Unreadable(Fault(1, "", sentence))
