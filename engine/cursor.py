"""A place in the tokens of a text, from which one looks ahead and back."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.numerals import NOTHING, Token


@dataclass(slots=True)
class Cursor:
    """``told``: the language of the text, where it is known; ``wide``: its clock has 24 hours."""

    tokens: Sequence[Token]
    told: str | None
    wide: bool = False
    place: int = 0

    def at(self, offset: int) -> Token:
        """The token ``offset`` from here; an empty one outside the text."""
        place = self.place + offset
        return self.tokens[place] if 0 <= place < len(self.tokens) else NOTHING

    def says(self, offset: int, *words: str) -> bool:
        """Whether these words (folded) or marks stand there, one after the other."""
        return all(
            word in (self.at(offset + step).word, self.at(offset + step).text) for step, word in enumerate(words)
        )


RANGE = frozenset(
    """
    - – to bis a à hasta tot or oder ou o of and und et y e en through till until / ~
    """.split()
)  # between two numbers that have one unit
