"""The FAQ as visitors read it: listed by category, searched as they type, one answer at a time, and what they thought
of it. Every query is scoped by the domain (R10)."""

from dataclasses import dataclass

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from engine.codec import clean
from engine.db import Database, now
from engine.ports import Ask, Topic
from knowledge import ranking
from knowledge.models import Entry, Verdict
from knowledge.shelves import Shelves

MOST_LISTED = 300  # entries: beyond, people search
MOST_FOUND = 12  # entries that a search shows: what is not among them is asked in other words
MOST_WORDS = 8  # of a search that must all be in an entry for a literal match
LIKENESS = 0.25  # cosine: below it a question shares some letters with an entry, and no more


@dataclass(frozen=True, slots=True)
class Tally:
    """How often an entry helped in the Help tab, and how often not."""

    entry_id: str
    question: str
    good: int
    bad: int


async def listing(db: Database, ask: Ask) -> tuple[Topic, ...]:
    """The first active entries of the domain, those of one category together, categories as they first come."""
    async with db.read() as session:
        rows = (await session.execute(_active(ask).order_by(Entry.position, Entry.id).limit(MOST_LISTED))).all()
    topics = [Topic(*row) for row in rows]
    order = {topic.category: place for place, topic in reversed(list(enumerate(topics)))}
    return tuple(sorted(topics, key=lambda topic: order[topic.category]))


async def search(db: Database, shelves: Shelves, ask: Ask) -> tuple[Topic, ...]:
    """What fits ``ask.text``, best first: entries that hold each of its words (the last may be half a word), ranked,
    then entries alike, in spite of typing errors. By words alone: nothing is sent elsewhere for a key pressed."""
    shelf = await shelves.get(db, ask.workspace_id, ask.domain_id, ask.version)
    ranked = [c.id for c in ranking.rank(shelf.index, ask.text).candidates if c.likeness >= LIKENESS]
    words = ask.text.split()[:MOST_WORDS]
    holds = [
        or_(*[field.icontains(word, autoescape=True) for field in (Entry.question, Entry.category)]) for word in words
    ]
    async with db.read() as session:
        literal = (await session.execute(_active(ask).where(*holds).order_by(Entry.position).limit(MOST_LISTED))).all()
        alike = (await session.execute(_active(ask).where(Entry.id.in_(ranked)))).all()
    place = {entry_id: number for number, entry_id in enumerate(ranked)}
    first = sorted((Topic(*row) for row in literal), key=lambda topic: place.get(topic.id, len(place)))
    rest = sorted((Topic(*row) for row in alike), key=lambda topic: place[topic.id])
    return tuple({topic.id: topic for topic in (*first, *rest)}.values())[:MOST_FOUND]


async def one(session: AsyncSession, domain_id: str, entry_id: str) -> Topic | None:
    """An active entry of the domain with its answer, or None."""
    columns = (Entry.id, Entry.question, Entry.category, Entry.answer, Entry.url)
    query = select(*columns).where(Entry.id == clean(entry_id), Entry.domain_id == domain_id, Entry.active)
    row = (await session.execute(query)).one_or_none()
    return Topic(*row) if row is not None else None


async def mark_helpful(session: AsyncSession, domain_id: str, entry_id: str, voter: str, good: bool) -> bool:
    """Keep ``voter``'s word on an entry's answer instead of an earlier one. False: no such entry in the domain."""
    found = select(Entry.workspace_id).where(Entry.id == clean(entry_id), Entry.domain_id == domain_id, Entry.active)
    workspace_id = await session.scalar(found)
    if workspace_id is None:
        return False
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = {"entry_id": clean(entry_id), "voter": voter, "workspace_id": workspace_id, "domain_id": domain_id}
    insert = dialect.insert(Verdict).values(**row, good=good, created_at=now())
    await session.execute(
        insert.on_conflict_do_update(index_elements=["entry_id", "voter"], set_={"good": good, "created_at": now()})
    )
    return True


async def tallies(session: AsyncSession, workspace_id: str, domain_id: str, limit: int = 200) -> list[Tally]:
    """The entries that somebody said a word on, those that helped least first."""
    good, bad = (func.sum(case((Verdict.good.is_(said), 1), else_=0)) for said in (True, False))
    query = (
        select(Entry.id, Entry.question, good, bad)
        .join(Verdict, Verdict.entry_id == Entry.id)
        .where(Entry.workspace_id == workspace_id, Entry.domain_id == domain_id)
        .group_by(Entry.id, Entry.question)
        .order_by((bad - good).desc(), bad.desc(), Entry.id)
        .limit(limit)
    )
    return [Tally(*row) for row in (await session.execute(query)).all()]


def _active(ask: Ask) -> Select[str, str, str]:
    mine = (Entry.workspace_id == ask.workspace_id, Entry.domain_id == ask.domain_id)
    return select(Entry.id, Entry.question, Entry.category).where(*mine, Entry.active)
