"""What is known of the visitor of a room: filled by their answers, scored with reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import now
from engine.ports import Contact, Whose
from knowledge.comparing import holds
from knowledge.models import Lead, Question, Reply

_LENGTHS = {"name": 200, "email": 254, "phone": 32, "company": 200}


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of a lead: the question as it was asked, and what came of it."""

    asked: str
    value: str
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """A lead with its answers in the order of asking. ``lead`` None: nothing was answered."""

    lead: Lead | None
    answers: tuple[Answer, ...]


async def file(session: AsyncSession, whose: Whose, question: Question, value: str) -> Lead:
    """Take an answer into the lead of its room: its field, the consent it was given under, what it scores. The row
    of the room is locked by the caller, so of two answers one comes first."""
    lead = await _lead(session, whose)
    if question.field in _LENGTHS:
        setattr(lead, question.field, value[: _LENGTHS[question.field]])
    if question.consent:
        agreed = {"text": question.consent, "version": question.consent_version, "at": now().isoformat()}
        lead.consents = [*lead.consents, agreed]
    earned = [
        {
            "question": question.id,
            "asked": question.text,
            "points": rule["points"],
            "reason": str(rule.get("reason", "")),
        }
        for rule in question.scores
        if holds(rule["is"], str(rule.get("value", "")), "answered", value)
    ]
    kept = [reason for reason in lead.reasons if reason["question"] != question.id]
    lead.reasons = [*kept, *earned]
    lead.score = sum(int(reason["points"]) for reason in lead.reasons)
    await session.flush()
    return lead


async def meet(session: AsyncSession, whose: Whose, contact: Contact) -> Lead:
    """Take who left a message into the lead of its room, with the consent as it read; a name that is not said leaves
    the one that is known. The row of the room is locked by the caller."""
    lead = await _lead(session, whose)
    lead.email, lead.name = contact.email, contact.name or lead.name
    if contact.consent:
        agreed = {"text": contact.consent, "version": contact.version, "at": now().isoformat()}
        lead.consents = [*lead.consents, agreed]
    await session.flush()
    return lead


async def of_room(session: AsyncSession, workspace_id: str, room_id: str) -> Known:
    """What the visitor of a room answered; nothing for a room of another workspace (R10)."""
    mine = (Lead.workspace_id == workspace_id, Lead.room_id == room_id)
    lead = await session.scalar(select(Lead).where(*mine))
    found = await session.scalars(
        select(Reply).where(Reply.workspace_id == workspace_id, Reply.room_id == room_id).order_by(Reply.created_at)
    )
    return Known(lead, tuple(_answer(reply) for reply in found))


async def listing(
    session: AsyncSession, workspace_id: str, domain_id: str, *, limit: int = 50, offset: int = 0
) -> list[Known]:
    """The domain's leads with their answers, the newest first."""
    mine = (Lead.workspace_id == workspace_id, Lead.domain_id == domain_id)
    query = select(Lead).where(*mine).order_by(Lead.created_at.desc(), Lead.id).limit(limit).offset(offset)
    leads = list(await session.scalars(query))
    answers = await _answers(session, workspace_id, [lead.room_id for lead in leads])
    return [Known(lead, tuple(answers.get(lead.room_id, ()))) for lead in leads]


async def _answers(session: AsyncSession, workspace_id: str, room_ids: Sequence[str]) -> dict[str, list[Answer]]:
    query = select(Reply).where(Reply.workspace_id == workspace_id, Reply.room_id.in_(room_ids))
    found: dict[str, list[Answer]] = {}
    for reply in await session.scalars(query.order_by(Reply.created_at)):
        found.setdefault(reply.room_id, []).append(_answer(reply))
    return found


async def _lead(session: AsyncSession, whose: Whose) -> Lead:
    """The room's lead, a new one where there is none."""
    lead = await session.scalar(select(Lead).where(Lead.room_id == whose.room_id))
    if lead is None:
        owner = {"workspace_id": whose.workspace_id, "domain_id": whose.domain_id}
        lead = Lead(room_id=whose.room_id, visitor_id=whose.visitor_id, reasons=[], consents=[], score=0, **owner)
        session.add(lead)
    return lead


def _answer(reply: Reply) -> Answer:
    return Answer(reply.asked, reply.value, reply.state, reply.updated_at)
