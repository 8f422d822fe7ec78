"""The words that are looked for: in a text whatever their case, and the piece of the text around them."""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import Final
from unicodedata import normalize

LONGEST: Final = 200  # characters of a query that are looked at
WORDS: Final = 10  # of a query
EXCERPT: Final = 160  # characters, with the dots where it was cut
LEAD: Final = 30  # of them before the first hit, so that a narrow list shows it


def words_of(query: str) -> tuple[str, ...]:
    """The words to look for, folded, each once."""
    return tuple(dict.fromkeys(_folded(query[:LONGEST]).split()))[:WORDS]


def has_all(text: str, words: Iterable[str]) -> bool:
    """Whether all the folded ``words`` are somewhere in ``text``."""
    folded = _folded(text)
    return all(word in folded for word in words)


def excerpt(text: str, words: Iterable[str]) -> str:
    """At most :data:`EXCERPT` characters of ``text`` around the first of the folded ``words``, on one line."""
    line = " ".join(normalize("NFC", text).split())
    if len(line) <= EXCERPT:
        return line
    room = EXCERPT - 2  # for the dots at both ends
    start = max(0, min(_first(line, words) - LEAD, len(line) - room))
    end = start + room
    return ("…" if start else "") + line[start:end].strip() + ("…" if end < len(line) else "")


def _folded(text: str) -> str:
    return normalize("NFC", text).casefold()


def _first(line: str, words: Iterable[str]) -> int:
    """Where the first of the ``words`` begins in ``line``, whose letters may become two when folded (ß)."""
    folded = line.casefold()
    at = min((place for word in words if (place := folded.find(word)) >= 0), default=0)
    return bisect_right(list(accumulate(len(letter.casefold()) for letter in line)), at)
