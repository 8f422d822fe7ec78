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

from engine import phrases
from knowledge import dates, numbers, speech
from knowledge.text import normalise

LONGEST = 1_000  # characters of an answer that are looked at and kept
MOST_WORDS = 40  # of a free text that still counts as an answer when typed
MOST_BESIDE = 3  # words of a free text that count beside a question of the visitor's own: more lead up to it
MOST_IN_A_NAME = 6  # words of a name that is typed
CLOSE = 0.82  # likeness (difflib) from which a misspelt choice is the one that was meant

Kind = Literal["text", "email", "phone", "number", "date", "choice"]
State = Literal["answer", "declined", "invalid", "other"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question takes: its kind, its choices, the ``field`` of the lead that it fills; ``country`` (ISO 3166) for
    phone numbers without a prefix, ``locale`` for marks and the order of dates, ``today`` for "tomorrow"; what is
    expected is said in ``language``."""

    kind: Kind
    choices: Sequence[str] = ()
    country: str = "US"
    locale: str = "en"
    today: date = date(2026, 1, 1)
    field: str = ""
    language: str = "en"


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
    found = _alone(wanted, value) if value else None
    return Understood("invalid", sentence=expected(wanted)) if found is None else Understood("answer", found)


def typed(wanted: Wanted, text: str) -> Understood:
    """What a message says to the question."""
    text = text.strip()[:LONGEST]
    if wanted.kind in ("email", "phone"):
        return _typed_contact(wanted, text)
    parts = speech.clauses(text)
    said = [part for part in parts if not speech.asks(part) or _is_mere_doubt(wanted, part)]
    statement = " ".join(said).strip()
    asked = len(said) < len(parts)
    none = wanted.kind == "number" and len(text.split()) == 1  # "none" is a number
    if wanted.kind != "choice" and not asked and not none and speech.declines(text):
        return Understood("declined")
    value = _text(wanted, statement, beside=asked) if wanted.kind == "text" else _inside(wanted, statement)
    if value is not None:
        return Understood("answer", value, asks=asked)
    return _no_answer(wanted, text)


def expected(wanted: Wanted) -> str:
    """What an answer looks like, said to who gave none."""
    example, choices = f"{wanted.today:%Y-%m-%d}", ", ".join(wanted.choices)
    return phrases.say(wanted.kind, wanted.language, example=example, choices=choices)


def _typed_contact(wanted: Wanted, text: str) -> Understood:
    """An address or a number for calls is unmistakable, wherever in the message it stands."""
    found = _email(text) if wanted.kind == "email" else _phone(text, wanted.country)
    if found is None:
        return Understood("declined") if speech.declines(text) else _no_answer(wanted, text)
    value, (start, end) = found
    return Understood("answer", value, asks=any(map(speech.asks, speech.clauses(f"{text[:start]} {text[end:]}"))))


def _no_answer(wanted: Wanted, text: str) -> Understood:
    if speech.declines(text):
        return Understood("declined")
    if any(map(speech.asks, speech.clauses(text))) or not _tried(wanted, text):
        return Understood("other")
    return Understood("invalid", sentence=expected(wanted))


def _alone(wanted: Wanted, value: str) -> str | None:
    """The value of a control: nothing else may stand beside it."""
    match wanted.kind:
        case "email":
            found = _email(value)
            return found[0] if found is not None and found[1] == (0, len(value)) else None
        case "phone":
            return _phone_alone(value, wanted.country)
        case "number":
            return numbers.found(value, wanted.locale, alone=True)
        case "date":
            return dates.found(value, wanted.locale, wanted.today, alone=True)
        case "choice":
            return _exactly(value, wanted.choices)
        case _:
            return " ".join(value.split()) if _says_something(value) else None


def _inside(wanted: Wanted, statement: str) -> str | None:
    """The value that a statement holds."""
    match wanted.kind:
        case "number":
            return numbers.found(statement, wanted.locale, alone=False)
        case "date":
            return dates.found(statement, wanted.locale, wanted.today, alone=False)
        case _:
            return _choice(statement, wanted.choices)


def _is_mere_doubt(wanted: Wanted, part: str) -> bool:
    """An answer with a question mark behind it: "Tomorrow?", "Small?"."""
    bare = part.rstrip(" ?？؟")
    if speech.asks(bare):
        return False
    if wanted.kind == "choice":
        return _exactly(bare, wanted.choices) is not None
    return wanted.kind != "text" and len(bare.split()) <= 2 and _inside(wanted, bare) is not None


def _email(text: str) -> tuple[str, tuple[int, int]] | None:
    for match in _ADDRESS.finditer(text):
        address = match[0].rstrip(".!?'")
        start = match.start() + len(address) - len(address.lstrip("'"))
        try:
            found = validate_email(address.lstrip("'"), check_deliverability=False).normalized
        except EmailNotValidError:
            continue
        return found, (start, match.start() + len(address))
    return None


def _phone(text: str, country: str) -> tuple[str, tuple[int, int]] | None:
    for match in phonenumbers.PhoneNumberMatcher(text, country, max_tries=50):
        return _e164(match.number), (match.start, match.end)
    return None


def _phone_alone(value: str, country: str) -> str | None:
    try:
        number = phonenumbers.parse(value, country)
    except phonenumbers.NumberParseException:
        return None
    return _e164(number) if phonenumbers.is_valid_number(number) else None


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _exactly(value: str, choices: Sequence[str]) -> str | None:
    """The choice itself, else the one choice that differs in case, accents and marks alone."""
    if value in choices:
        return value
    plain = normalise(value)
    same = [choice for choice in choices if plain and normalise(choice) == plain]
    return same[0] if len(same) == 1 else None


def _choice(text: str, choices: Sequence[str]) -> str | None:
    """The one choice that ``text`` names: itself, by its place, inside a sentence, begun, or misspelt."""
    if (same := _exactly(text, choices)) is not None:
        return same
    plain = normalise(text)
    if not plain:
        return None
    if (place := _place(plain)) is not None and 0 < place <= len(choices):
        return choices[place - 1]
    by_name = {normalise(choice): choice for choice in choices}
    named = [name for name in by_name if name and f" {name} " in f" {plain} "]
    named = [name for name in named if not any(name != other and name in other for other in named)]
    if named:
        return by_name[named[0]] if len(named) == 1 else None
    started = [name for name in by_name if len(plain) >= 2 and name.startswith(plain)]
    if len(started) == 1 and not speech.declines(text):
        return by_name[started[0]]
    near = difflib.get_close_matches(plain, list(by_name), n=2, cutoff=CLOSE)
    return by_name[near[0]] if len(near) == 1 else None


def _place(plain: str) -> int | None:
    """The place that ``plain`` names: "2", "the second one"."""
    words = [word for word in plain.split() if word not in _ROUND_A_PLACE]
    if len(words) != 1:
        return None
    if words[0].isascii() and words[0].isdecimal() and len(words[0]) <= 2:
        return int(words[0])
    return _PLACES.get(words[0])


def _text(wanted: Wanted, statement: str, *, beside: bool) -> str | None:
    """Free words. A name is short; beside a question of the visitor's own only few words are an answer."""
    if not _says_something(statement) or speech.is_mere_politeness(statement):
        return None
    said = " ".join(statement.split())
    if wanted.field == "name":
        said = _I_AM.sub("", said, count=1) or said
    count = len(said.split())
    if count > (MOST_IN_A_NAME if wanted.field == "name" else MOST_WORDS) or (beside and count > MOST_BESIDE):
        return None
    return said.strip(" ,;.!") or None


def _says_something(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _tried(wanted: Wanted, text: str) -> bool:
    """Whether ``text`` was meant as an answer, though it is none."""
    match wanted.kind:
        case "email":
            return "@" in text or bool(_NEARLY_ADDRESS.search(text))
        case "phone":
            return sum(char.isdigit() for char in text) >= 4
        case "number" | "date":
            return any(char.isdigit() for char in text) or bool(_PERIOD.search(normalise(text)))
        case "choice":
            return len(text.split()) <= 3 and not speech.is_mere_politeness(text)
        case _:
            return False


_ADDRESS = re.compile(r"[^\s@<>(),;:\"]{1,64}@[^\s@<>(),;:\"]{1,255}")
_NEARLY_ADDRESS = re.compile(
    r"\b(?:at|dot) (?:gmail|yahoo|outlook|hotmail|icloud)\b|\b(?:gmail|outlook|yahoo)\.?com\b", re.IGNORECASE
)
_PERIOD = re.compile(r"\b(?:weeks?|months?|spring|summer|autumn|winter|wochen?|monate?|semaines?|mois|semanas?|mes)\b")
_I_AM = re.compile(
    r"^(?:(?:hi|hello|hallo|hola|bonjour),? )?(?:my name is|my name's|the name is|i am|i'm|i’m|it is|it's|it’s|this is"
    r"|ich bin|ich hei(?:ss|ß)e|mein name ist|je suis|je m'appelle|je m’appelle|me llamo|soy|mi chiamo|sono|ik ben"
    r"|ik heet) ",
    re.IGNORECASE,
)
_ROUND_A_PLACE = frozenset("the one option number no please choice i take ill das die der le la el".split())
_PLACES = {
    name: place
    for place, names in enumerate(("first erste erstes premier premiere primero primera primo",
                                   "second zweite zweites deuxieme segundo segunda secondo",
                                   "third dritte drittes troisieme tercero tercera terzo",
                                   "fourth vierte quatrieme cuarto quarto", "fifth funfte cinquieme quinto"), 1)
    for name in names.split()
}  # fmt: skip
