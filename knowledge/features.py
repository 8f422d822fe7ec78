"""Texts as weighted features over the vocabulary of one knowledge base: stemmed words and character grams. Pure.

A text becomes two blocks, each of length 1 and both worth half: stems (stop words count for less, but never for
nothing: without them short questions lose 3 to 30 points) and 3- and 4-grams inside words. The cosine of two texts is
the product of their vectors. What the base has never seen has no id, yet stays in a question's length: that is
what makes foreign questions score low.

A question of seven words has some fifty grams. So that it need not be put together from them each time, a word of a
small base stands for all of its grams as one feature more, its bundle.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

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
    """The vocabulary of a base: ids by stem and by gram, weights by id, and every word that occurs, taken apart. The
    ids after those of the grams are bundles, one a word and in the order of ``words``, or none at all."""

    language: str | None
    stems: Mapping[str, int]
    grams: Mapping[str, int]
    weights: Sequence[float]
    unseen: float
    words: Mapping[str, "Word"]
    speller: spelling.Speller

    @property
    def bundled(self) -> bool:
        return len(self.weights) > self.size

    @property
    def size(self) -> int:
        """How many ids are stems and grams."""
        return len(self.stems) + len(self.grams)


@dataclass(frozen=True, slots=True)
class Word:
    """A word taken apart into ids and weights of features."""

    stem: int  # -1: never seen
    weight: float  # of the stem
    grams: tuple[int, ...]  # as often as they occur
    spread: float  # sum of the squared weights of all grams, those never seen too
    pieces: tuple[int, ...]  # what stands for ``grams``: the word's bundle, or they themselves


def learn(phrasings: Iterable[str], others: Iterable[str], language: str | None, *, bundled: bool) -> Lexicon:
    """The lexicon of ``phrasings``; words that occur only in ``others`` (the answers) are known too, as rare ones.
    If ``bundled``, every word has a bundle."""
    split = [text.words(phrasing) for phrasing in phrasings]
    extra = [text.words(other) for other in others]
    stems: Counter[str] = Counter()
    grams: Counter[str] = Counter()
    for found in split:
        stems.update({text.stem(word, language) for word in found})
        grams.update({gram for word in set(found) for gram in text.grams(word)})
    vocabulary = dict.fromkeys(word for found in (*split, *extra) for word in found)
    known_stems = dict.fromkeys(stems) | dict.fromkeys(sorted(text.stem(word, language) for word in vocabulary))
    known_grams = dict.fromkeys(grams) | dict.fromkeys(sorted(g for word in vocabulary for g in text.grams(word)))
    stem_ids = {stem: i for i, stem in enumerate(known_stems)}
    gram_ids = {gram: i for i, gram in enumerate(known_grams, start=len(stem_ids))}
    total = len(split)
    weights = [_idf(stems[s], total) for s in stem_ids] + [_idf(grams[g], total) for g in gram_ids]
    bundles = range(len(weights), len(weights) + len(vocabulary))
    speller = spelling.learn(Counter(word for found in (*split, *extra) for word in found))
    words: dict[str, Word] = {}
    lexicon = Lexicon(language, stem_ids, gram_ids, weights, _idf(0, total), words, speller)
    for word, bundle in zip(vocabulary, bundles, strict=True):
        words[word] = _apart(lexicon, word, bundle if bundled else None)
    weights.extend([1.0] * len(bundles) if bundled else [])
    return lexicon


def extended(lexicon: Lexicon, phrasings: Iterable[str], others: Iterable[str]) -> Lexicon:
    """``lexicon`` with the words of texts that came later, as rare ones; what it knew keeps its ids and weights. New
    words have no bundles."""
    stems, grams, weights = dict(lexicon.stems), dict(lexicon.grams), list(lexicon.weights)
    known = dict(lexicon.words)
    spelt = Counter(dict(lexicon.speller.counts))
    fresh = Lexicon(lexicon.language, stems, grams, weights, lexicon.unseen, known, lexicon.speller)
    new: list[str] = []
    for written in chain(phrasings, others):
        for word in text.words(written):
            if word in known or word in new:
                continue
            new.append(word)
            for name, ids in [
                (text.stem(word, lexicon.language), stems),
                *((gram, grams) for gram in text.grams(word)),
            ]:
                if name not in ids:
                    ids[name] = len(weights)
                    weights.append(lexicon.unseen)
    for word in new:
        known[word] = _apart(fresh, word, None)
        spelt[word] += 1
    return replace(fresh, speller=spelling.learn(spelt)) if new else fresh


def vector(lexicon: Lexicon, written: str) -> Vector:
    """``written`` as features of ``lexicon``, none of them bundles and none twice; length at most 1, less by what the
    base has never seen."""
    read = _read(lexicon, written, repair=False)
    counts = Counter(chain.from_iterable([word.grams for word in read.words]))
    weights = lexicon.weights
    grams = [weights[i] * _damped(n) * read.gram_scale for i, n in counts.items()]
    return Vector([*read.stems, *counts], [*read.stems.values(), *grams])


def question(lexicon: Lexicon, written: str, *, bundled: bool = True) -> Vector:
    """The same features as few as may be: grams in bundles where there are any (and ``bundled``), and then again as
    much as they occur twice. Unknown words one edit away from a known one are read as that one."""
    read = _read(lexicon, written, repair=True)
    weights, scale = lexicon.weights, read.gram_scale
    pieces = [i for word in read.words for i in (word.pieces if bundled else word.grams)]
    once = [weights[i] * scale for i in pieces]
    again = [weights[i] * (_damped(n) - n) * scale for i, n in read.repeated.items()]
    return Vector([*read.stems, *pieces, *read.repeated], [*read.stems.values(), *once, *again])


@dataclass(slots=True)
class _Read:
    words: list[Word]
    stems: dict[int, float]  # by id, as weights in the vector
    repeated: dict[int, int]  # grams that occur more than once: how often
    gram_scale: float  # of a gram's weight, in the vector


def _read(lexicon: Lexicon, written: str, *, repair: bool) -> _Read:
    known = lexicon.words
    found: list[Word] = []
    strange: set[str] = set()
    for word in text.words(written):
        apart = known.get(word)
        if apart is None:
            apart = _unknown(lexicon, word, repair)
            if apart.stem < 0:
                strange.add(word)
        found.append(apart)
    stems = _stems(found)
    repeated = _repeated([word.grams for word in found])
    length = sum([w * w for w in stems.values()]) + lexicon.unseen**2 * len(strange)
    spread = sum([word.spread for word in found])
    spread += sum([lexicon.weights[i] ** 2 * (_damped(n) ** 2 - n) for i, n in repeated.items()])
    share = _HALF if spread else 1.0  # scripts without grams have one block only
    scale = share / math.sqrt(length) if length else 0.0
    gram_scale = _HALF / math.sqrt(spread) if spread else 0.0
    return _Read(found, {i: w * scale for i, w in stems.items()}, repeated, gram_scale)


def _stems(found: Sequence[Word]) -> dict[int, float]:
    stems = {word.stem: word.weight for word in found}
    if len(stems) < len(found):
        counts = Counter([word.stem for word in found])
        stems = {i: w * _damped(counts[i]) for i, w in stems.items()}
    stems.pop(-1, None)
    return stems


def _repeated(grams: Iterable[Iterable[int]]) -> dict[int, int]:
    every = list(chain.from_iterable(grams))
    if len(set(every)) == len(every):
        return {}
    return {i: n for i, n in Counter(every).items() if n > 1}


def _damped(count: int) -> float:
    return 1.0 + math.log(count)


def _idf(count: int, total: int) -> float:
    return math.log((total + 1) / (count + 1)) + 1.0


def _apart(lexicon: Lexicon, word: str, bundle: int | None) -> Word:
    weights = lexicon.weights
    found = [lexicon.grams.get(gram, -1) for gram in text.grams(word)]
    known = tuple(gram for gram in found if gram >= 0)
    spread = sum([weights[i] ** 2 for i in known]) + lexicon.unseen**2 * (len(found) - len(known))
    pieces = known if bundle is None else (bundle,)
    stem = lexicon.stems.get(text.stem(word, lexicon.language), -1)
    factor = STOP_WEIGHT if word in text.STOP_WORDS else 1.0
    return Word(stem, weights[stem] * factor if stem >= 0 else 0.0, known, spread, pieces)


def _unknown(lexicon: Lexicon, word: str, repair: bool) -> Word:
    apart = _apart(lexicon, word, None)
    if apart.stem >= 0 or not repair:
        return apart
    meant = spelling.repaired(lexicon.speller, word)
    return lexicon.words[meant] if meant is not None else apart
