"""Texts as the token ids of a BERT vocabulary: lower case, no accents, punctuation and Han characters apart, then the
longest known pieces first (WordPiece; Devlin et al., 2019). Pure."""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

LONGEST_WORD = 100  # characters; a longer one is unknown, as in the original
UNKNOWN, FIRST, LAST = "[UNK]", "[CLS]", "[SEP]"
_HAN = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))


class WordPiece:
    """``vocabulary``: id by piece, those inside a word beginning with ``##``. Raises ``KeyError`` without the special
    tokens ``[UNK]``, ``[CLS]`` and ``[SEP]``."""

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._ids = dict(vocabulary)
        self._unknown, self._first, self._last = (self._ids[name] for name in (UNKNOWN, FIRST, LAST))
        self._pieces = lru_cache(maxsize=20_000)(self._split)

    def ids(self, text: str, most: int) -> list[int]:
        """The ids of ``text`` between those of the two marks; at most ``most`` in all."""
        found: list[int] = []
        for word in words(text):
            found += self._pieces(word)
            if len(found) >= most - 2:
                break
        return [self._first, *found[: most - 2], self._last]

    def _split(self, word: str) -> Sequence[int]:
        if len(word) > LONGEST_WORD:
            return (self._unknown,)
        found: list[int] = []
        start = 0
        while start < len(word):
            end = len(word)
            while end > start and (piece := ("##" if start else "") + word[start:end]) not in self._ids:
                end -= 1
            if end == start:
                return (self._unknown,)
            found.append(self._ids[piece])
            start = end
        return tuple(found)


def words(text: str) -> list[str]:
    """The words, marks and Han characters of ``text``."""
    plain = unicodedata.normalize("NFD", text.lower())
    return "".join(_apart(char) for char in plain).split()


def _apart(char: str) -> str:
    kind = unicodedata.category(char)
    if kind == "Mn":
        return ""
    if char in "\t\n\r" or kind == "Zs":
        return " "
    if kind.startswith("C"):
        return ""
    code = ord(char)
    alone = kind.startswith("P") or (char.isascii() and not char.isalnum()) or any(a <= code <= b for a, b in _HAN)
    return f" {char} " if alone else char
