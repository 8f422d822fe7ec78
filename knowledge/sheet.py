"""A CSV file as rows of named cells. Pure, bounded in time and memory, and plain about what is wrong."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.charset import encoding_of

LARGEST = 5 * 1024 * 1024  # bytes of a file (R14)
LONGEST_CELL = 20_000  # characters
LONGEST_LIST = 120_000  # characters of a cell with alternatives: as many as an entry may have, as long as one may be
MOST_COLUMNS = 100  # of a header: a file with more is not a list of questions
COLUMNS = {  # what people call the columns
    "question": ("question", "questions", "q", "title", "ask", "query", "prompt", "frage", "pregunta"),
    "answer": ("answer", "answers", "a", "reply", "response", "text", "body", "content", "antwort", "respuesta"),
    "alternatives": (
        "alternatives", "alternative", "alternative questions", "alternative phrasings", "variants", "variations",
        "phrasings", "synonyms", "similar questions", "also asked as",
    ),
    "category": ("category", "categories", "topic", "section", "group", "tag", "tags"),
    "locale": ("locale", "language", "lang"),
    "url": ("url", "link", "source url"),
    "active": ("active", "enabled", "published"),
}  # fmt: skip
NAMES = {synonym: name for name, synonyms in COLUMNS.items() for synonym in synonyms}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong where: the row as a spreadsheet numbers it (the header is 1), the column ("" for the whole row
    or file), and a sentence a person can act on."""

    row: int
    column: str
    sentence: str


class Unreadable(Exception):
    """Nothing can be read from ``fault`` on."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.sentence)
        self.fault = fault


def read(data: bytes) -> Iterator[tuple[int, dict[str, str] | Fault]]:
    """Each row's number, and its cells by our column names or what is wrong with them; empty rows are passed over.
    Raises :class:`Unreadable` at the point from which the file cannot be understood."""
    text = _decoded(data)
    delimiter = _delimiter(text)
    records = _records(text, delimiter)
    _, header = next(records, (1, []))
    names = _names(header)
    for number, record in records:
        if any(cell.strip() for cell in record):
            yield number, _cells(number, names, record)


def guarded(cell: str) -> str:
    """``cell`` so that no spreadsheet runs it (R18): an apostrophe before what would be a formula, also in full-width
    form or behind blanks, and before what looks guarded already."""
    return "'" + cell if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """The cell that :func:`guarded` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def key(name: str) -> str:
    """A column's or field's name as :data:`NAMES` has it: case, quotes, ``_`` and ``-`` make no difference."""
    return " ".join(name.strip().strip('"').replace("_", " ").replace("-", " ").casefold().split())


def _decoded(data: bytes) -> str:
    if len(data) > LARGEST:
        raise _whole(f"The file has {len(data) / 1e6:.1f} MB. Split it into files of at most 5 MB.")
    if not data.strip():
        raise _whole("The file is empty.")
    for start, kind in _KINDS.items():
        if data.lstrip()[:64].lower().startswith(start):
            raise _whole(f"This is {kind}, not a CSV file. In your spreadsheet choose: Save as, CSV (UTF-8).")
    try:
        text = data.decode(encoding_of(data))
    except UnicodeDecodeError:
        raise _whole("The file's characters cannot be read. Save it again as CSV (UTF-8).") from None
    strange = sum(text[:10_000].count(chr(code)) for code in range(32) if code not in (9, 10, 12, 13))
    if strange > max(3, len(text[:10_000]) // 50):
        raise _whole("This is not a text file. In your spreadsheet choose: Save as, CSV (UTF-8).")
    return text.replace("\0", "").removeprefix("\ufeff")


def _delimiter(text: str) -> str:
    """The one that shows the most of our columns in the first line; of equals, the one that occurs most."""
    line = text.lstrip("\r\n")[:LONGEST_CELL].splitlines()[:1] or [""]
    if line[0].lower().startswith("sep=") and len(line[0]) == 5:
        raise _whole("The first line must name the columns. Remove the line that starts with sep=.")

    def fits(delimiter: str) -> tuple[int, int]:
        cells = line[0].split(delimiter)
        return len({NAMES.get(key(cell)) for cell in cells} - {None}), len(cells)

    return max(",;\t", key=fits)


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number, line = 0, 1
    while True:
        try:
            record = next(reader, None)
        except csv.Error as broken:
            raise Unreadable(Fault(number + 1, "", _broken(str(broken), line))) from None
        if record is None:
            return
        number, line = number + 1, reader.line_num + 1
        yield number, record


def _broken(reason: str, line: int) -> str:
    where = f"The row that starts on line {line} of the file cannot be read: "
    if "field larger" in reason:
        return where + "a cell is far too long. Shorten it, or close a quotation mark that was left open."
    if "unexpected end" in reason:
        return where + 'a quotation mark (") is opened and never closed. Close it.'
    return where + 'a quotation mark (") stands in the middle of a cell. Write it twice ("") inside a quoted cell.'


def _names(header: list[str]) -> list[str | None]:
    if len(header) > MOST_COLUMNS:
        raise _whole(f"The first line has {len(header):,} columns. Keep those for questions and answers.")
    names = [NAMES.get(key(cell)) for cell in header]
    for name in ("question", "answer"):
        if names.count(name) > 1:
            raise _whole(f"Two columns are named like “{name}”. Keep one of them.", name)
        if name not in names:
            seen = ", ".join(cell.strip()[:30] for cell in header[:6]) or "nothing"
            raise _whole(f"There is no column “{name}”. The first line must name the columns; it has: {seen}.", name)
    return names


def _cells(number: int, names: list[str | None], record: list[str]) -> dict[str, str] | Fault:
    if len(record) > len(names) and any(cell.strip() for cell in record[len(names) :]):
        sentence = f"The row has {len(record):,} cells, the header {len(names)}. Put cells that hold commas in quotes."
        return Fault(number, "", sentence)
    cells: dict[str, str] = {}
    for name, cell in zip(names, record, strict=False):
        if name is not None:
            cell, longest = unguarded(cell), LONGEST_LIST if name == "alternatives" else LONGEST_CELL
            if len(cell) > longest:
                return Fault(number, name, f"The cell has {len(cell):,} characters. Shorten it to {longest:,}.")
            cells[name] = f"{cells[name]}|{cell}" if name in cells else cell
    return cells


def _whole(sentence: str, column: str = "") -> Unreadable:
    return Unreadable(Fault(1, column, sentence))


_FORMULA = re.compile("\\A(?:[\\s\ufeff\u200b']*[=+\\-@\uff1d\uff0b\uff0d\uff20\u2212]|[\t\r]|'+[\t\r])")
_KINDS = {
    b"pk\x03\x04": "an Excel or zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"%pdf": "a PDF",
    b"<!doctype": "a web page",
    b"<html": "a web page",
    b"<?xml": "an XML file",
    b"{": "a JSON file",
    b"[": "a JSON file",
    b"\x1f\x8b": "a compressed file",
    b"\x89png": "a picture",
    b"\xff\xd8\xff": "a picture",
}
