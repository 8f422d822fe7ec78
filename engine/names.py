"""Names in a text: of products, people, firms, places, known by their capitals."""

from collections.abc import Iterator, Sequence

from engine import dates, lexicon, units
from engine.claims import Claim, Key
from engine.lexicon import fold
from engine.numerals import Token


def names(tokens: Sequence[Token], told: str | None) -> Iterator[Claim]:
    """Capitalised words inside a sentence, words of capitals, and those with a capital inside. In German, where every
    noun has a capital, only two of them in a row; at the start of a sentence only before another one."""
    capitals = [_capital(token) for token in tokens]
    shouted = sum(token.text.isupper() and len(token.text) > 3 for token in tokens) > 4
    for place, token in enumerate(tokens):
        if not capitals[place]:
            continue
        text = token.text.partition("'")[0]
        inner = any(letter.isupper() for letter in text[1:])
        before = place > 0 and capitals[place - 1] and not tokens[place - 1].start
        after = place + 1 < len(tokens) and capitals[place + 1] and not tokens[place + 1].start
        if inner and not shouted:
            is_name = len(text) > 1
        elif told == "de":
            is_name = (before or after) and not token.start
        else:
            is_name = after if token.start else True
        if is_name:
            yield Claim("name", named(text))


def named(word: str) -> tuple[Key, ...]:
    """The keys of a word as a name: itself, and without the end of a plural or a genitive."""
    word = fold(word).partition("'")[0]
    return (("name", word), ("name", word.removesuffix("s"))) if len(word) > 3 else (("name", word),)


def _capital(token: Token) -> bool:
    text, word = token.text, fold(token.text.partition("'")[0])
    if not text[:1].isalpha() or not any(letter.isupper() for letter in text) or token.value is not None:
        return False
    return not (dates.is_day(token) or any(word in each for each in _COMMON))


_NO_NAME = frozenset(
    """
    i ok okay faq faqs id pdf url tv pc ps sms pin app wifi am pm eu uk usa us internet google english german french
    spanish italian dutch deutsch englisch francais espanol anglais allemand ingles aleman italiano nederlands hi
    hello hallo dear hey sir madam delivery returns return shipping contact price prices phone email address opening
    hours payment note step steps yes no answer question customer support service team help centre center online
    shop store website account
    """.split()
)
_COMMON = (
    _NO_NAME,
    lexicon.SMALL,
    lexicon.NEGATORS,
    units.SPANS,
    units.MONTH_SPANS,
    units.WORKDAYS,
    units.AMOUNTS,
    units.CURRENCIES,
)
