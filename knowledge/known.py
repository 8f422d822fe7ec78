"""What a domain's entries ask already, kept while an import is read: the measure of a repetition."""

import asyncio
import hashlib

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.models import Domain
from knowledge.models import Entry, Source
from knowledge.text import normalise

PER_TURN = 500  # entries between two turns of everybody else in this process
SHORTEST = 80  # characters of an answer that is compared: shorter ones ("Yes.") are alike by chance


class Known:
    """``others``: what entries from elsewhere ask, normalised. ``own``: what those of this import ask. ``answers``:
    the longer answers of this import, so that a passage that stands on every page comes in once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._version = -1
        self.others: set[str] = set()
        self.own: set[str] = set()
        self.answers: set[bytes] = set()

    async def catch_up(self, session: AsyncSession) -> None:
        """Learn what was added or changed since the last time: all of it at first. Inside a transaction that writes
        call it after :func:`knowledge.entries.bump`, which keeps others from adding more. What others
        removed meanwhile is still taken for known."""
        mine = (Entry.workspace_id == self._source.workspace_id, Entry.domain_id == self._source.domain_id)
        since = Entry.version > self._version
        version = await session.scalar(select(Domain.knowledge_version).where(Domain.id == self._source.domain_id))
        # An import may be gone from its entries (NULL), which no comparison finds.
        elsewhere = Entry.source_id.is_(None) | (Entry.source_id != self._source.id)
        for number, question in enumerate(await session.scalars(select(Entry.question).where(*mine, since, elsewhere))):
            self.others.add(key(question))
            if number % PER_TURN == PER_TURN - 1:
                await asyncio.sleep(0)
        own = select(Entry.question, Entry.answer).where(*mine, since, Entry.source_id == self._source.id)
        for number, (question, answer) in enumerate((await session.execute(own)).all()):
            self.learn(question, answer)
            if number % PER_TURN == PER_TURN - 1:
                await asyncio.sleep(0)
        self._version = version or 0

    def learn(self, question: str, answer: str) -> None:
        """An entry of this import."""
        self.own.add(key(question))
        if len(answer) >= SHORTEST:
            self.answers.add(digest(answer))

    def forget(self, question: str, answer: str) -> None:
        """An entry of this import that goes."""
        self.own.discard(key(question))
        self.answers.discard(digest(answer))

    def says(self, answer: str) -> bool:
        """Whether this import has a passage that is the same but for case, punctuation and accents."""
        return len(answer) >= SHORTEST and digest(answer) in self.answers


def key(question: str) -> str:
    """What two questions that ask the same have in common; of one without a word, itself."""
    return normalise(question) or question


def digest(answer: str) -> bytes:
    """The same for answers, short; :func:`~knowledge.text.normalise` looks at 2,000 characters at a time."""
    whole = hashlib.sha256()
    for start in range(0, len(answer), 2_000):
        whole.update(normalise(answer[start : start + 2_000]).encode())
    return whole.digest()
