"""This module IS the engine's ``Knowledge``: what a question is answered from, and what is asked in return."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import Database
from engine.ports import Ask, Band, Contact, Missed, Moment, Noted, Recall, Rule, Topic, Whose
from knowledge import gaps, interview, leads
from knowledge import topics as faq
from knowledge.judging import Judge, Judged

MOST_FACTS = 5  # what a recall carries at most

judge = Judge()  # this process's; ``console/assembly.py`` gives it its bound and its embeddings


async def recall(db: Database, ask: Ask) -> Recall:
    """The facts for ``ask``, only ever of its domain in its workspace (R20), as of its version or a later one.
    Sure: the one fact that is the answer. Between: up to five, best first. Unsure: none, but questions to offer."""
    rule = await interview.rule_for(db, ask)
    return recalled(await judge.judged(db, ask), rule)


def recalled(judged: Judged, rule: Rule | None = None) -> Recall:
    """What the engine is told of a question that was judged."""
    shown = {Band.SURE: 1, Band.BETWEEN: MOST_FACTS, Band.UNSURE: 0}[judged.band]
    nearest = judged.related or (() if judged.band is Band.SURE else judged.popular)
    return Recall(judged.band, judged.facts[:shown], nearest, judged.confidence, rule)


async def judged(db: Database, ask: Ask, earlier: Sequence[str] | None = None) -> Judged:
    """All that is made of ``ask``: for the pages that show why the bot answers as it does."""
    return await judge.judged(db, ask, earlier)


async def note(session: AsyncSession, whose: Whose, text: str | None, *, typed: bool) -> Noted:
    """What a visitor's words were to the filtered question that is open, filed in the caller's transaction."""
    return await interview.note(session, whose, text, typed=typed)


async def next_question(session: AsyncSession, whose: Whose, moment: Moment) -> Mapping[str, Any] | None:
    """The filtered question to ask now, filed as asked in the caller's transaction; None where none is due."""
    return await interview.next_question(session, whose, moment)


async def file_gaps(session: AsyncSession, missed: Sequence[Missed]) -> None:
    """File what was not answered, in the caller's transaction; what is filed already is left alone."""
    await gaps.file_gaps(session, missed)


async def file_contact(session: AsyncSession, whose: Whose, contact: Contact) -> None:
    """The visitor of a room as a lead, with the consent they gave."""
    await leads.meet(session, whose, contact)


async def address_of(session: AsyncSession, workspace_id: str, room_id: str) -> str:
    """The address that the visitor of a room left; empty where none is known."""
    found = await leads.of_room(session, workspace_id, room_id)
    return found.lead.email if found.lead else ""


async def topics(db: Database, ask: Ask) -> tuple[Topic, ...]:
    """The active FAQ of ``ask``'s domain: in the owner's order, or with a text what fits it, best first."""
    if not ask.text:
        return await faq.listing(db, ask)
    return await faq.search(db, judge.shelves, ask)


async def topic(session: AsyncSession, domain_id: str, entry_id: str) -> Topic | None:
    """One active entry of the domain with its answer; None for what is absent or another domain's."""
    return await faq.one(session, domain_id, entry_id)


async def mark_helpful(session: AsyncSession, domain_id: str, entry_id: str, voter: str, good: bool) -> bool:
    """Keep what ``voter`` thinks of an entry's answer; a second word replaces the first. False: no such entry here."""
    return await faq.mark_helpful(session, domain_id, entry_id, voter, good)
