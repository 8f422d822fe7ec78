"""Texts of an index as arrays of feature ids, both ways: the features of a text, the texts with a feature. Pure.

A feature's weight is not stored with it: a text is its ids and one scale a block, so a posting is four bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge import text
from knowledge.features import HALF, Ids, Lexicon, Vector, apart, lexicon_of
from knowledge.logistic import Matrix

AT_ONCE = 1 << 21  # pairs of text and feature that are sorted at a time: 16 MB
MOST_POSTINGS = 250_000  # of a question that are summed up: about 3 ms. Past them the commonest features are left out
REFINED = 512  # texts, those that come nearest without the commonest features, that get these again
SHARE = 64  # texts of which only the nearest is looked at first, where some nearest ones are sought
TINY = float(np.finfo(np.float32).tiny)  # the least that is still something

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """``count`` texts. ``starts`` and ``ids``: the features of the first ones (the phrasings), sorted. ``lists`` and
    ``places``: by feature, the texts that have it, as text + block x count. ``scales``: by block and text."""

    count: int
    starts: Numbers
    ids: Ids
    lists: Numbers
    places: Ids
    scales: Matrix

    @property
    def nbytes(self) -> int:
        return sum(array.nbytes for array in (self.starts, self.ids, self.lists, self.places, self.scales))


def learnt(phrasings: Sequence[str], others: Sequence[str], language: str | None) -> tuple[Lexicon, Rows]:
    """The lexicon of ``phrasings`` and the rows of them and then of ``others`` (the answers). Words that occur only in
    those are known too, as rare ones."""
    vocabulary: dict[str, int] = {}
    numbers: list[int] = []
    lengths = np.empty(len(phrasings) + len(others), np.int64)
    for i, written in enumerate((*phrasings, *others)):
        found = text.words(written)
        lengths[i] = len(found)
        numbers.extend([vocabulary.setdefault(word, len(vocabulary)) for word in found])
    words = np.array(numbers, np.int32)
    del numbers
    names: dict[str, int] = {}
    features = [[names.setdefault(n, len(names)) for n in apart(word, language)] for word in vocabulary]
    starts, ids = _distinct(words, lengths, features, max(1, len(names)))
    counts = np.bincount(words, minlength=len(vocabulary)).tolist()
    ours = ids[: starts[len(phrasings)]]
    texts_with = np.bincount(ours, minlength=len(names))
    lexicon = lexicon_of(language, names, texts_with, len(phrasings), dict(zip(vocabulary, counts, strict=True)))
    return lexicon, rows_of(lexicon, starts, ids, len(phrasings))


def rows_of(lexicon: Lexicon, starts: Numbers, ids: Ids, phrasings: int) -> Rows:
    """The rows of texts whose features are ``ids`` from ``starts`` on; the first ``phrasings`` keep theirs."""
    count, size = len(starts) - 1, len(lexicon.weights)
    scales = _scales(lexicon, starts, ids)
    keys = ids.astype(np.int64) * (2 * count)
    keys += np.repeat(np.arange(count), np.diff(starts))
    keys += np.where(lexicon.is_gram[ids], count, 0)
    keys.sort()
    lists = np.searchsorted(keys, np.arange(size + 1) * (2 * count))
    keys %= max(1, 2 * count)
    kept = starts[: phrasings + 1]
    return Rows(count, kept, ids[: kept[-1]].copy(), lists, keys.astype(np.int32), scales)


def cosines(rows: Rows, lexicon: Lexicon, vector: Vector) -> Matrix:
    """The cosine of ``vector`` with every text; in a large index exact for the nearest phrasings, and for the others
    without what features have in common that nearly every text has."""
    known = vector.ids if len(rows.lists) > len(lexicon.weights) else vector.ids[vector.ids < len(rows.lists) - 1]
    weights = vector.weights[: len(known)] * lexicon.weights[known]
    begins = rows.lists[known]
    lengths = rows.lists[known + 1] - begins
    cut = int(lengths.sum()) > MOST_POSTINGS
    if cut:
        order = np.argsort(lengths, kind="stable")
        order = order[: max(1, int(np.searchsorted(np.cumsum(lengths[order]), MOST_POSTINGS)))]
        begins, lengths, summed = begins[order], lengths[order], weights[order]
    else:
        summed = weights
    found = rows.places[_spans(begins, lengths)]
    if not len(found):
        return np.zeros(rows.count, np.float32)
    total = np.bincount(found, np.repeat(summed, lengths), 2 * rows.count) * rows.scales
    near = (total[: rows.count] + total[rows.count :]).astype(np.float32)
    if cut:
        _refine(rows, lexicon, near, known, weights)
    return near


def best(likeness: Matrix, count: int) -> Numbers:
    """Where the ``count`` greatest of ``likeness`` are that are above 0, in no order. One pass: a share of the whole is
    looked at only where its greatest is not below the least of so many shares' greatest."""
    shares = len(likeness) // SHARE
    if shares > 2 * count:
        greatest = likeness[: shares * SHARE].reshape(shares, SHARE).max(axis=1)
        floor = max(float(np.partition(greatest, -count)[-count]), TINY)
        found = np.flatnonzero(likeness >= floor)
    else:
        found = np.flatnonzero(likeness)
    return found[likeness[found].argpartition(-count)[-count:]] if len(found) > count else found


def vector_of(rows: Rows, lexicon: Lexicon, row: int) -> Vector:
    """The phrasing in ``row`` as a vector."""
    ids = rows.ids[rows.starts[row] : rows.starts[row + 1]]
    return Vector(ids, lexicon.weights[ids] * rows.scales[row + rows.count * lexicon.is_gram[ids]])


def entries_of(rows: Rows, lexicon: Lexicon, chosen: Numbers) -> tuple[Numbers, Ids, Matrix]:
    """The features of the phrasings ``chosen``: which of them (by number in ``chosen``), ids, weights."""
    begins = rows.starts[chosen]
    lengths = rows.starts[chosen + 1] - begins
    ids = rows.ids[_spans(begins, lengths)]
    weights = lexicon.weights[ids] * rows.scales[np.repeat(chosen, lengths) + rows.count * lexicon.is_gram[ids]]
    return np.repeat(np.arange(len(chosen)), lengths), ids, weights


def spreads(rows: Rows, lexicon: Lexicon, owners: NDArray[np.int32], counts: Matrix) -> Matrix:
    """By entry, the length of the mean of its phrasings' vectors: 1 where all say the same, less the more they differ.
    ``owners``: the entry of each phrasing, in order."""
    lengths = np.ones(len(counts), np.float32)
    many = np.flatnonzero(counts[owners] > 1) if len(owners) else np.zeros(0, np.int64)
    for part in _chunks(np.diff(rows.starts)[many], owners[many]):
        chosen = many[part]
        at, ids, weights = entries_of(rows, lexicon, chosen)
        keys, inverse = np.unique(owners[chosen][at].astype(np.int64) * len(lexicon.weights) + ids, return_inverse=True)
        sums = np.bincount(inverse, weights)
        entries, places = np.unique(keys // len(lexicon.weights), return_inverse=True)
        lengths[entries] = np.sqrt(np.bincount(places, sums * sums)) / counts[entries]
    return lengths


def _refine(rows: Rows, lexicon: Lexicon, near: Matrix, known: Ids, weights: Matrix) -> None:
    chosen = best(near[: len(rows.starts) - 1], REFINED)
    sought = np.zeros(len(lexicon.weights), np.float32)
    sought[known] = weights
    begins = rows.starts[chosen]
    lengths = rows.starts[chosen + 1] - begins
    ids = rows.ids[_spans(begins, lengths)]
    shares = sought[ids] * rows.scales[np.repeat(chosen, lengths) + rows.count * lexicon.is_gram[ids]]
    near[chosen] = np.bincount(np.repeat(np.arange(len(chosen)), lengths), shares, len(chosen))


def _spans(begins: Numbers, lengths: Numbers) -> Numbers:
    """The numbers from each of ``begins`` on, as many as its length, one after the other."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.repeat(begins - ends + lengths, lengths) + np.arange(total), np.int64)


def _distinct(words: Ids, lengths: Numbers, features: Sequence[Sequence[int]], size: int) -> tuple[Numbers, Ids]:
    """By text, the features of its words, sorted and none twice: where each text's start, and all of them."""
    widths = np.array([len(found) for found in features], np.int64)
    flat = np.array([i for found in features for i in found], np.int32)
    firsts = np.cumsum(widths) - widths
    word_starts = np.concatenate([[0], np.cumsum(lengths)])
    totals, parts = np.zeros(len(lengths), np.int64), [np.zeros(0, np.int32)]
    sizes = np.add.reduceat(np.append(widths[words], 0), word_starts[:-1]) * (lengths > 0) if len(lengths) else lengths
    for part in _chunks(sizes, np.arange(len(lengths), dtype=np.int32)):
        used = words[word_starts[part.start] : word_starts[part.stop]]
        texts = np.repeat(np.arange(part.stop - part.start), lengths[part])
        found = flat[_spans(firsts[used], widths[used])]
        keys = _sorted_once(np.asarray(np.repeat(texts, widths[used]) * size + found, np.int64))
        totals[part] = np.bincount(keys // size, minlength=part.stop - part.start)
        parts.append((keys % size).astype(np.int32))
    return np.concatenate([[0], np.cumsum(totals)]), np.concatenate(parts)


def _sorted_once(keys: Numbers) -> Numbers:
    """``keys`` sorted, none twice: what numpy's unique gives, ten times sooner than by its hashes."""
    keys.sort()
    return keys[np.append(True, keys[1:] != keys[:-1])] if len(keys) else keys


def _scales(lexicon: Lexicon, starts: Numbers, ids: Ids) -> Matrix:
    count = len(starts) - 1
    squares = np.zeros(2 * count)
    for part in _chunks(np.diff(starts), np.arange(count, dtype=np.int32)):
        some = ids[starts[part.start] : starts[part.stop]]
        width = part.stop - part.start
        at = np.repeat(np.arange(width), np.diff(starts)[part]) + np.where(lexicon.is_gram[some], width, 0)
        found = np.bincount(at, lexicon.weights[some].astype(np.float64) ** 2, 2 * width)
        squares[part], squares[count + part.start : count + part.stop] = found[:width], found[width:]
    lengths = np.sqrt(squares)
    shares = np.full(2 * count, HALF)
    shares[:count][lengths[count:] == 0.0] = 1.0  # scripts without grams have one block only
    scales: Matrix = np.divide(shares, lengths, out=np.zeros(2 * count), where=lengths > 0.0).astype(np.float32)
    return scales


def _chunks(sizes: Numbers, owners: NDArray[np.int32]) -> Iterator[slice]:
    """Slices of at most :data:`AT_ONCE` in all of ``sizes``, or of one owner; an owner is never cut in two."""
    ends = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        done = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, done + AT_ONCE, "right")))
        owner = owners[min(stop, len(owners)) - 1]
        if stop < len(owners) and owners[stop] == owner:
            first = int(np.searchsorted(owners, owner))
            stop = first if first > start else int(np.searchsorted(owners, owner, "right"))
        yield slice(start, stop)
        start = stop
