"""Plain text as an outline: paragraphs between empty lines, and the lines that stand as headings."""

import re
from collections.abc import Iterator
from itertools import islice, pairwise

from knowledge.formats import light
from knowledge.formats.outline import MOST_PIECES, Block, Heading, Outline, Piece

LONGEST_HEADING = 100  # characters
_NUMBERED = re.compile(r"(\d{1,3}(?:\.\d{1,3}){0,4})[.)]?\s+\S")
_BULLET = re.compile(r"[-*•–·]\s|\d{1,3}[.)]\s")
_UNDERLINE = re.compile(r"^([=\-~*_#])\1{2,}+$")
_SENTENCE_END = (".", ",", ";", "!", "。", "、")


def read(text: str) -> Outline:
    """The outline of a plain text. A heading is a line of its own that is underlined, numbered, in capitals, or short
    and without a full stop above a paragraph."""
    pieces = list(_pieces(text.replace("\f", "\n\n")))
    first = pieces[0] if pieces else None
    return Outline(tuple(pieces), first.text if isinstance(first, Heading) else "")


def paragraphs(text: str) -> Iterator[list[str]]:
    """The lines of each paragraph."""
    lines: list[str] = []
    for line in text.split("\n"):
        if line.strip():
            lines.append(" ".join(line.split()))
        elif lines:
            yield lines
            lines = []
    if lines:
        yield lines


def unwrapped(lines: list[str]) -> str:
    """Lines that a width broke, joined; lists and short lines, which their writer broke, stay. No blank joins what
    scripts without spaces broke."""
    told = lines[0]
    for before, line in pairwise(lines):
        wide = len(before) >= 50 and not before.endswith((":", "?", "？", "："))
        if _BULLET.match(line) or not wide or _UNDERLINE.fullmatch(before):
            told += "\n" + line
        else:
            told += line if is_unspaced(told[-1]) and is_unspaced(line[0]) else " " + line
    return told


def _pieces(text: str) -> Iterator[Piece]:
    found = list(islice(paragraphs(text), MOST_PIECES))
    for place, lines in enumerate(found):
        level, rest = _heading(lines, is_last=place + 1 == len(found))
        if level:
            yield Heading(level, lines[0].strip("#*_ "))
        if rest:
            yield Block(light.tidy(unwrapped(rest)))


def _heading(lines: list[str], *, is_last: bool) -> tuple[int, list[str]]:
    """The level of the heading that the first line is, 0 where it is none; and the lines under it."""
    first = lines[0]
    if len(first) > LONGEST_HEADING or (_BULLET.match(first) and len(lines) > 1 and _BULLET.match(lines[1])):
        return 0, lines
    if len(lines) > 1 and _UNDERLINE.fullmatch(lines[1]) and not _UNDERLINE.fullmatch(first):
        return (1 if lines[1][0] == "=" else 2), lines[2:]
    rest = lines[1:]
    if is_last and not rest:
        return 0, lines
    alone = not rest and not first.endswith((*_SENTENCE_END, "?", "？"))
    if (numbered := _NUMBERED.match(first)) and alone:
        return min(1 + numbered[1].count("."), 5), rest
    if first.isupper() and not first.endswith(_SENTENCE_END) and sum(map(str.isalpha, first)) > 3:
        return 2, rest
    if alone and len(first) <= 60 and not _BULLET.match(first) and not first.startswith(("Q:", "A:")):
        return 3, rest
    return 0, lines


def is_unspaced(letter: str) -> bool:
    """Whether a letter belongs to a script that puts no spaces between words."""
    return "\u3000" <= letter <= "\u9fff" or "\uff00" <= letter <= "\uffef" or "\u0e00" <= letter <= "\u0eff"
