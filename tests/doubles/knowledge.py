"""A knowledge whose sureness a test chooses by the first word of a question: sure, between, or anything else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import Database
from engine.ports import Agent, Ask, Band, Contact, Fact, Missed, Moment, Noted, Recall, Topic, Whose

FACT = Fact("e" * 32, "How long does delivery take?", "Delivery takes **2 days**. Grüße 🌿!", 1.0)


@dataclass(slots=True)
class Oracle:
    """``sure …`` is answered by FACT, ``between …`` goes to the model with ``facts``, the rest is not known."""

    facts: tuple[Fact, ...] = (FACT,)
    asked: list[Ask] = field(default_factory=list)
    gaps: list[Missed] = field(default_factory=list)
    contacts: dict[str, Contact] = field(default_factory=dict)  # by room

    async def recall(self, db: Database, ask: Ask) -> Recall:
        self.asked.append(ask)
        word = ask.text.split(maxsplit=1)[0].lower()
        if word == "sure":
            return Recall(Band.SURE, (FACT,), (FACT.question,))
        if word == "between":
            return Recall(Band.BETWEEN, self.facts, (FACT.question,))
        return Recall(Band.UNSURE, (), (FACT.question,))

    async def note(self, session: AsyncSession, whose: Whose, text: str | None, *, typed: bool) -> Noted:
        return Noted("ignored")

    async def next_question(self, session: AsyncSession, whose: Whose, moment: Moment) -> Mapping[str, Any] | None:
        return None

    async def file_contact(self, session: AsyncSession, whose: Whose, contact: Contact) -> None:
        self.contacts[whose.room_id] = contact

    async def address_of(self, session: AsyncSession, workspace_id: str, room_id: str) -> str:
        known = self.contacts.get(room_id)
        return known.email if known else ""

    async def topics(self, db: Database, ask: Ask) -> tuple[Topic, ...]:
        return (Topic(FACT.id, FACT.question, ""),)

    async def topic(self, session: AsyncSession, domain_id: str, entry_id: str) -> Topic | None:
        return Topic(FACT.id, FACT.question, "", FACT.answer) if entry_id == FACT.id else None

    async def mark_helpful(self, session: AsyncSession, domain_id: str, entry_id: str, voter: str, good: bool) -> bool:
        return entry_id == FACT.id

    async def file_gaps(self, session: AsyncSession, missed: Sequence[Missed]) -> None:
        self.gaps.extend(missed)


@dataclass(slots=True)
class OpenDesk:
    """A desk whose cookie ``agent`` names the agent outright (the console's sessions have tests of their own)."""

    agents: dict[str, Agent] = field(default_factory=dict)

    async def agent(self, db: Database, cookies: Mapping[str, str], workspace: str | None) -> Agent | None:
        return self.agents.get(cookies.get("agent", ""))
