"""Which entry answers a question: ``rank`` questions against an index of entries. Pure.

A question is compared with every phrasing (and, for less, with every answer) by the cosine of their features and, where
there are embeddings, of their meanings; the ten entries that come nearest are candidates; among the best of them a
kernel logistic regression on their phrasings, solved on the spot, decides.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge import blend, features, index, logistic
from knowledge.index import SMALL, Document, Index, build, changed, cosines, likeness_of, nbytes
from knowledge.logistic import Matrix
from knowledge.postings import best

__all__ = [
    "SMALL",
    "Candidate",
    "Document",
    "Index",
    "Ranking",
    "build",
    "changed",
    "cosines",
    "likeness_of",
    "nbytes",
    "rank",
    "ranked",
]

CANDIDATES = 10  # entries by phrasing; the right one is among them in 90 to 97 of 100 questions
BY_ANSWER = 5  # more candidates, by the likeness of their answer
DECIDED = 5  # candidates among which the regression decides: more are slower and no righter
NEAREST = 24  # phrasings an entry that take part in the decision
HOPE_WEIGHT = 4.0  # of cosines beside the logit, best and mean alike: they carry 'I don't know'
ANSWER_WEIGHT = 4.0
SAME_WORDS = 0.9995  # likeness: who asks in an entry's own words gets that entry, whatever the regression makes of it
STEPS = 10  # of the regression
NO_LOGIT = -1.0  # of candidates that the regression leaves out: about what it gives to the last it looks at


class Candidate(NamedTuple):
    """An entry that may answer. ``score`` compares between questions (no unit, about -1 to 16); ``likeness`` is the
    cosine of the nearest phrasing, 1 for the same words."""

    id: str
    score: float
    likeness: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates, best first; none where the question shares nothing with any entry."""

    candidates: tuple[Candidate, ...]


def rank(entries: Index, question: str, vector: Matrix | None = None) -> Ranking:
    """The entries for ``question``, best first. Never raises, whatever was written. With ``vector`` (the question's
    embedding, of length 1) by words and meaning, where most phrasings have vectors of that dimension; else by words
    alone."""
    likeness = cosines(entries, features.question(entries.lexicon, question))
    if vector is None or entries.vectors is None or not entries.vectors.takes(vector):
        return ranked(entries, likeness)
    return ranked(entries, blend.blended(entries.vectors, likeness, vector), semantic=True)


def ranked(entries: Index, likeness: Matrix, semantic: bool = False) -> Ranking:
    """The entries for a question that is ``likeness`` to each phrasing and answer, as :func:`cosines` or, if
    ``semantic``, :func:`blend.blended` gives it."""
    total = len(entries.owners)
    if not np.count_nonzero(likeness):
        return Ranking(())
    near, answers = likeness[:total], likeness[total:]
    spreads = entries.blended_spreads if semantic and entries.blended_spreads is not None else entries.spreads
    nearest: Matrix = np.maximum.reduceat(near, entries.starts)
    mean = np.add.reduceat(near, entries.starts) / (entries.counts * spreads)  # with all phrasings as if they were one
    hopes: Matrix = np.where(entries.alive, nearest + mean, 0.0).astype(np.float32)
    chosen = _candidates(hopes, answers)
    scores = _logits(entries, near, chosen, hopes[chosen], semantic)
    scores += (HOPE_WEIGHT * hopes + ANSWER_WEIGHT * answers)[chosen]
    found = zip(scores.tolist(), nearest[chosen].tolist(), answers[chosen].tolist(), chosen.tolist(), strict=True)
    alive = entries.alive
    order = sorted(
        [(fit < SAME_WORDS, -score, i, fit) for score, fit, by_answer, i in found if (fit or by_answer) and alive[i]]
    )
    ids = entries.ids
    return Ranking(tuple([Candidate(ids[i], -score, fit) for _, score, i, fit in order]))


def _candidates(by_phrasing: Matrix, by_answer: Matrix) -> NDArray[np.intp]:
    if len(by_phrasing) <= CANDIDATES + BY_ANSWER:
        return np.arange(len(by_phrasing))
    first, second = best(by_phrasing, CANDIDATES).tolist(), best(by_answer, BY_ANSWER).tolist()
    return np.array(sorted({*first, *second}), np.intp)


def _logits(entries: Index, near: Matrix, chosen: NDArray[np.intp], hopes: Matrix, semantic: bool) -> Matrix:
    """The regression over the few candidates with most hope alone; the others stay below them."""
    logits = np.full(len(chosen), NO_LOGIT, np.float32)
    kept = np.argsort(-hopes, kind="stable")[:DECIDED]
    places = [_nearest(entries, near, entry) for entry in chosen[kept].tolist()]
    rows = np.concatenate(places)
    labels = np.repeat(np.arange(len(kept)), [len(p) for p in places])
    kernel = index.kernel(entries, rows)
    if semantic and entries.vectors is not None:
        kernel = blend.kernel(entries.vectors, kernel, rows)
    weights = logistic.solve(kernel, labels, len(kept), STEPS)
    logits[kept] = near[rows] @ weights
    return logits


def _nearest(entries: Index, near: Matrix, entry: int) -> NDArray[np.intp]:
    start, count = int(entries.starts[entry]), int(entries.counts[entry])
    if count <= NEAREST:
        return np.arange(start, start + count)
    return start + np.argpartition(near[start : start + count], -NEAREST)[-NEAREST:]
