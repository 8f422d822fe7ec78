"""A number as people write it, as a plain decimal. Pure."""

import re

_DIGITS = re.compile(r"[-+−]?\d(?:[\d.,'’\u00a0\u202f ]{0,30}\d)?")
_COMMA_LOCALES = frozenset(
    {"de", "fr", "es", "it", "pt", "nl", "da", "sv", "nb", "no", "fi", "pl", "ru", "tr", "cs", "el"}
)
_WORDS = {
    word: str(number)
    for number, words in enumerate(
        ("zero none null", "one eins ein un une uno una", "two zwei deux dos due twee",
         "three drei trois tres tre drie",
         "four vier quatre cuatro quattro", "five funf cinq cinco cinque vijf", "six sechs seis sei zes",
         "seven sieben sept siete sette zeven", "eight acht huit ocho otto", "nine neun neuf nueve nove negen",
         "ten zehn dix diez dieci tien", "eleven elf onze", "twelve zwolf douze doce dodici twaalf")
    )
    for word in words.split()
}  # fmt: skip


def found(text: str, locale: str, *, alone: bool) -> tuple[str, tuple[int, int]] | None:
    """The one number in ``text`` and where it stands; None where there is none, or several. ``alone``: nothing else
    may be there but a unit."""
    matches = list(_DIGITS.finditer(text))
    if len(matches) > 1 or (alone and matches and len(text) - len(matches[0][0]) > 12):
        return None
    if matches:
        value = plain(matches[0][0], locale)
        return (value, matches[0].span()) if value is not None else None
    words = [match for match in re.finditer(r"[^\W\d_]+", text) if match[0].casefold() in _WORDS]
    return (_WORDS[words[0][0].casefold()], words[0].span()) if len(words) == 1 else None


def plain(written: str, locale: str) -> str | None:
    """``written`` with a point for decimals and nothing between thousands; None where its marks make no sense."""
    sign = "-" if written[0] in "-−" else ""
    digits = re.sub(r"[-+−'’\u00a0\u202f ]", "", written)
    marks = [char for char in digits if char in ".,"]
    if len(set(marks)) == 2:
        decimal = marks[-1]
        if marks.count(decimal) > 1:
            return None
        thousands = "," if decimal == "." else "."
        whole, _, rest = digits.replace(thousands, "").partition(decimal)
    elif len(marks) > 1:
        whole, rest = digits.replace(marks[0], ""), ""
    elif marks:
        whole, _, rest = digits.partition(marks[0])
        comma = locale.split("-")[0].split("_")[0].lower() in _COMMA_LOCALES
        if len(rest) == 3 and whole != "0" and (marks[0] == ".") == comma:
            whole, rest = whole + rest, ""
    else:
        whole, rest = digits, ""
    if not (whole.isascii() and whole.isdecimal() and (not rest or (rest.isascii() and rest.isdecimal()))):
        return None
    value = whole.lstrip("0") or "0"
    rest = rest.rstrip("0")
    return f"{sign if value != '0' or rest else ''}{value}{f'.{rest}' if rest else ''}"
