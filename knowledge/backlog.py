"""Open gaps as the work they are: groups that ask the same, the most wanted first, small talk folded away. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from knowledge import grouping
from knowledge.gaps import OpenGap
from knowledge.smalltalk import is_small_talk

EXAMPLES = 5  # different ways of asking that a group shows


@dataclass(frozen=True, slots=True)
class Group:
    """Gaps that ask the same, the clearest first. ``examples``: one gap each of its different ways of asking."""

    gaps: tuple[OpenGap, ...]
    examples: tuple[OpenGap, ...]

    @property
    def title(self) -> str:
        return self.gaps[0].text

    @property
    def ids(self) -> list[str]:
        return [gap.id for gap in self.gaps]

    @property
    def count(self) -> int:
        return len(self.gaps)

    @property
    def visitors(self) -> int:
        return len({gap.visitor_id for gap in self.gaps})

    @property
    def rated(self) -> int:
        """How many of them had an answer that the visitor rated badly."""
        return sum(gap.reason == "rated" for gap in self.gaps)

    @property
    def first(self) -> datetime:
        return min(gap.at for gap in self.gaps)

    @property
    def last(self) -> datetime:
        return max(gap.at for gap in self.gaps)


@dataclass(frozen=True, slots=True)
class Backlog:
    """``groups`` by how many visitors asked, then how often; ``small_talk``: what asks nothing, newest first."""

    groups: tuple[Group, ...]
    small_talk: tuple[OpenGap, ...]


def backlog(gaps: Sequence[OpenGap], language: str | None = "english", known: Sequence[str] = ()) -> Backlog:
    """The groups of ``gaps``. ``known``: questions the domain does answer, which tell its common words. Takes some
    tenths of a second for 2,000: call it in a thread."""
    asking = [gap for gap in gaps if not is_small_talk(gap.text)]
    small = [gap for gap in gaps if is_small_talk(gap.text)]
    found = grouping.grouped([gap.text for gap in asking], language, background=known)
    groups = [_group([asking[i] for i in places]) for places in found]
    groups.sort(key=lambda group: (-group.visitors, -group.count, -group.last.timestamp(), group.gaps[0].id))
    return Backlog(tuple(groups), tuple(sorted(small, key=lambda gap: gap.at, reverse=True)))


def phrasings(texts: Sequence[str], most: int, language: str | None = "english") -> list[str]:
    """At most ``most`` of ``texts``, the most frequent first and then always what differs most: more alike ones would
    teach a bot nothing, and make the entry attract every question."""
    often = [text for text, _ in Counter(texts).most_common(200)]
    return [often[i] for i in grouping.spread(often, most, language)]


def _group(gaps: Sequence[OpenGap]) -> Group:
    once: dict[str, OpenGap] = {}
    for gap in gaps:
        once.setdefault(" ".join(gap.text.split()).casefold(), gap)
    return Group(tuple(gaps), tuple(once.values())[:EXAMPLES])
