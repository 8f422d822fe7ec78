"""From the structure of a document to FAQ entries: each a title that says what it is about, and its own text under it.

No text is invented: a title is a heading (with those above it where it says nothing alone), an answer is what stands
there. A passage that is too long for a chat is cut where a paragraph, a line or a sentence ends.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from engine.codec import clean
from knowledge.formats.asked import LABEL, arranged, is_question
from knowledge.formats.outline import MOST_PIECES, Block, Heading, Outline, Pair
from knowledge.sheet import Fault
from knowledge.text import normalise

MOST = 2_000  # passages a document: more is an archive, and nobody reads 2,000 drafts
LONGEST = 1_200  # characters of an answer: what a visitor reads in a chat without scrolling back
TINY = 160  # characters; siblings below it are read together, one alone says too little
LONGEST_TITLE = 200  # characters, so that a joined and numbered one stays below the limit of a question
LONGEST_CATEGORY = 100
_FOLLOWING = 3  # a text that stands this often in a document is furniture

_EMPTY_WORDS = """
    overview introduction intro general details more notes note information info faq faqs other others miscellaneous
    description summary example examples about basics background questions answers help support read more conclusion
    einleitung überblick allgemein allgemeines hinweise details weitere zusammenfassung beispiel introducción resumen
    general detalles otros información présentation généralités détails exemple résumé panoramica introduzione
    overzicht inleiding algemeen introdução geral visão geral översikt oversigt oversikt обзор введение общее
    概要 はじめに 概述 简介 介绍 개요"""
_EMPTY_PHRASES = {"read more", "more information", "good to know", "visão geral", "frequently asked questions"}
_SAY_NOTHING = frozenset(_EMPTY_WORDS.split()) | _EMPTY_PHRASES
_FURNITURE = re.compile(
    r"(?:©|\(c\)|copyright\b).{0,200}|.{0,60}all rights reserved\.?|(?:back to top|skip to (?:main )?content|read more"
    r"|learn more|print this page|share this(?: page)?|was this (?:article |page )?helpful\??(?: ?yes ?/? ?no)?"
    r"|nach oben|zum inhalt springen|mehr erfahren|volver arriba|retour en haut|table of contents|page \d+ of \d+)\W*",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^(?:§\s?)?(?:\d{1,3}(?:\.\d{1,3}){0,4}[.):]?|[ivxIVX]{1,5}[.)]|[A-Za-z]\))\s+(?=\S)")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”»)]?\s+|(?<=[。！？])")


@dataclass(frozen=True, slots=True)
class Item:
    """A passage as it leaves the reader: plain values, so that it can cross a pipe."""

    number: int
    question: str
    answer: str
    alternatives: tuple[str, ...] = ()
    category: str = ""
    locale: str = ""
    url: str = ""
    active: bool = True


@dataclass(slots=True)
class _Section:
    path: tuple[str, ...]
    anchor: str
    blocks: list[str] = field(default_factory=list)
    is_pair: bool = False
    is_label: bool = False

    @property
    def title(self) -> str:
        return self.path[-1] if self.path else ""

    @property
    def size(self) -> int:
        return sum(map(len, self.blocks))


def passages(outline: Outline, *, title: str, locale: str, url: str) -> tuple[list[Item], list[Fault]]:
    """The entries of a document, in its order, at most :data:`MOST`, and a fault where there would be more. ``title``
    names what stands under no heading; ``url`` is the document's own address, to which anchors are added."""
    sections = _merged(list(_without_furniture(_sections(outline, title))))
    distinct = _distinct(part for section in sections for part in _parts(section, title))
    found = list(islice(distinct, MOST + 1))
    faults = []
    if len(found) > MOST or len(outline.pieces) > MOST_PIECES:
        sentence = f"The document has more than {MOST:,} passages. The first were taken: split it into several."
        faults.append(Fault(MOST + 1, "", sentence))
    place = url.partition("#")[0]
    items = [
        Item(number, question, answer, (), category, locale, f"{place}#{anchor}" if place and anchor else place)
        for number, (question, answer, category, anchor) in enumerate(found[:MOST], 1)
    ]
    return items, faults


def _sections(outline: Outline, title: str) -> Iterator[_Section]:
    path: list[Heading] = []
    section = _Section((), "")
    highest = [piece.text for piece in outline.pieces if isinstance(piece, Heading) and piece.level == 1]
    titles = {_key(title), *(_key(_named(text)) for text in highest if len(highest) == 1)}
    for piece in arranged(outline.pieces):
        if isinstance(piece, Block):
            section.anchor = section.anchor or piece.anchor
            section.blocks.append(clean(piece.text))
            continue
        yield section
        if isinstance(piece, Heading):
            level = piece.level
            path = [above for above in path if above.level < level]
            anchor = piece.anchor or _anchor(path)
            if name := _named(piece.text):
                path.append(replace(piece, text=name))
            section = _Section(_names(path, titles), anchor, is_label=level >= LABEL)
        elif isinstance(piece, Pair):
            above = [heading for heading in path if heading.level < LABEL]
            question = _named(piece.question, keep_number=True)
            anchor = piece.anchor or _anchor(above)
            yield _Section((*_names(above, titles), question), anchor, [clean(piece.answer)], is_pair=True)
            section = _Section(_names(above, titles), _anchor(above))
    yield section


def _anchor(path: Sequence[Heading]) -> str:
    return next((heading.anchor for heading in reversed(path) if heading.anchor), "")


def _names(path: Iterable[Heading], titles: set[str]) -> tuple[str, ...]:
    """The headings above a text, the document's own title among them left out unless it is all there is."""
    names = tuple(heading.text for heading in path)
    return names[1:] if len(names) > 1 and _key(names[0]) in titles else names


def _named(text: str, keep_number: bool = False) -> str:
    """A heading without its marks, number, and the sign that links to it."""
    name = " ".join(re.sub(r"[*`_]{2}|[*`\\]", "", clean(text)).split()).rstrip(" #¶§:：").strip()
    name = name if keep_number else _NUMBERED.sub("", name)
    return name if len(name) <= LONGEST_TITLE else _cut(name, LONGEST_TITLE)


def _without_furniture(sections: Iterable[_Section]) -> Iterator[_Section]:
    """The sections that say something: not what stands on every page, nor the same text again."""
    kept = [section for section in sections if section.blocks]
    counts: dict[str, int] = {}
    for section in kept:
        for text in {block for block in section.blocks if len(block) < TINY}:
            counts[text] = counts.get(text, 0) + 1
    for section in kept:
        if not section.is_pair:
            often = {text for text in section.blocks if counts.get(text, 0) >= _FOLLOWING}
            own = [
                text for text in section.blocks if text not in often
            ] or section.blocks  # "Yes." thrice is no furniture
            section.blocks = [text for text in own if not _FURNITURE.fullmatch(text.strip("*_ "))]
        section.blocks = [text for text in section.blocks if any(map(str.isalnum, text))]
        if section.blocks:
            yield section


def _merged(sections: Sequence[_Section]) -> Iterator[_Section]:
    """Tiny neighbours under the same heading become one passage of it, each under its own title."""
    run: list[_Section] = []
    for section in sections:
        if run and not (_fits(section) and section.path[:-1] == run[0].path[:-1] and _size(run, section) <= LONGEST):
            yield from _joined(run)
            run = []
        if _fits(section):
            run.append(section)
        else:
            yield section
    yield from _joined(run)


def _fits(section: _Section) -> bool:
    return (
        len(section.path) > 1
        and section.size < TINY
        and not (section.is_pair or section.is_label)
        and not is_question(section.title)
    )


def _size(run: Sequence[_Section], section: _Section) -> int:
    return sum(one.size + len(one.title) + 8 for one in (*run, section))


def _joined(run: Sequence[_Section]) -> Iterator[_Section]:
    if len(run) < 2:
        yield from run
        return
    blocks = [f"**{section.title}**\n" + "\n\n".join(section.blocks) for section in run]
    yield _Section(run[0].path[:-1], run[0].anchor, blocks)


Found = tuple[str, str, str, str]  # question, answer, category, anchor


def _parts(section: _Section, title: str) -> Iterator[tuple[tuple[str, ...], Found]]:
    """A section as one or several entries, with the path their title was made of."""
    path = section.path or _unheaded(section, title)
    question = _question(path, title)
    category = next((name for name in path[:-1] if not _says_nothing(name)), "")[:LONGEST_CATEGORY].strip()
    texts = list(_split("\n\n".join(section.blocks)))
    for place, text in enumerate(texts, 1):
        numbered = f"{question} ({place}/{len(texts)})" if len(texts) > 1 else question
        yield path, (numbered, text, category, section.anchor)


def _question(path: tuple[str, ...], title: str) -> str:
    """The last heading, after as many of those above it as it takes to say something."""
    name = path[-1]
    above = [*([title] if title and not _same(title, path[0]) else []), *path[:-1]]
    while above and _says_nothing(name.partition(": ")[0]):
        name = f"{above.pop()}: {name}"
    return name if len(name) <= LONGEST_TITLE else _cut(name, LONGEST_TITLE)


def _says_nothing(name: str) -> bool:
    folded = name.casefold().strip(" .:!?-–—")
    return folded in _SAY_NOTHING or sum(map(str.isalpha, folded)) < 2


def _distinct(parts: Iterable[tuple[tuple[str, ...], Found]]) -> Iterator[Found]:
    """No answer twice; a title that is taken gets the headings above it, or a number."""
    answers: set[str] = set()
    taken: set[str] = set()
    counts: dict[str, int] = {}
    for path, (question, answer, category, anchor) in parts:
        told = normalise(question) + "\n" + " ".join(answer.split()).casefold()
        if told in answers or (len(answer) >= TINY and told.partition("\n")[2] in answers):
            continue
        answers |= {told, told.partition("\n")[2]}
        name = question
        if _key(name) in taken and len(path) > 1:
            name = _cut(f"{path[-2]}: {question}", LONGEST_TITLE)
        while _key(name) in taken:
            number = counts[_key(question)] = counts.get(_key(question), 1) + 1
            name = f"{question} [{number}]"
        taken.add(_key(name))
        yield name, answer, category, anchor


def _key(name: str) -> str:
    return normalise(name) or name


def _split(text: str) -> Iterator[str]:
    """``text`` in pieces of at most :data:`LONGEST` characters that end where a paragraph, line or sentence does."""
    place = 0
    while place < len(text):
        window = text[place : place + LONGEST + 1]
        length = _end(window) if len(window) > LONGEST else len(window)
        if piece := window[:length].strip():
            yield piece
        place += length


def _end(window: str) -> int:
    """Where to cut: as late as possible, but not so that the first piece is a scrap."""
    least = LONGEST // 3
    for mark in ("\n\n", "\n"):
        if (end := window.rfind(mark)) >= least:
            return end
    ends = [found.end() for found in _SENTENCE.finditer(window) if least <= found.end() <= LONGEST]
    if ends:
        return ends[-1]
    blank = window.rfind(" ")
    return blank if blank >= least else LONGEST


def _unheaded(section: _Section, title: str) -> tuple[str, ...]:
    """A name for a text under no heading: the document's, on its first page, and there and later its first words."""
    words = _first_words(section.blocks[0])
    if not title:
        return (words,)
    return (title,) if section.anchor in ("", "page=1") else (_cut(f"{title}: {words}", LONGEST_TITLE),)


def _first_words(text: str) -> str:
    """What names a text without any heading: its first sentence, or as many of its words as fit."""
    line = re.sub(r"[*`]", "", text[:500].partition("\n")[0]).strip("-# ")
    sentence = _SENTENCE.split(line, maxsplit=1)[0]
    return _cut(sentence, 80)


def _cut(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    short = text[: length - 1].rpartition(" ")[0]
    return (short if len(short) > length // 2 else text[: length - 1]).rstrip(" ,;:") + "…"


def _same(one: str, other: str) -> bool:
    return bool(one) and normalise(one) == normalise(other)
