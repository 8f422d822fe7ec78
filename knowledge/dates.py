"""A date as people write it, as ISO 8601. Pure.

Without a year it is the next such day; what is written in digits alone is read in the order of the reader's locale.
"""

import calendar
import re
from datetime import date, timedelta

from knowledge.text import normalise

LATEST = 9_990  # years: later ones cannot be counted on from

_ISO = re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_HAN = re.compile(r"(?:(\d{4})\s?年\s?)?(\d{1,2})\s?月\s?(\d{1,2})\s?[日号號]")
_MARKED = re.compile(r"(?<![\d.,/-])(\d{1,2})([./-])(\d{1,2})(?:\2(\d{4}|\d{2})|\.)?(?![\d/-]|[.,]\d)")
_MONTHS = {
    name: month
    for month, names in enumerate(
        ("january jan januar janner janvier enero gennaio januari janeiro",
         "february feb februar fevrier febrero febbraio februari fevereiro", "march mar marz mars marzo maart marco",
         "april apr avril abril aprile", "may mai mayo maggio mei maio", "june jun juni juin junio giugno junho",
         "july jul juli juillet julio luglio julho", "august aug aout agosto augustus",
         "september sep sept septembre septiembre settembre setembro",
         "october oct oktober okt octobre octubre ottobre outubro", "november nov novembre noviembre novembro",
         "december dec dezember dez decembre diciembre dicembre dezembro"), 1)
    for name in names.split()
}  # fmt: skip
_DAYS = {
    name: day
    for day, names in enumerate(
        ("monday montag lundi lunes lunedi maandag", "tuesday dienstag mardi martes martedi dinsdag",
         "wednesday mittwoch mercredi miercoles mercoledi woensdag",
         "thursday donnerstag jeudi jueves giovedi donderdag",
         "friday freitag vendredi viernes venerdi vrijdag", "saturday samstag sonnabend samedi sabado sabato zaterdag",
         "sunday sonntag dimanche domingo domenica zondag"))
    for name in names.split()
}  # fmt: skip
_SHORT_DAYS = {name: day for day, name in enumerate("mon tue wed thu fri sat sun".split())}
_NEAR = {  # longest first: "the day after tomorrow" is not tomorrow
    "day after tomorrow": 2, "apres demain": 2, "pasado manana": 2, "ubermorgen": 2, "dopodomani": 2, "overmorgen": 2,
    "day before yesterday": -2, "vorgestern": -2, "tomorrow": 1, "morgen": 1, "demain": 1, "manana": 1, "domani": 1,
    "amanha": 1, "today": 0, "heute": 0, "aujourdhui": 0, "aujourd hui": 0, "hoy": 0, "oggi": 0, "vandaag": 0,
    "hoje": 0, "yesterday": -1, "gestern": -1, "ayer": -1, "ieri": -1, "gisteren": -1,
}  # fmt: skip
_NEARLY = re.compile(
    r"\b(?<!guten )(?<!goede )(?<!la )(?:" + "|".join(_NEAR) + r")\b"  # "guten Morgen", "por la mañana" are greetings
)
_YEAR = r"(?: (?:de |of )?(\d{4}))?"
_NAMED = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th|er|e|ro)? (?:of |de )?([a-z]{3,12})" + _YEAR + r"\b")
_NAMED_FIRST = re.compile(r"\b([a-z]{3,12}) (?:the )?(\d{1,2})(?:st|nd|rd|th)?" + _YEAR + r"\b")
_COUNTS = {
    name: count
    for count, names in enumerate(("", "a an one einem einer un une una uno een", "two zwei deux dos due twee",
                                   "three drei trois tres tre drie", "four vier quatre cuatro quattro vier",
                                   "five funf cinq cinco cinque vijf", "six sechs seis sei zes"))
    for name in names.split()
}  # fmt: skip
_AHEAD = re.compile(
    rf"\b(?:in|dans|en|fra|over) (\d{{1,3}}|{'|'.join(sorted(_COUNTS))}) (?:"
    r"(days?|tage?n?|jours?|dias?|giorni|giorno|dagen|dag)|(weeks?|wochen?|semaines?|semanas?|settiman[ae]|weken))\b"
)
_SHORT = re.compile(r"(?:(?:next|on|this|by|until|before) |^)(mon|tue|wed|thu|fri|sat|sun)(?:$| (?:please|then)\b)")


def found(text: str, locale: str, today: date, *, alone: bool) -> str | None:
    """The date that ``text`` names; None where there is none, or one that no calendar has. ``alone``: a control's
    value, which is in digits and nothing else."""
    written = _in_digits(text, locale, today, whole=alone)
    if written is not None:
        return written[0]
    return None if alone else _in_words(normalise(text), locale, today)


def _in_digits(text: str, locale: str, today: date, *, whole: bool) -> tuple[str | None] | None:
    """The date that stands in ``text`` in digits, in a tuple: (None) for an impossible one; None where none stands."""
    if match := _match(_ISO, text, whole=whole):
        return (_made(int(match[1]), int(match[3]), int(match[4])),)
    if match := _match(_HAN, text, whole=whole):
        year = int(match[1]) if match[1] else None
        return (_coming(int(match[3]), int(match[2]), year, today),)
    if match := _match(_MARKED, text, whole=whole):
        day, month = _ordered(int(match[1]), int(match[3]), match[2], locale)
        return (_coming(day, month, _year(match[4]), today),)
    return None


def _match(pattern: re.Pattern[str], text: str, *, whole: bool) -> re.Match[str] | None:
    return pattern.fullmatch(text) if whole else pattern.search(text)


def _in_words(plain: str, locale: str, today: date) -> str | None:
    for pattern, day_at, month_at in ((_NAMED, 1, 2), (_NAMED_FIRST, 2, 1)):
        for match in pattern.finditer(plain):
            month = _MONTHS.get(match[month_at])
            if month is not None:
                return _coming(int(match[day_at]), month, _year(match[3]), today)
    if ahead := _AHEAD.search(plain):
        count = int(ahead[1]) if ahead[1].isdecimal() else _COUNTS[ahead[1]]
        return (today + timedelta(days=count * (7 if ahead[3] else 1))).isoformat()
    if near := _NEARLY.search(plain):
        return (today + timedelta(days=_NEAR[near[0]])).isoformat()
    words = plain.split()
    if "hier" in words and locale.lower().startswith("fr"):  # elsewhere it is "here"
        return (today - timedelta(days=1)).isoformat()
    named = [_DAYS[word] for word in words if word in _DAYS]
    short = _SHORT.search(plain) if not named else None
    if short:
        named = [_SHORT_DAYS[short[1]]]
    if len(set(named)) != 1:
        return None
    return (today + timedelta(days=(named[0] - today.weekday()) % 7 or 7)).isoformat()


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


def _coming(day: int, month: int, year: int | None, today: date) -> str | None:
    """That day of ``year``, else the next there is: 29 February may be years away."""
    if year is not None:
        return _made(year, month, day)
    for ahead in range(9):
        made = _made(today.year + ahead, month, day)
        if made is not None and made >= today.isoformat():
            return made
    return None


def _made(year: int, month: int, day: int) -> str | None:
    if not (1 <= month <= 12 and 1 <= year <= LATEST and 1 <= day <= calendar.monthrange(year, month)[1]):
        return None
    return date(year, month, day).isoformat()
