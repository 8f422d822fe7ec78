"""Likeness by words and by meaning in one figure: 0.2 of the cosine of n-grams, 0.8 of that of embeddings. Pure.

A phrasing that has no vector yet takes part with the cosine that its words let expect: among the phrasings that have
one, the distance of meanings is fitted to the distance of words, through the point where both are none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.logistic import Matrix

WORDS, MEANING = 0.2, 0.8  # the shares; fusing ranks or z-scores instead loses on every set that was measured
MOST = 0.5  # of the phrasings must have vectors; with fewer, meaning would be guessed more than known


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """The embeddings of an index's phrasings, one row each, in one matrix for those it was built from and one for
    those added since; zeros where ``known`` says that there is none."""

    matrices: tuple[Matrix, ...]
    known: NDArray[np.bool_]

    @property
    def width(self) -> int:
        return int(self.matrices[0].shape[1])

    def takes(self, vector: Matrix) -> bool:
        """Whether a question with this vector can be compared by meaning here."""
        return vector.shape == (self.width,) and len(self.known) > 0 and float(self.known.mean()) >= MOST

    def of(self, rows: NDArray[np.intp]) -> Matrix:
        """The vectors of some phrasings."""
        first = self.matrices[0]
        if len(self.matrices) == 1 or not len(rows):
            return first[rows]
        later = rows >= len(first)
        found = np.empty((len(rows), self.width), np.float32)
        found[~later], found[later] = first[rows[~later]], self.matrices[1][rows[later] - len(first)]
        return found


def gathered(entries: Sequence[tuple[Sequence[str], Matrix | None]], width: int = 0) -> Vectors | None:
    """The vectors of the phrasings of all entries in order, blank phrasings left out; None where there are none.
    Vectors of another dimension than ``width``, or the first ones', belong to another model and count as none."""
    width = width or next((v.shape[1] for _, v in entries if v is not None and v.ndim == 2 and len(v)), 0)
    if not width:
        return None
    blocks: list[Matrix] = [np.zeros((0, width), np.float32)]
    known: list[bool] = []
    for phrasings, vectors in entries:
        kept = [i for i, phrasing in enumerate(phrasings) if phrasing.strip()]
        usable = vectors is not None and vectors.shape == (len(phrasings), width)
        blocks.append(vectors[kept] if vectors is not None and usable else np.zeros((len(kept), width), np.float32))
        known.extend([usable] * len(kept))
    return Vectors((np.concatenate(blocks, dtype=np.float32),), np.array(known, np.bool_))


def followed(
    first: Vectors | None, phrasings: int, added: Sequence[tuple[Sequence[str], Matrix | None]]
) -> Vectors | None:
    """``first``, the vectors that an index of so many phrasings was built with, and those of the entries added."""
    later = gathered(added, first.width if first is not None else 0)
    if later is None:
        return None
    if first is None:
        matrix = np.broadcast_to(np.zeros(later.width, np.float32), (phrasings, later.width))  # takes no memory
        first = Vectors((matrix,), np.zeros(phrasings, np.bool_))
    known = np.concatenate([first.known[: len(first.matrices[0])], later.known])
    return Vectors((first.matrices[0], later.matrices[0]), known)


def blended(vectors: Vectors, likeness: Matrix, vector: Matrix) -> Matrix:
    """``likeness`` (by words, to phrasings and then answers) with meaning mixed into that to phrasings."""
    total = len(vectors.known)
    words = likeness[:total]
    asked = vector.astype(np.float32)
    meaning = np.concatenate([matrix @ asked for matrix in vectors.matrices])
    if not vectors.known.all():
        meaning = _expected(meaning, words, vectors.known)
    near = np.maximum(WORDS * words + MEANING * meaning, 0.0)
    return np.concatenate([near, likeness[total:]], dtype=np.float32)


def kernel(vectors: Vectors, words: Matrix, rows: NDArray[np.intp]) -> Matrix:
    """The kernel ``words`` of the phrasings in ``rows`` with meaning mixed in. Nothing is cut off at zero: what has
    no negative eigenvalue must get none, or the regression on it never settles."""
    chosen, known = vectors.of(rows), vectors.known[rows]
    meaning = chosen @ chosen.T
    if known.all():
        return np.asarray(WORDS * words + MEANING * meaning, np.float32)
    mixed = WORDS * words + MEANING * _expected(meaning, words, np.outer(known, known))
    values, axes = np.linalg.eigh(mixed)
    return np.asarray((axes * np.maximum(values, 0.0)) @ axes.T, np.float32)


def spreads(vectors: Vectors, by_words: Matrix, starts: NDArray[np.intp], counts: Matrix) -> Matrix:
    """By entry, the length of the mean of its phrasings by words and meaning, from that by words alone; that itself
    where a phrasing has no vector."""
    if not len(starts):
        return by_words
    sums = np.concatenate([np.add.reduceat(m, s) for m, s in _by_matrix(vectors, starts)])
    squares = np.einsum("ij,ij->i", sums, sums) / counts**2
    every = np.logical_and.reduceat(vectors.known, starts)
    return np.where(every, np.sqrt(WORDS * by_words**2 + MEANING * squares), by_words).astype(np.float32)


def _by_matrix(vectors: Vectors, starts: NDArray[np.intp]) -> list[tuple[Matrix, NDArray[np.intp]]]:
    size = len(vectors.matrices[0])
    split = [(vectors.matrices[0], starts[starts < size])]
    if len(vectors.matrices) > 1:
        split.append((vectors.matrices[1], starts[starts >= size] - size))
    return [(matrix, some) for matrix, some in split if len(some)]


def _expected(meaning: Matrix, words: Matrix, known: NDArray[np.bool_]) -> Matrix:
    apart, far = 1.0 - words[known], 1.0 - meaning[known]
    slope = float(apart @ far) / max(float(apart @ apart), 1e-6)
    return np.where(known, meaning, 1.0 - min(slope, 1.0) * (1.0 - words)).astype(np.float32)
