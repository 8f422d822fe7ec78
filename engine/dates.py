"""Days: dates in several orders, months, days of the week."""

import re
from collections.abc import Sequence
from fractions import Fraction

from engine import claims
from engine.claims import Claim, Key
from engine.cursor import Cursor
from engine.numerals import Token

Order = tuple[int, int, int]  # year (0 where none is said), month, day


def figures(token: Token) -> Claim:
    """A date in figures: "2025-05-03" and "03.05.2025" have one sense, "03/05/2025" two."""
    parts = [int(part) for part in re.split(r"[./-]", token.text)]
    if len(parts) != 3:  # a number with more digits than any value has
        return Claim("number", (("number", token.text),))
    if len(token.text.partition("-")[0]) == 4:
        orders = [(parts[0], parts[1], parts[2])]
    else:
        year = parts[2] + 2000 * (parts[2] < 100)
        orders = [(year, parts[1], parts[0])]
        if "." not in token.text:
            orders.append((year, parts[0], parts[1]))
    likely = [order for order in orders if 0 < order[1] <= 12 and 0 < order[2] <= 31]
    return _date(likely) if likely else Claim("date", (("date", token.text),))


def day_first(here: Cursor, value: Fraction) -> tuple[list[Claim], int] | None:
    """ "3 May", "3rd of May 2025", "3. Mai", "3 de mayo de 2025" or "3rd"; None when this number is no day."""
    if not _is_day(value):
        return None
    step = 1
    for skipped in (("st", "nd", "rd", "th", ".", "er", "º"), ("of", "de", "di", "van")):
        step += here.at(step).word in skipped
    month = month_of(here.at(step))
    if not month:
        ordinal = here.at(1).word in ("st", "nd", "rd", "th", "er", "eme") and here.told != "es"
        return ([claims.number(value)], 2) if ordinal else None
    taken = step + 1
    taken += here.at(taken).word in (".", ",", "de", "del") and _year(here.at(taken + 1)) > 0
    year = _year(here.at(taken))
    return [_date([(year, month, int(value))])], taken + (year > 0)


def month_first(here: Cursor, token: Token) -> tuple[list[Claim], int] | None:
    """ "May 3rd, 2025", "in May", "March 2025"; None for the verbs "may" and "march" and the like."""
    month = month_of(token)
    dot = int(here.at(1).text == "." and token.word in SHORT_MONTHS)
    day = here.at(1 + dot).value
    if day is not None and _is_day(day) and token.text[0].isupper():
        step = 2 + dot
        step += here.at(step).word in ("st", "nd", "rd", "th")
        comma = int(here.at(step).text == ",")
        year = _year(here.at(step + comma))
        return [_date([(year, month, int(day))])], step + comma + 1 if year else step
    capital = token.text[0].isupper() and here.at(-1).word in _MONTH_LEAD
    if token.word not in MONTHS or (token.word in _AMBIGUOUS and not capital):
        return None
    found = [Claim("month", (("month", str(month)),))]
    year = _year(here.at(1))
    return ([*found, claims.number(Fraction(year))], 2) if year else (found, 1)


def month_of(token: Token) -> int:
    """The month that ``token`` names, 1 to 12; 0 for none."""
    return MONTHS.get(token.word, 0) or SHORT_MONTHS.get(token.word, 0)


def weekday(here: Cursor, token: Token) -> Claim | None:
    """The day of the week, or the weekend, that ``token`` names."""
    if token.word in _WEEKENDS:
        return Claim("weekday", (("weekday", "end"),), (("weekday", "5"), ("weekday", "6")))
    day = WEEKDAYS.get(token.word, WEEKDAYS.get(token.word.removesuffix("s")))
    if day is None and token.text in SHORT_WEEKDAYS and _beside_days(here):
        day = SHORT_WEEKDAYS[token.text]
    if day is None:
        return None
    return Claim("weekday", (("weekday", str(day)),), (("weekday", "end"),) if day > 4 else ())


def is_day(token: Token) -> bool:
    """Whether ``token`` is a month or a day of the week, long or short."""
    return bool(token.word in MONTHS or token.word.removesuffix("s") in WEEKDAYS or token.word in WEEKDAYS) or (
        token.text in SHORT_WEEKDAYS
    )


def _beside_days(here: Cursor) -> bool:
    """ "Mon", "Sa" and "Do" are days beside a dash, a digit or another day; else they are words."""
    after, before = here.at(1), here.at(-1)
    if here.told == "en" and len(here.at(0).text) == 2 and after.text == ":":  # "So: …" is a word there
        return False
    if after.text in _DAY_MARKS or after.word in ("bis", "through", "to", "until", "till") or after.text[:1].isdigit():
        return True
    if before.text in _DAY_MARKS:
        return True
    return before.word in _DAY_LEAD and not before.start


def _is_day(value: Fraction) -> bool:
    return value.denominator == 1 and 0 < value <= 31


def _year(token: Token) -> int:
    value = token.value
    return int(value) if value is not None and value.denominator == 1 and 1900 <= value < 2100 else 0


def _date(orders: Sequence[Order]) -> Claim:
    also: list[Key] = [_key((0, month, day)) for _, month, day in orders]
    also += [("month", str(month)) for _, month, _ in orders]
    also += [("number", str(year)) for year, _, _ in orders if year]
    return Claim("date", tuple(_key(order) for order in orders), tuple(also))


def _key(order: Order) -> Key:
    year, month, day = order
    return ("date", str(month), str(day), str(year)) if year else ("date", str(month), str(day))


# Data -----------------------------------------------------------------------------------------------------------------

MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "january januar janvier enero gennaio januari janner",
            "february februar fevrier febrero febbraio februari",
            "march marz mars marzo maart",
            "april avril abril aprile",
            "may mai mayo maggio mei",
            "june juni juin junio giugno",
            "july juli juillet julio luglio",
            "august aout agosto augustus",
            "september septembre septiembre settembre",
            "october oktober octobre octubre ottobre",
            "november novembre noviembre",
            "december dezember decembre diciembre dicembre",
        ),
        1,
    )
    for word in words.split()
}
SHORT_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "jan", "feb", "mar mrz", "apr", "may", "jun", "jul", "aug", "sep sept", "oct okt", "nov", "dec dez"
        ),
        1,
    )
    for word in words.split()
}  # fmt: skip
WEEKDAYS = {
    word: number
    for number, words in enumerate(
        (
            "monday montag montags lundi lunes lunedi maandag",
            "tuesday dienstag dienstags mardi martes martedi dinsdag",
            "wednesday mittwoch mittwochs mercredi miercoles mercoledi woensdag",
            "thursday donnerstag donnerstags jeudi jueves giovedi donderdag",
            "friday freitag freitags vendredi viernes venerdi vrijdag",
            "saturday samstag samstags sonnabend samedi sabado sabato zaterdag",
            "sunday sonntag sonntags dimanche domingo domenica zondag",
        )
    )
    for word in words.split()
}
SHORT_WEEKDAYS = {
    word: number
    for number, words in enumerate(
        (
            "Mon Mo Lun Lu", "Tue Tues Di Mar", "Wed Mi Mer Mie", "Thu Thur Thurs Do Jeu Jue", "Fri Fr Ven Vie",
            "Sat Sa Sam Sab", "Sun So Dim Dom",
        )
    )
    for word in words.split()
}  # fmt: skip
_WEEKENDS = frozenset(("weekend", "weekends", "wochenende", "wochenenden", "finde", "fines"))
_AMBIGUOUS = frozenset(("may", "march", "mars", "mei", "mai", "august"))
_DAY_MARKS = frozenset(("-", "–", "/", ":", "+", "&"))
_DAY_LEAD = frozenset(("bis", "through", "to", "till", "until", "and", "und", "on"))
_MONTH_LEAD = frozenset(
    """
    in of until by since from early late mid next last during before after through till and or im bis ab seit
    des en au de del desde hasta jusqu di a van in sinds tot
    """.split()
)
