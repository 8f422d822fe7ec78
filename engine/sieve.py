"""A model's stream, of which only sentences come through that the facts support. Pure.

What is withheld was never seen: a sentence is held until it is whole, judged, and then passed on or dropped.
"""

from dataclasses import dataclass, field

from engine.grounding import Ground
from engine.sentences import Sentences


@dataclass(slots=True)
class Sieve:
    """``heard``: characters that came. ``units``: every sentence judged so far and what speaks against it; together
    they are what came, but for the sentence that is still open."""

    ground: Ground
    heard: int = 0
    passed: str = ""
    units: list[tuple[str, str | None]] = field(default_factory=list)
    _before: int = 0  # line breaks before what is being withheld
    _after: int = 0  # and behind it
    _gap: bool = False
    _sentences: Sentences = field(default_factory=Sentences)

    def feed(self, piece: str) -> str:
        """What may be shown now that ``piece`` has come; often nothing yet."""
        self.heard += len(piece)
        return "".join(self._judged(sentence) for sentence in self._sentences.feed(piece))

    def close(self) -> str:
        """What may be shown of the last sentence, the stream being over."""
        return "".join(self._judged(sentence) for sentence in self._sentences.close())

    def torn(self) -> str:
        """What may be shown of a sentence that the stream was cut off in: its whole words, where no value stands among
        them, because a value may have been cut in two ("2 days" of "2 days' notice", "1" of "1,000")."""
        rest = "".join(self._sentences.close())
        words = rest[: len(rest) - len(rest.split()[-1])] if rest.split() and not rest[-1].isspace() else rest
        return self._judged(words) if words.strip() and not self.ground.valued(words) else ""

    @property
    def withheld(self) -> list[str]:
        """The sentences that did not come through, oldest first."""
        return [sentence for sentence, objection in self.units if objection]

    @property
    def replacement(self) -> tuple[int, str] | None:
        """The fact that the first withheld sentence was about and its own text, unless that was said already."""
        sentence = self.withheld[0]
        place = self.ground.about(sentence)
        if place is None:
            return None
        text = self.ground.passage(place, sentence)
        return None if self.ground.said(text, self.passed) else (place, text)

    @property
    def unknowing(self) -> bool:
        """Whether what came through says itself that something is not known."""
        return self.ground.unknowing(self.passed)

    def rests_on(self) -> set[int]:
        """The facts that what came through rests on; the best one where its words do not tell (another language)."""
        shown = [sentence for sentence, objection in self.units if not objection and sentence.strip()]
        found = {place for sentence in shown for place in self.ground.basis(sentence)}
        if found or not self.ground.facts or all(map(self.ground.unknowing, shown)):
            return found
        return {0}

    def _judged(self, sentence: str) -> str:
        objection = self.ground.objection(sentence) if sentence.strip() else None
        self.units.append((sentence, objection))
        if objection:  # the line breaks around it stay, or the next list item would stand in the line before
            if not self._gap:
                self._before = _trailing(self.passed) + _leading(sentence)
            self._gap, self._after = True, _trailing(sentence)
            return ""
        shown = sentence if self.passed else sentence.lstrip()
        if self._gap and self.passed and shown.strip():
            have = _trailing(self.passed) + _leading(shown)
            wanted = min(2, max(self._before, self._after + _leading(shown)))
            shown = "\n" * (wanted - have) + shown
            self._gap = False
        self.passed += shown
        return shown


def _leading(text: str) -> int:
    return text[: len(text) - len(text.lstrip())].count("\n")


def _trailing(text: str) -> int:
    return text[len(text.rstrip()) :].count("\n")
