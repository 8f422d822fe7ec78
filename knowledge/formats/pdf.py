"""A PDF as an outline: lines put together to paragraphs, headings known by their type, each with a link to its page."""

import io
import logging
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pypdf import PdfReader, apply_configuration
from pypdf.errors import LimitReachedError

from engine.codec import clean
from knowledge.formats import light
from knowledge.formats.outline import Block, Heading, Outline, Piece
from knowledge.formats.plain import is_unspaced
from knowledge.sheet import Fault, Unreadable

MOST_PAGES = 500  # at some 10 to 30 ms a page, half of the time a reading has
MOST_TEXT = 5_000_000  # characters: as many as the largest file has bytes
_STREAM = 20_000_000  # bytes of one unpacked stream: a page of text has a hundredth
_LARGER = 1.15  # times the body's size: what is set larger is a heading
_GAP = 1.7  # sizes from line to line: more is a new paragraph
_LONGEST_HEADING = 150  # characters
_EDGE = 2  # lines at the top and bottom of a page that may be running heads
_BULLET = re.compile(r"[-–•▪●○◦‣∙*]\s+|\d{1,3}[.)]\s|[a-z]\)\s")
_PAGE_NUMBER = re.compile(
    r"\A\W{0,9}(?:page|seite|página|pagina|sida|side|стр\.?|p\.)?\s?\d{1,4}(?:\s?(?:/|of|von|de)\s?\d{1,4})?\W{0,9}\Z",
    re.I,
)
_LEADER = re.compile(r"(?:\.\s?|…\s?|·\s?){5}\s*[\divxlc]{0,5}$")  # of a table of contents
_DIGITS = re.compile(r"\d+")

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells every oddity of a file, thousands in a bad one


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    size: float
    bold: bool
    y: float
    page: int


def read(data: bytes) -> Outline:
    """The outline of a PDF. Raises :class:`~knowledge.sheet.Unreadable` for one that is protected, scanned, damaged,
    too long or a bomb; pages that alone cannot be read are faults."""
    with apply_configuration(
        jbig2dec_binary=None,
        maximum_declared_stream_length=_STREAM,
        zlib_maximum_output_length=_STREAM,
        lzw_maximum_output_length=_STREAM,
        run_length_maximum_output_length=_STREAM,
        array_based_stream_maximum_output_length=_STREAM,
        stream_parsing_work_maximum_count=1_000_000,
    ):
        return _read(data)


def _read(data: bytes) -> Outline:
    try:
        reader = _opened(data)
        pages, faults = _pages(reader)
        title = clean(str(reader.metadata.get("/Title") or "")) if reader.metadata else ""
    except Unreadable:
        raise
    except MemoryError:
        raise
    except Exception as broken:  # pypdf raises whatever a damaged file makes it stumble over
        raise _refused(_why(broken)) from None
    letters = sum(sum(map(str.isalnum, line.text)) for lines in pages for line in lines)
    if letters < 10:
        raise _refused(
            "The PDF holds pictures of its pages and no text: it was scanned. Run text recognition (OCR) on it first."
        )
    if _unreadable_letters(pages) > letters:
        raise _refused(
            "The PDF's letters cannot be read: its fonts do not say what they show. Give it as text or DOCX."
        )
    lines = _without_running_heads(pages)
    pieces = tuple(_pieces(lines))
    return Outline(pieces, title if _says_something(title) else "", faults=tuple(faults))


def _opened(data: bytes) -> PdfReader:
    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted:
        try:
            opened = reader.decrypt("")
        except Exception as broken:  # a way of encrypting that is not known here, or damaged
            raise _refused(_LOCKED) from broken
        if not opened:
            raise _refused(_LOCKED)
    claimed = reader.trailer["/Root"]["/Pages"].get("/Count")  # type: ignore[index]  # what is no dictionary raises
    if isinstance(claimed, int) and claimed > MOST_PAGES:
        raise _refused(_too_long(claimed))
    return reader


def _pages(reader: PdfReader) -> tuple[list[list[_Line]], list[Fault]]:
    count = len(reader.pages)
    if count > MOST_PAGES:
        raise _refused(_too_long(count))
    pages: list[list[_Line]] = []
    faults: list[Fault] = []
    length = 0
    for number in range(1, count + 1):
        try:
            lines = _lines(reader.pages[number - 1], number)
        except MemoryError:
            raise
        except Exception as broken:  # one page may be damaged, and the others good
            reason = (
                "it unpacks to far more than a page holds" if isinstance(broken, LimitReachedError) else "it is damaged"
            )
            faults.append(Fault(number, "", f"Page {number} was left out: {reason}."))
            continue
        pages.append(lines)
        length += sum(len(line.text) for line in lines)
        if length > MOST_TEXT:
            raise _refused("The PDF holds more than 5 million characters. Split it into several files.")
    if not pages:
        raise _refused("No page of the PDF can be read: it is damaged. Save it again, and give that file.")
    return pages, faults


def _lines(page: Any, number: int) -> list[_Line]:
    """The lines of a page in reading order, each with the size and weight of its first letters."""
    lines: list[_Line] = []
    parts: list[str] = []
    first: tuple[float, bool, float] = (0.0, False, 0.0)

    def close() -> None:
        text = " ".join(clean("".join(parts)).split())
        parts.clear()
        if text:
            lines.append(_Line(text, *first, number))

    def visit(text: str, cm: Sequence[float], tm: Sequence[float], font: Any, size: float) -> None:
        nonlocal first
        for place, piece in enumerate(text.split("\n")):
            if place:
                close()
            if piece.strip() and not any(part.strip() for part in parts):
                first = (_size(size, cm, tm), _is_bold(font), cm[1] * tm[4] + cm[3] * tm[5] + cm[5])
            parts.append(piece)

    page.extract_text(visitor_text=visit)
    close()
    return lines


def _size(size: float, cm: Sequence[float], tm: Sequence[float]) -> float:
    scale = math.sqrt(abs(tm[0] * tm[3] - tm[1] * tm[2]) * abs(cm[0] * cm[3] - cm[1] * cm[2])) or 1.0
    return round(abs(size) * scale * 2) / 2 if math.isfinite(size * scale) else 0.0


def _is_bold(font: Any) -> bool:
    name = str(font.get("/BaseFont", "")) if font else ""
    return any(weight in name for weight in ("Bold", "bold", "Black", "Heavy", "Semibold"))


def _without_running_heads(pages: Sequence[Sequence[_Line]]) -> list[_Line]:
    """The lines of all pages without those that stand at the edge of most of them, and without page numbers."""
    edges = [[*lines[:_EDGE], *lines[-_EDGE:]] for lines in pages]
    often = Counter(text for lines in edges for text in {_DIGITS.sub("#", line.text) for line in lines})
    least = max(3, math.ceil(len(pages) * 0.4))
    kept: list[_Line] = []
    for lines in pages:
        for place, line in enumerate(lines):
            at_edge = place < _EDGE or place >= len(lines) - _EDGE
            if _LEADER.search(line.text) or (
                at_edge and (often[_DIGITS.sub("#", line.text)] >= least or _PAGE_NUMBER.fullmatch(line.text))
            ):
                continue
            kept.append(line)
    return kept


def _pieces(lines: Sequence[_Line]) -> Iterator[Piece]:
    weights: Counter[tuple[float, bool]] = Counter()
    for line in lines:
        weights[line.size, line.bold] += len(line.text)
    (body, body_bold), _ = weights.most_common(1)[0] if weights else ((0.0, False), 0)
    sizes = sorted({line.size for line in lines if _is_heading(line, body, body_bold)}, reverse=True)
    levels = {size: min(place, 6) for place, size in enumerate(sizes, 1)}
    with_headings = bool(levels)
    page = 0
    for run in _runs(lines, body, body_bold):
        first = run[0]
        anchor = f"page={first.page}"
        if _is_heading(first, body, body_bold):
            yield Heading(levels[first.size], " ".join(line.text for line in run), anchor)
            continue
        if not with_headings and first.page != page:
            yield Heading(6, "", anchor)  # nothing else tells where in the file a text stands
        page = first.page
        yield Block(light.plain(_joined(run)), anchor)


def _runs(lines: Sequence[_Line], body: float, body_bold: bool) -> Iterator[list[_Line]]:
    """Lines that belong together: a heading, or a paragraph."""
    run: list[_Line] = []
    for line in lines:
        if run and not _goes_on(run, line, body, body_bold):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _goes_on(run: Sequence[_Line], line: _Line, body: float, body_bold: bool) -> bool:
    before = run[-1]
    if _is_heading(before, body, body_bold) or _is_heading(line, body, body_bold):
        alike = (before.size, before.bold, before.page) == (line.size, line.bold, line.page)
        length = sum(len(one.text) for one in run) + len(line.text)
        return alike and before.y - line.y < 1.5 * line.size and length <= _LONGEST_HEADING and not _ends(before.text)
    gap = before.y - line.y
    if before.page != line.page or gap < 0:  # a new page or column: the sentence tells
        return not _ends(before.text) and line.text[:1].islower()
    if _BULLET.match(line.text):
        return bool(_BULLET.match(run[0].text)) and gap < _GAP * max(line.size, 1.0)
    return gap < _GAP * max(line.size, before.size, 1.0)


def _is_heading(line: _Line, body: float, body_bold: bool) -> bool:
    if len(line.text) > _LONGEST_HEADING or (_BULLET.match(line.text) is not None and line.size <= body * _LARGER):
        return False
    if not any(map(str.isalpha, line.text)):
        return False
    if line.size >= body * _LARGER:
        return True
    return line.bold and not body_bold and line.size >= body and not line.text.endswith((".", ",", ";", ":"))


def _joined(run: Sequence[_Line]) -> str:
    told = run[0].text
    for line in run[1:]:
        if _BULLET.match(line.text):
            told += "\n" + line.text
        elif len(told) > 1 and told[-1] in "-\u00ad\u2010" and told[-2].isalpha() and line.text[:1].islower():
            told = told[:-1] + line.text
        elif is_unspaced(told[-1]) and is_unspaced(line.text[0]):
            told += line.text
        else:
            told += " " + line.text
    return re.sub(r"(?m)^[•▪●○◦‣∙–]\s+", "- ", told)


def _ends(text: str) -> bool:
    return text.rstrip("\"'”»)").endswith((".", "!", "?", ":", "。", "？", "！"))


def _says_something(title: str) -> bool:
    """Writers of PDF put the name of a file or of a program there."""
    return bool(re.search(r"[^\W\d_]{3}", title)) and not re.search(
        r"\.(?:docx?|indd|pdf|qxd|xlsx?|tex|odt)$|^(?:untitled|microsoft word|document\d*|powerpoint)", title, re.I
    )


def _unreadable_letters(pages: Sequence[Sequence[_Line]]) -> int:
    return sum(
        sum(letter == "\ufffd" or "\ue000" <= letter <= "\uf8ff" for letter in line.text)
        for lines in pages
        for line in lines
    )


_LOCKED = "The PDF is protected by a password. Remove the password, and give it again."


def _why(broken: Exception) -> str:
    if isinstance(broken, LimitReachedError):
        return "The PDF unpacks to far more than it should, or its pages are arranged in a circle. Save it again."
    if isinstance(broken, RecursionError):
        return "The PDF refers to itself in a circle. Save it again, and give that file."
    return "The PDF is damaged and cannot be read. Open it, save it again, and give that file."


def _too_long(count: int) -> str:
    return f"The PDF has {count:,} pages. Split it into files of at most {MOST_PAGES}."


def _refused(sentence: str) -> Unreadable:
    return Unreadable(Fault(1, "", sentence))
