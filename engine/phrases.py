"""What the house says to visitors in its own name, in their language: ``words/<tag>.json`` holds the sentences."""

import json
import unicodedata
from functools import cache
from pathlib import Path

from engine.languages import DEFAULT, LANGUAGES

HERE = Path(__file__).parent / "words"
_ISOLATE, _END = "\u2068", "\u2069"  # first-strong isolate, and its end (UAX 9)
_RIGHT_TO_LEFT = ("R", "AL")


def say(key: str, language: str = DEFAULT, **values: str | int) -> str:
    """The sentence ``key`` in ``language`` (one of ``LANGUAGES``), its places filled with ``values``. What is written
    in the other direction is isolated, so that it cannot turn the sentence around."""
    sentence = _words(language)[key]
    return sentence.format_map({name: _filled(value, language) for name, value in values.items()})


def unsure(lead: str, offers: tuple[str, ...], language: str = DEFAULT) -> str:
    """The plain word for not knowing (``lead``: its key), with what is offered instead."""
    offer = "these" if len(offers) > 1 else "this" if offers else "offer_person"
    return joined(say(lead, language), say(offer, language))


def joined(first: str, second: str) -> str:
    """Two sentences in a row, as their script has it: after a full-width stop there is no space."""
    return first + second if first.endswith(("。", "？", "！")) else f"{first} {second}"


def _filled(value: str | int, language: str) -> str:
    if isinstance(value, int):
        return f"{value:,}" if language == "en" else str(value)
    ours = LANGUAGES[language].direction == "rtl"
    foreign = any((unicodedata.bidirectional(c) in _RIGHT_TO_LEFT) != ours for c in value if c.isalpha())
    return f"{_ISOLATE}{value}{_END}" if foreign else value


@cache
def _words(language: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((HERE / f"{language}.json").read_text(encoding="utf-8"))
    return found
