"""How well a base answers labelled questions: prepare it, judge each one, then count. Pure.

A question is in scope when some entry is right for it, else out of scope. What the figures mean is said once, in
``knowledge/meanings.py``.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.ports import Band
from knowledge.calibration import Calibration, band_of, calibrate, probability
from knowledge.labelled import Labelled
from knowledge.logistic import Matrix
from knowledge.ranking import Document, Index, build, rank

TOP = 3  # entries that are kept of a ranking, and that a question's right one is looked for among
NOTHING = -10.0  # score where no entry shares anything with the question: below every other
BINS = 10  # of the calibration error
CREDITS_A_REPLY = 1  # of the model, grounded in the FAQ: what nearly every one costs (engine/pricing.py)


class Outcome(NamedTuple):
    """What became of one labelled question. ``found``: the first three entries, best first, ``score``: the
    first one's. ``ms``: what it took."""

    text: str
    expected: tuple[str, ...]
    found: tuple[str, ...]
    score: float
    confidence: float
    band: Band
    ms: float

    @property
    def is_right(self) -> bool:
        """Whether the first entry is a right one, however sure."""
        return bool(self.found) and self.found[0] in self.expected

    @property
    def went_wrong(self) -> bool:
        """Whether a visitor would have got something else than the best there is."""
        if not self.expected:
            return self.band is not Band.UNSURE
        return self.band is Band.UNSURE or not self.is_right


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one run, shares from 0 to 1, as ``knowledge/meanings.py`` has them; None where no question can
    tell. ``counts`` are the numbers of questions behind them. ``credits``: what a model would have been asked for."""

    accuracy_at_1: float | None
    accuracy_at_3: float | None
    auroc: float | None
    answered: float | None
    wrong: float | None
    declined: float | None
    refused: float | None
    sure_answered: float | None
    sure_wrong: float | None
    calibration_error: float | None
    credits: int
    p50_ms: float
    p99_ms: float
    counts: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"counts": dict(self.counts)}


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """A base made ready to be measured. ``semantic``: how it is read where meaning counts; None where it has no
    vectors."""

    index: Index
    lexical: Calibration
    semantic: Calibration | None

    def judge(self, question: Labelled, caution: int = 50, vector: Matrix | None = None) -> Outcome:
        """What the base makes of one question. With ``vector``, its embedding, by words and meaning, if the base can
        take it."""
        started = time.thread_time()  # of this thread's processor: what else the machine does is not ours
        takes = vector is not None and self.index.vectors is not None and self.index.vectors.takes(vector)
        ranking = rank(self.index, question.text, vector if takes else None)
        calibration = self.semantic if takes and self.semantic is not None else self.lexical
        confidence = probability(calibration, ranking)
        band = band_of(confidence, caution)
        took = (time.thread_time() - started) * 1000
        best = ranking.candidates[:TOP]
        found = tuple([candidate.id for candidate in best])
        score = best[0].score if best else NOTHING
        return Outcome(question.text, question.entries, found, score, confidence, band, took)


def prepare(documents: Sequence[Document], locale: str = "en") -> Bench:
    """Build and calibrate a base of ``documents``. 5 s for 100,000 entries: away from the event loop."""
    index = build(documents, locale)
    semantic = calibrate(index, semantic=True) if index.vectors is not None else None
    return Bench(index, calibrate(index), semantic)


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """The figures of ``outcomes``; all None and 0 where there are none."""
    inside = [outcome for outcome in outcomes if outcome.expected]
    outside = [outcome for outcome in outcomes if not outcome.expected]
    counts = _counts(inside, outside)
    times = np.array([outcome.ms for outcome in outcomes] or [0.0])
    within = sum([not {*outcome.found}.isdisjoint(outcome.expected) for outcome in inside])

    def share(name: str, of: Sequence[Outcome]) -> float | None:
        return counts[name] / len(of) if of else None

    return Figures(
        accuracy_at_1=share("first", inside),
        accuracy_at_3=within / len(inside) if inside else None,
        auroc=_auroc([o.score for o in inside], [o.score for o in outside]),
        answered=share("answered", inside),
        wrong=share("wrong", inside),
        declined=share("declined", inside),
        refused=share("refused", outside),
        sure_answered=share("sure_answered", inside),
        sure_wrong=share("sure_wrong", inside),
        calibration_error=_calibration_error(outcomes),
        credits=counts["model"] * CREDITS_A_REPLY,
        p50_ms=float(np.quantile(times, 0.5)),
        p99_ms=float(np.quantile(times, 0.99)),
        counts=counts,
    )


def _counts(inside: Sequence[Outcome], outside: Sequence[Outcome]) -> dict[str, int]:
    spoke = [outcome for outcome in inside if outcome.band is not Band.UNSURE]
    sure = [outcome for outcome in inside if outcome.band is Band.SURE]
    refused = sum([outcome.band is Band.UNSURE for outcome in outside])
    return {
        "in_scope": len(inside),
        "first": sum([outcome.is_right for outcome in inside]),
        "answered": sum([outcome.is_right for outcome in spoke]),
        "wrong": sum([not outcome.is_right for outcome in spoke]),
        "declined": len(inside) - len(spoke),
        "sure_answered": sum([outcome.is_right for outcome in sure]),
        "sure_wrong": sum([not outcome.is_right for outcome in sure]),
        "out_of_scope": len(outside),
        "refused": refused,
        "let_through": len(outside) - refused,
        "model": sum([outcome.band is Band.BETWEEN for outcome in (*inside, *outside)]),
    }


def _auroc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """The area under the ROC curve as Mann and Whitney's U; ties count half."""
    if not inside or not outside:
        return None
    scores = np.array([*inside, *outside])
    _, places, sizes = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[places]
    wins = float(ranks[: len(inside)].sum()) - len(inside) * (len(inside) + 1) / 2
    return wins / (len(inside) * len(outside))


def _calibration_error(outcomes: Sequence[Outcome]) -> float | None:
    if not outcomes:
        return None
    confidence = np.array([outcome.confidence for outcome in outcomes])
    right: NDArray[np.float64] = np.array([outcome.is_right for outcome in outcomes], np.float64)
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return float(np.abs(np.bincount(bins, confidence - right)).sum() / len(outcomes))
