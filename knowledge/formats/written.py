"""The text of an HTML tree in reading order: headings, what unfolds, and blocks of light Markdown."""

import re
from dataclasses import dataclass, field

from lxml import etree

from knowledge.formats import light
from knowledge.formats.asked import LABEL, LONGEST_QUESTION, is_question
from knowledge.formats.outline import Block, Heading, Piece

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCK_NAMES = """
    address article blockquote body center dd details dir div dl dt fieldset figcaption figure footer form gone h1 h2
    h3 h4 h5 h6 header hr html li main ol p pre section summary table tbody td tfoot th thead tr ul caption
    hgroup legend option optgroup"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`", "kbd": "`"}
_STRUCTURE = (*_HEADINGS, "details", "dl", "summary")
_LAYOUT = (*_STRUCTURE, "table", "ul", "ol")
_LABEL = re.compile(
    r"(?:^|[\s_-])(?:question|accordion-?(?:header|title|button|heading|toggle|trigger)|faq-?(?:title|header|heading)"
    r"|toggle-?(?:title|header)|collapsible|acc(?:ordion)?-head)(?:-(?:text|title|header|heading|name))?(?=$|[\s_])",
    re.IGNORECASE,
)
_SWITCHES = ("aria-controls", "aria-expanded", "data-target", "data-bs-target")
_PROSE = 80  # characters; definitions that are longer on average are answers
_CLIMB = 4  # levels: how far above a heading its anchor may stand
_SPACE = re.compile(r"\s+")


def written(root: etree._Element, base: str) -> list[Piece]:
    """What ``root`` says. Links are made absolute by ``base``, and only http, https and mailto are links."""
    writer = _Writer(base)
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            writer.start(element)
        else:
            writer.end(element)
            writer.say(element.tail if element is not root else None)
    writer.flush()
    return writer.pieces


@dataclass(slots=True)
class _List:
    element: etree._Element
    indent: str
    number: int | None  # of the next item; None without numbers
    lines: list[str]
    begun: bool = False


@dataclass(slots=True)
class _Table:
    element: etree._Element
    rows: list[list[str]] = field(default_factory=list)
    header: bool = False


@dataclass(slots=True)
class _Title:
    """A heading that is being read."""

    element: etree._Element
    level: int
    anchor: str


class _Writer:
    def __init__(self, base: str) -> None:
        self.pieces: list[Piece] = []
        self._base = base
        self._text: list[str] = []
        self._marks: list[list[int]] = []  # where in the text the open marks begin
        self._places: list[_List | _Table] = []
        self._title: _Title | None = None
        self._pre: etree._Element | None = None
        self._unfolded = 0  # how many details are open around the text
        self._ends: dict[etree._Element, int] = {}  # what ends the text under a label, and the label's level

    def start(self, element: etree._Element) -> None:
        tag = str(element.tag)
        if tag in _BLOCKS:
            self.flush()
        if self._title is None and self._pre is None:
            self._open(element, tag)
        if tag == "br":
            self._text.append("\n")
        elif tag in _MARKS or tag == "a":
            self._marks.append([len(self._text)])
        self.say(element.text)

    def end(self, element: etree._Element) -> None:
        tag = str(element.tag)
        if tag in _MARKS or tag == "a":
            self._close_mark(element, tag)
        if tag in _BLOCKS or self._is_title(element):
            self.flush()
        if self._is_title(element):
            self._title = None
        if element is self._pre:
            self._pre = None
        self._close(element, tag)

    def say(self, text: str | None) -> None:
        if not text:
            return
        if self._pre is not None:
            self._text.append(text)
        else:
            text = _SPACE.sub(" ", text)
            self._text.append(text if self._title else light.plain(text))

    def flush(self) -> None:
        """What was said since the last block goes where it belongs."""
        raw = "".join(self._text)
        self._text.clear()
        for mark in self._marks:
            mark[0] = 0
        if self._pre is not None:
            if raw.strip():
                self._put("```\n" + raw.strip("\n").rstrip() + "\n```")
            return
        text = light.tidy(raw)
        if not text:
            return
        if self._title is None:
            self._put(text)
        elif self.pieces and isinstance(last := self.pieces[-1], Heading) and last.text and self._title.level == -1:
            self.pieces[-1] = Heading(last.level, f"{last.text} {_line(text)}", last.anchor)
        else:
            self.pieces.append(Heading(self._title.level, _line(text), self._title.anchor))
            self._title.level = -1  # a second block of the same heading goes on

    def _open(self, element: etree._Element, tag: str) -> None:
        if tag == "details":
            self._unfolded += 1
            self._ends[element] = LABEL + self._unfolded
        elif tag == "pre":
            self._pre = element
        elif tag in ("ul", "ol") and not _holds(element, _STRUCTURE) and not _holds_label(element):
            self._open_list(element, tag)
        elif tag == "li":
            self._open_item()
        elif (tag == "table" and not _is_layout(element)) or (tag == "dl" and not _is_prose(element)):
            self._places.append(_Table(element))
        elif self._places and isinstance(table := self._places[-1], _Table):
            self._open_cell(table, tag)
        elif (level := self._level(element, tag)) and not self._places:
            self._title = _Title(element, level, _anchor(element))

    def _open_list(self, element: etree._Element, tag: str) -> None:
        above = self._places[-1] if self._places and isinstance(self._places[-1], _List) else None
        start = element.get("start") or "1"
        number = (int(start) if start.isdecimal() and len(start) < 6 else 1) if tag == "ol" else None
        lines = above.lines if above else []
        self._places.append(_List(element, above.indent + "  " if above else "", number, lines))

    def _open_item(self) -> None:
        if self._places and isinstance(self._places[-1], _List):
            self._places[-1].begun = False

    def _open_cell(self, table: _Table, tag: str) -> None:
        if tag in ("tr", "dt") or (tag in ("td", "th", "dd") and not table.rows):
            table.header = table.header or (not table.rows and tag == "tr")
            table.rows.append([""] if tag == "dt" else [])
        if tag in ("td", "th", "dd"):
            table.header = table.header and (len(table.rows) > 1 or tag == "th")
            table.rows[-1].append("")

    def _level(self, element: etree._Element, tag: str) -> int:
        """The level of the heading that ``element`` is; 0 where it is none."""
        if tag in _HEADINGS:
            if (
                any(element.find(f".//*[@{name}]") is not None for name in _SWITCHES)
                and (around := element.getparent()) is not None
            ):
                self._ends[around] = max(int(tag[1]), 2)
            return int(tag[1])
        if tag in ("summary", "dt"):
            return LABEL + self._unfolded
        if _is_label(element) and (around := element.getparent()) is not None:
            self._ends[around] = LABEL + self._unfolded
            return LABEL + self._unfolded
        return 0

    def _close(self, element: etree._Element, tag: str) -> None:
        if self._places and self._places[-1].element is element:
            place = self._places.pop()
            if isinstance(place, _Table):
                self._put(light.rows(place.rows, place.header))
            elif place.lines and not (self._places and getattr(self._places[-1], "lines", None) is place.lines):
                self._put("\n".join(place.lines))
        if tag == "dl":
            self.pieces.append(Heading(LABEL + self._unfolded, ""))
        if (level := self._ends.pop(element, 0)) and self.pieces:
            self.pieces.append(Heading(level, ""))
        if tag == "details" and self._unfolded and self._title is None and self._pre is None:
            self._unfolded -= 1

    def _close_mark(self, element: etree._Element, tag: str) -> None:
        start = self._marks.pop()[0]
        if self._title is not None or self._pre is not None:
            return
        inside = "".join(self._text[start:])
        del self._text[start:]
        if tag == "a":
            self._text.append(light.link(inside, light.absolute(element.get("href") or "", self._base)))
        else:
            self._text.append(light.marked(inside, _MARKS[tag]))

    def _is_title(self, element: etree._Element) -> bool:
        return self._title is not None and self._title.element is element

    def _put(self, text: str) -> None:
        if not text:
            return
        place = self._places[-1] if self._places else None
        if isinstance(place, _List):
            self._put_item(place, text)
        elif place is not None:
            if not place.rows:
                place.rows.append([])  # the caption: a row of its own
            row = place.rows[-1]
            row[-1:] = [f"{row[-1]} {text}".strip() if row else text]
        else:
            self.pieces.append(Block(text))

    @staticmethod
    def _put_item(place: _List, text: str) -> None:
        for line in text.split("\n"):
            if place.begun:
                place.lines.append(f"{place.indent}  {line}")
                continue
            place.lines.append(
                f"{place.indent}- {line}" if place.number is None else f"{place.indent}{place.number}. {line}"
            )
            place.begun, place.number = True, None if place.number is None else place.number + 1


def _line(text: str) -> str:
    return " ".join(text.split())


def _holds(element: etree._Element, tags: tuple[str, ...]) -> bool:
    return next(element.iterdescendants(*tags), None) is not None


def _holds_label(element: etree._Element) -> bool:
    return any(_is_label(one) for one in element.iterdescendants("div", "button", "a", "span", "p"))


def _is_label(element: etree._Element) -> bool:
    """Whether ``element`` is the switch of an accordion, or named as one."""
    if element.tag not in ("div", "button", "a", "span", "p"):
        return False
    if not any(element.get(name) for name in _SWITCHES):
        named = element.get("class") or ""
        if not (named and _LABEL.search(named[:500])) and element.get("itemprop") != "name":
            return False
        if element.get("itemprop") == "name" and not _is_in_question(element):
            return False
    elif element.tag == "a" and not (element.get("href") or "#").startswith("#"):
        return False
    return not _holds(element, (*_HEADINGS, "ul", "ol", "table", "dl")) and 0 < _length(element) <= LONGEST_QUESTION


def _is_in_question(element: etree._Element) -> bool:
    return any("schema.org/Question" in (above.get("itemtype") or "") for above in element.iterancestors())


def _is_layout(table: etree._Element) -> bool:
    """Whether a table only arranges a page: said so, or its cells hold headings, lists or tables, or it is one cell."""
    if table.get("role") in ("presentation", "none") or _holds(table, _LAYOUT):
        return True
    return sum(1 for _ in table.iterdescendants("td", "th")) < 2


def _is_prose(dl: etree._Element) -> bool:
    """Whether a definition list is questions with answers, and not a table of short facts."""
    terms = [_text(term) for term in dl.iterchildren("dt")] or [_text(term) for term in dl.iterdescendants("dt")]
    told = [_length(one) for one in dl.iterdescendants("dd")]
    return any(map(is_question, terms)) or sum(told) > _PROSE * len(told)


def _anchor(element: etree._Element) -> str:
    """The id that a link to this heading names: its own, one in it, or that of the part it opens."""
    for one in (element, *element.iterdescendants("a", "span")):
        if named := one.get("id") or (one.get("name") if one.tag == "a" else None):
            return str(named)
    at = element
    for _ in range(_CLIMB):
        before, around = at.getprevious(), at.getparent()
        if before is not None:
            return str(before.get("id") or before.get("name") or "") if before.tag == "a" and not before.text else ""
        if around is None or around.tag in ("main", "article", "body", "html"):
            return ""
        if named := around.get("id"):
            return str(named)
        at = around
    return ""


def _length(element: etree._Element) -> int:
    return len(_text(element))


def _text(element: etree._Element) -> str:
    return " ".join("".join(str(part) for part in element.itertext()).split())
