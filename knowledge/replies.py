"""What a visitor's words say to a filtered question: an answer, a refusal, a mistake, or something else. Pure.

From a control comes a value alone. What was typed may hold the value in a sentence, may ask something besides, or may
have nothing to do with the question: then it is the visitor's own question, and is answered as one.
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from knowledge import dates, numbers
from knowledge.text import normalise

LONGEST = 1_000  # characters of an answer that are looked at and kept
MOST_REFUSING = 7  # words of a message that declines: a longer one says more
MOST_WORDS = 40  # of a free text that still counts as an answer when typed
CLOSE = 0.82  # likeness (difflib) from which a misspelt choice is the one that was meant

Kind = Literal["text", "email", "phone", "number", "date", "choice"]
State = Literal["answer", "declined", "invalid", "other"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question takes: its kind, its choices; ``country`` (ISO 3166) for phone numbers without a prefix,
    ``locale`` for marks and the order of dates, ``today`` for "tomorrow"."""

    kind: Kind
    choices: Sequence[str] = ()
    country: str = "US"
    locale: str = "en"
    today: date = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Understood:
    """``value``: normalised (E.164, ISO 8601, a plain decimal, the choice as the owner wrote it). ``sentence``: what is
    expected, where that was not it. ``asks``: the message also asks something."""

    state: State
    value: str = ""
    sentence: str = ""
    asks: bool = False


def chosen(wanted: Wanted, value: str) -> Understood:
    """The value of a control, or what is wrong with it."""
    value = value.strip()[:LONGEST]
    found = _found(wanted, value, alone=True) if value else None
    if found is None:
        return Understood("invalid", sentence=expected(wanted))
    return Understood("answer", found[0])


def typed(wanted: Wanted, text: str) -> Understood:
    """What a message says to the question."""
    text = text.strip()[:LONGEST]
    plain = normalise(text)
    if wanted.kind != "choice" and _declines(plain):
        return Understood("declined")
    found = _found(wanted, text, alone=False)
    if found is not None:
        value, (start, end) = found
        return Understood("answer", value, asks=_asks(f"{text[:start]} {text[end:]}"))
    if _declines(plain):
        return Understood("declined")
    if _asks(text):
        return Understood("other")
    return Understood("invalid", sentence=expected(wanted)) if _tried(wanted, text) else Understood("other")


def expected(wanted: Wanted) -> str:
    """What an answer looks like, said to who gave none."""
    match wanted.kind:
        case "email":
            return "That is not an e-mail address. It looks like name@example.com."
        case "phone":
            return "That is not a phone number. Please write it with its country, like +44 20 7946 0958."
        case "number":
            return "Please answer with a number."
        case "date":
            return f"That is not a date. Please write it like {wanted.today:%Y-%m-%d}."
        case "choice":
            return f"Please choose one of: {', '.join(wanted.choices)}."
        case _:
            return "Please write a few words."


_Found = tuple[str, tuple[int, int]]


def _found(wanted: Wanted, text: str, *, alone: bool) -> _Found | None:
    match wanted.kind:
        case "email":
            return _email(text, alone=alone)
        case "phone":
            return _phone(text, wanted.country, alone=alone)
        case "number":
            return numbers.found(text, wanted.locale, alone=alone)
        case "date":
            return dates.found(text, wanted.locale, wanted.today, alone=alone)
        case "choice":
            return _choice(text, wanted.choices, alone=alone)
        case _:
            return _text(text, alone=alone)


def _email(text: str, *, alone: bool) -> _Found | None:
    for match in _ADDRESS.finditer(text):
        address = match[0].strip(".,;:!?'\"<>()[]")
        if alone and address != text:
            return None
        try:
            return validate_email(address, check_deliverability=False).normalized, match.span()
        except EmailNotValidError:
            continue
    return None


def _phone(text: str, country: str, *, alone: bool) -> _Found | None:
    if alone:
        try:
            number = phonenumbers.parse(text, country)
        except phonenumbers.NumberParseException:
            return None
        return (_e164(number), (0, len(text))) if phonenumbers.is_valid_number(number) else None
    for match in phonenumbers.PhoneNumberMatcher(text, country, max_tries=50):
        return _e164(match.number), (match.start, match.end)
    return None


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _choice(text: str, choices: Sequence[str], *, alone: bool) -> _Found | None:
    whole = (0, len(text))
    by_name = {normalise(choice): choice for choice in choices}
    plain = normalise(text)
    if plain in by_name:
        return by_name[plain], whole
    if alone:
        return None
    if (place := _place(plain)) is not None and 0 < place <= len(choices):
        return choices[place - 1], whole
    named = [name for name in by_name if name and f" {name} " in f" {plain} "]
    named = [name for name in named if not any(name != other and name in other for other in named)]
    if len(named) == 1:
        return by_name[named[0]], whole if not _asks(text) else (0, 0)
    started = [name for name in by_name if len(plain) >= 2 and name.startswith(plain)]
    if len(started) == 1:
        return by_name[started[0]], whole
    near = difflib.get_close_matches(plain, list(by_name), n=2, cutoff=CLOSE) if plain else []
    return (by_name[near[0]], whole) if len(near) == 1 else None


def _place(plain: str) -> int | None:
    """The place that ``plain`` names: "2", "the second one"."""
    if plain.isascii() and plain.isdecimal() and len(plain) <= 2:
        return int(plain)
    words = [word for word in plain.split() if word not in {"the", "one", "option", "number", "please", "choice"}]
    return _PLACES.get(words[0]) if len(words) == 1 else None


def _text(text: str, *, alone: bool) -> _Found | None:
    if not any(char.isalnum() for char in text):
        return None
    if not alone and (_asks(text) or len(text.split()) > MOST_WORDS):
        return None
    return " ".join(text.split()), (0, len(text))


def _tried(wanted: Wanted, text: str) -> bool:
    """Whether ``text`` was meant as an answer, though it is none."""
    match wanted.kind:
        case "email":
            return "@" in text or bool(_NEARLY_ADDRESS.search(text))
        case "phone":
            return sum(char.isdigit() for char in text) >= 4
        case "number" | "date":
            return any(char.isdigit() for char in text)
        case "choice":
            return len(text.split()) <= 3
        case _:
            return False


def _declines(plain: str) -> bool:
    return len(plain.split()) <= MOST_REFUSING and _REFUSALS.search(plain) is not None


def _asks(text: str) -> bool:
    """Whether something is asked in ``text``."""
    if any(mark in text for mark in "?？؟"):
        return True
    plain = normalise(text)
    return bool(_QUESTION.match(plain)) or bool(_THEN_QUESTION.search(plain))


_ADDRESS = re.compile(r"[^\s@<>(),;:\"]{1,64}@[^\s@<>(),;:\"]{1,255}")
_NEARLY_ADDRESS = re.compile(r"\b(?:at|dot) (?:gmail|yahoo|outlook|hotmail|icloud)\b|\b(?:gmail|outlook|yahoo)\.?com\b")
_PLACES = {
    name: place
    for place, names in enumerate(("first erste premier primero primo", "second zweite deuxieme segundo secondo zwei",
                                   "third dritte troisieme tercero terzo", "fourth vierte quatrieme cuarto quarto",
                                   "fifth funfte cinquieme quinto"), 1)
    for name in names.split()
}  # fmt: skip
_REFUSALS = re.compile(  # on normalised text: no accents, no apostrophes
    r"^(?:no|nope|nah|skip|pass|decline|none|nein|non|nee|nao)$|^no+ (?:thanks?|thank you|thx)\b|\bnot (?:now|today"
    r"|telling)\b"
    r"|\b(?:rather|prefer) not\b|\bid prefer not\b|\b(?:dont|do not|wont|will not) (?:want|wish|like|tell|say|share"
    r"|give|answer)\b"
    r"|\bskip (?:this|that|it)\b|\bnone of your\b|\bno comment\b|\bthats private\b|\bits private\b"
    r"|^nein danke\b|\blieber nicht\b|\bmochte (?:ich )?(?:das )?(?:lieber )?nicht\b|\bkeine angabe\b|\bwill ich "
    r"nicht\b"
    r"|^non merci\b|\bje (?:ne )?(?:prefere|veux|souhaite) (?:ne )?pas\b|\bpasser\b|^no gracias\b|\bprefiero no\b"
    r"|\bno quiero\b"
    r"|^no grazie\b|\bpreferisco (?:di )?no\b|^nao obrigad|\bprefiro nao\b|\bliever niet\b|^nee (?:dank|bedankt)\b"
)
_QUESTION = re.compile(
    r"(?:and |but |ok |hi |hello |please )*(?:how|what|whats|where|wheres|when|why|who|which|can|could|do|does|did|is"
    r"|are|will|would|may|should"
    r"|wie|was|wo|wann|warum|wer|welche[rs]?|kann|konnen|gibt|haben|ist|sind|comment|quand|combien|pourquoi"
    r"|quel(?:le)?s?|est ce"
    r"|como|donde|cuando|cuanto|cual|puedo|hay|quanto|dove|quando|posso|hoe|wat|waar|wanneer|tell me|show me|i want "
    r"to know"
    r"|i need|i have a (?:question|problem))\b(?! name)"
)
_THEN_QUESTION = re.compile(
    r"\b(?:and|but|also|und|aber|et|y|e|en) (?:how|what|where|when|why|can|could|do|does|is|are|wie|was|wo|wann|kann"
    r"|comment|quand|combien"
    r"|como|donde|cuando|cuanto|quanto|dove|hoe|wat|waar)\b"
)
