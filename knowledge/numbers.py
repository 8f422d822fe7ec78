"""A number as people write it, as a plain decimal. Pure."""

import re
import unicodedata

# Between thousands a space or an apostrophe stands only before exactly three digits: "2 3" is two numbers.
_DIGITS = re.compile(r"[-+−]?\d{1,30}(?:(?:[.,]|['’\u00a0\u202f ](?=\d{3}(?!\d)))\d{1,30}){0,10}")
_THOUSAND = re.compile(r"\s?k\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_COMMA_LOCALES = frozenset(
    {"de", "fr", "es", "it", "pt", "nl", "da", "sv", "nb", "no", "fi", "pl", "ru", "tr", "cs", "el"}
)
_WORDS = {
    word: str(number)
    for number, words in enumerate(
        ("zero none null", "one eins ein une una", "two zwei deux dos due twee",
         "three drei trois tres tre drie",
         "four vier quatre cuatro quattro", "five fünf cinq cinco cinque vijf", "six sechs seis sei zes",
         "seven sieben sept siete sette zeven", "eight acht huit ocho otto", "nine neun neuf nueve nove negen",
         "ten zehn dix diez dieci tien", "eleven elf onze", "twelve zwölf douze doce dodici twaalf")
    )
    for word in words.split()
}  # fmt: skip
_UNIT = 12  # characters beside the number that a control's value may have: "5 people", "12,50 €"


def found(text: str, locale: str, *, alone: bool) -> str | None:
    """The one number in ``text``; None where there is none, or several. ``alone``: nothing else may be there but a
    unit."""
    matches = list(_DIGITS.finditer(text))
    if len(matches) > 1 or (alone and matches and len(text) - len(matches[0][0]) > _UNIT):
        return None
    if matches:
        value = plain(matches[0][0], locale)
        thousands = value is not None and _THOUSAND.match(text, matches[0].end())
        return _times_thousand(value) if thousands and value is not None else value
    words = [word for word in _WORD.findall(text.casefold()) if word in _WORDS]
    return _WORDS[words[0]] if len(words) == 1 else None


def plain(written: str, locale: str) -> str | None:
    """``written`` with a point for decimals and nothing between thousands; None where its marks make no sense."""
    sign = "-" if written[0] in "-−" else ""
    digits = "".join(
        str(unicodedata.decimal(char)) if char.isdecimal() else char for char in re.sub(r"[-+−'’\s]", "", written)
    )
    marks = [char for char in digits if char in ".,"]
    if len(set(marks)) == 2:
        decimal = marks[-1]
        if marks.count(decimal) > 1:
            return None
        thousands = "," if decimal == "." else "."
        whole, _, rest = digits.partition(decimal)
        if not _grouped(whole, thousands):
            return None
        whole = whole.replace(thousands, "")
    elif len(marks) > 1:
        if not _grouped(digits, marks[0]):
            return None
        whole, rest = digits.replace(marks[0], ""), ""
    elif marks:
        whole, _, rest = digits.partition(marks[0])
        comma = re.split("[-_]", locale.lower(), maxsplit=1)[0] in _COMMA_LOCALES
        if len(rest) == 3 and whole != "0" and (marks[0] == ".") == comma:
            whole, rest = whole + rest, ""
    else:
        whole, rest = digits, ""
    value, rest = whole.lstrip("0") or "0", rest.rstrip("0")
    return f"{sign if value != '0' or rest else ''}{value}{f'.{rest}' if rest else ''}"


def _grouped(whole: str, mark: str) -> bool:
    """Whether ``mark`` parts ``whole`` in threes (or, as in India, in twos before the last three)."""
    first, *groups = whole.split(mark)
    return 0 < len(first) <= 3 and len(groups[-1]) == 3 and all(len(group) in (2, 3) for group in groups)


def _times_thousand(value: str) -> str:
    whole, _, rest = value.partition(".")
    shifted = f"{whole}{rest[:3]:0<3}".lstrip("0") or "0"
    return f"{shifted}.{rest[3:]}" if len(rest) > 3 else shifted
