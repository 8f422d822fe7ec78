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
    """The embeddings of an index's phrasings, one row each; zeros where ``known`` says that there is none."""

    matrix: Matrix
    known: NDArray[np.bool_]

    @property
    def complete(self) -> bool:
        return bool(self.known.all())

    def takes(self, vector: Matrix) -> bool:
        """Whether a question with this vector can be compared by meaning here."""
        return vector.shape == (self.matrix.shape[1],) and float(self.known.mean()) >= MOST


def gathered(entries: Sequence[tuple[Sequence[str], Matrix | None]]) -> Vectors | None:
    """The vectors of the phrasings of all entries in order, blank phrasings left out; None where there are none.
    Vectors of another dimension than the first ones' belong to another model and count as none."""
    width = next((v.shape[1] for _, v in entries if v is not None and v.ndim == 2 and len(v)), 0)
    if not width:
        return None
    blocks: list[Matrix] = []
    known: list[bool] = []
    for phrasings, vectors in entries:
        kept = [i for i, phrasing in enumerate(phrasings) if phrasing.strip()]
        usable = vectors is not None and vectors.shape == (len(phrasings), width)
        blocks.append(vectors[kept] if vectors is not None and usable else np.zeros((len(kept), width), np.float32))
        known.extend([usable] * len(kept))
    return Vectors(np.concatenate(blocks).astype(np.float32), np.array(known, np.bool_))


def blended(vectors: Vectors, likeness: Matrix, vector: Matrix) -> Matrix:
    """``likeness`` (by words, to phrasings and then answers) with meaning mixed into that to phrasings."""
    total = len(vectors.known)
    words = likeness[:total]
    meaning = np.maximum(vectors.matrix @ vector.astype(np.float32), 0.0)
    if not vectors.complete:
        meaning = _expected(meaning, words, vectors.known)
    return np.concatenate([WORDS * words + MEANING * meaning, likeness[total:]], dtype=np.float32)


def kernel(vectors: Vectors, words: Matrix, rows: NDArray[np.intp]) -> Matrix:
    """The kernel ``words`` of the phrasings in ``rows`` with meaning mixed in."""
    chosen, known = vectors.matrix[rows], vectors.known[rows]
    meaning = np.maximum(chosen @ chosen.T, 0.0)
    if not known.all():
        both = np.outer(known, known)
        meaning = _expected(meaning, words, both)
    return np.asarray(WORDS * words + MEANING * meaning, np.float32)


def _expected(meaning: Matrix, words: Matrix, known: NDArray[np.bool_]) -> Matrix:
    apart, far = 1.0 - words[known], 1.0 - meaning[known]
    slope = float(apart @ far) / max(float(apart @ apart), 1e-6)
    return np.where(known, meaning, 1.0 - min(slope, 1.0) * (1.0 - words)).astype(np.float32)
