"""What an import wrote into an entry, as one number: how it is told later whether somebody has rewritten it since.

Being published, moved, filed elsewhere or turned off is no rewriting: the words are as they came. Pure.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Protocol


class Written(Protocol):
    """An entry, or the draft of one."""

    @property
    def question(self) -> str: ...
    @property
    def answer(self) -> str: ...
    @property
    def alternatives(self) -> Sequence[str]: ...


class Imported(Written, Protocol):
    @property
    def imprint(self) -> str | None: ...


def taken(written: Written) -> str:
    """SHA-256 of the question, the answer and the other phrasings."""
    words = json.dumps([written.question, written.answer, *written.alternatives])
    return hashlib.sha256(words.encode()).hexdigest()


def is_untouched(entry: Imported) -> bool:
    """Whether ``entry`` still says what an import wrote."""
    return entry.imprint == taken(entry)
