"""A text read for what it claims: pointers first, then its numbers, times, days and names in one pass. Pure, linear."""

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from engine import claims, clock, dates, lexicon, numerals, pointers, units
from engine.claims import Claim
from engine.cursor import RANGE, Cursor
from engine.names import names
from engine.numerals import Token

Found = tuple[list[Claim], int]


class Read(NamedTuple):
    """A text as it was read: its claims, and its words (folded, without those that belong to links)."""

    claims: tuple[Claim, ...]
    words: tuple[str, ...]
    language: str | None


@lru_cache(1_024)  # a sentence is read as a whole, by its clauses, and again for what it rests on
def read(text: str, language: str | None = None) -> Read:
    """The claims of ``text``. ``language``: what it is taken for where its own words do not tell."""
    found: list[Claim] = []
    text = pointers.take(_ALWAYS.sub("24/7", lexicon.plain(text)), found)
    tokens = numerals.tokens(text)
    words = [token.word for token in tokens if token.text[:1].isalpha()]
    told = lexicon.language(words) or language
    tokens = numerals.valued(tokens, told)
    here = Cursor(tokens, told, clock.counts_to_24(tokens))
    while here.place < len(tokens):
        more, taken = _step(here, tokens[here.place])
        found += more
        here.place += taken
    return Read((*found, *names(tokens, told)), tuple(words), told)


_ALWAYS = re.compile(
    r"\b24 ?(?:hours?|hrs?|h|stunden|heures|horas|ore|uur)\b(?: a day| per day| am tag| par jour| al dia)?,? ?(?:and "
    r"|und )?"
    r"(?:7|seven|sieben|sept|siete|sette|zeven) (?:days?|tage|jours|dias|giorni|dagen)\b(?: a week| per week)?",
    re.I,
)


def _step(here: Cursor, token: Token) -> Found:
    """What begins at ``here``, and how many tokens say it."""
    if token.value is not None:
        return _number(here, token.value)
    if clock.is_clock(token):
        return clock.figures(here, token)
    if token.text[:1].isdigit():
        return [dates.figures(token)], 1
    if token.word in units.CURRENCIES and (found := units.money_first(here, units.CURRENCIES[token.word])):
        return found
    return _word(here, token) if token.text[:1].isalpha() else ([], 1)


def _number(here: Cursor, value: Fraction) -> Found:
    if here.at(1).value == value:  # a model that stutters: the second one tells the unit
        return [], 1
    if here.says(0, "24", "/", "7"):
        return [clock.ALWAYS], 3
    if (found := dates.day_first(here, value)) is not None:
        return found
    values, taken = _range(here, value)
    if len(values) > 1 and (found := units.counted(here, values, taken)) is not None:
        return found
    return units.counted(here, [value], 1) or ([claims.number(value)], 1)


def _range(here: Cursor, value: Fraction) -> tuple[Sequence[Fraction], int]:
    """ "2 to 3", "24-48", "12, 18 and 24": numbers that have one unit, and where they end."""
    values, taken = [value], 1
    while len(values) < 4 and (other := here.at(taken + 1).value) is not None:
        link = here.at(taken)
        if link.text == "," and here.at(taken + 2).word not in RANGE:
            break
        if link.text != "," and link.word not in RANGE and link.text not in RANGE:
            break
        values.append(other)
        taken += 2
    return values, taken


def _word(here: Cursor, token: Token) -> Found:
    word = token.word
    if (day := dates.weekday(here, token)) is not None:
        return [day], 1
    found: Found | None = None
    if dates.month_of(token):
        found = dates.month_first(here, token)
    elif word in units.HALF or word in units.QUARTER:
        found = units.part(here, word)
    elif word in numerals.ARTICLES:
        found = units.one(here, word)
    elif word in lexicon.FREE and _costs_nothing(here):
        found = [FREE], 1
    return found or (_fixed(here, word), 1)


def _fixed(here: Cursor, word: str) -> list[Claim]:
    before = here.at(-1).word
    if word in numerals.ORDINALS:
        return [Claim("number", (("number", str(numerals.ORDINALS[word])),))]
    if word in ("noon", "mittag", "mittags", "midi", "mediodia"):
        return [clock.at_minute(clock.NOON)]
    if word in ("midnight", "mitternacht", "minuit", "medianoche"):
        return [clock.at_minute(0)]
    if word == "nothing" and before in ("cost", "costs", "pay", "pays"):
        return [FREE]
    if (word == "clock" and here.at(-2).word in ("round", "around")) or (word == "uhr" and here.at(-2).word == "um"):
        return [clock.ALWAYS]
    if word in numerals.DOZENS and before in numerals.ARTICLES:
        return [claims.number(Fraction(12))]
    return []


FREE = Claim("free", (("free",),))


def _costs_nothing(here: Cursor) -> bool:
    """Not "feel free", "gluten-free", "free to go", "free trial"."""
    before, after = here.at(-1), here.at(1).word
    return (
        before.text != "-"
        and before.word not in ("feel", "toll", "risk", "the")
        and after not in ("to", "time", "trial", "-", "space", "version", "wifi", "kick", "account", "plan")
    )
