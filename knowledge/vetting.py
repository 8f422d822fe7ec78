"""What of a model's reply to :mod:`knowledge.drafting` may be used. Pure.

A reply is read like a stranger's: of the wanted form, in bounds, every sentence held against the text it was made from.
What does not stand that is left out and the reason told; the words that were there before are never lost by it.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar

import msgspec

from engine import lexicon, polarity
from engine.codec import clean
from engine.grounding import Ground
from engine.ports import Fact
from engine.sentences import Sentences
from knowledge.drafting import LONGEST_QUESTION, MOST_PHRASINGS, MOST_QUESTIONS, Passage
from knowledge.formats.asked import is_question
from knowledge.text import normalise

T = TypeVar("T")

CARRIED = 0.6  # of an answer's content words that must stand in the text it was taken from; linking words are its own
MOST_LOOKED_AT = 20  # questions of one reply: each costs a check
LONGER = 1.25  # times the text that an answer taken from it may be long

UNREADABLE: Final = "The model's reply could not be read, so the words of the document stay."
NO_QUESTION: Final = "The model found no question that this text answers, so the words of the document stay."
NOT_FROM_IT: Final = "The model's answer was not taken from this text, so the words of the document stay."
_STRANGE: Final = {
    "action": "claimed that something was done",
    "contradiction": "said the opposite of the text",
    "length": "held a sentence that is too long to be checked",
    "free": "said that something is free, which is not in the text",
    "span": "held a length of time that is not in the text",
    "amount": "held an amount that is not in the text",
    "email": "held an e-mail address that is not in the text",
}


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one passage. ``question`` None: nothing could be used. ``answer`` None: the passage's own text
    stays. ``reason``: why something was left out, "" where nothing was."""

    question: str | None
    phrasings: tuple[str, ...] = ()
    answer: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Drafted:
    """A drafted answer and the places of the facts that it rests on. ``answer`` "": the facts do not hold one."""

    answer: str
    places: tuple[int, ...] = ()


def entries_in(reply: str, passages: Sequence[Passage], taken: Collection[str]) -> list[Written]:
    """What of ``reply`` may be used, by passage. ``taken``: questions, normalised, that other entries ask."""
    found = _read(reply, _Entries)
    if found is None:
        return [Written(None, reason=UNREADABLE)] * len(passages)
    by_number: dict[int, _Entry] = {}
    for entry in found.entries:
        by_number.setdefault(entry.passage, entry)
    known, written = set(taken), list[Written]()
    for number, passage in enumerate(passages, 1):
        written.append(_written(by_number.get(number), passage, known))
        known.update(normalise(one) for one in (written[-1].question or "", *written[-1].phrasings))
    return written


def phrasings_in(
    reply: str, question: str, alternatives: Sequence[str], answer: str, taken: Collection[str]
) -> list[str]:
    """The phrasings in ``reply`` that may be suggested, at most :data:`MOST_PHRASINGS`; none where it says nothing."""
    found = _read(reply, _Phrasings)
    if found is None:
        return []
    ground = Ground([Fact("", "\n".join((question, *alternatives)), answer, 1.0)])
    known = {*taken, *map(normalise, (question, *alternatives))}
    return _usable(found.phrasings, ground, known)[:MOST_PHRASINGS]


def answer_in(reply: str, question: str, facts: Sequence[Fact]) -> Drafted | str:
    """The answer in ``reply``, or in a sentence for the owner why it cannot be used."""
    found = _read(reply, _Answer)
    if found is None:
        return "The model's reply could not be read. Try again, or write the answer yourself."
    answer, ground = clean(found.answer), Ground(facts, question=question)
    if not found.known or not answer or ground.unknowing(answer):
        return Drafted("")
    if objection := _objection(ground, answer):
        return f"The model's draft {_strange(objection)}. Write the answer yourself."
    if _carried(answer, "\n".join(f"{fact.question}\n{fact.answer}" for fact in facts)) < CARRIED:
        return "The model's draft was not taken from your entries. Write the answer yourself."
    return Drafted(answer, tuple(sorted({place for one in _sentences(answer) for place in ground.basis(one)})))


class _Entry(msgspec.Struct):
    passage: int
    questions: list[str]
    answer: str = ""


class _Entries(msgspec.Struct):
    entries: list[_Entry]


class _Phrasings(msgspec.Struct):
    phrasings: list[str]


class _Answer(msgspec.Struct):
    known: bool
    answer: str = ""


_PLACE = re.compile(r" ?(?:\(\d+/\d+\)|\[\d+\])$")  # what tells apart two headings that are the same


def _read(reply: str, wanted: type[T]) -> T | None:
    """The object in ``reply``, whatever a model wraps around it; None where there is none of the wanted form."""
    text = reply[reply.find("{") : reply.rfind("}") + 1]
    try:
        return msgspec.json.decode(text, type=wanted)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None


def _written(entry: _Entry | None, passage: Passage, taken: set[str]) -> Written:
    """One passage: a heading that is a question stays the question; any other stays as one more phrasing."""
    ground = Ground([Fact("", passage.title, passage.text, 1.0)])
    heading = _PLACE.sub("", passage.title)
    asks = _usable(entry.questions if entry else (), ground, taken | {normalise(heading)})[:MOST_QUESTIONS]
    if not asks:
        return Written(None, reason=NO_QUESTION)
    answer, reason = _answered(clean(entry.answer) if entry else "", passage, ground)
    if is_question(heading):
        return Written(passage.title, tuple(asks), answer, reason)
    kept = [heading] if heading == passage.title else []
    return Written(asks[0], (*asks[1:], *kept), answer, reason)


def _answered(answer: str, passage: Passage, ground: Ground) -> tuple[str | None, str]:
    if not answer or normalise(answer) == normalise(passage.text):
        return None, ""
    if objection := _objection(ground, answer):
        return None, f"The model's answer {_strange(objection)}, so the words of the document stay."
    strange = len(answer) > LONGER * len(passage.text) or ground.unknowing(answer)
    if strange or _carried(answer, f"{passage.title}\n{passage.text}") < CARRIED:
        return None, NOT_FROM_IT
    return answer, ""


def _usable(questions: Iterable[str], ground: Ground, taken: Collection[str]) -> list[str]:
    """Those that can be asked: short, not asked already, and naming nothing that the text does not."""
    found: dict[str, str] = {}
    for question in islice(questions, MOST_LOOKED_AT):
        plain = " ".join(clean(question).split())
        key = normalise(plain)
        if key and key not in taken and len(plain) <= LONGEST_QUESTION and ground.objection(plain) is None:
            found.setdefault(key, plain)
    return list(found.values())


def _objection(ground: Ground, text: str) -> str | None:
    return next((why for one in _sentences(text) if (why := ground.objection(one)) is not None), None)


def _sentences(text: str) -> list[str]:
    splitter = Sentences()
    return [one for one in (*splitter.feed(text), *splitter.close()) if one.strip()]


def _carried(answer: str, text: str) -> float:
    """The share of the answer's content words that stand in ``text``."""
    said = polarity.stems(lexicon.plain(answer))
    return len(said & polarity.stems(lexicon.plain(text))) / len(said) if said else 0.0


def _strange(objection: str) -> str:
    return _STRANGE.get(objection, f"held a {objection} that is not in the text")
