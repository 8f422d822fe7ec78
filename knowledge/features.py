"""Texts as weighted features over the vocabulary of one knowledge base: stemmed words and character grams. Pure.

A text becomes two blocks, each of length 1 and both worth half: stems (stop words count for less, but never for
nothing: without them short questions lose 3 to 30 points) and 3- and 4-grams inside words. The cosine of two texts is
the product of their vectors. What the base has never seen has no id, yet stays in a question's length: that is
what makes foreign questions score low.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from knowledge import spelling, text

STOP_WEIGHT = 0.3  # of a stop word, against 1 for any other
_HALF = math.sqrt(0.5)  # of each block's length, so that the cosines of the blocks count half each


@dataclass(frozen=True, slots=True)
class Vector:
    """Feature ids and their weights, in the same order."""

    ids: list[int]
    weights: list[float]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The vocabulary of a base: ids by stem and by gram, weights by id, and every word that occurs, taken apart."""

    language: str | None
    stems: Mapping[str, int]
    grams: Mapping[str, int]
    weights: Sequence[float]
    unseen: float
    words: Mapping[str, "_Word"]
    speller: spelling.Speller

    @property
    def size(self) -> int:
        return len(self.weights)


def learn(phrasings: Iterable[str], others: Iterable[str], language: str | None) -> Lexicon:
    """The lexicon of ``phrasings``; words that occur only in ``others`` (the answers) are known too, as rare ones."""
    split = [text.words(phrasing) for phrasing in phrasings]
    extra = [text.words(other) for other in others]
    stems: Counter[str] = Counter()
    grams: Counter[str] = Counter()
    for found in split:
        stems.update({text.stem(word, language) for word in found})
        grams.update({gram for word in set(found) for gram in text.grams(word)})
    vocabulary = {word for found in (*split, *extra) for word in found}
    known_stems = dict.fromkeys(stems) | dict.fromkeys(sorted(text.stem(word, language) for word in vocabulary))
    known_grams = dict.fromkeys(grams) | dict.fromkeys(sorted(g for word in vocabulary for g in text.grams(word)))
    stem_ids = {stem: i for i, stem in enumerate(known_stems)}
    gram_ids = {gram: i for i, gram in enumerate(known_grams, start=len(stem_ids))}
    total = len(split)
    weights = [_idf(stems[s], total) for s in stem_ids] + [_idf(grams[g], total) for g in gram_ids]
    words = {word: _apart(word, language, stem_ids, gram_ids) for word in vocabulary}
    speller = spelling.learn(Counter(word for found in (*split, *extra) for word in found))
    return Lexicon(language, stem_ids, gram_ids, weights, _idf(0, total), words, speller)


def vector(lexicon: Lexicon, written: str, *, repair: bool = False) -> Vector:
    """``written`` as features of ``lexicon``; length at most 1, less by what the base has never seen. With
    ``repair``, unknown words one edit away from a known one are read as that one."""
    stems: dict[int, int] = {}
    grams: dict[int, int] = {}
    factors: dict[int, float] = {}
    strange: Counter[str] = Counter()
    unseen_grams = 0
    for word in text.words(written):
        known = lexicon.words.get(word)
        if known is None:
            known = _unknown(lexicon, word, repair)
            if known.stem < 0:
                strange[word] += 1
        if known.stem >= 0:
            stems[known.stem] = stems.get(known.stem, 0) + 1
            factors[known.stem] = known.factor
        for gram in known.grams:
            grams[gram] = grams.get(gram, 0) + 1
        unseen_grams += known.unseen
    weights = lexicon.weights
    first = [weights[i] * factors[i] * (1.0 if n == 1 else 1.0 + math.log(n)) for i, n in stems.items()]
    second = [weights[i] * (1.0 if n == 1 else 1.0 + math.log(n)) for i, n in grams.items()]
    outside = lexicon.unseen * lexicon.unseen
    length = sum([w * w for w in first]) + outside * len(strange)
    spread = sum([w * w for w in second]) + outside * unseen_grams
    share = _HALF if spread else 1.0  # scripts without grams have one block only
    a = share / math.sqrt(length) if length else 0.0
    b = _HALF / math.sqrt(spread) if spread else 0.0
    return Vector([*stems, *grams], [w * a for w in first] + [w * b for w in second])


@dataclass(frozen=True, slots=True)
class _Word:
    stem: int  # -1: never seen
    factor: float
    grams: tuple[int, ...]
    unseen: int  # grams never seen


def _idf(count: int, total: int) -> float:
    return math.log((total + 1) / (count + 1)) + 1.0


def _apart(word: str, language: str | None, stems: Mapping[str, int], grams: Mapping[str, int]) -> _Word:
    found = [grams.get(gram, -1) for gram in text.grams(word)]
    known = tuple(gram for gram in found if gram >= 0)
    factor = STOP_WEIGHT if word in text.STOP_WORDS else 1.0
    return _Word(stems.get(text.stem(word, language), -1), factor, known, len(found) - len(known))


def _unknown(lexicon: Lexicon, word: str, repair: bool) -> _Word:
    apart = _apart(word, lexicon.language, lexicon.stems, lexicon.grams)
    if apart.stem >= 0 or not repair:
        return apart
    meant = spelling.repaired(lexicon.speller, word)
    return lexicon.words[meant] if meant is not None else apart
