"""What the page of gaps shows: the open ones grouped, what stands nearest to each group, what an agent said to it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import Database
from engine.models import Domain, Message
from engine.ports import Ask, Band
from knowledge import backlog, contradictions, entries, gaps, port
from knowledge.backlog import Group
from knowledge.contradictions import Statement, Twins
from knowledge.models import Dismissal

SHOWN = 40  # groups on the page, the most wanted first
MOST_COMPARED = 10_000  # entries that are held against each other


@dataclass(frozen=True, slots=True)
class Nearest:
    """The entry that comes nearest to a group, how like it is (0 to 1), and whether it answers the question by now."""

    id: str
    question: str
    likeness: float
    answers: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A group with what helps to close it. ``reply``: what an agent wrote after the question, if one did."""

    group: Group
    nearest: Nearest | None
    reply: str


@dataclass(frozen=True, slots=True)
class Page:
    """``open``: gaps that are open in all; ``small_talk``: how many of those looked at ask nothing."""

    groups: tuple[Shown, ...]
    more: int
    open: int
    small_talk: tuple[str, ...]


async def page(db: Database, workspace_id: str, domain_id: str) -> Page:
    """The backlog, grouped off the event loop."""
    async with db.read() as session:
        found, total = await gaps.open_ones(session, workspace_id, domain_id)
        known = [entry.question for entry in await entries.listing(session, workspace_id, domain_id, active=True)]
        version = await session.scalar(select(Domain.knowledge_version).where(Domain.id == domain_id)) or 0
    made = await asyncio.to_thread(backlog.backlog, found, "english", known)
    first = made.groups[:SHOWN]
    async with db.read() as session:
        said = await _replies(session, workspace_id, [group.gaps[0].answer_id for group in first])
    shown = [
        Shown(group, await _nearest(db, Ask(workspace_id, domain_id, version, group.title)), said.get(_key(group), ""))
        for group in first
    ]
    small = tuple(dict.fromkeys(gap.text for gap in made.small_talk))
    return Page(tuple(shown), len(made.groups) - len(first), total, small)


async def disagreeing(db: Database, workspace_id: str, domain_id: str) -> list[Twins]:
    """Entries that answer near-identical questions, differently or alike; those that were dismissed left out."""
    async with db.read() as session:
        mine = await entries.listing(session, workspace_id, domain_id, active=True, limit=MOST_COMPARED)
        pairs = await session.execute(
            select(Dismissal.first, Dismissal.second).where(Dismissal.workspace_id == workspace_id)
        )
        but = {(first, second) for first, second in pairs.all()}
    statements = [
        Statement(entry.id, (entry.question, *entry.alternatives), entry.answer, entry.locale) for entry in mine
    ]
    return await asyncio.to_thread(lambda: contradictions.twins(statements, but=but))


async def dismiss_pair(session: AsyncSession, workspace_id: str, domain_id: str, one: str, other: str) -> None:
    """Both are right: the pair is not shown again. Raises :class:`~knowledge.entries.NotFound`."""
    first, second = sorted((one, other))
    for entry_id in (first, second):
        await entries.entry_of(session, workspace_id, domain_id, entry_id)
    await session.merge(Dismissal(first=first, second=second, workspace_id=workspace_id))
    await session.flush()


def _key(group: Group) -> str:
    return group.gaps[0].answer_id


async def _nearest(db: Database, ask: Ask) -> Nearest | None:
    judged = await port.judged(db, ask, ())
    if not judged.facts:
        return None
    best, likeness = judged.facts[0], judged.ranking.candidates[0].likeness
    return Nearest(best.id, best.question, likeness, judged.band is Band.SURE)


async def _replies(session: AsyncSession, workspace_id: str, answer_ids: Sequence[str]) -> dict[str, str]:
    """By the answer that failed: the first thing that an agent wrote in that room after it."""
    failed = await session.execute(
        select(Message.id, Message.room_id, Message.position).where(Message.id.in_(answer_ids))
    )
    found: dict[str, str] = {}
    for answer_id, room_id, position in failed.all():
        said = await session.scalar(
            select(Message.text)
            .where(Message.room_id == room_id, Message.author == "agent", Message.position > position)
            .order_by(Message.position)
            .limit(1)
        )
        if said:
            found[answer_id] = said
    return found
