"""Which entry answers a question: ``build`` an index of entries once, ``rank`` questions against it. Pure.

A question is compared with every phrasing (and, for less, with every answer) by the cosine of their features; the ten
entries that come nearest are candidates; among them a kernel logistic regression on the phrasings decides. A base of
up to :data:`SMALL` phrasings has that regression solved when it is built, a larger one solves it on the spot, over
the candidates alone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge import blend, features, logistic
from knowledge.logistic import Matrix
from knowledge.text import language_of

SMALL = 1_200  # phrasings: up to here the whole regression is solved in about half a second
CANDIDATES = 10  # entries by phrasing; the right one is among them in 90 to 97 of 100 questions
BY_ANSWER = 5  # more candidates, by the likeness of their answer
ON_THE_SPOT = 5  # candidates among which a large base decides: more are slower and no righter
NEAREST = 12  # phrasings an entry that take part in a decision on the spot
ANSWER_WORDS = 60  # of an answer are looked at: what it is about is said there
HOPE_WEIGHT = 2.0  # of cosines beside the logit, best and mean alike: they carry 'I don't know'
HOPE_WEIGHT_BLENDED = 5.0  # the same where cosines of embeddings are in them: those tell more
ANSWER_WEIGHT = 2.0
SAME_WORDS = 0.9995  # likeness: who asks in an entry's own words gets that entry, whatever the regression makes of it
STEPS, STEPS_ON_THE_SPOT = 30, 10


Column = tuple[NDArray[np.int32], Matrix]


@dataclass(frozen=True, slots=True)
class Document:
    """What is ranked: an entry's id, its question and alternatives, its answer and, where they are computed, the
    embeddings of its phrasings (one row of length 1 each, in their order, all of one model)."""

    id: str
    phrasings: tuple[str, ...]
    answer: str = ""
    vectors: Matrix | None = None


class Candidate(NamedTuple):
    """An entry that may answer. ``score`` compares between questions (no unit, about -1 to 12); ``likeness`` is the
    cosine of the nearest phrasing, 1 for the same words."""

    id: str
    score: float
    likeness: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates, best first; none where the question shares nothing with any entry."""

    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """Entries made ready for ranking; build one with :func:`build`. Rows are phrasings, grouped by entry in order,
    then one answer an entry; columns are features: in which rows they are, with what weight."""

    ids: tuple[str, ...]
    lexicon: features.Lexicon
    rows: tuple[tuple[NDArray[np.intp], Matrix], ...]
    columns: tuple[Column, ...]
    owners: NDArray[np.intp]
    starts: NDArray[np.intp]
    counts: Matrix
    weights: Matrix | None  # entries x phrasings; None where the base is not small
    vectors: blend.Vectors | None  # of the phrasings; None where no phrasing has one
    documents: tuple[Document, ...]
    locale: str
    stale: int = 0  # phrasings added and removed since everything was last learnt anew
    later: "Later | None" = None  # what came after that

    @property
    def semantic(self) -> bool:
        """Whether every phrasing has a vector."""
        return self.vectors is not None and self.vectors.complete


@dataclass(frozen=True, slots=True, eq=False)
class Later:
    """What changed after an index was built: entries that came, with columns of their own, and rows that are dead.
    ``base``: the index as it was built, whose columns stay as they are."""

    base: Index
    fresh: tuple[Document, ...]
    gone: frozenset[str]
    columns: dict[int, Column]
    phrasings: int
    dead: NDArray[np.bool_]


def build(documents: Sequence[Document], locale: str = "en") -> Index:
    """The index of ``documents``; those without any phrasing are left out. 100 entries of 5 phrasings take
    about 0.1 s, 300 of 4 0.7 s, 1,000 of 3 (not solved ahead) 0.3 s."""
    documents = [document for document in documents if any(p.strip() for p in document.phrasings)]
    phrasings = [(i, p) for i, document in enumerate(documents) for p in document.phrasings if p.strip()]
    answers = [" ".join(document.answer.split()[:ANSWER_WORDS]) for document in documents]
    small = len(phrasings) <= SMALL
    lexicon = features.learn([p for _, p in phrasings], answers, language_of(locale), bundled=small)
    vectors = [features.vector(lexicon, written) for written in (*(p for _, p in phrasings), *answers)]
    owners = np.array([i for i, _ in phrasings], np.intp)
    counts = np.bincount(owners, minlength=len(documents))
    rows = tuple((np.array(v.ids, np.intp), np.array(v.weights, np.float32)) for v in vectors)
    index = Index(
        ids=tuple(document.id for document in documents),
        lexicon=lexicon,
        rows=rows,
        columns=_columns(rows, lexicon),
        owners=owners,
        starts=np.concatenate(([0], np.cumsum(counts)[:-1])).astype(np.intp),
        counts=counts.astype(np.float32),
        weights=None,
        vectors=blend.gathered([(document.phrasings, document.vectors) for document in documents]),
        documents=tuple(documents),
        locale=locale,
    )
    return _solved(index) if small and documents else index


def rank(index: Index, question: str, vector: Matrix | None = None) -> Ranking:
    """The entries of ``index`` for ``question``, best first. Never raises, whatever was written. With ``vector`` (the
    question's embedding, of length 1) by words and meaning, where most phrasings have vectors of that dimension;
    else by words alone."""
    likeness = _likeness(index, question)
    if vector is None or index.vectors is None or not index.vectors.takes(vector):
        return ranked(index, likeness)
    return ranked(index, blend.blended(index.vectors, likeness, vector), semantic=True)


def changed(index: Index, added: Sequence[Document], removed: Collection[str]) -> Index:
    """``index`` without the entries ``removed`` (ids) and with those ``added``; an edited entry is both. What was
    learnt stays: new words count as rare ones, and the regression is solved on the spot until everything is built
    anew. 1 ms for 1,000 entries, some 20 for 100,000."""
    added = [document for document in added if any(p.strip() for p in document.phrasings)]
    gone = set(removed)
    stale = index.stale + sum(len(d.phrasings) for d in (*added, *(d for d in index.documents if d.id in gone)))
    base = index.later.base if index.later is not None else index
    before = index.later.fresh if index.later is not None else ()
    left = (index.later.gone if index.later is not None else frozenset[str]()) | frozenset(gone & set(base.ids))
    if len(left) * 2 >= len(base.ids):  # what was learnt is mostly of entries that are gone
        kept = [document for document in index.documents if document.id not in gone]
        return replace(build([*kept, *added], index.locale), stale=stale)
    fresh = [document for document in before if document.id not in gone] + added
    return _mended(base, tuple(fresh), left, stale)


def _mended(base: Index, fresh: tuple[Document, ...], gone: frozenset[str], stale: int) -> Index:
    phrasings = [(i, p) for i, document in enumerate(fresh) for p in document.phrasings if p.strip()]
    answers = [" ".join(document.answer.split()[:ANSWER_WORDS]) for document in fresh]
    lexicon = features.extended(base.lexicon, [p for _, p in phrasings], answers)
    vectors = [features.vector(lexicon, written) for written in (*(p for _, p in phrasings), *answers)]
    rows = tuple((np.array(v.ids, np.intp), np.array(v.weights, np.float32)) for v in vectors)
    total, more = len(base.owners), len(phrasings)
    owners = np.array([len(base.ids) + i for i, _ in phrasings], np.intp)
    counts = np.bincount(owners - len(base.ids), minlength=len(fresh)).astype(np.float32) if fresh else base.counts[:0]
    starts = (np.concatenate(([0], np.cumsum(counts)[:-1])) + total if fresh else base.starts[:0]).astype(np.intp)
    left = np.array([entry in gone for entry in base.ids], np.bool_)
    dead = np.concatenate([left[base.owners], np.zeros(more, np.bool_), left, np.zeros(len(fresh), np.bool_)])
    kept = tuple([document for document in base.documents if document.id not in gone])
    return replace(
        base,
        ids=(*base.ids, *(document.id for document in fresh)),
        lexicon=lexicon,
        rows=(*base.rows[:total], *rows[:more], *base.rows[total:], *rows[more:]),
        owners=np.concatenate([base.owners, owners]),
        starts=np.concatenate([base.starts, starts]),
        counts=np.concatenate([base.counts, counts]),
        weights=None,
        vectors=_with(base, fresh),
        documents=(*kept, *fresh),
        stale=stale,
        later=Later(base, fresh, gone, _few_columns(rows), more, dead),
    )


def _with(base: Index, fresh: Sequence[Document]) -> blend.Vectors | None:
    """The vectors of the base's phrasings and then of those that came."""
    if base.vectors is None:
        return None
    width = base.vectors.matrix.shape[1]
    kept = [[i for i, phrasing in enumerate(d.phrasings) if phrasing.strip()] for d in fresh]
    usable = [d.vectors is not None and d.vectors.shape == (len(d.phrasings), width) for d in fresh]
    blocks = [
        d.vectors[rows] if fits and d.vectors is not None else np.zeros((len(rows), width), np.float32)
        for d, rows, fits in zip(fresh, kept, usable, strict=True)
    ]
    known = [fits for rows, fits in zip(kept, usable, strict=True) for _ in rows]
    return blend.Vectors(
        np.concatenate([base.vectors.matrix, *blocks]), np.concatenate([base.vectors.known, np.array(known, np.bool_)])
    )


def _few_columns(rows: Sequence[tuple[NDArray[np.intp], Matrix]]) -> dict[int, Column]:
    found: dict[int, tuple[list[int], list[float]]] = {}
    for row, (ids, weights) in enumerate(rows):
        for i, weight in zip(ids.tolist(), weights.tolist(), strict=True):
            places, shares = found.setdefault(i, ([], []))
            places.append(row)
            shares.append(weight)
    return {i: (np.array(places, np.int32), np.array(shares, np.float32)) for i, (places, shares) in found.items()}


def nbytes(index: Index) -> int:
    """How much memory ``index`` takes, in bytes, within a tenth or so."""
    arrays: list[NDArray[np.generic]] = [index.owners, index.starts, index.counts]
    for ids, weights in index.rows:
        arrays += [ids, weights]
    for places, shares in index.columns:
        arrays += [places, shares]
    if index.weights is not None:
        arrays.append(index.weights)
    if index.vectors is not None:
        arrays.append(index.vectors.matrix)
    return sum(array.nbytes for array in arrays) + len(arrays) * 112


def _likeness(index: Index, question: str) -> Matrix:
    """The cosine of a question with every row."""
    later = index.later
    if later is None:
        return cosines(index, features.question(index.lexicon, question))
    # Words that came later have no bundles, and those that were there none in the rows that came.
    plain = features.question(index.lexicon, question, bundled=False)
    size = len(later.base.columns)
    inside = [(i, w) for i, w in zip(plain.ids, plain.weights, strict=True) if i < size]
    old = cosines(later.base, features.Vector([i for i, _ in inside], [w for _, w in inside]))
    new = np.zeros(later.phrasings + len(later.fresh), np.float32)
    for i, weight in zip(plain.ids, plain.weights, strict=True):
        if i in later.columns:
            places, shares = later.columns[i]
            np.add.at(new, places, shares * np.float32(weight))
    total = len(later.base.owners)
    return np.concatenate([old[:total], new[: later.phrasings], old[total:], new[later.phrasings :]])


def cosines(index: Index, vector: features.Vector) -> Matrix:
    """The cosine of a vector with every row of an index as it was built: its phrasings, then its answers."""
    size = len(index.rows)
    if not vector.ids:
        return np.zeros(size, np.float32)
    columns = index.columns
    places, weights = zip(*[columns[i] for i in vector.ids], strict=True)
    shares = np.concatenate(weights)
    shares *= np.array(vector.weights, np.float32).repeat(list(map(len, places)))
    return np.bincount(np.concatenate(places), shares, size).astype(np.float32)


def likeness_of(index: Index, row: int, semantic: bool = False) -> Matrix:
    """How like the phrasing in ``row`` is to every row of the index, its own included: by words, or, if ``semantic``
    and it has a vector, by words and meaning."""
    ids, weights = index.rows[row]
    likeness = cosines(index, features.Vector(ids.tolist(), weights.tolist()))
    if semantic and index.vectors is not None and index.vectors.known[row]:
        return blend.blended(index.vectors, likeness, index.vectors.matrix[row])
    return likeness


def ranked(index: Index, likeness: Matrix, semantic: bool = False) -> Ranking:
    """The entries for a question that is ``likeness`` to each row, as :func:`cosines` or, if ``semantic``,
    :func:`blend.blended` gives it."""
    total = len(index.owners)
    if index.later is not None:
        likeness = np.where(index.later.dead, np.float32(0), likeness)
    if not np.count_nonzero(likeness):
        return Ranking(())
    near, answers = likeness[:total], likeness[total:]
    best: Matrix = np.maximum.reduceat(near, index.starts)
    mean: Matrix = np.divide(np.add.reduceat(near, index.starts), index.counts, dtype=np.float32)
    hopes = best + mean
    chosen = _candidates(hopes, answers)
    scores = _logits(index, near, chosen, hopes, semantic)
    scores += ((HOPE_WEIGHT_BLENDED if semantic else HOPE_WEIGHT) * hopes + ANSWER_WEIGHT * answers)[chosen]
    found = zip(scores.tolist(), best[chosen].tolist(), answers[chosen].tolist(), chosen.tolist(), strict=True)
    order = sorted([(fit < SAME_WORDS, -score, i, fit) for score, fit, by_answer, i in found if fit or by_answer])
    ids = index.ids
    return Ranking(tuple([Candidate(ids[i], -score, fit) for _, score, i, fit in order]))


def _columns(rows: Sequence[tuple[NDArray[np.intp], Matrix]], lexicon: features.Lexicon) -> tuple[Column, ...]:
    if not rows:
        return ()
    ids = np.concatenate([ids for ids, _ in rows])
    weights = np.concatenate([weights for _, weights in rows])
    places = np.repeat(np.arange(len(rows), dtype=np.int32), [len(ids) for ids, _ in rows])
    order = np.argsort(ids, kind="stable")
    ends = np.cumsum(np.bincount(ids, minlength=lexicon.size))[:-1]
    columns = list(zip(np.split(places[order], ends), np.split(weights[order], ends), strict=True))
    bundled = lexicon.words.values() if lexicon.bundled else ()
    return (*columns, *(_bundle(columns, lexicon, word, len(rows)) for word in bundled))


def _bundle(columns: Sequence[Column], lexicon: features.Lexicon, word: features.Word, size: int) -> Column:
    total = np.zeros(size, np.float32)
    for gram in word.grams:
        places, weights = columns[gram]
        total[places] += lexicon.weights[gram] * weights
    places = np.flatnonzero(total).astype(np.int32)
    return places, total[places]


def _solved(index: Index) -> Index:
    total = len(index.owners)
    kernel = np.stack([likeness_of(index, row)[:total] for row in range(total)])
    weights = logistic.solve(kernel, index.owners, len(index.ids), STEPS)
    return replace(index, weights=np.ascontiguousarray(weights.T))


def _candidates(by_phrasing: Matrix, by_answer: Matrix) -> NDArray[np.intp]:
    if len(by_phrasing) <= CANDIDATES + BY_ANSWER:
        return np.arange(len(by_phrasing))
    first = by_phrasing.argpartition(-CANDIDATES)[-CANDIDATES:].tolist()
    second = by_answer.argpartition(-BY_ANSWER)[-BY_ANSWER:].tolist()
    return np.array(sorted({*first, *second}), np.intp)


def _logits(index: Index, near: Matrix, chosen: NDArray[np.intp], hopes: Matrix, semantic: bool) -> Matrix:
    if index.weights is not None and not semantic:
        logits: Matrix = index.weights.take(chosen, axis=0) @ near
        return logits
    return _logits_on_the_spot(index, near, chosen, hopes[chosen], semantic)


def _logits_on_the_spot(index: Index, near: Matrix, chosen: NDArray[np.intp], hopes: Matrix, semantic: bool) -> Matrix:
    """The regression over the few candidates with most hope alone; the others stay below them."""
    logits = np.full(len(chosen), -1.0, np.float32)
    kept = np.argsort(-hopes, kind="stable")[:ON_THE_SPOT]
    places = [_nearest(index, near, entry) for entry in chosen[kept].tolist()]
    rows = np.concatenate(places)
    labels = np.repeat(np.arange(len(kept)), [len(p) for p in places])
    kernel = _kernel(index, rows)
    if semantic and index.vectors is not None:
        kernel = blend.kernel(index.vectors, kernel, rows)
    weights = logistic.solve(kernel, labels, len(kept), STEPS_ON_THE_SPOT)
    logits[kept] = near[rows] @ weights
    return logits


def _nearest(index: Index, near: Matrix, entry: int) -> NDArray[np.intp]:
    start, count = int(index.starts[entry]), int(index.counts[entry])
    if count <= NEAREST:
        return np.arange(start, start + count)
    return start + np.argpartition(near[start : start + count], -NEAREST)[-NEAREST:]


def _kernel(index: Index, rows: NDArray[np.intp]) -> Matrix:
    vectors = [index.rows[row] for row in rows.tolist()]
    used, places = np.unique(np.concatenate([ids for ids, _ in vectors]), return_inverse=True)
    dense = np.zeros((len(rows), len(used)), np.float32)
    dense[np.repeat(np.arange(len(rows)), [len(ids) for ids, _ in vectors]), places] = np.concatenate(
        [weights for _, weights in vectors]
    )
    kernel: Matrix = dense @ dense.T
    return kernel
