"""Which of an owner's rules a visitor's words meet. Pure.

A phrase is met when all of its words stand in the message, in whatever form and order; words that are in every
sentence do not count unless the phrase has no others, which is then looked for as it stands. A longer word of the
message that no phrase knows is read as the one it misspells or is another form of, and only then, so that a rule seldom
meets by accident.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.ports import Rule
from knowledge import spelling
from knowledge.text import STOP_WORDS, normalise, stem, words

SAME_START = 0.75  # of the longer word: "storniert" is a form of "stornieren", "medicine" none of "medical"
BEGINNING = 4  # letters by which words are looked up
SHORTEST = 6  # letters of a word that may be misspelt: below, another word is too often one edit away


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules made ready, in the owner's order: each with the stems of its phrases, and with those that are looked for
    as they stand."""

    ready: tuple[tuple[Rule, tuple[frozenset[str], ...], tuple[str, ...]], ...]
    language: str | None
    known: frozenset[str]  # stems of all their words
    speller: spelling.Speller
    begun: Mapping[str, tuple[str, ...]]  # words by how they begin


def learn(rules: Sequence[tuple[Rule, Sequence[str]]], language: str | None) -> Rules:
    """``rules`` with their phrases, in a Snowball ``language``."""
    ready = []
    vocabulary: Counter[str] = Counter()
    for rule, phrases in rules:
        vocabulary.update(word for phrase in phrases for word in words(phrase))
        counting = [(phrase, _counting(words(phrase), language)) for phrase in phrases]
        stems = tuple(found for _, found in counting if found)
        plain = tuple(f" {normalise(phrase)} " for phrase, found in counting if not found and normalise(phrase))
        ready.append((rule, stems, plain))
    known = frozenset(stem(word, language) for word in vocabulary)
    begun: dict[str, tuple[str, ...]] = {}
    for word in vocabulary:
        if len(word) >= SHORTEST:
            begun[word[:BEGINNING]] = (*begun.get(word[:BEGINNING], ()), word)
    return Rules(tuple(ready), language, known, spelling.learn(vocabulary), begun)


def met(rules: Rules, text: str) -> Rule | None:
    """The first rule that ``text`` meets."""
    if not rules.ready:
        return None
    said = _counting([_meant(rules, word) for word in words(text)], rules.language)
    plain = f" {normalise(text)} "
    for rule, stems, phrases in rules.ready:
        if any(phrase <= said for phrase in stems) or any(phrase in plain for phrase in phrases):
            return rule
    return None


def _counting(found: Sequence[str], language: str | None) -> frozenset[str]:
    return frozenset(stem(word, language) for word in found if word not in STOP_WORDS)


def _meant(rules: Rules, word: str) -> str:
    if len(word) < SHORTEST or stem(word, rules.language) in rules.known:
        return word
    if (spelled := spelling.repaired(rules.speller, word)) is not None:
        return spelled
    alike = {known: _same_start(known, word) for known in rules.begun.get(word[:BEGINNING], ())}
    best = max(alike, key=lambda known: (alike[known], known), default=word)
    return best if alike.get(best, 0.0) >= SAME_START else word


def _same_start(a: str, b: str) -> float:
    same = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return same / max(len(a), len(b))
