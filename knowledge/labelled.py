"""Files of entries and of labelled questions, as ``frontdesk evaluate`` and the evaluation page read them. Pure.

JSON lines or CSV, told apart by their first character. Entries have ``id``, ``question``, ``alternatives`` and
``answer``; questions have ``text`` and ``entries``, the ids of those that are right (none: nothing here answers it). In
CSV the several values of a cell are separated by ``|``. Every fault is told with its row; nothing raises.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from engine.codec import clean
from knowledge.ranking import Document
from knowledge.sheet import Fault

LONGEST_TEXT = 20_000  # characters of one field: the longest answer that an entry may have


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question, and the ids of the entries that are right; none where it should be refused."""

    text: str
    entries: tuple[str, ...] = ()


Item = TypeVar("Item", bound=Document | Labelled)


@dataclass(frozen=True, slots=True)
class File(Generic[Item]):
    """What a file holds, and what is wrong with the rows that are left out. Rows are numbered from 1; a CSV file's
    header is row 1."""

    items: tuple[Item, ...]
    faults: tuple[Fault, ...]


def read_entries(data: bytes) -> File[Document]:
    """The entries of a file, those with a fault left out; of two with the same id the second is one."""
    return _read(data, ("id", "question"), _entry, lambda entry: entry.id)


def read_questions(data: bytes) -> File[Labelled]:
    """The labelled questions of a file, those with a fault left out; what comes twice counts twice."""
    return _read(data, ("text", "entries"), _question)


class _Wrong(Exception):
    def __init__(self, column: str, sentence: str) -> None:
        super().__init__(sentence)
        self.column, self.sentence = column, sentence


def _read(
    data: bytes,
    needed: Sequence[str],
    made: Callable[[Mapping[str, Any]], Item],
    id_of: Callable[[Item], str] | None = None,
) -> File[Item]:
    items: list[Item] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    try:
        for number, row in _rows(data):
            try:
                item = made(_checked(row, needed))
            except _Wrong as wrong:
                faults.append(Fault(number, wrong.column, wrong.sentence))
                continue
            first = number if id_of is None else seen.setdefault(id_of(item), number)
            if first == number:
                items.append(item)
            else:
                faults.append(Fault(number, "id", f"Row {first} has the same id. Keep one of the two."))
    except _Unreadable as broken:
        faults.append(broken.fault)
    if not items and not faults:
        faults.append(Fault(1, "", f"The file holds nothing. Give each row {_listed(needed)}."))
    return File(tuple(items), tuple(faults))


class _Unreadable(Exception):
    def __init__(self, row: int, sentence: str) -> None:
        super().__init__(sentence)
        self.fault = Fault(row, "", sentence)


def _rows(data: bytes) -> Iterator[tuple[int, object]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        line = data.count(b"\n", 0, broken.start) + 1
        raise _Unreadable(line, "This is not UTF-8. Save the file as UTF-8.") from None
    if "\0" in text:
        raise _Unreadable(1, "This is not a text file. Give a CSV file or JSON lines.")
    start = text.lstrip()[:1]
    if start == "[":
        return enumerate(_list(text), start=1)
    return _lines(text) if start == "{" else _records(text)


def _list(text: str) -> list[object]:
    try:
        return msgspec.json.decode(text, type=list[object])
    except (msgspec.DecodeError, RecursionError) as broken:
        raise _Unreadable(1, f"The list is not JSON ({str(broken)[:100]}).") from None


def _lines(text: str) -> Iterator[tuple[int, object]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, msgspec.json.decode(line)
            except (msgspec.DecodeError, RecursionError) as broken:
                yield number, _Wrong("", f"The line is not JSON ({str(broken)[:100]}).")


def _records(text: str) -> Iterator[tuple[int, object]]:
    head = text.lstrip("\r\n").split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    number, names = 0, list[str]()
    while True:
        number += 1
        try:
            record = next(reader, None)
        except csv.Error as broken:
            raise _Unreadable(number, f"From here on the file is no CSV ({str(broken)[:100]}).") from None
        if record is None:
            return
        if not names:
            names = [cell.strip().casefold() for cell in record]
        elif any(cell.strip() for cell in record):
            yield number, _cells(names, record)


def _cells(names: Sequence[str], record: Sequence[str]) -> object:
    if any(cell.strip() for cell in record[len(names) :]):
        sentence = f"The row has {len(record)} cells, the header {len(names)}. Put cells that hold commas in quotes."
        return _Wrong("", sentence)
    cells: dict[str, object] = dict.fromkeys(names, "")
    cells |= dict(zip(names, record, strict=False))
    for name in ("alternatives", "entries"):
        if name in cells:
            cells[name] = [part for part in str(cells[name]).replace("\n", "|").split("|") if part.strip()]
    return cells


def _checked(row: object, needed: Sequence[str]) -> Mapping[str, Any]:
    if isinstance(row, _Wrong):
        raise row
    if not isinstance(row, dict):
        raise _Wrong("", f"The row is not an object. Give it {_listed(needed)}.")
    for name in needed:
        if name not in row:
            raise _Wrong(name, f"There is no “{name}”. Give each row {_listed(needed)}.")
    return row


def _entry(row: Mapping[str, Any]) -> Document:
    question = _text(row, "question")
    # A cell that was left blank among the alternatives is no fault: it says nothing.
    alternatives = [one for one in _texts(row, "alternatives", _optional) if one]
    return Document(_id(row["id"], "id"), (question, *alternatives), _text(row, "answer", needed=False))


def _question(row: Mapping[str, Any]) -> Labelled:
    # A question of blanks is one: visitors send them, and nothing should answer.
    return Labelled(_optional(row["text"], "text"), tuple(dict.fromkeys(_texts(row, "entries", _id))))


def _text(row: Mapping[str, Any], name: str, *, needed: bool = True) -> str:
    value = row.get(name)
    if value is None and not needed:
        return ""
    return _string(value, name) if needed else clean(str(value))[:LONGEST_TEXT]


def _texts(row: Mapping[str, Any], name: str, one: Callable[[object, str], str] | None = None) -> list[str]:
    value = row.get(name)
    if value is None or value == "":
        return []
    if not isinstance(value, list):
        value = [value]
    return [(one or _string)(each, name) for each in value]


def _optional(value: object, name: str) -> str:
    return "" if value is None or (isinstance(value, str) and not clean(value)) else _string(value, name)


def _id(value: object, name: str) -> str:
    return _string(str(value) if isinstance(value, int) and not isinstance(value, bool) else value, name)


def _string(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise _Wrong(name, f"“{name}” is not a text. Put it in quotes.")
    text = clean(value)
    if not text:
        raise _Wrong(name, f"“{name}” is empty. Fill it in, or leave the row out.")
    if len(text) > LONGEST_TEXT:
        raise _Wrong(name, f"“{name}” has {len(text):,} characters. Shorten it to {LONGEST_TEXT:,}.")
    return text


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f"“{name}”" for name in names)
