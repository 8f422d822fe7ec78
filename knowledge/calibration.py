"""How sure a ranking is, by thresholds that every knowledge base gives itself. Pure.

Without a single out-of-scope question to learn from: each phrasing is asked to the base with its own entry taken
away, and what scores best then is what a question without an answer looks like here.
"""

from dataclasses import dataclass

import numpy as np

from engine.ports import Band
from knowledge import ranking
from knowledge.ranking import Index, Ranking

LOW_QUANTILE, HIGH_QUANTILE = (
    0.6,
    0.8,
)  # of those best scores: below the first unsure, above the second perhaps sure
LOW, HIGH = 1.6, 2.8  # for bases too small to ask themselves
FEW = 10  # entries; below, the constants and what the base says are averaged
MARGIN = 2.5  # log odds by which a sure answer leads the next: at most 2 in 100 are wrong on BANKING77
SAME = 0.97  # likeness from which a question is the phrasing itself, but for marks, endings and order
SAMPLE = 300  # phrasings that are asked: more do not move a quantile


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores of one index: below ``low`` unsure, from ``high`` on sure if the lead is clear."""

    low: float
    high: float


def calibrate(index: Index) -> Thresholds:
    """The thresholds of ``index``. 0.03 s for a small base, 0.2 s for any other."""
    scores = _foreign_scores(index)
    if not scores:
        return Thresholds(LOW, HIGH)
    low, high = (float(q) for q in np.quantile(scores, [LOW_QUANTILE, HIGH_QUANTILE]))
    trust = min(1.0, len(index.ids) / FEW)
    return Thresholds(trust * low + (1 - trust) * LOW, trust * high + (1 - trust) * HIGH)


def band(thresholds: Thresholds, ranking: Ranking) -> Band:
    """Whether the best candidate is the answer, may be it, or nothing here is."""
    if not ranking.candidates:
        return Band.UNSURE
    best, *others = ranking.candidates
    rival = others[0] if others else None
    if best.likeness >= SAME and (rival is None or max(c.likeness for c in others) < SAME):
        return Band.SURE
    if best.score < thresholds.low:
        return Band.UNSURE
    leads = rival is None or best.score - rival.score >= MARGIN
    return Band.SURE if best.score >= thresholds.high and leads else Band.BETWEEN


def _foreign_scores(index: Index) -> list[float]:
    total = len(index.owners)
    scores: list[float] = []
    for row in range(0, total, max(1, -(-total // SAMPLE))):
        likeness = ranking.likeness_of(index, row)
        own = int(index.owners[row])
        likeness[:total][index.owners == own] = 0.0
        likeness[total + own] = 0.0
        others = [c.score for c in ranking.ranked(index, likeness).candidates if c.id != index.ids[own]]
        scores.extend(others[:1])
    return scores
