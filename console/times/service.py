"""Response and resolution times, from each person's part in a conversation; every query is scoped (R10)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import now
from engine.models import Member, Stint, User

MOST: Final = 10_000  # parts that are looked at, the newest
GONE: Final = "Somebody who left"
ENDINGS: Final = {  # as engine/stints.py writes them
    "closed": "closed",
    "released": "back to the bot",
    "passed_on": "passed on",
    "gone": "agent gone",
    "unanswered": "not answered in time",
    "": "still open",
}


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds: the median and what nine of ten keep within. ``count``: how many there are, 0 with both None."""

    count: int
    median: float | None
    ninety: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """One agent, or all. ``answer``: from the visitor's wish for a person (or, without one, from taking the chat) to
    the first word. ``close``: from taking it to closing it. ``endings``: how often each of ENDINGS."""

    name: str
    chats: int
    answer: Times
    close: Times
    endings: dict[str, int]


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    asked_at: datetime | None
    claimed_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    ending: str
    tag: str


@dataclass(frozen=True, slots=True)
class Figures:
    """``abouts``: what chats were closed with, the most frequent first. ``cut``: there were more than ``MOST``."""

    all: Line
    agents: list[Line]
    abouts: list[tuple[str, int]]
    cut: bool


async def figures(session: AsyncSession, workspace_id: str, days: int) -> Figures:
    """Of the chats that were taken in the last ``days``."""
    query: Any = (
        select(User.name, Stint.asked_at, Stint.claimed_at, Stint.answered_at, Stint.ended_at, Stint.ending, Stint.tag)
        .outerjoin(Member, Member.id == Stint.member_id)
        .outerjoin(User, User.id == Member.user_id)
        .where(Stint.workspace_id == workspace_id, Stint.claimed_at > now() - timedelta(days=days))
        .order_by(Stint.claimed_at.desc())
        .limit(MOST + 1)
    )
    rows = (await session.execute(query)).all()
    parts = [Part(row[0] or GONE, *row[1:]) for row in rows[:MOST]]
    by_name: dict[str, list[Part]] = {}
    for part in parts:
        by_name.setdefault(part.name, []).append(part)
    agents = [_line(name, theirs) for name, theirs in sorted(by_name.items())]
    abouts = Counter(part.tag for part in parts if part.tag)
    return Figures(_line("Everybody", parts), agents, abouts.most_common(20), len(rows) > MOST)


def _line(name: str, parts: Sequence[Part]) -> Line:
    answers = (part.answered_at - (part.asked_at or part.claimed_at) for part in parts if part.answered_at)
    closed = (part.ended_at - part.claimed_at for part in parts if part.ended_at and part.ending == "closed")
    endings = Counter(part.ending for part in parts)
    return Line(name, len(parts), times(answers), times(closed), {key: endings[key] for key in ENDINGS if endings[key]})


def times(spans: Iterable[timedelta]) -> Times:
    """The figures of some spans, by the nearest rank: each is a time that really was."""
    seconds = sorted(max(0.0, span.total_seconds()) for span in spans)
    if not seconds:
        return Times(0, None, None)
    ranks = [max(0, -(-len(seconds) * share // 100) - 1) for share in (50, 90)]
    return Times(len(seconds), seconds[ranks[0]], seconds[ranks[1]])


def span(seconds: float | None) -> str:
    """ "48 s", "3 min 05 s", "2 h 10 min", "3 days"; a dash for nothing."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, left = divmod(minutes, 60)
    if whole < 60:
        return f"{whole} s"
    if hours < 1:
        return f"{minutes} min {rest:02} s"
    return f"{hours} h {left:02} min" if hours < 48 else f"{hours // 24} days"
