"""Numbers as people write them: figures in every manner, and number words in six languages.

A word that is a number in one language and something else in another ("once", "due", "elf") counts only where the text
is in that language.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import NamedTuple

from engine.lexicon import LANGUAGES, fold


class Token(NamedTuple):
    """A word, a number, a date or clock in figures, or a mark. ``word`` is folded; ``start``: it begins a sentence."""

    text: str
    word: str
    value: Fraction | None = None
    start: bool = False


NOTHING = Token("", "")


def tokens(text: str) -> list[Token]:
    """The tokens of ``text``, figures with their values; a list's marks and numbers are left out."""
    text = _EIGHTY.sub("quatrevingt", _LIST.sub(lambda mark: mark[0] if _dated(text[mark.end() :]) else "", text))
    found, start = [], True
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "line":
            start = True
            continue
        token = match[0]
        value = decimal(token) if kind == "number" else None
        found.append(Token(token, fold(token) if kind in ("word", "other") else token, value, start))
        start = token in ".!?:;–" if kind == "mark" else False
    return found


def valued(tokens: Sequence[Token], told: str | None) -> list[Token]:
    """Number words as their values, also of several words ("twenty five", "vingt et un", "two hundred", "2 1/2")."""
    out: list[Token] = []
    place = 0
    while place < len(tokens):
        token, taken = tokens[place], 1
        value = token.value if token.value is not None else _word_value(token.word, told)
        if value is not None:
            value, taken = _more(tokens, place, value, told)
            text = token.text if taken == 1 else "#"
            token = Token(text, token.word, value, token.start)
        out.append(token)
        place += taken
    return out


def number(word: str, told: str | None) -> int | None:
    """What a folded ``word`` counts in the language ``told``, in any where none is known."""
    value = NUMBERS[told].get(word) if told else None
    if value is not None or word in _ELSEWHERE:
        return value
    return _ANYWHERE.get(word)


def decimal(text: str) -> Fraction | None:
    """ "1,299.00", "1.299,00", "1 299" and "1'299" as one value. One separator before exactly three digits parts
    thousands, except after a lone 0."""
    digits = text.replace(" ", "").replace("'", "")
    if len(digits) > 30:
        return None
    marks = [mark for mark in digits if mark in ".,"]
    if len(marks) > 1 and len(set(marks)) == 1:
        digits = digits.replace(marks[0], "")
    elif marks:
        whole, _, rest = digits.rpartition(marks[-1])
        whole = whole.replace(".", "").replace(",", "")
        digits = f"{whole}{rest}" if len(marks) == 1 and len(rest) == 3 and whole.strip("0") else f"{whole}.{rest}"
    try:
        return Fraction(Decimal(digits))
    except InvalidOperation:
        return None


# Data -----------------------------------------------------------------------------------------------------------------

_ONES = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
    "de": "null eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn sechzehn "
    "siebzehn achtzehn neunzehn",
    "fr": "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dixsept "
    "dixhuit dixneuf",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis "
    "diecisiete dieciocho diecinueve",
    "it": "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici "
    "sedici diciassette diciotto diciannove",
    "nl": "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien "
    "zeventien achttien negentien",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig",
    "fr": "vingt trente quarante cinquante soixante septante quatrevingt nonante",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "it": "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "nl": "twintig dertig veertig vijftig zestig zeventig tachtig negentig",
}
HUNDRED = frozenset(("hundred", "hundert", "cent", "cents", "cien", "ciento", "cento", "honderd"))
THOUSAND = frozenset(("thousand", "tausend", "mille", "mil", "mila", "duizend"))
AND = frozenset(("and", "und", "et", "y", "e", "en"))  # inside a number: "vingt et un", "treinta y cinco"


def _numbers(language: str) -> dict[str, int]:
    ones, tens = _ONES[language].split(), _TENS[language].split()
    found = {word: value for value, word in enumerate(ones) if value != 1}
    found |= {word: 20 + 10 * place for place, word in enumerate(tens)}
    if language in ("de", "nl"):
        link = "und" if language == "de" else "en"
        heads = ["", "ein" if language == "de" else "een", *ones[2:10]]
        for place, ten in enumerate(tens):
            found |= {f"{heads[one]}{link}{ten}": 20 + 10 * place + one for one in range(1, 10)}
        hundred = "hundert" if language == "de" else "honderd"
        found |= {f"{heads[one]}{hundred}": 100 * one for one in range(1, 10)}
    if language == "es":
        found |= {f"veinti{one}": 20 + value for value, one in enumerate(ones[:10]) if value}
        found |= {"doscientos": 200, "trescientos": 300, "cuatrocientos": 400, "quinientos": 500}
    if language == "it":
        for place, ten in enumerate(tens):
            for value, one in enumerate(ones[:10]):
                found[f"{ten[:-1] if value in (1, 8) else ten}{one}"] = 20 + 10 * place + value
        found |= {"duecento": 200, "trecento": 300, "cinquecento": 500}
    return found


NUMBERS: Mapping[str, Mapping[str, int]] = {language: _numbers(language) for language in LANGUAGES}
_ELSEWHERE = frozenset(
    """
    once due sei elf neuf ten zero mil nove een en acht sept dix son
    """.split()
)
_ANYWHERE = {word: value for each in reversed(LANGUAGES) for word, value in NUMBERS[each].items()}
ORDINALS = {
    word: value
    for words in (
        "third fourth fifth sixth seventh eighth ninth tenth",
        "dritten vierten funften sechsten siebten achten neunten zehnten",
        "troisieme quatrieme cinquieme sixieme septieme huitieme neuvieme dixieme",
        "tercer cuarto quinto sexto septimo octavo noveno decimo",
    )
    for value, word in enumerate(words.split(), 3)
}
ARTICLES = frozenset(
    """
    a an one ein eine einen einem einer eines un une una uno een
    """.split()
)
DOZENS = frozenset(("dozen", "dutzend", "douzaine", "docena", "dozzina", "dozijn"))
ONE_AND_HALF = frozenset(("anderthalb", "eineinhalb", "anderhalf"))
_ROUND = frozenset(range(20, 100, 10))
_CENTS = frozenset(("cent", "cents"))  # a hundred in French, and small change elsewhere

_TOKEN = re.compile(
    r"(?P<iso>(?<!\d)\d{4}-\d{2}-\d{2}(?!\d))"
    r"|(?P<date>(?<![\d.])\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})(?![\d]))"
    r"|(?P<clock>(?<![\d.,])\d{1,2}:\d{2}(?::\d{2})?(?![\d:]))"
    r"|(?P<number>\d{1,3}(?:[ ,.']\d{3})+(?:[.,]\d{1,2})?(?![\d])|\d+(?:[.,]\d+)*)"
    r"|(?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)"
    r"|(?P<mark>[-–/%€$£¥₹₽₺₩°.,:;!?&+~º‡])|(?P<line>\n)|(?P<other>\w)"
)
_LIST = re.compile(r"^[ \t>]*(?:[-+•·–]|\(?\d{1,2}[.)])[ \t]+", re.M)
_EIGHTY = re.compile(r"\bquatre[- ]vingts?\b", re.I)
_MONTH = re.compile(
    r"[ \t]*(?:jan|feb|f[eé]v|m[aä]r|apr|avr|abr|may|mai|mei|mag|jun|juin|giu|jul|juil|lug|aug|"
    r"ao[uû]t|ago|sep|set|o[ck]t|ott|nov|de[czs]|d[eé]c|dic|gen|ene)",
    re.I,
)


def _dated(rest: str) -> bool:
    """Whether a month follows: "3. Mai" is a day, "3. Pack it" the third of a list."""
    return _MONTH.match(rest[:12]) is not None


def _word_value(word: str, told: str | None) -> Fraction | None:
    if not word[:1].isalpha():
        return None
    counted = number(word, told)
    if counted is None and word in ONE_AND_HALF:
        return Fraction(3, 2)
    return None if counted is None else Fraction(counted)


def _more(tokens: Sequence[Token], place: int, value: Fraction, told: str | None) -> tuple[Fraction, int]:
    """The value of the number that begins at ``place`` with ``value``, and the tokens that say it."""
    ahead = [*tokens[place + 1 : place + 10], *[NOTHING] * 9]
    taken = 0
    if tokens[place].text[:1].isalpha() and value in _ROUND:
        value, taken = _with_ones(tokens[place].word, value, ahead, told)
    for scale, words in ((100, HUNDRED), (1000, THOUSAND)):
        word = ahead[taken].word
        if word in words and (scale == 1000 or value < 20) and (word not in _CENTS or told == "fr"):
            value, taken = value * scale, taken + 1
            small = number(ahead[taken + 1].word, told) if ahead[taken].word in AND else None
            if small is not None and small < scale:
                value, taken = value + small, taken + 2
    if taken == 0 and _is_part(value, ahead[0], ahead[1]):
        return _quotient(value, ahead[1]), 3
    above = ahead[taken].value
    if above is not None and _is_part(above, ahead[taken + 1], ahead[taken + 2]):
        return value + _quotient(above, ahead[taken + 2]), taken + 4
    return value, taken + 1


def _with_ones(word: str, tens: Fraction, ahead: Sequence[Token], told: str | None) -> tuple[Fraction, int]:
    """ "twenty five", "vingt et un", "soixante-dix": French counts on to nineteen after sixty and eighty."""
    step = int(ahead[0].word in AND or ahead[0].text == "-")
    french = word in ("soixante", "quatrevingt")
    ones = number(ahead[step].word, "fr" if french else told)
    if ones is None and step and ahead[step].word in ("un", "une", "uno", "one", "ein"):
        ones = 1
    if ones is None or not ahead[step].text[:1].isalpha() or not 0 < ones < (20 if french else 10):
        return tens, 0
    return tens + ones, step + 1


def _is_part(above: Fraction, slash: Token, below: Token) -> bool:
    """Whether these are a common fraction, "1/2"."""
    return bool(slash.text == "/" and below.value and above.denominator == 1 and 0 < above < below.value <= 8)


def _quotient(above: Fraction, below: Token) -> Fraction:
    return above / below.value if below.value else above
