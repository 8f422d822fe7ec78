"""A date as people write it, as ISO 8601. Pure."""

import re
from datetime import date, timedelta

from knowledge.text import normalise

_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_MARKED = re.compile(r"\b(\d{1,2})([./-])(\d{1,2})(?:\2(\d{4}|\d{2})|\.|\b)")
_MONTHS = {
    name: month
    for month, names in enumerate(
        ("january jan januar janner janvier enero gennaio "
         "januari", "february feb februar fevrier febrero febbraio februari",
         "march mar marz mars marzo maart", "april apr avril abril aprile", "may mai mayo maggio mei",
         "june jun juni juin junio giugno", "july jul juli juillet julio luglio", "august aug aout agosto augustus",
         "september sep sept septembre septiembre settembre", "october oct oktober okt octobre octubre ottobre",
         "november nov novembre noviembre", "december dec dezember dez decembre diciembre dicembre"), 1)
    for name in names.split()
}  # fmt: skip
_DAYS = {
    name: day
    for day, names in enumerate(
        ("monday mon montag lundi "
         "lunes", "tuesday tue dienstag mardi martes", "wednesday wed mittwoch mercredi miercoles",
         "thursday thu donnerstag jeudi jueves", "friday fri freitag vendredi viernes",
         "saturday sat samstag sonnabend samedi sabado", "sunday sun sonntag dimanche domingo"))
    for name in names.split()
}  # fmt: skip
_NEAR = {
    "today": 0, "heute": 0, "aujourdhui": 0, "hoy": 0, "tomorrow": 1, "morgen": 1, "demain": 1, "manana": 1,
    "yesterday": -1, "gestern": -1, "hier": -1, "ayer": -1, "ubermorgen": 2,
}  # fmt: skip
_NAMED = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)? (?:of |de )?([a-z]{3,12})(?: (?:de )?(\d{4}))?\b")
_NAMED_FIRST = re.compile(r"\b([a-z]{3,12}) (\d{1,2})(?:st|nd|rd|th)?(?: (\d{4}))?\b")
_IN_DAYS = re.compile(
    r"\b(?:in|dans|en) (\d{1,3}) (day|days|tag|tagen|jours?|dias?|week|weeks|wochen|semaines?|semanas?)\b"
)
_NEXT = re.compile(r"\b(?:(next|nachsten?|kommenden?|prochaine?|proximo) )?([a-z]{3,10})(?: (prochain|proximo))?\b")


def found(text: str, locale: str, today: date, *, alone: bool) -> tuple[str, tuple[int, int]] | None:
    """The date that ``text`` names, and where (the whole text for one in words). Without a year: the next such day.
    ``alone``: a control's value, which is always ISO 8601 or marked by points, slashes or hyphens."""
    for match in _ISO.finditer(text):
        return _made(int(match[1]), int(match[2]), int(match[3]), match.span())
    for match in _MARKED.finditer(text):
        day, month = _ordered(int(match[1]), int(match[3]), match[2], locale)
        year = _year(match[4])
        return _coming(day, month, year, today, match.span())
    return None if alone else _in_words(normalise(text), today, (0, len(text)))


def _in_words(plain: str, today: date, span: tuple[int, int]) -> tuple[str, tuple[int, int]] | None:
    for pattern, day_at, month_at in ((_NAMED, 1, 2), (_NAMED_FIRST, 2, 1)):
        for match in pattern.finditer(plain):
            month = _MONTHS.get(match[month_at])
            if month is not None:
                return _coming(int(match[day_at]), month, _year(match[3]), today, span)
    if ahead := _IN_DAYS.search(plain):
        days = int(ahead[1]) * (7 if ahead[2][0] in "ws" else 1)
        return (today + timedelta(days=days)).isoformat(), span
    words = plain.split()
    for word in words:
        if word in _NEAR:
            return (today + timedelta(days=_NEAR[word])).isoformat(), span
    for match in _NEXT.finditer(plain):
        if match[2] in _DAYS:
            days = (_DAYS[match[2]] - today.weekday()) % 7 or 7
            return (today + timedelta(days=days)).isoformat(), span
    return None


def _ordered(first: int, second: int, mark: str, locale: str) -> tuple[int, int]:
    """Day and month. Only the United States writes the month first, and only with slashes or hyphens."""
    american = locale.replace("_", "-").lower() in {"en", "en-us"} and mark != "."
    if american and first <= 12:
        return second, first
    return (first, second) if second <= 12 else (second, first)


def _year(written: str | None) -> int | None:
    if written is None:
        return None
    return int(written) if len(written) == 4 else 2000 + int(written) - (100 if int(written) > 50 else 0)


def _coming(
    day: int, month: int, year: int | None, today: date, span: tuple[int, int]
) -> tuple[str, tuple[int, int]] | None:
    if year is not None:
        return _made(year, month, day, span)
    this = _made(today.year, month, day, span)
    return this if this is None or this[0] >= today.isoformat() else _made(today.year + 1, month, day, span)


def _made(year: int, month: int, day: int, span: tuple[int, int]) -> tuple[str, tuple[int, int]] | None:
    try:
        return date(year, month, day).isoformat(), span
    except ValueError:
        return None
