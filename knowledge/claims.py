"""What an answer commits to, as far as it can be read off it: quantities, e-mail addresses and phone numbers, yes or
no. And where two answers to one question part. Pure; made for precision: what is not clear is no difference."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from knowledge import text

Kind = Literal["numbers", "yes_no", "contact", "substance"]
LITTLE = 0.12  # share of words in common below which two answers say different things
MUCH = 0.7  # share from which they say the same
SOME = 0.4  # share, figures aside, from which they do where a figure is the same too

_NUMBER = r"\d+(?:[.,]\d+)*"
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_QUANTITY = re.compile(  # a price with its sign before it has no unit behind it
    rf"(?P<sign>US\$|[$€£¥₹]|\b(?:usd|eur|gbp|inr|chf)\s)?\s?(?P<low>{_NUMBER})"
    rf"(?:\s?(?:-|–|—|to|bis|a)\s?[$€£¥₹]?(?P<high>{_NUMBER}))?"
    r"(?(sign)|(?:\s?(?P<code>[$€£¥₹]|usd|eur|euros?|dollars?|gbp|inr|chf)(?!\w)"
    r"|[\s-]?(?P<unit>%|percent|°\s?[cf]|(?:working|business|calendar)\s(?:days?|hours?)|[^\W\d_]+)?))",
    re.IGNORECASE,
)
_TIME = re.compile(r"\b(\d{1,2})(?:[:.](\d{2}))?\s?([ap])\.?m\b\.?|\b([01]?\d|2[0-3]):([0-5]\d)\b", re.IGNORECASE)
_DATE = re.compile(
    rf"\b(?P<y>\d{{4}})-(?P<m>\d\d)-(?P<d>\d\d)\b|\b(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<m1>{_MONTH})\b"
    rf"|\b(?P<m2>{_MONTH})\s(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w.])(?:\+|\()?\d[\d\s()./-]{6,18}\d(?!\w)")
_FIGURE = re.compile(r"\d\S*(?:\s?[ap]\.?m\b\.?)?", re.IGNORECASE)
_LINKED = re.compile(r"\]\([^)]*\)")
_ADDRESS = re.compile(r"https?://\S+")
_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_UNITS = {
    "min": "minute", "mins": "minute", "sec": "second", "secs": "second", "hr": "hour", "hrs": "hour", "h": "hour",
    "stunde": "hour", "stunden": "hour", "tag": "day", "tage": "day", "tagen": "day", "woche": "week",
    "wochen": "week", "monat": "month", "monate": "month", "monaten": "month", "jahr": "year", "jahre": "year",
    "dia": "day", "dias": "day", "jour": "day", "jours": "day", "percent": "%", "business day": "working day",
    "business hour": "working hour", "calendar day": "day",
}  # fmt: skip
_MONEY = {"$": "$", "us$": "$", "usd": "$", "dollar": "$", "dollars": "$", "€": "€", "eur": "€", "euro": "€",
          "euros": "€", "£": "£", "gbp": "£", "₹": "₹", "inr": "₹", "¥": "¥", "chf": "chf"}  # fmt: skip
_HARMLESS = r"\b(?!\s(?:problem|worries|longer than|more than|later than|less than|need|only))"
_YES = re.compile(r"(?:yes|yep|of course|certainly|absolutely|definitely|sure|ja|sí|si|oui|sim)\b", re.IGNORECASE)
_NO = re.compile(
    r"(?:(?:i am |i'm |we are |we're )?(?:sorry|unfortunately|leider)[,.!:]?\s)?"
    r"(?:no|nope|not|never|nein|non|não|(?:we|you|it|they|this|that)\s(?:\w+\s)?(?:do|does|can|is|are|will)"
    rf"(?:\snot|n['’]t|not)){_HARMLESS}",
    re.IGNORECASE,
)
_NEGATION = re.compile(rf"\b(?:not|no|never|cannot|nicht|kein\w*|pas|nunca){_HARMLESS}|n['’]t\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s|\n")


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two answers part: what kind of thing it is, and the first's and the second's own words for it."""

    kind: Kind
    first: str
    second: str


def difference(first: str, second: str) -> Difference | None:
    """The clearest difference between two answers to one question; None where the one may stand beside the other."""
    first, second = plain(first), plain(second)
    for kind, read in _READINGS:
        if parted := _parted(read(first), read(second)):
            return Difference(kind, *parted)
    if parted := _yes_and_no(first, second):
        return Difference("yes_no", *parted)
    if _in_common(first, second) < LITTLE and not _agree(quantities(first), quantities(second)):
        return Difference("substance", _shown(first), _shown(second))
    return None


def same(first: str, second: str) -> bool:
    """Whether two answers say the same, the shorter one perhaps less of it."""
    first, second = plain(first), plain(second)
    if _said(first) != _said(second):
        return False
    if _in_common(first, second) >= MUCH:
        return True
    told = _in_common(_FIGURE.sub(" ", first), _FIGURE.sub(" ", second))
    return told >= SOME and _agree(quantities(first), quantities(second))


def plain(answer: str) -> str:
    """``answer`` without marks of Markdown, addresses of links and numbers of steps."""
    answer = re.sub(r"^\s*\d{1,2}[.)]\s", "", answer, flags=re.MULTILINE)
    return re.sub(r"[*_`#\[\]]", "", _ADDRESS.sub(" ", _LINKED.sub("]", answer))).replace("\xa0", " ").strip()


Value = tuple[float, float]
Claims = Mapping[str, Mapping[Value, str]]  # by unit: the values (low and high), each in its own words


def quantities(answer: str) -> Claims:
    """Numbers with their units, prices, times of day and dates in an answer. Durations are in seconds; a bare number
    and one that numbers a step are no quantity."""
    found: dict[str, dict[Value, str]] = {}
    answer = _read_out(_DATE, _date, answer, found)
    answer = _read_out(_TIME, _time, answer, found)
    _read_out(_QUANTITY, _quantity, answer, found)
    return found


def contacts(answer: str) -> Claims:
    """E-mail addresses and phone numbers in an answer; one of a kind: who names two offers a choice."""
    mails = sorted({mail.lower().rstrip(".") for mail in _MAIL.findall(answer)})
    phones = {re.sub(r"\D", "", phone)[-9:]: phone.strip() for phone in _PHONE.findall(answer)}
    phones = {digits: phone for digits, phone in phones.items() if len(digits) >= 7 and not _DATE.search(phone)}
    found: dict[str, dict[Value, str]] = {}
    if len(mails) == 1:
        found["mail"] = {(_number_of(mails[0]),) * 2: mails[0]}
    if len(phones) == 1:
        ((digits, phone),) = phones.items()
        found["phone"] = {(float(digits),) * 2: phone}
    return found


_READINGS: tuple[tuple[Kind, Callable[[str], Claims]], ...] = (("numbers", quantities), ("contact", contacts))
_Read = Callable[[re.Match[str]], tuple[str, Value] | None]


def _parted(first: Claims, second: Claims) -> tuple[str, str] | None:
    """A unit of which each names values that the other does not, nor any range of it holds."""
    for unit in sorted(first.keys() & second.keys()):
        here, there = first[unit], second[unit]
        mine = [words for value, words in here.items() if not _within(value, there)]
        theirs = [words for value, words in there.items() if not _within(value, here)]
        if mine and theirs:
            return mine[0], theirs[0]
    return None


def _within(value: Value, others: Mapping[Value, str]) -> bool:
    return any(value[0] <= high and low <= value[1] for low, high in others)


def _agree(first: Claims, second: Claims) -> bool:
    return any(_within(value, second.get(unit, {})) for unit, values in first.items() for value in values)


def _read_out(pattern: re.Pattern[str], read: _Read, answer: str, found: dict[str, dict[Value, str]]) -> str:
    """Files what ``pattern`` finds; the answer without it, so that nothing is read twice."""

    def taken(match: re.Match[str]) -> str:
        if (claim := read(match)) is None:
            return match[0]
        unit, value = claim
        found.setdefault(unit, {}).setdefault(value, " ".join(match[0].split()))
        return " ; "

    return pattern.sub(taken, answer)


def _date(match: re.Match[str]) -> tuple[str, Value]:
    month = match["m"] or str(_MONTHS.index((match["m1"] or match["m2"])[:3].lower()) + 1)
    day = float(int(month) * 100 + int(match["d"] or match["d1"] or match["d2"]))
    return "date", (day, day)


def _time(match: re.Match[str]) -> tuple[str, Value]:
    hour, minute = int(match[1] or match[4]), int(match[2] or match[5] or 0)
    if match[3]:
        hour = hour % 12 + (12 if match[3].lower() == "p" else 0)
    return "time", (float(hour * 60 + minute),) * 2


def _quantity(match: re.Match[str]) -> tuple[str, Value] | None:
    unit = _unit(match)
    if unit is None:
        return None
    low = _number(match["low"])
    high = _number(match["high"]) if match["high"] else low
    factor = _SECONDS.get(unit, 1)
    return "duration" if unit in _SECONDS else unit, (min(low, high) * factor, max(low, high) * factor)


def _unit(match: re.Match[str]) -> str | None:
    money = match["sign"] or match["code"]
    if money:
        return _MONEY.get(money.strip().lower(), money)
    if not match["unit"]:
        return None
    unit = " ".join(match["unit"].lower().split())
    unit = _UNITS.get(unit, unit)
    if unit in text.STOP_WORDS:
        return None
    return _UNITS.get(unit.removesuffix("s"), unit.removesuffix("s"))


def _number(written: str) -> float:
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", written):
        return float(re.sub("[.,]", "", written))
    whole, _, part = written.replace(",", ".").rpartition(".")
    return float(f"{whole.replace('.', '')}.{part}" if whole else part)


def _number_of(words: str) -> float:
    return float(int.from_bytes(words.encode()[:120], "big") % (2**52 - 1))


def _yes_and_no(first: str, second: str) -> tuple[str, str] | None:
    one, other = _said(first), _said(second)
    opened = (_shown(first), _shown(second))
    if one * other < 0:
        return opened
    if one > 0 or other > 0:
        return None
    negated = [_NEGATION.search(_first_sentence(answer)) is not None for answer in (first, second)]
    if negated[0] != negated[1] and _in_common(_first_sentence(first), _first_sentence(second)) >= 0.7:
        return opened
    return None


def _said(answer: str) -> int:
    opening = answer.lstrip(" \"'“")
    return 1 if _YES.match(opening) else -1 if _NO.match(opening) else 0


def _in_common(first: str, second: str) -> float:
    """The share of the shorter one's words that the other has too."""
    here, there = _content(first), _content(second)
    fewer = min(len(here), len(there))
    return len(here & there) / fewer if fewer else 1.0


def _content(answer: str) -> set[str]:
    plain = [word for word in text.words(_NEGATION.sub(" ", answer)) if word not in text.STOP_WORDS]
    return {text.stem(word, "english") for word in plain}


def _first_sentence(answer: str) -> str:
    return _SENTENCE.split(answer.strip(), maxsplit=1)[0]


def _shown(answer: str) -> str:
    sentence = _first_sentence(answer)
    return sentence if len(sentence) <= 90 else sentence[:90].rsplit(" ", 1)[0] + " …"
