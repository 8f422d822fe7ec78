"""How alike the texts of one list are, each with each. Pure.

The features are those that answers are ranked with (:mod:`knowledge.features`: stems, and grams inside words, half
each), made for a whole list at once: thousands of questions take tenths of a second. One thing differs: the grams of a
stop word count as little as the word, or all questions that begin with "do you have" would be of one kind.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge import spelling, text
from knowledge.features import STOP_WEIGHT

COMMON = 2  # occurrences from which a word is taken to be spelt as it should be
PAIRS = 2_000_000  # of texts with a feature in common that are looked at in a long list: half a second
AT_ONCE = 4_096  # pairs whose common features are weighed together: 16 MB
DENSE = 512  # of the features that are more common than that are weighed too, the most common ones

Matrix = NDArray[np.float32]
Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Texts made comparable: ``rows`` and ``features`` with their ``weights``, sorted by feature; each row is of
    length 1, or 0 where there are no words."""

    count: int
    rows: Ids
    features: Ids
    weights: Matrix


def compared(texts: Sequence[str], language: str | None = "english", *, background: Iterable[str] = ()) -> Texts:
    """``texts`` made comparable. ``background`` are more texts of the kind: they tell which words are common, which
    matters where ``texts`` are few. A rare word that is one slip away from a common one is read as that one."""
    split = [text.words(one) for one in (*texts, *background)]
    known: dict[str, int] = {}
    tokens = np.array([known.setdefault(word, len(known)) for words in split for word in words], np.int64)
    rows = np.repeat(np.arange(len(split)), [len(words) for words in split])
    counts = np.bincount(tokens, minlength=len(known))
    vocabulary = _spelt(list(known), counts.tolist())
    stems: dict[str, int] = {}
    grams: dict[str, int] = {}
    stem_of = np.array([stems.setdefault(text.stem(word, language), len(stems)) for word in vocabulary], np.int64)
    apart = [[grams.setdefault(gram, len(grams)) for gram in text.grams(word)] for word in vocabulary]
    factors = np.array([STOP_WEIGHT if word in text.STOP_WORDS else 1.0 for word in vocabulary], np.float32)
    sizes = np.array([len(found) for found in apart], np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64) if len(sizes) else sizes
    flat = np.array([gram for found in apart for gram in found], np.int64)
    many = sizes[tokens] if len(tokens) else tokens
    offsets = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    gram_ids = flat[np.repeat(starts[tokens], many) + offsets] if len(flat) else flat
    total = len(split)
    words_block = _block(rows, stem_of[tokens], factors[tokens], len(stems), total)
    grams_block = _block(np.repeat(rows, many), gram_ids, np.repeat(factors[tokens], many), len(grams), total)
    return _joined(words_block, grams_block, len(stems), len(texts), total)


def matrix(texts: Texts) -> Matrix:
    """The cosine of every text with every other. For up to a few thousand: it takes 4 bytes a pair."""
    found = np.zeros((texts.count, texts.count), np.float32)
    sizes = np.bincount(texts.features)
    common = sizes > max(48, texts.count // 40)
    dense = _dense(texts, np.flatnonzero(common))
    found += dense @ dense.T
    first, second, shares = _shared(texts, np.flatnonzero((sizes > 1) & ~common))
    keys = first * texts.count + second
    found += np.bincount(keys, shares, texts.count**2).reshape(found.shape).astype(np.float32)
    found = np.triu(found, 1)
    found += found.T
    np.fill_diagonal(found, 1.0)
    return found


def pairs(texts: Texts, floor: float) -> tuple[Ids, Ids, Matrix]:
    """The pairs (first < second) of texts whose cosine is ``floor`` or more. Pairs are met through the features that
    fewest texts have, at most :data:`PAIRS` of them, so that a list of any length has its bound: in a list of
    thousands, two texts of nothing but its most common words may not meet."""
    sizes = np.bincount(texts.features)
    rare = np.flatnonzero(sizes > 1)
    rare = rare[np.argsort(sizes[rare], kind="stable")]
    rare = rare[np.cumsum(sizes[rare] * (sizes[rare] - 1) // 2) <= PAIRS]
    first, second, shares = _shared(texts, rare)
    keys, places = np.unique(first * texts.count + second, return_inverse=True)
    cosines = np.bincount(places, shares, len(keys)).astype(np.float32)
    left = np.setdiff1d(np.flatnonzero(sizes > 1), rare)
    dense = _dense(texts, left[np.argsort(-sizes[left], kind="stable")][:DENSE])
    first, second = keys // max(1, texts.count), keys % max(1, texts.count)
    lengths = np.sqrt(np.einsum("ij,ij->i", dense, dense))
    hopeful = cosines >= floor - lengths[first] * lengths[second]
    first, second, cosines = first[hopeful], second[hopeful], cosines[hopeful]
    for start in range(0, len(first), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        cosines[some] += np.einsum("ij,ij->i", dense[first[some]], dense[second[some]])
    near = cosines >= floor
    return first[near], second[near], cosines[near]


def _spelt(vocabulary: list[str], counts: list[int]) -> list[str]:
    often = {word: n for word, n in zip(vocabulary, counts, strict=True) if n >= COMMON}
    speller = spelling.learn(often)
    return [word if word in often else spelling.repaired(speller, word) or word for word in vocabulary]


def _block(rows: Ids, ids: Ids, factors: Matrix, size: int, total: int) -> tuple[Ids, Ids, Matrix, Matrix]:
    """One kind of feature: rows, ids, weights (damped count times rarity), and the squared length of every row."""
    keys, first, counts = np.unique(rows * max(1, size) + ids, return_index=True, return_counts=True)
    rows, ids = keys // max(1, size), keys % max(1, size)
    spread = np.bincount(ids, minlength=size)
    rarity = np.log((total + 1) / (spread + 1)) + 1.0
    weights = ((1.0 + np.log(counts)) * rarity[ids] * factors[first]).astype(np.float32)
    return rows, ids, weights, np.bincount(rows, weights**2, total).astype(np.float32)


def _joined(
    words: tuple[Ids, Ids, Matrix, Matrix], grams: tuple[Ids, Ids, Matrix, Matrix], stems: int, count: int, total: int
) -> Texts:
    share = np.where(grams[3] > 0, 0.5, 1.0)  # scripts without grams have one block only
    with np.errstate(divide="ignore"):
        scales = (np.sqrt(share / words[3]), np.sqrt(0.5 / grams[3]))
    rows = np.concatenate([words[0], grams[0]])
    ids = np.concatenate([words[1], grams[1] + stems])
    weights = np.concatenate([words[2] * scales[0][words[0]], grams[2] * scales[1][grams[0]]]).astype(np.float32)
    wanted = np.flatnonzero(rows < count)
    order = wanted[np.argsort(ids[wanted], kind="stable")]
    return Texts(count, rows[order], ids[order], weights[order])


def _dense(texts: Texts, features: Ids) -> Matrix:
    place = np.full(int(texts.features.max(initial=-1)) + 1, -1, np.int64)
    place[features] = np.arange(len(features))
    wanted = place[texts.features] >= 0
    found = np.zeros((texts.count, len(features)), np.float32)
    found[texts.rows[wanted], place[texts.features[wanted]]] = texts.weights[wanted]
    return found


def _shared(texts: Texts, features: Ids) -> tuple[Ids, Ids, Matrix]:
    """For each of ``features``, every pair of texts that have it (first < second), and what it adds to their cosine."""
    sizes = np.bincount(texts.features, minlength=int(features.max(initial=-1)) + 1)
    starts = np.cumsum(sizes) - sizes
    found: list[tuple[Ids, Ids, Matrix]] = []
    for size in np.unique(sizes[features]).tolist():
        places = starts[features[sizes[features] == size]][:, None] + np.arange(size)
        one, other = np.triu_indices(size, 1)
        rows, weights = texts.rows[places], texts.weights[places]
        shares = weights[:, one] * weights[:, other]
        found.append((rows[:, one].ravel(), rows[:, other].ravel(), shares.ravel()))
    if not found:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing, np.zeros(0, np.float32)
    first, second, shares = (np.concatenate(part) for part in zip(*found, strict=True))
    return first, second, shares
