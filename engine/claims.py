"""The checkable values in a text, each in one normal form: what a price, a time or a name *is*, however it is written.

"$5", "5 dollars" and "USD 5.00" are one price; "9 am", "09:00" and "9 Uhr" one time; "two days", "48 hours" and
"2 Tage" one span. A claim has the ``keys`` under which it may be found (any of them supports it) and, on the side of
the facts, those that it supports besides (``also``). Pure, and linear in the text.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from engine import lexicon
from engine.lexicon import fold

Key = tuple[str, ...]


class Claim(NamedTuple):
    """``kind``: number, price, percent, time, span, amount, date, weekday, phone, email, link, code, name or free.
    ``soft``: it supports others, and needs no support itself (the "a" of "a day")."""

    kind: str
    keys: tuple[Key, ...]
    also: tuple[Key, ...] = ()
    soft: bool = False


class Read(NamedTuple):
    """A text as it was read: its claims, and its words (folded, without those that belong to links)."""

    claims: tuple[Claim, ...]
    words: tuple[str, ...]
    language: str | None


class _Token(NamedTuple):
    text: str
    word: str  # folded
    value: Fraction | None = None
    start: bool = False  # begins a sentence


@lru_cache(1_024)  # a sentence is read as a whole, by its clauses, and again for what it rests on
def read(text: str, language: str | None = None) -> Read:
    """The claims of ``text``. ``language``: what it is taken for where its own words do not tell."""
    text = _EIGHTY.sub("quatrevingt", _ALWAYS.sub("24/7", lexicon.plain(text)))
    claims: list[Claim] = []
    text = _CODE.sub(lambda found: _code(found[0], claims), _outside(text, claims))
    tokens = _tokens(text)
    words = [token.word for token in tokens if token.text[:1].isalpha()]
    told = lexicon.language(words) or language
    tokens = _valued(tokens, told)
    _Scan(tokens, told, claims).run()
    return Read((*claims, *_names(tokens, told)), tuple(words), told)


_EIGHTY = re.compile(r"\bquatre[- ]vingts?\b", re.I)
_ALWAYS = re.compile(
    r"\b24 ?(?:hours?|hrs?|h|stunden|heures|horas|ore|uur)\b(?: a day| per day| am tag| par jour| al dia)?,? ?(?:and "
    r"|und )?"
    r"(?:7|seven|sieben|sept|siete|sette|zeven) (?:days?|tage|jours|dias|giorni|dagen)\b(?: a week| per week)?",
    re.I,
)


# Links, addresses, phone numbers: taken out first, so that their digits and words are no claims of their own ------

_LINK = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]{}\"'|]{1,300}", re.I)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}", re.I)
_DOMAIN = re.compile(
    r"(?<![\w@./-])(?!([a-z]+)\.\1(?![\w/]|\.\w))"  # a model that stutters ("charge.charge") names no site
    r"(?:[a-z0-9](?:[a-z0-9-]{0,62})\.){1,4}[a-z]{2,12}(?:/[^\s<>()\[\]{}\"'|]{0,300})?(?![\w@])"
)
_PHONE = re.compile(r"(?<![\w.,:/-])(?:\+ ?|00|\()?\d(?:[ ()/.-]{0,2}\d){6,14}(?![\w]|[.,:]\d)")
_TEL = re.compile(r"\btel:\+?[\d-]{3,20}", re.I)
_DATE_LIKE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{4} ?- ?\d{4}|\d{1,3}(?:[ .,']\d{3})+(?:[.,]\d{1,2})?")
_MAILTO = re.compile(r"mailto:", re.I)


def _outside(text: str, claims: list[Claim]) -> str:
    text = _MAILTO.sub("", text)
    if "@" in text:
        text = _EMAIL.sub(lambda found: _took(claims, Claim("email", (("email", found[0].lower().strip(".-")),))), text)
    if "." in text:
        text = _LINK.sub(lambda found: _took(claims, _link(found[0])), text)
        text = _DOMAIN.sub(lambda found: _took(claims, _link(found[0])), text)
    text = _TEL.sub(lambda found: found[0][4:], text)
    text = text.replace("*", "").replace("`", "").replace("__", "").replace("~~", "")
    return _PHONE.sub(lambda found: _phone(found[0], claims), text)


def _took(claims: list[Claim], claim: Claim) -> str:
    claims.append(claim)
    return " ‡ "


def _link(text: str) -> Claim:
    bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", text.rstrip(".,;:!?*_~`"), flags=re.I)
    host, _, path = bare.partition("/")
    host, path = host.lower().partition(":")[0], path.rstrip("/")
    key = ("link", host, path) if path else ("link", host)
    return Claim("link", (key,), (("link", host),))


def _phone(text: str, claims: list[Claim]) -> str:
    digits = re.sub(r"\D", "", text)
    if _DATE_LIKE.fullmatch(text.strip()) or (digits == text and len(digits) < 9):
        return text
    claims.append(Claim("phone", (("phone", digits.lstrip("0")[-9:]),), (("phone", digits.lstrip("0")[-8:]),)))
    short = digits.lstrip("0")
    if len(short) >= 7:
        claims[-1] = Claim(
            "phone", (("phone", short[-7:], short),), tuple(("phone", short[-7:], short[n:]) for n in range(5))
        )
    return " ‡ "


_CODE = re.compile(r"(?<![\w.@/-])[A-Za-z]{1,12}[-_]?\d[A-Za-z0-9]{0,20}(?:[-_][A-Za-z0-9]{1,20}){0,4}(?![\w@])")


def _code(text: str, claims: list[Claim]) -> str:
    letters = re.match(r"[A-Za-z]+", text)
    if letters is None or text == text.lower() or letters[0].lower() in _CODES:
        return text
    return _took(claims, Claim("code", (("code", re.sub(r"[-_]", "", text).upper()),)))


# Words and numbers -----------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"(?P<iso>(?<!\d)\d{4}-\d{2}-\d{2}(?!\d))"
    r"|(?P<date>(?<![\d.])\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})(?![\d]))"
    r"|(?P<clock>(?<![\d.,])\d{1,2}:\d{2}(?::\d{2})?(?![\d:]))"
    r"|(?P<number>\d{1,3}(?:[ ,.']\d{3})+(?:[.,]\d{1,2})?(?![\d])|\d+(?:[.,]\d+)*)"
    r"|(?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)"
    r"|(?P<mark>[-–/%€$£¥₹₽₺₩°.,:;!?&+~º‡])|(?P<line>\n)|(?P<other>\w)"
)
_LIST = re.compile(r"^[ \t>]*(?:[-+•·–]|\(?\d{1,2}[.)])[ \t]+", re.M)


def _tokens(text: str) -> list[_Token]:
    text = _LIST.sub(lambda mark: mark[0] if _dated(text[mark.end() :]) else "", text)
    found, start = [], True
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "line":
            start = True
            continue
        token = match[0]
        value = _decimal(token) if kind == "number" else None
        found.append(_Token(token, fold(token) if kind in ("word", "other") else token, value, start))
        start = token in ".!?:;–" if kind == "mark" else False
    return found


def _dated(rest: str) -> bool:
    """Whether a month follows: "3. Mai" is a day, "3. Pack it" the third of a list."""
    word = fold(rest[:12].split(maxsplit=1)[0].strip(".,")) if rest[:12].split() else ""
    return word in lexicon.MONTHS or word in lexicon.SHORT_MONTHS


def _decimal(text: str) -> Fraction | None:
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


def _valued(tokens: Sequence[_Token], told: str | None) -> list[_Token]:
    """Number words as their values, also of several words ("twenty five", "vingt et un", "two hundred", "2 1/2")."""
    out: list[_Token] = []
    place = 0
    while place < len(tokens):
        token, taken = tokens[place], 1
        value = token.value if token.value is not None else _word_value(token.word, told)
        if value is not None:
            value, taken = _more(tokens, place, value, told)
            text = token.text if taken == 1 else "#"
            token = _Token(text, token.word, value, token.start)
        out.append(token)
        place += taken
    return out


def _word_value(word: str, told: str | None) -> Fraction | None:
    if not word[:1].isalpha():
        return None
    counted = lexicon.number(word, told)
    if counted is None and word in lexicon.ONE_AND_HALF:
        return Fraction(3, 2)
    return None if counted is None else Fraction(counted)


def _more(tokens: Sequence[_Token], place: int, value: Fraction, told: str | None) -> tuple[Fraction, int]:
    taken = 1
    spoken = tokens[place].text[:1].isalpha()

    def ahead(offset: int) -> _Token | None:
        return tokens[place + offset] if place + offset < len(tokens) else None

    follows = ahead(taken)
    if spoken and value in _ROUND and follows is not None:
        step = taken + (follows.word in lexicon.AND or follows.text == "-")
        ones = ahead(step)
        if ones is not None and ones.text[:1].isalpha():
            french = tokens[place].word in ("soixante", "quatrevingt")
            small = lexicon.number(ones.word, "fr" if french else told)
            small = 1 if small is None and step > taken and ones.word in ("un", "une", "uno", "one", "ein") else small
            if small is not None and 0 < small < (20 if value in (60, 80) else 10):
                value, taken = value + small, step + 1
    for scale, words in ((100, lexicon.HUNDRED), (1000, lexicon.THOUSAND)):
        big = ahead(taken)
        if big is not None and big.word in words and (scale == 1000 or value < 20):
            if big.word in lexicon.CENTS and told != "fr":
                break
            value, taken = value * scale, taken + 1
            rest = ahead(taken)
            if rest is not None and rest.word in lexicon.AND:
                rest = ahead(taken + 1)
                small = lexicon.number(rest.word, told) if rest is not None else None
                if small is not None and small < scale:
                    value, taken = value + small, taken + 2
    # "2 1/2", "1/2"
    slash, below = ahead(taken), ahead(taken + 1)
    fraction = slash is not None and slash.text == "/" and below is not None and below.value
    if value.denominator == 1 and fraction and below and below.value and taken == 1 and value < below.value <= 8:
        return value / below.value, taken + 2
    above = ahead(taken)
    slash, below = ahead(taken + 1), ahead(taken + 2)
    if (
        above
        and above.value
        and slash
        and slash.text == "/"
        and below
        and below.value
        and above.value < below.value <= 8
    ):
        return value + above.value / below.value, taken + 3
    return value, taken


_ROUND = frozenset(range(20, 100, 10))


# The scan --------------------------------------------------------------------------------------------------------

_RANGE = frozenset(("-", "–", "to", "bis", "a", "à", "hasta", "tot", "or", "oder", "ou", "o", "of", "and", "und", "et",
                    "y", "e", "en", "through", "till", "until", "/", "~"))  # fmt: skip
_WITHIN = frozenset(
    [
        "within",
        "in",
        "takes",
        "take",
        "after",
        "for",
        "least",
        "most",
        "than",
        "about",
        "under",
        "to",
        "around",
        "only",
        "inside",
        "last",
        "lasts",
        "every",
        "up",
        "approximately",
        "innerhalb",
        "binnen",
        "nach",
        "dauert",
        "fur",
        "circa",
        "etwa",
        "rund",
        "unter",
        "uber",
        "maximal",
        "mindestens",
        "hochstens",
        "en",
        "dans",
        "sous",
        "pendant",
        "apres",
        "moins",
        "environ",
        "sur",
        "tras",
        "durante",
        "menos",
        "dentro",
        "unos",
        "entro",
        "circa",
        "per",
        "almeno",
        "na",
        "duurt",
        "ongeveer",
        "minimaal",
        "maximaal",
    ]
)
_MONTH_LEAD = frozenset(
    """
    in of until by since from early late mid next last during before after through till and or im bis ab seit
    des en au de del desde hasta jusqu di a van in sinds tot
    """.split()
)


class _Scan:
    """One pass over the tokens of a text."""

    def __init__(self, tokens: list[_Token], told: str | None, claims: list[Claim]) -> None:
        self.tokens, self.told, self.claims = tokens, told, claims
        self.place = 0
        self.wide = _counts_to_24(tokens)

    def at(self, offset: int) -> _Token:
        place = self.place + offset
        return self.tokens[place] if 0 <= place < len(self.tokens) else _NOTHING

    def run(self) -> None:
        while self.place < len(self.tokens):
            self.place += self.step()

    def add(self, kind: str, *keys: Key, also: tuple[Key, ...] = (), soft: bool = False) -> None:
        self.claims.append(Claim(kind, keys, also, soft))

    def step(self) -> int:
        token = self.tokens[self.place]
        if token.value is not None:
            return self.number(token)
        if ":" in token.text and len(token.text) > 2:
            return self.clock(token)
        if token.text[:1].isdigit():
            return self.numeric_date(token)
        if token.text in lexicon.CURRENCIES or token.word in _CODES:
            return self.money_first(token)
        if token.text[:1].isalpha():
            return self.word(token)
        return 1

    # Numbers and what they count

    def number(self, token: _Token) -> int:
        assert token.value is not None
        if self.at(1).value == token.value:  # a model that stutters: the second one tells the unit
            return 1
        if token.text == "24" and self.at(1).text == "/" and self.at(2).text == "7":
            self.add("time", ("time", "always"))
            return 3
        if (taken := self.code()) or (taken := self.day(token.value)):
            return taken
        values, taken = [token.value], 1
        while len(values) < 4:  # "2 to 3 days", "24-48 h", "S, M or L" of numbers: all have the last one's unit
            other = self.at(taken + 1)
            link = self.at(taken)
            if other.value is None or not (link.word in _RANGE or link.text in _RANGE or link.text == ","):
                break
            if link.text == "," and self.at(taken + 2).word not in _RANGE:
                break
            values.append(other.value)
            taken += 2
        if len(values) > 1 and not self.counted(values, taken):
            values, taken = values[:1], 1
        used = self.counted(values, taken)
        if not used:
            for value in values:
                self.bare(value)
        else:
            taken = self.take(values, taken)
        return taken

    def counted(self, values: list[Fraction], offset: int) -> bool:
        return self.unit(values, offset, dry=True) is not None

    def take(self, values: list[Fraction], offset: int) -> int:
        taken = self.unit(values, offset, dry=False)
        return offset if taken is None else taken

    def bare(self, value: Fraction) -> None:
        self.add("number", ("number", _shown(value)), also=(("bare", _shown(value)),))

    def unit(self, values: list[Fraction], offset: int, *, dry: bool) -> int | None:
        """What stands after the number at ``offset``; with ``dry`` only whether something does."""
        follows = self.at(offset)
        if follows.text in ("-", "."):
            offset, follows = offset + 1, self.at(offset + 1)
        if (
            follows.word in ("and", "und", "et", "y", "e")
            and self.at(offset + 1).word in ("a", "one", "eine", "demi")
            and self.at(offset + 2).word in lexicon.HALF
        ):
            values[-1] += Fraction(1, 2)
            offset += 3
            follows = self.at(offset)
        word, text = follows.word, follows.text
        if values[-1] == 3 and word in ("quarters", "viertel", "quarts"):
            values[-1], offset = Fraction(3, 4), offset + 1
            while self.at(offset).word in ("of", "an", "a", "d'", "de"):
                offset += 1
        if (
            text == "%"
            or word in ("percent", "prozent", "procent", "procento")
            or (word in ("pour", "por", "per") and self.at(offset + 1).word in ("cent", "ciento", "cento"))
        ):
            return self.each(
                "percent",
                values,
                "",
                offset + (1 if text == "%" or word.startswith("pro") or word == "percent" else 2),
                dry,
            )
        if (
            word in lexicon.MORNING
            or word in lexicon.EVENING
            or (word in ("a", "p") and self.at(offset + 1).text == "." and self.at(offset + 2).word == "m")
        ):
            return self.hours(values, offset, word[0] in "pe" or word == "abends", dry)
        if (
            (self.told in ("de", "fr", "nl", None) and (word in lexicon.OCLOCK))
            or text in lexicon.OCLOCK
            or word == "o'clock"
        ) and (taken := self.oclock(values, offset, dry)) is not None:
            return taken
        if text in lexicon.CURRENCIES or (word in lexicon.CURRENCIES):
            currency = lexicon.CURRENCIES.get(text) or lexicon.CURRENCIES[word]
            return self.each("price", values, currency, offset + 1, dry)
        if word in lexicon.CENTS and values[-1] < 100:
            return self.each("price", [value / 100 for value in values], "*", offset + 1, dry)
        return self.span(values, offset, dry)

    def span(self, values: list[Fraction], offset: int, dry: bool) -> int | None:
        work = 0
        while self.at(offset + work).word in lexicon.LOOSE or self.at(offset + work).word in lexicon.WORKING:
            work += 1
            if work == 2:
                break
        working = any(self.at(offset + n).word in lexicon.WORKING for n in (*range(work), work + 1))
        word = self.at(offset + work).word
        if word in lexicon.WORKDAYS:
            return self.each("span", values, "workday", offset + work + 1, dry)
        if word in lexicon.SPANS:
            if working and lexicon.SPANS[word] == "1440":
                return self.each("span", values, "workday", offset + work + 1, dry)
            factor = Fraction(lexicon.SPANS[word])
            return self.each("span", [value * factor for value in values], "minute", offset + work + 1, dry)
        if word in lexicon.MONTH_SPANS:
            factor = Fraction(lexicon.MONTH_SPANS[word])
            return self.each("span", [value * factor for value in values], "month", offset + work + 1, dry)
        if word in lexicon.AMOUNTS:
            return self.each("amount", values, lexicon.AMOUNTS[word], offset + work + 1, dry)
        if word in lexicon.COUNTS:
            return self.each("amount", values, lexicon.COUNTS[word], offset + work + 1, dry, bare=True)
        if self.at(offset).text == "°":
            unit = self.at(offset + 1).word
            return self.each("amount", values, f"°{unit}", offset + 2, dry)
        return None

    def each(self, kind: str, values: list[Fraction], unit: str, taken: int, dry: bool, *, bare: bool = False) -> int:
        if dry:
            return taken
        for value in values:
            shown = _shown(value)
            keys: tuple[Key, ...] = ((kind, unit, shown),)
            also: tuple[Key, ...] = ()
            if kind == "price":
                also = (("number", shown), (kind, "*", shown))
            if bare:
                keys, also = (*keys, ("bare", shown)), (("number", shown),)
            self.add(kind, *keys, also=also)
        return taken

    # Times of day

    def hours(self, values: list[Fraction], offset: int, evening: bool, dry: bool) -> int | None:
        if any(not 0 < value <= 12 or value.denominator != 1 for value in values):
            return None
        taken = offset + (3 if self.at(offset).word in ("a", "p") else 1)
        if not dry:
            *earlier, last = [int(value) % 12 * 60 for value in values]
            end = last + 720 * evening
            for hour in earlier:  # "9-5pm", "9 to 11am"
                self.time(hour + (720 if evening and hour < last else 0))
            self.time(end)
        return taken

    def oclock(self, values: list[Fraction], offset: int, dry: bool) -> int | None:
        minutes = [_minutes(value) for value in values]
        if any(each is None for each in minutes):
            return None
        taken = offset + 1
        more = self.at(taken).value
        half = (
            int(more) if more is not None and more.denominator == 1 and more < 60 and self.at(offset).word == "h" else 0
        )
        if half or (more is not None and more == 0 and self.at(offset).word == "h"):
            taken += 1
        elif self.at(offset).word in ("h", "heures", "heure") and not self.of_day(minutes):
            return None
        if not dry:
            for each in minutes[:-1]:
                self.time(each or 0)
            last = (minutes[-1] or 0) + half
            self.time(
                last, alternatives=((last + 720) % 1440,) if self.at(offset).word == "o'clock" and last < 780 else ()
            )
        return taken

    def of_day(self, minutes: list[int | None]) -> bool:
        """French "9 h" is a time after "à", "de", "jusqu'à"; else it is a span."""
        lead = self.at(-1).word
        return lead in ("a", "de", "des", "des", "jusqu'a", "jusqu", "entre", "et", "vers", "avant", "apres", "dès")

    def clock(self, token: _Token) -> int:
        hour, minute = (int(part) for part in token.text.split(":")[:2])
        if hour > 24 or minute > 59:
            self.add("number", ("number", token.text))
            return 1
        taken, word = 1, self.at(1).word
        spelled = word in ("a", "p") and self.at(2).text == "." and self.at(3).word == "m"
        if hour <= 12 and (word in lexicon.MORNING or word in lexicon.EVENING or spelled):
            self.time(hour % 12 * 60 + minute + 720 * (word[0] == "p" or word == "abends"))
            return 4 if spelled else 2
        if word in ("uhr", "uur", "h"):
            taken = 2
        other = self.at(2)  # "9:00-5:00 pm" says it once
        evening = self.at(3).word in lexicon.EVENING and ":" in other.text
        before = self.at(-2).text if self.at(-1).text in _RANGE else ""
        falls = ":" in before and before[:1].isdigit() and int(before.partition(":")[0]) > hour  # "9:00-5:00"
        wide = self.wide or hour > 12 or hour == 0 or token.text[0] == "0" or taken == 2 or evening
        wide = wide or (hour > 5 and not falls)
        at = hour * 60 + minute
        self.time(at % 1440, alternatives=() if wide else ((at + 720) % 1440,))
        return taken

    def time(self, at: int, alternatives: tuple[int, ...] = ()) -> None:
        keys = tuple(("time", str(each)) for each in (at, *alternatives))
        also = tuple(("number", str(hour)) for hour in {at // 60, at // 60 % 12 or 12} if at % 60 == 0)
        self.add("time", *keys, also=also)

    # Money, dates, codes, words

    def money_first(self, token: _Token) -> int:
        currency = lexicon.CURRENCIES.get(token.text) or lexicon.CURRENCIES[token.word]
        value = self.at(1).value
        if value is None:
            return 1
        values, taken = [value], 2
        if self.at(2).text in ("-", "–") or self.at(2).word in ("to", "bis", "and"):
            skip = 1 if self.at(3).text in lexicon.CURRENCIES else 0
            other = self.at(3 + skip).value
            if other is not None and (skip or self.at(4).word not in lexicon.SPANS):
                values, taken = [value, other], 4 + skip
        if self.at(taken).word in ("k", "thousand", "million", "m") and len(values) == 1:
            values = [values[0] * (1_000_000 if self.at(taken).word.startswith("m") else 1000)]
            taken += 1
        return self.each("price", values, currency, taken, dry=False)

    def numeric_date(self, token: _Token) -> int:
        parts = [int(part) for part in re.split(r"[./-]", token.text)]
        if len(parts) != 3:
            self.add("number", ("number", token.text))
            return 1
        if len(token.text.split("-")[0]) == 4:
            orders = [(parts[0], parts[1], parts[2])]
        else:
            year = parts[2] + 2000 * (parts[2] < 100)
            orders = [(year, parts[1], parts[0])]
            if "." not in token.text:
                orders.append((year, parts[0], parts[1]))
        self.date([order for order in orders if 0 < order[1] <= 12 and 0 < order[2] <= 31], token.text)
        return 1

    def date(self, orders: Sequence[tuple[int, int, int]], text: str) -> None:
        keys = tuple(("date", str(month), str(day), *([str(year)] if year else [])) for year, month, day in orders)
        also: tuple[Key, ...] = tuple(("date", str(month), str(day)) for _, month, day in orders)
        also += tuple(("month", str(month)) for _, month, _ in orders)
        also += tuple(("number", str(year)) for year, _, _ in orders if year)
        self.add("date", *(keys or (("date", text),)), also=also)

    def day(self, value: Fraction) -> int:
        """ "3 May", "3rd of May 2025", "3. Mai", "3 de mayo de 2025": how many tokens it took, 0 for no date."""
        if value.denominator != 1 or not 0 < value <= 31:
            return 0
        step = 1
        for skipped in (("st", "nd", "rd", "th", ".", "er", "º"), ("of", "de", "di", "van")):
            if self.at(step).word in skipped or self.at(step).text in skipped:
                step += 1
        month = self.month(self.at(step))
        if not month:
            ordinal = self.at(1).word in ("st", "nd", "rd", "th", "er", "eme", "e") and self.told != "es"
            if ordinal:
                self.bare(value)
            return 2 if ordinal else 0
        taken = step + 1
        if self.at(taken).text == "." or (self.at(taken).word in ("de", "del") and self.at(taken + 1).value):
            taken += 1
        if self.at(taken).text == ",":
            taken += _year(self.at(taken + 1)) > 0
        year = _year(self.at(taken))
        self.date([(year, month, int(value))], "")
        return taken + (year > 0)

    def month(self, token: _Token) -> int:
        if token.word in lexicon.MONTHS:
            return lexicon.MONTHS[token.word]
        return lexicon.SHORT_MONTHS.get(token.word, 0)

    def code(self) -> int:
        """A run of letters and digits without a blank is not ours to see: codes are taken out as words first."""
        return 0

    def word(self, token: _Token) -> int:
        word = token.word
        if word in lexicon.WEEKDAYS or (word.endswith("s") and word[:-1] in lexicon.WEEKDAYS):
            day = lexicon.WEEKDAYS[word] if word in lexicon.WEEKDAYS else lexicon.WEEKDAYS[word[:-1]]
            return self.weekday(day)
        if token.text in lexicon.SHORT_WEEKDAYS and self.beside_days():
            return self.weekday(lexicon.SHORT_WEEKDAYS[token.text])
        if word in lexicon.WEEKENDS:
            self.add("weekday", ("weekday", "end"), also=(("weekday", "5"), ("weekday", "6")))
        elif (word in lexicon.MONTHS or word in lexicon.SHORT_MONTHS) and (taken := self.month_first(token)):
            return taken
        elif word in lexicon.FREE and self.is_free():
            self.add("free", ("free",))
        elif word in lexicon.HALF or word in lexicon.QUARTER:
            return self.part_of_a_span(word)
        elif word in lexicon.ARTICLES or word == "one":
            return self.one(word)
        elif word in lexicon.ORDINALS:
            self.add("number", ("number", str(lexicon.ORDINALS[word])))
        elif word in ("noon", "mittag", "mittags", "midi", "mediodia"):
            self.time(720)
        elif word in ("midnight", "mitternacht", "minuit", "medianoche"):
            self.time(0)
        elif word == "nothing" and self.at(-1).word in ("cost", "costs", "pay", "pays"):
            self.add("free", ("free",))
        elif (word == "clock" and self.at(-2).word in ("round", "around")) or (
            word == "uhr" and self.at(-2).word == "um"
        ):
            self.add("time", ("time", "always"))
        elif word in lexicon.TIMES and self.at(-1).word in lexicon.ARTICLES:
            self.bare(Fraction(lexicon.TIMES[word]))
        return 1

    def weekday(self, day: int) -> int:
        also: tuple[Key, ...] = (("weekday", "end"),) if day > 4 else ()
        self.add("weekday", ("weekday", str(day)), also=also)
        return 1

    def beside_days(self) -> bool:
        """ "Mon", "Sa" and "Do" are days beside a dash, a stop, a digit or another day; else they are words."""
        after, before = self.at(1), self.at(-1)
        if after.text in ("-", "–", "—", "/", ":", "+", "&") or after.word in ("bis", "through", "to", "until", "till"):
            return True
        if after.text[:1].isdigit() or before.text in ("-", "–", "/", "&"):
            return True
        return (
            before.word in ("bis", "through", "to", "till", "until", "and", "und", "on")
            and len(self.at(0).text) > 1
            and not before.start
        )

    def month_first(self, token: _Token) -> int:
        month, day = self.month(token), self.at(1)
        if day.text == "." and token.word in lexicon.SHORT_MONTHS:
            day = self.at(2)
        if day.value is not None and day.value.denominator == 1 and 0 < day.value <= 31 and token.text[0].isupper():
            step = 2 + (self.at(1).text == ".")
            step += self.at(step).word in ("st", "nd", "rd", "th")
            after = step + (self.at(step).text == ",")
            year = _year(self.at(after))
            if year or (self.at(step).word not in lexicon.SPANS and self.at(step).text != "%"):
                self.date([(year, month, int(day.value))], "")
                return after + 1 if year else step
        if (token.word in lexicon.MONTHS and token.word not in ("may", "march", "mars", "mei", "mai", "august")) or (
            token.word in lexicon.MONTHS and self.at(-1).word in _MONTH_LEAD and token.text[0].isupper()
        ):
            self.add("month", ("month", str(month)))
        else:
            return 0
        year = _year(self.at(1))
        if year:
            self.bare(Fraction(year))
        return 2 if year else 1

    def is_free(self) -> bool:
        before, after = self.at(-1), self.at(1).word
        if before.text == "-" or before.word in ("feel", "toll", "risk", "the"):
            return False
        return after not in ("to", "time", "trial", "-", "space", "version", "wifi", "kick", "account", "plan")

    def part_of_a_span(self, word: str) -> int:
        step = 1
        while self.at(step).word in ("a", "an", "of", "d'", "de", "une", "un", "hour") and step < 3:
            if self.at(step).word == "hour":
                break
            step += 1
        unit = self.at(step).word.removeprefix("d'")
        part = Fraction(1, 4) if word in lexicon.QUARTER else Fraction(1, 2)
        if word == "viertelstunde":
            self.each("span", [Fraction(15)], "minute", 1, dry=False)
        elif unit in lexicon.SPANS:
            self.each("span", [part * Fraction(lexicon.SPANS[unit])], "minute", 1, dry=False)
            return step + 1
        elif unit in lexicon.MONTH_SPANS:
            self.each("span", [part * Fraction(lexicon.MONTH_SPANS[unit])], "month", 1, dry=False)
            return step + 1
        return 1

    def one(self, word: str) -> int:
        """ "within a week" says how long; "once a week" and "a day off" do not, but may support "7 days"."""
        step = 1
        while self.at(step).word in lexicon.WORKING or (self.at(step).word in lexicon.LOOSE and step < 3):
            step += 1
        unit = self.at(step).word
        if unit in lexicon.HALF:
            return 1
        kind = next((table for table in (lexicon.SPANS, lexicon.MONTH_SPANS) if unit in table), None)
        if kind is None and unit not in lexicon.WORKDAYS:
            return 1
        told = word in ("one", "eins") or self.at(-1).word in _WITHIN
        before = len(self.claims)
        taken = self.span([Fraction(1)], 1, dry=False)
        self.claims[before:] = [claim._replace(soft=not told) for claim in self.claims[before:]]
        return taken or 1


_NOTHING = _Token("", "")
_CODES = frozenset(["eur", "usd", "gbp", "chf", "jpy", "pln", "cad", "aud", "inr", "cny", "sek", "nok", "dkk"])


def _counts_to_24(tokens: Sequence[_Token]) -> bool:
    """Whether the clock of this text has 24 hours: it shows one past 12, a leading zero, or says am or pm itself."""
    for token in tokens:
        if ":" in token.text and len(token.text) > 2:
            hour = token.text.partition(":")[0]
            if int(hour) > 12 or hour[0] == "0":
                return True
        elif token.word in ("am", "pm", "uhr"):
            return True
    return False


def _minutes(value: Fraction) -> int | None:
    """An hour as minutes of the day; "9.30 Uhr" was read as 9.3."""
    hour = int(value)
    rest = (value - hour) * 100
    if not 0 <= hour <= 24 or rest.denominator != 1 or rest >= 60:
        return None
    return (hour * 60 + int(rest)) % 1440


def _year(token: _Token) -> int:
    value = token.value
    return int(value) if value is not None and value.denominator == 1 and 1900 <= value < 2100 else 0


def _shown(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


# Names -----------------------------------------------------------------------------------------------------------

_NO_NAME = frozenset(
    [
        "i",
        "ok",
        "okay",
        "faq",
        "faqs",
        "id",
        "pdf",
        "url",
        "tv",
        "pc",
        "ps",
        "sms",
        "pin",
        "app",
        "wifi",
        "am",
        "pm",
        "eu",
        "uk",
        "usa",
        "us",
        "internet",
        "google",
        "english",
        "german",
        "french",
        "spanish",
        "italian",
        "dutch",
        "deutsch",
        "englisch",
        "francais",
        "espanol",
        "anglais",
        "allemand",
        "ingles",
        "aleman",
        "italiano",
        "nederlands",
        "hi",
        "hello",
        "hallo",
        "dear",
        "hey",
        "sir",
        "madam",
        "delivery",
        "returns",
        "return",
        "shipping",
        "contact",
        "price",
        "prices",
        "phone",
        "email",
        "address",
        "opening",
        "hours",
        "payment",
        "note",
        "step",
        "steps",
        "yes",
        "no",
        "answer",
        "question",
        "customer",
        "support",
        "service",
        "team",
        "help",
        "centre",
        "center",
        "online",
        "shop",
        "store",
        "website",
        "account",
    ]
)


def _names(tokens: Sequence[_Token], told: str | None) -> Iterator[Claim]:
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


def _capital(token: _Token) -> bool:
    text, word = token.text, fold(token.text.partition("'")[0])
    if not text[:1].isalpha() or not any(letter.isupper() for letter in text) or token.value is not None:
        return False
    return not (
        word in _NO_NAME
        or word in lexicon.SMALL
        or word in lexicon.NEGATORS
        or word in lexicon.MONTHS
        or word in lexicon.WEEKDAYS
        or word in lexicon.SPANS
        or word in lexicon.MONTH_SPANS
        or word in lexicon.WORKDAYS
        or word in lexicon.AMOUNTS
        or word in lexicon.CURRENCIES
        or text in lexicon.SHORT_WEEKDAYS
        or word.removesuffix("s") in lexicon.WEEKDAYS
    )
