"""Whether the facts that a model was shown support a sentence of its answer. Pure.

Not a judgement of truth but of what can be checked: every number, price, time, date, address, link and name in the
sentence must stand in the facts, at the fact that the sentence is about; it must not say the opposite of one; and it
must claim no deed, because the bot cannot act. What the facts only imply (a sum, a day inside a range) is not supported.
A value from the visitor's own question may be repeated, but not confirmed: "Yes, we deliver to 10115" needs a fact.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine import claims, deeds, lexicon, polarity
from engine.claims import Claim, Key
from engine.lexicon import fold
from engine.polarity import Statement
from engine.ports import Fact
from engine.sentences import LONGEST, Sentences

PASSAGE = 600  # characters of an entry's own text that replaces a sentence at most
_PLACED = frozenset(("number", "price", "percent", "time", "span", "amount", "date", "month", "weekday", "phone", "free"))
_OWN, _AROUND = 1.0, 0.4  # weight of a word in the claim's own clause, and in the rest of its sentence
_NEAR, _FAR = 0.35, 1.0  # by how much another line of the same entry, of another one, must fit better
_NORMAL = re.compile(r"\w+|[€$£¥%°]")
_AND = re.compile(r"[;•|\n()]|,(?!\d)|[.!?](?=\s|$)|\b(?:and|but|while|whereas|und|aber|et|mais|y|pero|e|ma|en|maar)\b", re.I)
_UNKNOWING = re.compile(
    r"\b(?:not sure|unsure|(?:do not|don't|cannot|can't|could not|couldn't) (?:know|have|find|confirm|say|tell|see|verify)|no information|"
    r"not (?:mentioned|listed|stated|specified)|(?:does not|doesn't|do not|don't) (?:say|mention|list|specify)|"
    r"weiss (?:ich )?(?:es |das )?(?:leider )?nicht|nicht sicher|keine (?:information|angabe)|steht nicht|"
    r"ne sais pas|pas d'information|je n'ai pas|no (?:lo )?se\b|no tengo|no estoy segur|non (?:lo )?so\b|weet (?:het |ik )?niet|geen informatie)"
)
_ASKED = re.compile(r"\byou (?:asked|mentioned|wrote|said|gave)|\b(?:your question about|gefragt|erwahnt|vous (?:avez )?demand|pregunt)")
_NOTHING_TO_PAY = re.compile(
    r"\b(?:no (?:extra |additional )?(?:charge|cost|fee|fees|costs)|without (?:charge|cost)|free|complimentary|included|frei|kostenfrei\w*|"
    r"keine? (?:kosten|gebuhr\w*)|ohne (?:kosten|aufpreis|gebuhr\w*)|sans (?:frais|supplement)|aucuns? frais|sin (?:coste|costo|cargo|gastos)\w*|"
    r"senza (?:costi|spese)|zonder kosten|offert\w*|libre de cargos?)\b|(?<![\d.,])0(?:[.,]00)? ?(?:€|\$|eur|usd|gbp|£)|[€$£] ?0(?![.,]?\d)"
)
_FREE = frozenset(lexicon.stem(word) for word in lexicon.FREE)
_HELLO = re.compile(r"^\W*(?:hi|hello|hey|dear|hallo|bonjour|hola|ciao|thanks?|thank you|danke|merci|gracias)\b")


@dataclass(frozen=True, slots=True)
class _Line:
    """A clause of a fact, with what stands around it."""

    fact: int
    own: frozenset[str]  # stems of the clause and of the entry's question
    around: frozenset[str]  # stems of the whole sentence
    keys: frozenset[Key]
    kinds: frozenset[str]


@dataclass(slots=True)
class Ground:
    """The facts of one prompt, ready to be held against sentences. ``names``: those of the shop and the bot;
    ``question``: what the visitor asked."""

    facts: Sequence[Fact]
    names: Sequence[str] = ()
    question: str = ""
    _lines: list[_Line] = field(default_factory=list, init=False)
    _keys: set[Key] = field(default_factory=set, init=False)
    _echo: set[Key] = field(default_factory=set, init=False)
    _whole: set[str] = field(default_factory=set, init=False)
    _known: list[Statement] = field(default_factory=list, init=False)
    _language: str | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        for place, fact in enumerate(self.facts):
            self._take(place, lexicon.plain(fact.question), lexicon.plain(fact.answer), fact.url)
        asked = claims.read(lexicon.plain(self.question), self._language)
        self._echo = set(_keys_of(asked.claims)) | {("name", word) for word in asked.words}
        self._language = asked.language or self._language
        for name in self.names:
            known = claims.read(lexicon.plain(name))
            self._keys |= _named(known.words) | set(_keys_of(known.claims))

    def objection(self, sentence: str) -> str | None:
        """Why ``sentence`` may not be shown: the kind of what is not supported; None where nothing speaks against it."""
        if len(sentence) > LONGEST:
            return "length"
        text = lexicon.plain(sentence)
        if _normal(text) in self._whole:
            return None
        if deeds.claimed(text):
            return "action"
        folded = fold(text)
        unknowing = _UNKNOWING.search(folded) is not None
        asking = text.rstrip().rstrip("*_)\"'").endswith(("?", "？", "؟"))
        echo = unknowing or asking or _ASKED.search(folded) or _HELLO.search(folded)
        said = claims.read(text, self._language)
        for claim in said.claims:
            if not claim.soft and not self._stands(claim, text, echo=bool(echo)):
                return claim.kind
        if unknowing or asking:
            return None
        return self._misplaced(text, said.claims) or self._opposed(text)

    def supported(self, sentence: str) -> bool:
        """Whether nothing speaks against ``sentence``."""
        return self.objection(sentence) is None

    def about(self, sentence: str) -> int | None:
        """The fact that ``sentence`` is about, by its words and values; None where it has nothing of any of them."""
        text = lexicon.plain(sentence)
        words, keys = polarity.stems(text), set(_keys_of(claims.read(text, self._language).claims))
        scores = [0.0] * len(self.facts)
        for line in self._lines:
            score = len(words & line.own) + _AROUND * len(words & (line.around - line.own)) + 2 * len(keys & line.keys)
            scores[line.fact] = max(scores[line.fact], score)
        best = max(scores, default=0.0)
        return scores.index(best) if best >= 1 else None

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

    # Reading the facts

    def _take(self, place: int, question: str, answer: str, url: str | None) -> None:
        asked = claims.read(question)
        told = claims.read(answer).language or asked.language
        self._language = self._language or told
        about = polarity.stems(question)
        for text, context in ((question, frozenset[str]()), *((piece, about) for piece in _sentences(answer))):
            self._whole.add(_normal(text))
            whole = claims.read(text, told)
            self._keys |= _named(whole.words) | set(_keys_of(whole.claims)) - {("free",)}
            around = polarity.stems(text)
            for clause, found in _clauses(text, whole.claims, told):
                free = _NOTHING_TO_PAY.search(fold(clause)) and not polarity.statement(clause.replace("no ", "")).denied
                keys = frozenset(_keys_of(found)) | ({("free",)} if free else frozenset())
                self._keys |= keys if free else frozenset()
                own = polarity.stems(clause) | context | _labels(found)
                self._lines.append(_Line(place, own, around, keys, frozenset(claim.kind for claim in found)))
            if context or text != question:
                self._known += [polarity.statement(part) for part in polarity.clauses(text)]
                self._known.append(polarity.statement(text))
        self._known += polarity.answered(question, answer)
        if url:
            self._keys |= set(_keys_of(claims.read(url).claims))

    # Holding a sentence against them

    def _stands(self, claim: Claim, text: str, *, echo: bool) -> bool:
        if claim.kind == "free" and polarity.statement(text).denied:
            return True
        return any(key in self._keys or (echo and key in self._echo) for key in claim.keys)

    def _misplaced(self, text: str, found: Sequence[Claim]) -> str | None:
        """The kind of a value that stands in the facts, but not at what this sentence is about."""
        around = _words(text)
        for clause, inside in _clauses(text, found, self._language):
            own = _words(clause) | _labels(inside)
            for claim in inside:
                if claim.kind in _PLACED and not claim.soft and self._elsewhere(claim, own, around):
                    return claim.kind
        return None

    def _elsewhere(self, claim: Claim, own: frozenset[str], around: frozenset[str]) -> bool:
        itself = _labels([claim]) | (_FREE if claim.kind == "free" else frozenset())
        own, around = own - itself, around - itself
        here: tuple[float, int] = (-1.0, -1)
        for line in self._lines:
            if any(key in line.keys for key in claim.keys):
                here = max(here, (_fit(line, own, around), line.fact))
        if here[1] < 0:
            return False
        for line in self._lines:
            if (claim.kind if claim.kind != "free" else "price") in line.kinds and not any(key in line.keys for key in claim.keys):
                if _fit(line, own, around) - here[0] >= (_NEAR if line.fact == here[1] else _FAR):
                    return True
        return False

    def _opposed(self, text: str) -> str | None:
        said = [polarity.statement(part) for part in polarity.clauses(text)]
        said += polarity.answered(lexicon.plain(self.question), text)
        return "contradiction" if polarity.opposed(said, self._known) else None


def _fit(line: _Line, own: frozenset[str], around: frozenset[str]) -> float:
    near = len(own & line.own) + _AROUND * len(own & (line.around - line.own))
    rest = around - own
    return near + _AROUND * (len(rest & line.own) + _AROUND * len(rest & (line.around - line.own)))


def _clauses(text: str, found: Sequence[Claim], language: str | None) -> Iterator[tuple[str, list[Claim]]]:
    """The clauses of a sentence with their claims; the sentence as one where a cut would tear a value ("9 and 5")."""
    parts = [part for part in _AND.split(text) if part and part.strip()]
    if len(parts) > 1:
        read = [claims.read(part, language).claims for part in parts]
        if sorted(claim.keys for each in read for claim in each) == sorted(claim.keys for claim in found):
            yield from zip(parts, read, strict=True)
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
    return {("name", each) for word in words for each in (word.partition("'")[0], lexicon.stem(word.partition("'")[0]))}


def _normal(text: str) -> str:
    return " ".join(_NORMAL.findall(fold(text)))
