"""Whether the facts that a model was shown support a sentence of its answer. Pure.

Not a judgement of truth but of what can be checked: every number, price, time, date, address, link and name in the
sentence must stand in the facts, at the fact that the sentence is about; it must not say the opposite of one; and it
must claim no deed, because the bot cannot act. What the facts only imply (a sum, a day inside a range) is not
supported. A value from the visitor's own question may be repeated, but not confirmed: "Yes, we deliver to 10115" needs
a fact.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from engine import deeds, lexicon, polarity
from engine.claims import Claim, Key
from engine.lexicon import fold
from engine.names import named
from engine.polarity import Statement
from engine.ports import Fact
from engine.reading import read
from engine.sentences import LONGEST, Sentences

PASSAGE = 600  # characters of an entry's own text that replaces a sentence at most
MOST_WORDS, MOST_NUMBERS = 120, 30  # in one sentence; what has more is no sentence, and would cost its check too long
MOST_CLAUSES = 20  # that a value's place is looked for in
_NUMBER = re.compile(r"\d+")
_PLACED = frozenset(
    ("number", "price", "percent", "time", "span", "amount", "date", "month", "weekday", "phone", "free")
)
_AROUND = 0.4  # weight of a word in the rest of a value's sentence, against 1 in its own clause
SAID = 0.7  # of the words of a text that make it said already, all its values being said
_NEAR, _FAR = 0.35, 0.8  # by how much another line of the same entry, of another one, must fit better
_NORMAL = re.compile(r"\w+|[€$£¥%°]")
_AND = re.compile(
    r"[;•|\n()]|,(?!\d)|[.!?](?=\s|$)|\b(?:and|but|while|whereas|und|aber|et|mais|y|pero|e|ma|en|maar)\b", re.I
)
_UNKNOWING = re.compile(
    r"\b(?:not sure|unsure|(?:i|we) (?:do not|don't|cannot|can't|could not|couldn't) (?:know|find|confirm|say|tell"
    r"|verify)|"
    r"(?:do not|don't) (?:know|have (?:any |that |this |the )?(?:information|details?|answer))|no information|"
    r"not (?:mentioned|listed|stated|specified)|(?:does not|doesn't|do not|don't) (?:say|mention|list|specify)|"
    r"weiss (?:ich )?(?:es |das )?(?:leider )?nicht|nicht sicher|keine (?:information|angabe)|steht nicht|"
    r"ne sais pas|pas d'information|je n'ai pas|no (?:lo )?se\b|no tengo|no estoy segur|non (?:lo )?so\b|weet (?:het "
    r"|ik )?niet|geen informatie)"
)
_ASKED = re.compile(
    r"\byou (?:asked|mentioned|wrote|said|gave)|\b(?:your question about|gefragt|erwahnt|vous (?:avez )?demand|pregunt)"
)
_NOTHING_TO_PAY = re.compile(
    r"\b(?:no (?:extra |additional )?(?:charge|cost|fee|fees|costs)|without (?:charge|cost)|free|complimentary"
    r"|included|frei|kostenfrei\w*|"
    r"keine? (?:kosten|gebuhr\w*)|ohne (?:kosten|aufpreis|gebuhr\w*)|sans (?:frais|supplement)|aucuns? frais|sin "
    r"(?:coste|costo|cargo|gastos)\w*|"
    rf"senza (?:costi|spese)|zonder kosten|offert\w*|libre de cargos?|{'|'.join(sorted(lexicon.FREE))})\b"
    rf"|(?<![\d.,])0(?:[.,]00)? ?(?:€|\$|eur|usd|gbp|£)|[€$£] ?0(?![.,]?\d)"
)
_FREE = frozenset(lexicon.stem(word) for word in lexicon.FREE)
_HELLO = re.compile(r"^\W*(?:hi|hello|hey|dear|hallo|bonjour|hola|ciao|thanks?|thank you|danke|merci|gracias)\b")


@dataclass(frozen=True, slots=True)
class _Line:
    """A clause of a fact, with what stands around it."""

    own: frozenset[str]  # stems of the clause, the days and months in it
    around: frozenset[str]  # stems of the whole sentence and of the entry's question
    keys: frozenset[Key]
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A fact as it was read."""

    lines: tuple[_Line, ...]
    keys: frozenset[Key]
    whole: frozenset[str]  # its sentences, normal
    known: tuple[Statement, ...]
    language: str | None


@dataclass(slots=True)
class Ground:
    """The facts of one prompt, ready to be held against sentences. ``names``: those of the shop and the bot;
    ``question``: what the visitor asked."""

    facts: Sequence[Fact]
    names: Sequence[str] = ()
    question: str = ""
    _entries: list[_Entry] = field(default_factory=list, init=False)
    _keys: set[Key] = field(default_factory=set, init=False)
    _echo: set[Key] = field(default_factory=set, init=False)
    _whole: set[str] = field(default_factory=set, init=False)
    _known: list[Statement] = field(default_factory=list, init=False)
    _language: str | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._entries = [_entry(fact.question, fact.answer, fact.url) for fact in self.facts]
        for entry in self._entries:
            self._keys |= entry.keys
            self._whole |= entry.whole
            self._known += entry.known
            self._language = self._language or entry.language
        asked = read(self.question, self._language)
        self._echo = set(_keys_of(asked.claims)) | _named(asked.words)
        self._language = asked.language or self._language
        for name in self.names:
            known = read(name)
            self._keys |= _named(known.words) | set(_keys_of(known.claims))

    def objection(self, sentence: str) -> str | None:
        """Why ``sentence`` may not be shown: the kind of what is unsupported; None where nothing speaks against it."""
        text = lexicon.plain(sentence[: LONGEST + 1])
        if (
            len(sentence) > LONGEST
            or len(_NORMAL.findall(text)) > MOST_WORDS
            or len(_NUMBER.findall(text)) > MOST_NUMBERS
        ):
            return "length"
        if _normal(text) in self._whole:
            return None
        if deeds.claimed(text):
            return "action"
        unknowing = self.unknowing(text)
        asking = text.rstrip().rstrip("*_)\"'").endswith(("?", "？", "؟"))
        said = read(text, self._language)
        repeated = self._repeated(text, said.claims, asking=asking)
        for claim in said.claims:
            if not claim.soft and not repeated.intersection(claim.keys) and not self._stands(claim, text):
                return claim.kind
        if unknowing or asking:
            return None
        return self._misplaced(text, said.claims) or self._opposed(text)

    def supported(self, sentence: str) -> bool:
        """Whether nothing speaks against ``sentence``."""
        return self.objection(sentence) is None

    def unknowing(self, sentence: str) -> bool:
        """Whether ``sentence`` says that something is not known."""
        return _UNKNOWING.search(fold(lexicon.plain(sentence))) is not None

    def valued(self, text: str) -> bool:
        """Whether a value stands in ``text`` at all."""
        return any(not claim.soft for claim in read(text, self._language).claims)

    def about(self, sentence: str) -> int | None:
        """The fact that ``sentence`` is about, by its words and values; None where it has nothing of any of them."""
        text = lexicon.plain(sentence)
        words, keys = polarity.stems(text), set(_keys_of(read(text, self._language).claims))
        scores = [max((_score(line, words, keys) for line in entry.lines), default=0.0) for entry in self._entries]
        best = max(scores, default=0.0)
        return scores.index(best) if best >= 1 else None

    def basis(self, sentence: str) -> set[int]:
        """The facts that hold what ``sentence`` says: the one it is about, and those its other values stand in."""
        place = None if self.unknowing(sentence) else self.about(sentence)
        if place is None:
            return set()
        found = {place}
        for claim in read(sentence, self._language).claims:
            holders = [at for at, entry in enumerate(self._entries) if entry.keys.intersection(claim.keys)]
            if holders and not found.intersection(holders) and not claim.soft:
                found.add(holders[0])
        return found

    def said(self, text: str, already: str) -> bool:
        """Whether ``already`` holds what ``text`` says: all its values and most of its words."""
        wanted, have = read(text, self._language), read(already, self._language)
        missing = set(_keys_of([claim for claim in wanted.claims if not claim.soft])) - set(_keys_of(have.claims))
        words = polarity.stems(lexicon.plain(text))
        return not missing and len(words & polarity.stems(lexicon.plain(already))) >= SAID * len(words)

    def passage(self, place: int, sentence: str) -> str:
        """The entry's own text on what ``sentence`` is about: its answer, or of a long one the paragraph that fits."""
        answer = self.facts[place].answer.strip()
        if len(answer) <= PASSAGE:
            return answer
        wanted = polarity.stems(lexicon.plain(f"{sentence} {self.question}"))
        parts = [part.strip() for part in re.split(r"\n\s*\n", answer) if part.strip()]
        best = max(parts, key=lambda part: len(wanted & polarity.stems(lexicon.plain(part))))
        if len(best) <= PASSAGE:
            return best
        splitter = Sentences()
        pieces = [*splitter.feed(best), *splitter.close()]
        piece = max(pieces, key=lambda part: len(wanted & polarity.stems(lexicon.plain(part))))
        return piece.strip()[:LONGEST]

    # Holding a sentence against them

    def _repeated(self, text: str, said: Sequence[Claim], *, asking: bool) -> set[Key]:
        """What of the visitor's own words is only repeated: in a question, in a clause that says that something is not
        known or was asked, and the name in a greeting."""
        if asking:
            return self._echo
        keys: set[Key] = set()
        for clause, found in _clauses(text, said, self._language):
            folded = fold(clause)
            if _UNKNOWING.search(folded) or _ASKED.search(folded):
                keys.update(_keys_of(found))
        if _HELLO.search(fold(text)):
            keys.update(_keys_of([claim for claim in said if claim.kind == "name"]))
        return keys & self._echo

    def _stands(self, claim: Claim, text: str) -> bool:
        if claim.kind == "free" and polarity.statement(text).denied:
            return True
        return not self._keys.isdisjoint(claim.keys)

    def _misplaced(self, text: str, found: Sequence[Claim]) -> str | None:
        """The kind of a value that stands in the facts, but not at what this sentence is about."""
        around = _words(text)
        for clause, inside in _clauses(text, found, self._language):
            placed = {claim.keys: claim for claim in inside if claim.kind in _PLACED and not claim.soft}
            own = _words(clause) | _labels(inside)
            for claim in placed.values():
                if self._elsewhere(claim, own, around):
                    return claim.kind
        return None

    def _elsewhere(self, claim: Claim, own: frozenset[str], around: frozenset[str]) -> bool:
        """Whether another value of this kind stands where the sentence's other words point."""
        itself = _labels([claim]) | (_FREE if claim.kind == "free" else frozenset())
        own, around = own - itself, around - itself
        rival = "price" if claim.kind == "free" else claim.kind
        here, there = [-1.0] * len(self._entries), [-1.0] * len(self._entries)
        for place, entry in enumerate(self._entries):
            for line in entry.lines:
                if not line.keys.isdisjoint(claim.keys):
                    here[place] = max(here[place], _fit(line, own, around))
                elif rival in line.kinds:
                    there[place] = max(there[place], _fit(line, own, around))
        best = max(here)
        home = here.index(best)
        return best >= 0 and any(
            fit - best >= (_NEAR if place == home or not best else _FAR) for place, fit in enumerate(there)
        )

    def _opposed(self, text: str) -> str | None:
        said = list({polarity.statement(part) for part in polarity.clauses(text)})
        said += polarity.answered(lexicon.plain(self.question), text, closely=True)
        return "contradiction" if polarity.opposed(said, self._known) else None


@lru_cache(2_048)
def _entry(question: str, answer: str, url: str | None) -> _Entry:
    question, answer = lexicon.plain(question), lexicon.plain(answer)
    told = read(answer).language or read(question).language
    about, lines, known = polarity.stems(question), list[_Line](), list[Statement]()
    keys: set[Key] = set(_keys_of(read(url).claims)) if url else set()
    pieces = _sentences(answer)
    for text, context in ((question, frozenset[str]()), *((piece, about) for piece in pieces)):
        whole = read(text, told)
        keys |= _named(whole.words) | set(_keys_of(whole.claims)) - {("free",)}
        around = polarity.stems(text) | context
        for clause, found in _clauses(text, whole.claims, told):
            free = frozenset({("free",)}) if _gives(clause) else frozenset()
            keys |= free
            own = polarity.stems(clause) | _labels(found)
            line_keys = (frozenset(_keys_of(found)) - {("free",)}) | free
            lines.append(_Line(own, around, line_keys, frozenset(claim.kind for claim in found)))
    for text in pieces:
        known += [polarity.statement(part) for part in (text, *polarity.clauses(text))]
    known += polarity.answered(question, answer)
    whole_ones = frozenset(_normal(text) for text in (question, *pieces))
    return _Entry(tuple(lines), frozenset(keys), whole_ones, tuple(known), told)


def _gives(clause: str) -> bool:
    """Whether ``clause`` says that something costs nothing."""
    found = _NOTHING_TO_PAY.search(fold(clause))
    if found is None:
        return False
    rest = f"{clause[: found.start()]} {clause[found.end() :]}"
    return not polarity.statement(rest).denied


def _score(line: _Line, words: frozenset[str], keys: set[Key]) -> float:
    return len(words & line.own) + _AROUND * len(words & (line.around - line.own)) + 2 * len(keys & line.keys)


def _fit(line: _Line, own: frozenset[str], around: frozenset[str]) -> float:
    near = len(own & line.own) + _AROUND * len(own & (line.around - line.own))
    rest = around - own
    return near + _AROUND * (len(rest & line.own) + _AROUND * len(rest & (line.around - line.own)))


def _clauses(text: str, found: Sequence[Claim], language: str | None) -> Iterator[tuple[str, list[Claim]]]:
    """The clauses of a sentence with their claims; the sentence as one where a cut would tear a value ("9 and 5")."""
    parts = [part for part in _AND.split(text) if part and part.strip()]
    if 1 < len(parts) <= MOST_CLAUSES:
        inside = [read(part, language).claims for part in parts]
        if sorted(claim.keys for each in inside for claim in each) == sorted(claim.keys for claim in found):
            yield from zip(parts, inside, strict=True)
            return
    yield text, list(found)


def _sentences(text: str) -> list[str]:
    splitter = Sentences()
    return [piece for piece in (*splitter.feed(text), *splitter.close()) if piece.strip()]


def _words(text: str) -> frozenset[str]:
    """Stems without numbers: what a value is said of, not the value."""
    return frozenset(stem for stem in polarity.stems(text) if not stem[0].isdigit())


def _keys_of(found: Sequence[Claim]) -> Iterator[Key]:
    for claim in found:
        yield from claim.keys
        yield from claim.also


def _labels(found: Sequence[Claim]) -> frozenset[str]:
    """Claims that say what others belong to: the day of an hour, the code of a price."""
    return frozenset(":".join(claim.keys[0]) for claim in found if claim.kind in ("weekday", "month", "code"))


def _named(words: Sequence[str]) -> set[Key]:
    return {key for word in words for key in named(word)}


def _normal(text: str) -> str:
    return " ".join(_NORMAL.findall(fold(text)))
