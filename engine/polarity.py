"""Whether a sentence says the opposite of a fact: the same content words, and one "not" more or less. Pure.

Only what is nearly the same statement is compared, so that a paraphrase is not taken for a contradiction: precision
comes before recall here, because a number or a name is caught elsewhere and a true sentence withheld is a loss too.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from engine import lexicon
from engine.lexicon import fold

ALIKE = 0.6  # of the content words of both (Dice) that two statements share before their "not" is compared
COVERED = 0.8  # of the shorter one's content words in the longer one


class Statement(NamedTuple):
    """``stems`` of the content words, ``denied``: an odd number of negations."""

    stems: frozenset[str]
    denied: bool


_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+(?:[.,:]\d+)*")
_CLAUSE = re.compile(
    r"[;:•|\n()]|[.!?。！？](?=\s|$)|,(?!\d)|\s[–—-]\s"
    r"|\b(?:but|however|although|except|unless|because|if|once|when|while|aber|jedoch|ausser|wenn|falls|sobald|weil"
    r"|mais|sauf|si|"
    r"lorsque|pero|salvo|excepto|cuando|ma|tranne|se|maar|behalve|als)\b",
    re.I,
)
# A denial that denies nothing, taken out before negations are counted.
_IDIOMS = re.compile(
    r"\b(?:(?:costs?|pay|pays|paying) nothing|not only|no problem|no later than|no more than|no less than|no longer "
    r"than|not more than|no matter|"
    r"don't (?:worry|hesitate)|do not (?:worry|hesitate)|no worries|why not|not to worry|no doubt|"
    r"nicht nur|kein problem|keine sorge|nicht mehr als|zogern sie nicht|non seulement|pas de probleme|pas plus de|"
    r"n'hesitez pas|ne vous inquietez pas|no solo|no dude en|no mas de|sin problema|non solo|niet alleen|geen "
    r"probleem)\b"
)


_TWO = re.compile(r"\b([a-z]{3,8})[- ](in|out|up|off)\b")  # "check-in" and "check out" differ in the small word alone


def clauses(text: str) -> list[str]:
    """``text`` at its commas, stops, brackets and conjunctions."""
    return [part for part in (piece.strip() for piece in _CLAUSE.split(text)) if part]


def stems(text: str) -> frozenset[str]:
    """What the content words of ``text`` share with their kin; numbers as they stand."""
    return statement(text).stems


@lru_cache(2_048)
def statement(text: str) -> Statement:
    """The content and the polarity of one clause."""
    text = _IDIOMS.sub(" ", " ".join(fold(text).split()))
    text = text.replace("non-", "non ").replace("can't", "can not").replace("won't", "will not")
    found, denied, french = set(), 0, False
    for word in _WORD.findall(text):
        word, contracted = word.removesuffix("n't"), word.endswith("n't")
        denied += contracted
        if word in lexicon.NEGATORS:
            if word in ("ne", "pas", "ni", "jamais", "aucun", "aucune"):
                french = True
            else:
                denied += 1
            continue
        if word in lexicon.OPPOSITES:
            denied += 1
        for each in word.split("'"):
            if len(each) > 1 and each not in lexicon.SMALL:
                found.add(lexicon.stem(each))
    found |= {f"{verb}-{way}" for verb, way in _TWO.findall(text)}
    return Statement(frozenset(found), (denied + french) % 2 == 1)


def opposed(said: Iterable[Statement], known: Sequence[Statement]) -> bool:
    """Whether one of ``said`` is the opposite of what ``known`` says on it, and nothing there says the same."""
    return any(_opposed(each, known) for each in said)


def _opposed(said: Statement, known: Sequence[Statement]) -> bool:
    if len(said.stems) < 1:
        return False
    best = {True: 0.0, False: 0.0}
    for fact in known:
        shared = len(said.stems & fact.stems)
        if not shared:
            continue
        alike = 2 * shared / (len(said.stems) + len(fact.stems))
        covered = shared / min(len(said.stems), len(fact.stems))
        enough = shared >= 2 or said.stems == fact.stems
        if enough and (alike >= ALIKE and covered >= COVERED):
            best[fact.denied] = max(best[fact.denied], alike)
    return best[not said.denied] > best[said.denied]


def answered(question: str, text: str, *, closely: bool = False) -> Iterator[Statement]:
    """What "Yes, …" and "No, …" say when ``question`` was asked: its content, affirmed or denied. ``closely``: only
    where the rest of the sentence is about nothing else ("No, sale items …" may leave what was asked as it is)."""
    folded = fold(text)
    first = _WORD.search(folded)
    word = first[0] if first and first.start() < 6 else ""
    if first and (word in lexicon.YES or word in lexicon.NO):
        asked = statement(question).stems
        if asked and (not closely or statement(folded[first.end() :]).stems <= asked):
            yield Statement(asked, word in lexicon.NO)
