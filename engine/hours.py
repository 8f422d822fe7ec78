"""When somebody is there: weekly hours in a time zone, with exceptions by date. Pure; the caller says what time it is.

As stored: ``{"zone": "Europe/Berlin", "week": ["09:00-12:00, 13:00-17:00", …], "days": {"2026-12-25": ""}}``; the week
begins on Monday, an empty text is closed, ``24:00`` is the end of a day.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

MOST_SPANS = 6  # of one day
MOST_DAYS = 100  # exceptions
AHEAD = 400  # days within which the next opening is looked for
_SPAN = re.compile(r"(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)")
Span = tuple[int, int]  # minutes after midnight by the clock on the wall, the end not included


class Unclear(ValueError):
    """Hours that cannot be read; the message says what and why."""


@dataclass(frozen=True, slots=True)
class Hours:
    """``week``: Monday first. ``days``: what holds on a date instead."""

    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...]
    days: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    def open_at(self, at: datetime) -> bool:
        """Whether the hours hold at ``at`` (aware)."""
        day = at.astimezone(self.zone).date()
        return any(start <= at < end for start, end in self._around(day))

    def opens_after(self, at: datetime) -> datetime | None:
        """The next opening after ``at`` in UTC; None where there is none within a year."""
        day = at.astimezone(self.zone).date()
        for offset in range(AHEAD):
            starts = [start for start, end in self._on(day + timedelta(days=offset)) if start > at and end > start]
            if starts:
                return min(starts)
        return None

    def _around(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        for offset in (-1, 0, 1):
            yield from self._on(day + timedelta(days=offset))

    def _on(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        for start, end in self.days.get(day, self.week[day.weekday()]):
            yield _instant(day, start, self.zone), _instant(day, end, self.zone)


def read(stored: Mapping[str, Any]) -> Hours:
    """The hours in ``stored``; raises :class:`Unclear`."""
    zone, week, days = stored.get("zone"), stored.get("week"), stored.get("days", {})
    if not isinstance(week, list) or len(week) != 7 or not isinstance(days, dict):
        raise Unclear("A week has seven days.")
    if len(days) > MOST_DAYS:
        raise Unclear(f"At most {MOST_DAYS} dates can differ from the week.")
    return Hours(_zone(zone), tuple(map(spans, week)), {_date(day): spans(text) for day, text in days.items()})


def spans(text: str) -> tuple[Span, ...]:
    """``09:00-12:00, 13:00-17:00`` in order, without overlap; nothing is closed. Raises :class:`Unclear`."""
    found = sorted(_span(piece.strip()) for piece in str(text).split(",") if piece.strip())
    if len(found) > MOST_SPANS:
        raise Unclear(f"A day has at most {MOST_SPANS} spans.")
    if any(later[0] < earlier[1] for earlier, later in pairwise(found)):
        raise Unclear(f"“{text}” overlaps itself.")
    return tuple(found)


def _span(text: str) -> Span:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise Unclear(f"“{text[:40]}” is no span of time. Write it like 09:00-17:00.")
    hour, minute, till, past = map(int, match.groups())
    start, end = hour * 60 + minute, till * 60 + past
    if minute > 59 or past > 59 or not 0 <= start < end <= 24 * 60:
        raise Unclear(f"“{text}” does not end after it begins, within one day.")
    return start, end


def _zone(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (KeyError, ValueError, OSError):
        raise Unclear("Choose a time zone of the list, like Europe/Berlin.") from None


def _date(text: Any) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise Unclear(f"“{str(text)[:40]}” is no date. Write it like 2026-12-25.") from None


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """When the clock on the wall shows that time, the first time where it does so twice. A time that the clock skips
    in spring is the moment of the jump."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    early, late = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), first
    before = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        early, late = (middle, late) if middle.astimezone(zone).utcoffset() == before else (early, middle)
    return late.replace(microsecond=0)
