"""Links, e-mail addresses, phone numbers and codes. They are taken out of a text first, so that their digits and words
are no claims of their own.
"""

import re

from engine.claims import Claim

TAKEN = " ‡ "  # what stands in the text where one was


def take(text: str, found: list[Claim]) -> str:
    """``text`` without its pointers and its Markdown marks; the pointers go into ``found``."""
    text = _MAILTO.sub("", text)
    if "@" in text:
        text = _EMAIL.sub(lambda each: _took(found, Claim("email", (("email", each[0].lower().strip(".-")),))), text)
    if "." in text:
        text = _LINK.sub(lambda each: _took(found, _link(each[0])), text)
        text = _DOMAIN.sub(lambda each: _took(found, _link(each[0])), text)
    text = _TEL.sub(lambda each: each[0][4:], text)
    text = text.replace("*", "").replace("`", "").replace("__", "").replace("~~", "")
    return _CODE.sub(lambda each: _code(each[0], found), _PHONE.sub(lambda each: _phone(each[0], found), text))


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
_CODE = re.compile(r"(?<![\w.@/-])[A-Za-z]{1,12}[-_]?\d[A-Za-z0-9]{0,20}(?:[-_][A-Za-z0-9]{1,20}){0,4}(?![\w@])")
_CURRENCIES = frozenset(
    ("EUR", "USD", "GBP", "CHF", "JPY", "PLN", "CAD", "AUD", "INR", "CNY", "SEK", "NOK", "DKK")
)  # "EUR5" is a price


def _took(found: list[Claim], claim: Claim) -> str:
    found.append(claim)
    return TAKEN


def _link(text: str) -> Claim:
    bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", text.rstrip(".,;:!?*_~`"), flags=re.I)
    host, _, path = bare.partition("/")
    host, path = host.lower().partition(":")[0], path.rstrip("/")
    key = ("link", host, path) if path else ("link", host)
    return Claim("link", (key,), (("link", host),))


def _phone(text: str, found: list[Claim]) -> str:
    """A number is known by its last seven digits and by all of them; a fact's also without up to four before them, so
    that "+49 30 1234567" supports "030 1234567"."""
    digits = re.sub(r"\D", "", text)
    short = digits.lstrip("0")
    if _DATE_LIKE.fullmatch(text.strip()) or (digits == text and len(digits) < 9) or len(short) < 7:
        return text
    also = tuple(("phone", short[-7:], short[skipped:].lstrip("0")) for skipped in range(5))
    return _took(found, Claim("phone", (("phone", short[-7:], short),), also))


def _code(text: str, found: list[Claim]) -> str:
    letters = re.match(r"[A-Za-z]+", text)
    if letters is None or text == text.lower() or letters[0].upper() in _CURRENCIES:
        return text
    return _took(found, Claim("code", (("code", re.sub(r"[-_]", "", text).upper()),)))
