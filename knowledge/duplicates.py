"""Whether somebody is about to write what is answered already."""

from dataclasses import dataclass

from sqlalchemy import select

from engine.db import Database
from engine.models import Domain
from engine.ports import Ask
from knowledge import port
from knowledge.changes import Owner
from knowledge.contradictions import same_question
from knowledge.models import Entry
from knowledge.text import language_of

SAME = 0.97  # likeness from which two questions differ in marks, endings and order at most
NEAR = 0.6  # likeness from which it is looked whether two questions, word by word, ask the same
MOST_LOOKED_AT = 5  # of the candidates: the entry being written may be among them itself


@dataclass(frozen=True, slots=True)
class Twin:
    """An entry that asks the same."""

    id: str
    question: str


async def twin(db: Database, owner: Owner, question: str, *, but: str = "") -> Twin | None:
    """The entry, other than ``but``, that answers visitors and asks what ``question`` asks; None where none does."""
    question = " ".join(question.split())
    if not question:
        return None
    async with db.read() as session:
        mine = (Domain.id == owner.domain_id, Domain.workspace_id == owner.workspace_id)
        version = await session.scalar(select(Domain.knowledge_version).where(*mine)) or 0
    found = (await port.judged(db, Ask(*owner.ids, version, question), ())).ranking.candidates[:MOST_LOOKED_AT]
    near = {each.id: each.likeness for each in found if each.id != but and each.likeness >= NEAR}
    async with db.read() as session:
        mine = (Entry.workspace_id == owner.workspace_id, Entry.domain_id == owner.domain_id)
        present = {each.id: each for each in await session.scalars(select(Entry).where(*mine, Entry.id.in_(near)))}
    for id, likeness in near.items():
        if id in present and (likeness >= SAME or _asks(present[id], question)):
            return Twin(id, present[id].question)
    return None


def _asks(entry: Entry, question: str) -> bool:
    language = language_of(entry.locale)
    return any(same_question(phrasing, question, language) for phrasing in (entry.question, *entry.alternatives))
