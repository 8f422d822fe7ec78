"""Texts as sets of weighted features over the vocabulary of one knowledge base: stems and character grams. Pure.

A text is two blocks, each of length 1 and both worth half: stems (stop words count for less, but never for nothing:
without them short questions lose 3 to 30 points), and character grams inside words.
A feature is in a text or it is not: how often is not kept, so that a text is a list of ids and two scales, and a
feature's weight can be learnt anew without touching any. The cosine of two texts is the product of their vectors. What
the base has never seen has no id, yet stays in a question's length: that makes foreign questions score low.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from knowledge import spelling, text
from knowledge.logistic import Matrix

STOP_WEIGHT = 0.3  # of a stop word, against 1 for any other
RARITY = 0.75  # power of the inverse document frequency: a base's rarest words are often its least telling
HALF = 0.5**0.5  # of each block's length, so that the cosines of the blocks count half each

Ids = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """The vocabulary of a base: ids of features, those learnt since in ``fresh``; weights and blocks by id."""

    language: str | None
    ids: Mapping[str, int]
    fresh: Mapping[str, int]
    weights: Matrix
    is_gram: NDArray[np.bool_]
    unseen: float  # weight of what was never seen
    spellers: tuple[spelling.Speller, ...]

    def id_of(self, feature: str) -> int:
        """The id of a feature; -1 for one never seen."""
        found = self.ids.get(feature)
        return self.fresh.get(feature, -1) if found is None else found


@dataclass(frozen=True, slots=True, eq=False)
class Vector:
    """Ids of features, none twice, and their weights."""

    ids: Ids
    weights: Matrix


@lru_cache(maxsize=4_096)  # about 1 KB each
def apart(word: str, language: str | None) -> tuple[str, ...]:
    """The features of a normalised word: its stem, marked by ``=``, and its grams."""
    return (f"={text.stem(word, language)}", *dict.fromkeys(text.grams(word)))


def lexicon_of(
    language: str | None, ids: Mapping[str, int], texts_with: NDArray[np.intp], texts: int, counts: Mapping[str, int]
) -> Lexicon:
    """The lexicon of ``ids``: each feature is in ``texts_with`` of ``texts`` phrasings. ``counts``: words by word."""
    weights = rarity(texts_with, texts)
    weights[[ids[name] for name in _stops(language) if name in ids]] *= STOP_WEIGHT
    is_gram = np.array([name[0] != "=" for name in ids], np.bool_)
    unseen = float(rarity(np.zeros(1, np.intp), texts)[0])
    return Lexicon(language, ids, {}, weights.astype(np.float32), is_gram, unseen, (spelling.learn(counts),))


def rarity(texts_with: NDArray[np.intp], texts: int) -> NDArray[np.float64]:
    """The inverse document frequency, smoothed and flattened."""
    return np.asarray((np.log((texts + 1) / (texts_with + 1)) + 1.0) ** RARITY, np.float64)


def extended(lexicon: Lexicon, words: Mapping[str, int]) -> Lexicon:
    """``lexicon`` with ``words`` (occurrences by word) too, what is new in them as rare as what was never seen. What
    an earlier extension brought stays known; of spellers, only the first and the one of ``words`` are kept."""
    fresh = dict(lexicon.fresh)
    size = len(lexicon.weights)
    new: list[str] = []
    for word in words:
        for feature in apart(word, lexicon.language):
            if feature not in lexicon.ids and feature not in fresh:
                fresh[feature] = size + len(new)
                new.append(feature)
    stops = _stops(lexicon.language)
    factors = [STOP_WEIGHT if name in stops else 1.0 for name in new]
    return replace(
        lexicon,
        fresh=fresh,
        weights=np.concatenate([lexicon.weights, lexicon.unseen * np.array(factors, np.float32)], dtype=np.float32),
        is_gram=np.concatenate([lexicon.is_gram, np.array([name[0] != "=" for name in new], np.bool_)]),
        spellers=(lexicon.spellers[0], spelling.learn(words)),
    )


def ids_of(lexicon: Lexicon, written: str) -> Ids:
    """The features of ``written`` that the lexicon knows, sorted, none twice."""
    names = {name for word in set(text.words(written)) for name in apart(word, lexicon.language)}
    return np.array(sorted(i for i in map(lexicon.id_of, names) if i >= 0), np.int32)


def question(lexicon: Lexicon, written: str) -> Vector:
    """``written`` as a vector of length at most 1, less by what the base has never seen. An unknown word one edit
    away from a known one is read as that one."""
    found: set[int] = set()
    stops = _stops(lexicon.language)
    strange = {True: 0.0, False: 0.0}  # squared weights of what has no id, by whether it is a gram
    for word in dict.fromkeys(text.words(written)):
        names = apart(word, lexicon.language)
        if lexicon.id_of(names[0]) < 0:
            meant = spelling.repaired(lexicon.spellers[0], word, *lexicon.spellers[1:])
            names = names if meant is None else apart(meant, lexicon.language)
        for name in names:
            at = lexicon.id_of(name)
            if at >= 0:
                found.add(at)
            else:
                factor = STOP_WEIGHT if name in stops else 1.0
                strange[name[0] != "="] += (factor * lexicon.unseen) ** 2
    ids = np.array(sorted(found), np.int32)
    weights = lexicon.weights[ids]
    in_grams = lexicon.is_gram[ids]
    stems, grams = scales_of(weights, in_grams, strange[False], strange[True])
    return Vector(ids, weights * np.where(in_grams, grams, stems).astype(np.float32))


def scales_of(
    weights: Matrix, in_grams: NDArray[np.bool_], stems: float = 0.0, grams: float = 0.0
) -> tuple[float, float]:
    """What stems and grams are to be multiplied by, so that each block, with what else is in its squared length,
    is half of a text's; all of it, in scripts without grams."""
    squares = weights.astype(np.float64) ** 2
    grams += float(squares[in_grams].sum())
    stems += float(squares[~in_grams].sum())
    share = HALF if grams else 1.0
    return share / stems**0.5 if stems else 0.0, HALF / grams**0.5 if grams else 0.0


@lru_cache(maxsize=32)
def _stops(language: str | None) -> frozenset[str]:
    return frozenset(f"={text.stem(word, language)}" for word in text.STOP_WORDS)


def counted(texts: Sequence[str]) -> Counter[str]:
    """How often each word occurs in ``texts``."""
    return Counter(word for written in texts for word in text.words(written))
