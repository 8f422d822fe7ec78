"""A word the base does not know, read as one it does know at one edit's distance. Pure.

Known words are filed under every way of leaving out one letter (Garbe, SymSpell, 2012), so that a look-up costs one
dictionary access a letter however large the vocabulary is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SHORTEST = 4  # letters: a shorter unknown word is one edit away from too many others


@dataclass(frozen=True, slots=True)
class Speller:
    """Known words with how often they occur, and by every form with one letter left out."""

    counts: Mapping[str, int]
    shortened: Mapping[str, tuple[str, ...]]


def learn(counts: Mapping[str, int]) -> Speller:
    """The speller of the words in ``counts`` (occurrences by word)."""
    shortened: dict[str, list[str]] = {}
    for word in counts:
        if len(word) >= SHORTEST and word.isalpha():
            for form in {word, *_shorter(word)}:
                shortened.setdefault(form, []).append(word)
    return Speller(dict(counts), {form: tuple(found) for form, found in shortened.items()})


def repaired(speller: Speller, word: str) -> str | None:
    """The known word that ``word`` was probably meant to be: one insertion, deletion, replacement or swap of
    neighbours away, the first letter kept if one such exists, else the most frequent; None if there is none."""
    if len(word) < SHORTEST or not word.isalpha():
        return None
    forms = {word, *_shorter(word)}
    meant = {known for form in forms for known in speller.shortened.get(form, ()) if _is_one_edit(word, known)}
    return max(meant, key=lambda known: (known[0] == word[0], speller.counts[known], known), default=None)


def _shorter(word: str) -> list[str]:
    return [word[:i] + word[i + 1 :] for i in range(len(word))]


def _is_one_edit(a: str, b: str) -> bool:
    if abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[start:], b[start:]
    if len(a) != len(b):
        return rest_a[1:] == rest_b or rest_a == rest_b[1:]
    return rest_a[1:] == rest_b[1:] or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])
