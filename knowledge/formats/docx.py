"""A Word document as an outline: its headings, paragraphs, lists and tables, straight from the parts that hold them.

Only those parts are unpacked, each up to a bound; macros, pictures, embedded files and what a document refers to
outside itself are never opened.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine.codec import clean
from knowledge.formats import light
from knowledge.formats.outline import Block, Heading, Outline, Piece
from knowledge.sheet import Fault, Unreadable

MOST_PARTS = 5_000  # of the zip file
LARGEST_PART = 25_000_000  # bytes unpacked; its tree takes some eight times as much
HIGHEST_RATIO = 100  # unpacked to packed: Word's own reach 30
_BOMB_FLOOR = 1_000_000  # bytes; what is smaller harms nobody, however it is packed

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_HEADING = re.compile(
    r"(?:heading|überschrift|titre|título|titolo|kop|rubrik|overskrift|заголовок|标题|見出し)\s*([1-9])", re.I
)
_NUMBERS = ("decimal", "lowerLetter", "upperLetter", "lowerRoman", "upperRoman", "decimalZero")


@dataclass(slots=True)
class _Parts:
    """What the document's other parts say: heading levels by style, links by id, numbered lists, its language."""

    levels: dict[str, int] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)  # the list a style belongs to
    links: dict[str, str] = field(default_factory=dict)
    numbered: dict[tuple[str, str], bool] = field(default_factory=dict)
    title: str = ""
    locale: str = ""


def read(data: bytes) -> Outline:
    """The outline of a DOCX file. Raises :class:`~knowledge.sheet.Unreadable` for one that is damaged, a bomb, or
    declares entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            _refuse_bombs(packed)
            body = _part(packed, "word/document.xml")
            parts = _parts(packed)
    except Unreadable:
        raise
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, OSError, EOFError, NotImplementedError, RuntimeError):
        raise _refused("The document is damaged and cannot be read. Open it in Word, save it again.") from None
    if body is None:
        raise _refused("This is no Word document: its text is missing. Save it again as a Word document (.docx).")
    pieces = tuple(_Body(parts).pieces(body))
    return Outline(pieces, parts.title, parts.locale)


def _refuse_bombs(packed: zipfile.ZipFile) -> None:
    """By what the file declares, before anything is unpacked; :func:`_part` holds it to that."""
    infos = packed.infolist()
    if len(infos) > MOST_PARTS:
        raise _refused(f"The document has {len(infos):,} parts: it is not made by Word. Save it again as .docx.")
    for info in infos:
        if info.flag_bits & 0x1:
            raise _refused("The document is protected by a password. Remove the password, and give it again.")
        if info.file_size > _BOMB_FLOOR and info.file_size > HIGHEST_RATIO * max(info.compress_size, 1):
            raise _refused("The document unpacks to more than a hundred times its size: it is not read. Save it again.")


def _part(packed: zipfile.ZipFile, name: str) -> etree._Element | None:
    """The tree of a part, None where there is none."""
    if name not in packed.NameToInfo:
        return None
    with packed.open(name) as part:
        text = part.read(LARGEST_PART + 1)
    if len(text) > LARGEST_PART:
        raise _refused("The document's text has more than 25 MB. Split it into several documents.")
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text or "<!DOCTYPE".encode("utf-16-le") in text:
        raise _refused("The document declares entities, which Word never does: it is not read. Save it again.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(text.replace(_STRICT[1:-1].encode(), _W[1:-1].encode()), parser)
    except etree.XMLSyntaxError:
        raise _refused("The document is damaged and cannot be read. Open it in Word, save it again.") from None


def _parts(packed: zipfile.ZipFile) -> _Parts:
    parts = _Parts()
    if (styles := _part(packed, "word/styles.xml")) is not None:
        _read_styles(styles, parts)
    if (numbering := _part(packed, "word/numbering.xml")) is not None:
        _read_numbering(numbering, parts)
    if (relations := _part(packed, "word/_rels/document.xml.rels")) is not None:
        for one in relations:
            if one.get("TargetMode") == "External" and "hyperlink" in (one.get("Type") or ""):
                parts.links[one.get("Id") or ""] = one.get("Target") or ""
    if (core := _part(packed, "docProps/core.xml")) is not None:
        parts.title = clean(core.findtext(f"{_DC}title") or "")
        parts.title = "" if parts.title.lower().startswith(("word document", "document", "untitled")) else parts.title
    return parts


def _read_styles(styles: etree._Element, parts: _Parts) -> None:
    based: dict[str, str] = {}
    for style in styles.iter(f"{_W}style"):
        own, name = style.get(f"{_W}styleId") or "", _value(style.find(f"{_W}name"))
        outline = style.find(f"{_W}pPr/{_W}outlineLvl")
        based[own] = _value(style.find(f"{_W}basedOn"))
        if found := _HEADING.fullmatch(name.strip()) or _HEADING.fullmatch(own):
            parts.levels[own] = int(found[1]) + 1
        elif name.lower() == "title":
            parts.levels[own] = 1
        elif outline is not None and _value(outline).isdecimal() and int(_value(outline)) < 9:
            parts.levels[own] = min(int(_value(outline)) + 2, 6)
        if listed := _value(style.find(f"{_W}pPr/{_W}numPr/{_W}numId")):
            parts.lists[own] = listed
        elif name.lower().startswith(("list bullet", "list number")):
            parts.lists[own] = name.lower()[5:11]
    for own, above in based.items():  # one step up is what people's own styles take
        if own not in parts.levels and above in parts.levels:
            parts.levels[own] = parts.levels[above]
    language = styles.find(f"{_W}docDefaults/{_W}rPrDefault/{_W}rPr/{_W}lang")
    said = _value(language)
    # Word writes en-US whatever is typed; only another language was chosen by somebody.
    parts.locale = said if re.fullmatch(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?", said) and not said.startswith("en") else ""


def _read_numbering(numbering: etree._Element, parts: _Parts) -> None:
    formats: dict[str, dict[str, bool]] = {}
    for one in numbering.iter(f"{_W}abstractNum"):
        levels = {
            level.get(f"{_W}ilvl") or "0": _value(level.find(f"{_W}numFmt")) in _NUMBERS
            for level in one.iter(f"{_W}lvl")
        }
        formats[one.get(f"{_W}abstractNumId") or ""] = levels
    for one in numbering.iter(f"{_W}num"):
        number = one.get(f"{_W}numId") or ""
        for level, is_numbered in formats.get(_value(one.find(f"{_W}abstractNumId")), {}).items():
            parts.numbered[number, level] = is_numbered


class _Body:
    def __init__(self, parts: _Parts) -> None:
        self._parts = parts
        self._list: list[str] = []
        self._counts: dict[int, int] = {}
        self._of = ""  # which list the paragraphs before stood in

    def pieces(self, document: etree._Element) -> Iterator[Piece]:
        for element in _blocks(document):
            if element.tag == f"{_W}tbl":
                yield from self._close()
                yield Block(light.rows(list(self._rows(element)), header=_has_header(element)))
                continue
            text, level = light.tidy(self._text(element)), self._level(element)
            if not text or self._is_contents(element):
                continue
            if level:
                yield from self._close()
                yield Heading(level, " ".join(_bare(element).split()))
            elif (place := self._place(element)) is not None:
                if place[0] != self._of:
                    yield from self._close()
                self._of = place[0]
                self._item(text, *place[1:])
            else:
                yield from self._close()
                yield Block(text)
        yield from self._close()

    def _close(self) -> Iterator[Piece]:
        if self._list:
            yield Block("\n".join(self._list))
        self._list, self._counts = [], {}

    def _item(self, text: str, depth: int, is_numbered: bool) -> None:
        self._counts = {level: count for level, count in self._counts.items() if level <= depth}
        count = self._counts[depth] = self._counts.get(depth, 0) + 1
        first, *others = text.split("\n")
        indent = "  " * min(depth, 4)
        self._list.append(f"{indent}{count}. {first}" if is_numbered else f"{indent}- {first}")
        self._list.extend(f"{indent}  {line}" for line in others)

    def _level(self, paragraph: etree._Element) -> int:
        outline = _value(paragraph.find(f"{_W}pPr/{_W}outlineLvl"))
        if outline.isdecimal() and int(outline) < 9:
            return min(int(outline) + 2, 6)
        return self._parts.levels.get(_value(paragraph.find(f"{_W}pPr/{_W}pStyle")), 0)

    def _is_contents(self, paragraph: etree._Element) -> bool:
        return _value(paragraph.find(f"{_W}pPr/{_W}pStyle")).lower().startswith(("toc", "tableofcontents"))

    def _place(self, paragraph: etree._Element) -> tuple[str, int, bool] | None:
        """Which list a paragraph stands in, how deep, and whether with a number; None outside lists."""
        own = paragraph.find(f"{_W}pPr/{_W}numPr")
        style = self._parts.lists.get(_value(paragraph.find(f"{_W}pPr/{_W}pStyle")), "")
        number = _value(own.find(f"{_W}numId")) if own is not None else style
        if number in ("", "0"):
            return None
        level = _value(own.find(f"{_W}ilvl")) if own is not None else ""
        depth = int(level) if level.isdecimal() and len(level) < 3 else 0
        return number, depth, number == "number" or self._parts.numbered.get((number, level or "0"), False)

    def _rows(self, table: etree._Element) -> Iterator[list[str]]:
        for row in table.iterchildren(f"{_W}tr"):
            yield [
                " ".join(light.tidy(self._text(one)) for one in cell.iter(f"{_W}p"))
                for cell in row.iterchildren(f"{_W}tc")
            ]

    def _text(self, paragraph: etree._Element) -> str:
        """The paragraph as light Markdown."""
        told: list[str] = []
        for element in _runs(paragraph):
            if element.tag == f"{_W}hyperlink":
                inside = "".join(light.plain(_said(run)) for run in element.iter(f"{_W}r"))
                address = self._parts.links.get(element.get(f"{_R}id") or "", "")
                told.append(light.link(inside, light.absolute(address, "")))
            else:
                said = light.plain(_said(element))
                told.append(light.marked(said, "**") if _is_bold(element) else said)
        return "".join(told).replace("****", "")


def _blocks(document: etree._Element) -> Iterator[etree._Element]:
    """The paragraphs and tables of the body in order; those in a table belong to it."""
    body = document.find(f"{_W}body")
    walk = etree.iterwalk(body if body is not None else document, events=("start",), tag=(f"{_W}p", f"{_W}tbl"))
    for _, element in walk:
        yield element
        walk.skip_subtree()


def _runs(paragraph: etree._Element) -> Iterator[etree._Element]:
    """The runs and links of a paragraph; what was deleted while changes were tracked is left out."""
    skipped = (f"{_W}del", f"{_W}moveFrom", f"{_W}hyperlink")
    for element in paragraph.iterdescendants(f"{_W}r", f"{_W}hyperlink"):
        above = element.getparent()
        if above is None or above.tag in skipped or (above.tag == f"{_W}r"):
            continue
        yield element


def _said(run: etree._Element) -> str:
    told: list[str] = []
    for element in run.iterchildren():
        if element.tag == f"{_W}t":
            told.append(element.text or "")
        elif element.tag in (f"{_W}br", f"{_W}cr"):
            told.append("\n")
        elif element.tag == f"{_W}tab":
            told.append(" ")
        elif element.tag == f"{_W}noBreakHyphen":
            told.append("-")
    return _spaced("".join(told))


def _spaced(text: str) -> str:
    """A run's text with single blanks, its outer ones kept: they part it from its neighbours."""
    return re.sub(r"[^\S\n]+", " ", text)


def _bare(paragraph: etree._Element) -> str:
    return "".join(_said(run) for run in paragraph.iterdescendants(f"{_W}r"))


def _is_bold(run: etree._Element) -> bool:
    bold = run.find(f"{_W}rPr/{_W}b")
    return bold is not None and (bold.get(f"{_W}val") or "1") not in ("0", "false", "off")


def _has_header(table: etree._Element) -> bool:
    """Whether the first row names the columns: said so, or the table's style makes it stand out, or it is bold."""
    row = table.find(f"{_W}tr")
    if row is None:
        return False
    look = table.find(f"{_W}tblPr/{_W}tblLook")
    if row.find(f"{_W}trPr/{_W}tblHeader") is not None or (look is not None and look.get(f"{_W}firstRow") == "1"):
        return True
    runs = [run for run in row.iter(f"{_W}r") if _said(run).strip()]
    return bool(runs) and all(map(_is_bold, runs))


def _value(element: etree._Element | None) -> str:
    return str(element.get(f"{_W}val") or "") if element is not None else ""


def _refused(sentence: str) -> Unreadable:
    return Unreadable(Fault(1, "", sentence))
