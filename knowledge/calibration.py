"""How probable it is that a ranking's best entry is right, as every knowledge base finds out from itself. Pure.

Without a single labelled question: each phrasing is asked to the base once with only itself taken away (its entry
should win) and once with its whole entry taken away (whatever wins is wrong: so score questions that have no answer
here). A small logistic regression learns to tell right from wrong by the score, measured on the scale of those foreign
scores, and by its lead over the second. It leans on weights that were learnt on many bases made from BANKING77's
training part, and the less a base has to show, the more. Chats whose answer somebody approved or put right join in.

Scores with embeddings are other scores: they have a calibration of their own, and the two never mix.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.ports import Band
from knowledge import ranking
from knowledge.logistic import Matrix
from knowledge.ranking import Candidate, Index, Ranking

SAME = 0.97  # likeness from which a question is the phrasing itself, but for marks, endings and order
SURE_OF_SAME = 0.99  # probability of such an answer: what is left is that somebody filed it under the wrong entry
TORN = 0.4  # probability at most where two entries have the words of the question: never sure, whatever the caution
FEW = 10  # entries; below, the base's own scale and a usual one are averaged
OWN_NEEDED = 10  # left-out phrasings; with fewer, foreign ones alone would teach the regression to doubt everything
ASKED, ASKED_SEMANTIC = (
    300,
    100,
)  # phrasings that are asked: more do not move the fit; with embeddings each takes longer
QUICK = 3_000  # phrasings up to which so many are asked; in a larger base each takes longer
LEAST = 20  # asked of the largest base
FOREIGN = 0.35  # of all questions have no answer here, as long as nothing is known of this base
CHATS_FOR_SHARE = 40  # approved chats that weigh as much as that first guess
CHAT_WEIGHT = 3.0  # of an approved chat, against 1 for a phrasing: it is what visitors really ask
FIRMNESS = 30.0  # of the prior: so many questions' worth of doubt (inverse variance) about what one base says
STEPS = 12  # of Newton's method: more change nothing

LOW, HIGH = 0.35, 0.72  # probability below which it says 'I don't know', and from which the FAQ alone answers
RELATED = 0.25  # of the scale's spread below its middle: from there on an entry is worth offering
REACH = 1.25  # log odds by which the slider's ends move both lines


class Scale(NamedTuple):
    """How questions without an answer score on a base: the median, and from the first tenth to the last."""

    middle: float
    spread: float


class Prior(NamedTuple):
    """What is believed of a base that says nothing: the weights of (1, score, lead) where entries have several
    phrasings and where each has one, and the scale."""

    several: tuple[float, float, float]
    single: tuple[float, float, float]
    scale: Scale


# Learnt on 42 bases of 5 to 50 entries with 1 to 10 phrasings, asked the phrasings that were left over and, for 35 of
# 100, those of other entries.
LEXICAL = Prior((-2.16, 1.14, 1.51), (-2.05, 0.86, 1.59), Scale(2.8, 3.2))
SEMANTIC = Prior((-2.21, 1.93, 1.46), (-2.09, 1.89, 1.28), Scale(4.5, 3.3))


@dataclass(frozen=True, slots=True)
class Calibration:
    """How one index is read. ``cases`` and ``chats``: how many left-out phrasings and approved chats it was made
    from."""

    scale: Scale
    weights: tuple[float, float, float]
    semantic: bool = False
    cases: int = 0
    chats: int = 0


@dataclass(frozen=True, slots=True)
class Lines:
    """Probabilities: below ``low`` unsure, from ``high`` on sure."""

    low: float
    high: float


def calibrate(
    index: Index,
    approved: Sequence[tuple[str, str | None]] = (),
    *,
    semantic: bool = False,
    vectors: Mapping[str, Matrix] | None = None,
) -> Calibration:
    """The calibration of ``index``, in 0.3 s at most however large it is.

    ``approved``: questions really asked, each with the entry that is right, or None where none is. With ``semantic``
    for rankings by words and meaning; ``vectors`` are then the approved questions' embeddings, by question, and those
    without one are left out. Falls back on the usual weights where the base says nothing."""
    prior = SEMANTIC if semantic else LEXICAL
    foreign = [case for row in _sample(index, semantic) if (case := _foreign(index, row, semantic)) is not None]
    calibration = Calibration(_scale(foreign, len(index.ids), prior.scale), _believed(prior, index), semantic)
    own = [case for row in _sample(index, semantic, shared=True) if (case := _own(index, row, semantic)) is not None]
    chats = [case for chat in approved if (case := _chat(index, chat, semantic, vectors or {})) is not None]
    fitted = _fit(calibration, own if len(own) >= OWN_NEEDED else [], foreign, chats)
    return replace(calibration, weights=fitted, cases=len(own), chats=len(chats))


def probability(calibration: Calibration, ranking: Ranking) -> float:
    """How probable it is, from 0 to 1, that the best candidate is the right answer; 0 if there is none."""
    if not ranking.candidates:
        return 0.0
    score, lead = _features(calibration.scale, ranking)
    bias, by_score, by_lead = calibration.weights
    chance = _chance(bias + by_score * score + by_lead * lead)
    same = sum([candidate.likeness >= SAME for candidate in ranking.candidates])
    if same and ranking.candidates[0].likeness >= SAME:
        return max(chance, SURE_OF_SAME) if same == 1 else min(chance, TORN)
    return chance


def band(calibration: Calibration, ranking: Ranking, caution: int = 50) -> Band:
    """Whether the best candidate is the answer, may be it, or nothing here is, for an owner this cautious (0 to 100,
    50 as calibrated). An entry's own words are sure whatever the caution."""
    return band_of(probability(calibration, ranking), caution)


def band_of(chance: float, caution: int = 50) -> Band:
    """The band of a probability as :func:`probability` gives it."""
    lines = lines_of(caution)
    if chance >= min(lines.high, SURE_OF_SAME):
        return Band.SURE
    return Band.BETWEEN if chance >= lines.low else Band.UNSURE


def lines_of(caution: int = 50) -> Lines:
    """The two lines an owner this cautious draws. Both move together: who wants fewer wrong answers from the FAQ
    wants fewer from the model too."""
    shift = REACH * (min(max(caution, 0), 100) - 50) / 50
    return Lines(_chance(_odds(LOW) + shift), _chance(_odds(HIGH) + shift))


def is_related(calibration: Calibration, candidate: Candidate) -> bool:
    """Whether a candidate that is not the answer is near enough to be offered: one that scores less than most questions
    without an answer do has only empty words in common."""
    return candidate.score >= calibration.scale.middle - RELATED * calibration.scale.spread


class _Case(NamedTuple):
    ranking: Ranking
    right: bool
    foreign: bool


def _sample(index: Index, semantic: bool, *, shared: bool = False) -> list[int]:
    """Rows of phrasings to ask, evenly over the base; if ``shared``, only of entries that have others."""
    total = len(index.owners)
    rows = index.living[index.counts[index.owners[index.living]] > 1] if shared else index.living
    asked = ASKED_SEMANTIC if semantic else ASKED
    most = asked if total <= QUICK else max(LEAST, asked * QUICK // total)
    return [int(row) for row in rows[:: max(1, -(-len(rows) // most))]]


def _foreign(index: Index, row: int, semantic: bool) -> _Case | None:
    """The phrasing in ``row`` asked to the base without its entry; None where another entry has the same words."""
    likeness = ranking.likeness_of(index, row, semantic)
    own = int(index.owners[row])
    likeness[: len(index.owners)][index.owners == own] = 0.0
    likeness[len(index.owners) + own] = 0.0
    found = ranking.ranked(index, likeness, semantic).candidates
    others = Ranking(tuple([candidate for candidate in found if candidate.id != index.ids[own]]))
    return None if not others.candidates or _is_same(others) else _Case(others, right=False, foreign=True)


def _own(index: Index, row: int, semantic: bool) -> _Case | None:
    """The phrasing in ``row`` asked to the base without itself. In its place stands the mean of its entry's others,
    so that the entry's own mean stays what it is."""
    likeness = ranking.likeness_of(index, row, semantic)
    entry = int(index.owners[row])
    start, count = int(index.starts[entry]), int(index.counts[entry])
    others = np.delete(likeness[start : start + count], row - start)
    likeness[row] = others.mean()
    found = ranking.ranked(index, likeness, semantic)
    if not found.candidates or _is_same(found):
        return None
    return _Case(found, right=found.candidates[0].id == index.ids[entry], foreign=False)


def _chat(index: Index, chat: tuple[str, str | None], semantic: bool, vectors: Mapping[str, Matrix]) -> _Case | None:
    question, entry = chat
    vector = vectors.get(question) if semantic else None
    if semantic and vector is None:
        return None
    found = ranking.rank(index, question, vector)
    if not found.candidates or _is_same(found):
        return None
    return _Case(found, right=found.candidates[0].id == entry, foreign=entry is None)


def _is_same(ranking: Ranking) -> bool:
    """Own words are sure by rule, and say nothing of what is not."""
    return ranking.candidates[0].likeness >= SAME


def _scale(foreign: Sequence[_Case], entries: int, usual: Scale) -> Scale:
    if not foreign:
        return usual
    first, middle, last = np.quantile([case.ranking.candidates[0].score for case in foreign], [0.1, 0.5, 0.9])
    trust = min(1.0, entries / FEW)
    spread = trust * float(last - first) + (1 - trust) * usual.spread
    return Scale(trust * float(middle) + (1 - trust) * usual.middle, max(spread, usual.spread / 4))


def _believed(prior: Prior, index: Index) -> tuple[float, float, float]:
    share = float(np.mean(index.counts > 1)) if len(index.ids) else 0.0
    bias, score, lead = [share * a + (1 - share) * b for a, b in zip(prior.several, prior.single, strict=True)]
    return bias, score, lead


def _features(scale: Scale, ranking: Ranking) -> tuple[float, float]:
    """The best score in units of the scale, and its lead over the second: log odds, of which only the order of
    magnitude counts. Who has no second leads as far as the scale goes."""
    best, *others = ranking.candidates
    lead = max(0.0, best.score - others[0].score) if others else scale.spread
    return (best.score - scale.middle) / scale.spread, math.log1p(lead)


def _fit(
    calibration: Calibration, own: Sequence[_Case], foreign: Sequence[_Case], chats: Sequence[_Case]
) -> tuple[float, float, float]:
    """Maximum a posteriori: the prior's weights, moved as far as the cases can move them."""
    if not own and not chats:
        return calibration.weights
    share = _foreign_share(chats)
    shares: list[tuple[_Case, float]] = [(case, CHAT_WEIGHT) for case in chats]
    if own:
        total = float(min(len(own) + len(foreign), 2 * len(own)))
        shares += [(case, (1 - share) * total / len(own)) for case in own]
        shares += [(case, share * total / len(foreign)) for case in foreign]
    inputs = np.array([(1.0, *_features(calibration.scale, case.ranking)) for case, _ in shares])
    truth = np.array([case.right for case, _ in shares], np.float64)
    return _newton(inputs, truth, np.array([weight for _, weight in shares]), np.array(calibration.weights))


def _foreign_share(chats: Sequence[_Case]) -> float:
    foreign = sum([case.foreign for case in chats])
    return (FOREIGN * CHATS_FOR_SHARE + foreign) / (CHATS_FOR_SHARE + len(chats))


def _newton(
    inputs: NDArray[np.float64], truth: NDArray[np.float64], weight: NDArray[np.float64], prior: NDArray[np.float64]
) -> tuple[float, float, float]:
    found = prior
    firm = FIRMNESS * np.eye(len(prior))
    for _ in range(STEPS):
        chances = 1.0 / (1.0 + np.exp(-np.clip(inputs @ found, -30, 30)))
        slope = inputs.T @ (weight * (chances - truth)) + firm @ (found - prior)
        bend = (inputs * (weight * chances * (1 - chances))[:, None]).T @ inputs + firm
        found = found - np.linalg.solve(bend, slope)
    bias, by_score, by_lead = found.tolist()
    # A higher score or a wider lead never makes an answer less probable, whatever a freak of a base says.
    return bias, max(by_score, 0.0), max(by_lead, 0.0)


def _chance(odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-min(max(odds, -30.0), 30.0)))


def _odds(chance: float) -> float:
    return math.log(chance / (1 - chance))
