"""Questions that ask the same, put together: average-link clustering over their likeness. Pure.

Two groups are joined while each is the other's nearest and their questions are, on average, alike enough; the order
in which the questions come changes nothing, and a new one moves at most those around it (nearest-neighbour chains:
Benzécri 1982, Murtagh 1983).
"""

from collections.abc import Iterable, Sequence

import numpy as np

from knowledge import likeness, text
from knowledge.likeness import Matrix

ALIKE = 0.34  # mean likeness from which two groups ask the same: three pairs in four are right on real phrasings


def grouped(
    texts: Sequence[str], language: str | None = "english", *, background: Iterable[str] = ()
) -> list[list[int]]:
    """The indices of ``texts`` that ask the same, the clearest first in each group; the largest group first, and of
    equals the one with the earliest index. ``background`` as in :func:`knowledge.likeness.compared`."""
    same: dict[str, list[int]] = {}
    for i, one in enumerate(texts):
        same.setdefault(text.normalise(one) or one, []).append(i)
    repeated = list(same.values())
    alike = likeness.matrix(likeness.compared([texts[found[0]] for found in repeated], language, background=background))
    groups = [_clearest_first(group, alike, repeated) for group in _linked(alike, [len(f) for f in repeated])]
    return sorted(groups, key=lambda group: (-len(group), min(group)))


def clearest(texts: Sequence[str], language: str | None = "english") -> str:
    """The one of ``texts`` (at least one) that is most like all the others."""
    alike = likeness.matrix(likeness.compared(texts, language))
    return texts[int(alike.sum(1).argmax())]


def spread(texts: Sequence[str], most: int, language: str | None = "english") -> list[int]:
    """The indices of at most ``most`` of ``texts`` that differ most: the first, then always the one that is least like
    those chosen. Texts that are the same but for marks and case are taken once."""
    once = {text.normalise(one): i for i, one in reversed(list(enumerate(texts)))}
    places = sorted(once.values())
    if not places:
        return []
    alike = likeness.matrix(likeness.compared([texts[i] for i in places], language))
    chosen = [0]
    nearest = alike[0].copy()
    while len(chosen) < min(most, len(places)):
        nearest[chosen] = np.inf
        farthest = int(nearest.argmin())
        chosen.append(farthest)
        nearest = np.minimum(nearest, alike[farthest])
    return [places[i] for i in chosen]


def _linked(alike: Matrix, counts: Sequence[int]) -> list[list[int]]:
    """The groups of rows of ``alike``, each row counted as often as its text occurs."""
    size = len(counts)
    if not size:
        return []
    alike = alike.copy()
    np.fill_diagonal(alike, -1.0)
    weights = np.array(counts, np.float32)
    members: list[list[int]] = [[i] for i in range(size)]
    active = np.ones(size, bool)
    groups: list[list[int]] = []
    chain: list[int] = []
    while active.any():
        if not chain:
            chain.append(int(active.argmax()))
        here = chain[-1]
        nearest = int(alike[here].argmax())
        if len(chain) > 1 and alike[here, chain[-2]] >= alike[here, nearest]:
            nearest = chain[-2]
        if alike[here, nearest] < ALIKE:  # and never will be nearer: joining others only averages
            groups.append(members[here])
            gone = here
            chain = []
        elif len(chain) > 1 and nearest == chain[-2]:
            chain = chain[:-2]
            total = weights[here] + weights[nearest]
            alike[nearest] = (weights[here] * alike[here] + weights[nearest] * alike[nearest]) / total
            alike[nearest, nearest] = -1.0
            alike[:, nearest] = alike[nearest]
            weights[nearest] = total
            members[nearest] = members[nearest] + members[here]
            gone = here
        else:
            chain.append(nearest)
            continue
        active[gone] = False
        alike[gone, :] = -1.0
        alike[:, gone] = -1.0
    return groups


def _clearest_first(group: list[int], alike: Matrix, repeated: Sequence[Sequence[int]]) -> list[int]:
    """The texts of a group by how like the rest they are, each as often as it occurs."""
    rows = sorted(group)
    weights = np.array([len(repeated[row]) for row in rows], np.float32)
    middle = alike[np.ix_(rows, rows)] @ weights
    order = sorted(range(len(rows)), key=lambda i: (-float(middle[i]), rows[i]))
    return [i for place in order for i in repeated[rows[place]]]
