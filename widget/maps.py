"""Source maps (ECMA-426) for scripts that were minified without one.

A minifier renames what is local and keeps the rest: property names, strings, global names. These are found again in the
same order in the source, and each pair of them is a place that the map tells; what stands between two belongs to the
first.
"""

import json
import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate, pairwise
from typing import NamedTuple

# What survives: strings (without their quotes, which may change), templates' texts and words of three letters or more.
# Comments are passed over; so is a regular expression, whose quotes would open a string.
_TOKEN = re.compile(
    r"""//[^\n]* | /\*.*?\*/
      | (?<=[=(,:;!&|?{}\[\n])\s*/(?![/*])(?:\\.|\[(?:\\.|[^\]\n\\])*\]|[^/\n\\\[])+/[a-z]*
      | '(?P<single>(?:\\.|[^'\\\n])*)' | "(?P<double>(?:\\.|[^"\\\n])*)"
      | (?P<word>[A-Za-z_$][\w$]{2,})""",
    re.VERBOSE | re.DOTALL,
)
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_KEYWORDS = frozenset("const let var function return for else new null true false typeof async await".split())


class Token(NamedTuple):
    text: str
    at: int  # characters from the start of its file


class Place(NamedTuple):
    """What stands at ``column`` of the script's ``line`` stands in ``source`` (its number) at that line and column;
    all from 0."""

    line: int
    column: int
    source: int
    source_line: int
    source_column: int


def source_map(script: str, sources: Sequence[tuple[str, str]]) -> str:
    """The map of ``script``, which was made from the ``(name, text)`` of each of ``sources``, in that order."""
    told = {
        "version": 3,
        "sources": [name for name, _ in sources],
        "sourcesContent": [text for _, text in sources],
        "names": [],
        "mappings": _encoded(places(script, [text for _, text in sources])),
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def places(script: str, sources: Sequence[str]) -> list[Place]:
    """Every place of ``script`` that is known, in its order."""
    starts = [0, *accumulate(len(text) + 1 for text in sources)]
    made, written = list(_tokens(script)), list(_tokens("\n".join(sources)))
    matcher = SequenceMatcher(None, [each.text for each in written], [each.text for each in made], autojunk=False)
    pairs = [
        (made[block.b + i].at, written[block.a + i].at)
        for block in matcher.get_matching_blocks()
        for i in range(block.size)
    ]
    lines, source_lines = _Lines(script), [_Lines(text) for text in sources]
    found = []
    for at, origin in pairs:
        number = max(i for i, start in enumerate(starts) if start <= origin)
        found.append(Place(*lines.of(at), number, *source_lines[number].of(origin - starts[number])))
    return found


def _tokens(text: str) -> Iterator[Token]:
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup
        if kind and found[kind] and found[kind] not in _KEYWORDS:
            yield Token(found[kind], found.start(kind))


class _Lines:
    """Where the lines of a text begin. Columns are UTF-16 code units, as browsers count them."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def of(self, at: int) -> tuple[int, int]:
        low, high = 0, len(self._starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._starts[middle] <= at else (low, middle)
        return low, len(self._text[self._starts[low] : at].encode("utf-16-le")) // 2


def _encoded(found: Sequence[Place]) -> str:
    lines: list[list[str]] = [[] for _ in range(found[-1].line + 1)] if found else []
    for before, place in pairwise([Place(0, 0, 0, 0, 0), *found]):
        column = place.column - (before.column if before.line == place.line else 0)
        steps = (column, *(new - old for new, old in zip(place[2:], before[2:], strict=True)))
        lines[place.line].append("".join(map(_vlq, steps)))
    return ";".join(",".join(segments) for segments in lines)


def _vlq(value: int) -> str:
    rest, digits = (-value << 1) | 1 if value < 0 else value << 1, ""
    while True:
        rest, low = rest >> 5, rest & 31
        digits += _BASE64[low | (32 if rest else 0)]
        if not rest:
            return digits
