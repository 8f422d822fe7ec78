"""A word the base does not know, read as one it does know at one edit's distance. Pure.

Known words are filed under every way of leaving out one letter (Garbe, SymSpell, 2012), as hashes in sorted arrays: a
look-up costs one search a letter however large the vocabulary is, and a hundred thousand words take 12 MB.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHORTEST = 4  # letters: a shorter unknown word is one edit away from too many others


@dataclass(frozen=True, slots=True, eq=False)
class Speller:
    """Known words with how often they occur; the hashes of their forms with up to one letter left out, sorted, and
    which word each is of."""

    words: Sequence[str]
    counts: Sequence[int]
    hashes: NDArray[np.uint32]
    owners: NDArray[np.int32]


def learn(counts: Mapping[str, int]) -> Speller:
    """The speller of the words in ``counts`` (occurrences by word)."""
    words = [word for word in counts if len(word) >= SHORTEST and not any(map(str.isdigit, word))]
    forms = [_forms(word) for word in words]
    hashes = np.array([value for found in forms for value in found], np.uint32)
    owners = np.repeat(np.arange(len(words), dtype=np.int32), [len(found) for found in forms])
    order = np.argsort(hashes, kind="stable")
    return Speller(words, [counts[word] for word in words], hashes[order], owners[order])


def repaired(speller: Speller, word: str, *others: Speller) -> str | None:
    """The word that ``word`` was probably meant to be, of those known to ``speller`` or ``others``: one insertion,
    deletion, replacement or swap of neighbours away, the first letter kept if one such exists, else the most frequent;
    None if there is none."""
    if len(word) < SHORTEST or any(map(str.isdigit, word)):
        return None
    forms = np.array(sorted(set(_forms(word))), np.uint32)
    meant = {found for known in (speller, *others) for found in _near(known, forms) if _is_one_edit(word, found[0])}
    best = max(meant, key=lambda found: (found[0][0] == word[0], found[1], found[0]), default=None)
    return None if best is None else best[0]


def _near(speller: Speller, forms: NDArray[np.uint32]) -> list[tuple[str, int]]:
    first = np.searchsorted(speller.hashes, forms)
    last = np.searchsorted(speller.hashes, forms, "right")
    owners = {int(o) for i, j in zip(first, last, strict=True) for o in speller.owners[i:j]}
    return [(speller.words[owner], speller.counts[owner]) for owner in owners]


def _forms(word: str) -> list[int]:
    shorter = [word[:i] + word[i + 1 :] for i in range(len(word))]
    return [zlib.crc32(form.encode("utf-8", "replace")) for form in (word, *shorter)]


def _is_one_edit(a: str, b: str) -> bool:
    if abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[start:], b[start:]
    if len(a) != len(b):
        return rest_a[1:] == rest_b or rest_a == rest_b[1:]
    return rest_a[1:] == rest_b[1:] or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])
