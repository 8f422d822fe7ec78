"""Times of day: "9 am", "09:00", "9 Uhr", "9h30", "noon", "24/7", as minutes after midnight."""

from collections.abc import Sequence
from fractions import Fraction

from engine.claims import Claim, Key
from engine.cursor import RANGE, Cursor
from engine.numerals import Token

DAY, NOON = 1_440, 720  # minutes
ALWAYS = Claim("time", (("time", "always"),))
_MORNING = frozenset(("am", "vormittags", "morgens"))
_EVENING = frozenset(("pm", "abends"))
_OCLOCK = frozenset(("o'clock", "uhr", "heures", "heure", "h", "uur", "时", "点", "時"))
_FRENCH = frozenset(("h", "heure", "heures"))  # a time after "à", "de", "jusqu'à", else a span
_BEFORE_HOURS = frozenset(("a", "de", "des", "jusqu'a", "jusqu", "entre", "et", "vers", "avant", "apres"))


def counts_to_24(tokens: Sequence[Token]) -> bool:
    """Whether the clock of a text has 24 hours: it shows one past 12, a leading zero, or says am or pm itself."""
    hours = [token.text.partition(":")[0] for token in tokens if is_clock(token)]
    said = any(token.word in ("am", "pm", "uhr") for token in tokens)
    return said or any(int(hour) > 12 or hour[0] == "0" for hour in hours)


def is_clock(token: Token) -> bool:
    """Whether ``token`` is a time in figures."""
    return ":" in token.text and len(token.text) > 2


def at_minute(minute: int, *others: int) -> Claim:
    """A time of day; ``others``: those it may mean as well. An hour also supports its bare number."""
    keys: tuple[Key, ...] = tuple(("time", str(each % DAY)) for each in (minute, *others))
    hours = {minute // 60 % 24, minute // 60 % 12 or 12} if minute % 60 == 0 else set[int]()
    return Claim("time", keys, tuple(("number", str(hour)) for hour in sorted(hours)))


def figures(here: Cursor, token: Token) -> tuple[list[Claim], int]:
    """The time in figures at ``here``, and the tokens that say it."""
    hour, minute = (int(part) for part in token.text.split(":")[:2])
    if hour > 24 or minute > 59:
        return [Claim("number", (("number", token.text),))], 1
    at = hour * 60 + minute
    half = _half_of_day(here, 1)
    if half and hour <= 12:
        evening, taken = half
        return [at_minute(at % NOON + NOON * evening)], 1 + taken
    named = here.at(1).word in ("uhr", "uur", "h")
    if named or here.wide or hour > 12 or hour == 0 or token.text[0] == "0" or not _may_be_evening(here, hour):
        return [at_minute(at)], 1 + named
    return [at_minute(at, at + NOON)], 1


def after_numbers(here: Cursor, values: Sequence[Fraction], offset: int) -> tuple[list[Claim], int] | None:
    """The times that ``values`` are by the word at ``offset`` ("9 am", "9-17 Uhr"), and where it ends; or None."""
    half = _half_of_day(here, offset)
    if half:
        if any(not 0 < value <= 12 or value.denominator != 1 for value in values):
            return None
        *earlier, last = [int(value) % 12 * 60 for value in values]
        evening, taken = half
        first = [at_minute(each + NOON * (evening and each < last)) for each in earlier]  # "9-5 pm", "1 to 3 pm"
        return [*first, at_minute(last + NOON * evening)], offset + taken
    word = here.at(offset).word
    if word not in _OCLOCK or (word != "o'clock" and here.told not in ("de", "fr", "nl", None)):
        return None
    return _on_the_hour(here, values, offset, word)


def _on_the_hour(here: Cursor, values: Sequence[Fraction], offset: int, word: str) -> tuple[list[Claim], int] | None:
    minutes = [each for each in map(_minutes, values) if each is not None]
    if len(minutes) < len(values):
        return None
    *earlier, last = minutes
    more = here.at(offset + 1).value
    spelled = word == "h" and more is not None and more.denominator == 1 and more < 60  # "10h30"
    if word in _FRENCH and not spelled and here.at(-1).word not in _BEFORE_HOURS:
        return None
    last += int(more or 0) if spelled else 0
    either = (last + NOON,) if word == "o'clock" and last < NOON + 60 else ()
    return [*map(at_minute, earlier), at_minute(last, *either)], offset + 1 + spelled


def _half_of_day(here: Cursor, offset: int) -> tuple[bool, int] | None:
    """Whether the evening half is said at ``offset``, and in how many tokens ("pm", "p.m."); None when neither is."""
    word = here.at(offset).word
    if word in _MORNING or word in _EVENING:
        return word in _EVENING, 1
    if word in ("a", "p") and here.says(offset + 1, ".", "m"):
        return word == "p", 3
    return None


def _may_be_evening(here: Cursor, hour: int) -> bool:
    """ "5:00" may be 17:00 where nothing tells, "9:00" hardly, but for the end of "9:00-5:00" ("11:00-9:00")."""
    if is_clock(here.at(2)) and here.at(1).text in RANGE and here.at(3).word in _EVENING:
        return False
    before = here.at(-2)
    falls = here.at(-1).text in RANGE and is_clock(before) and int(before.text.partition(":")[0]) > hour
    return hour < 6 or falls


def _minutes(value: Fraction) -> int | None:
    """An hour as minutes of the day; "9.30 Uhr" was read as 9.3."""
    hour = int(value)
    rest = (value - hour) * 100
    if not 0 <= hour <= 24 or rest.denominator != 1 or rest >= 60:
        return None
    return (hour * 60 + int(rest)) % DAY
