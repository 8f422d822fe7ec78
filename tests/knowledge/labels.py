"""A shop with entries that recognise themselves, and ways to put questions and jobs before it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import select

from engine.db import Database, now
from engine.models import Job, Message
from knowledge import entries
from knowledge.embeddings.embedding import Asker, Failed, Matrix
from knowledge.entries import Draft
from knowledge.models import Entry
from tests.knowledge.conftest import Shop

FAQ = (
    Draft("How can I pay?", "By card.", ("which payment methods are there", "can i pay by card")),
    Draft("When are you open?", "9 to 5.", ("what are your opening hours", "opening hours on sunday")),
    Draft("How do I send something back?", "Within 30 days.", ("how do returns work", "send back an order")),
    Draft("Do you deliver plants?", "Yes.", ("plant delivery", "are plants delivered")),
)


async def stocked(database: Database, shop: Shop, drafts: Sequence[Draft] = FAQ, *, draft: bool = False) -> list[str]:
    """Entries of the shop; with ``draft`` such as an import leaves for review."""
    ids = []
    async with database.write() as session:
        for each in drafts:
            entry = await entries.add(session, *shop.ids, each)
            if draft:
                entry.draft, entry.active = True, False
            ids.append(entry.id)
    return ids


async def said(database: Database, shop: Shop, *texts: str, author: str = "visitor") -> None:
    """What was written in the shop's room, one message after the other."""
    async with database.write() as session:
        last = list(await session.scalars(select(Message.position).where(Message.room_id == shop.room_id)))
        for place, text in enumerate(texts, start=max(last, default=0) + 1):
            at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=place)
            row = Message(room_id=shop.room_id, position=place, revision=place, author=author, text=text, created_at=at)
            session.add(row)


async def jobs_of(database: Database, kind: str) -> list[Job]:
    async with database.read() as session:
        return list(await session.scalars(select(Job).where(Job.kind == kind).order_by(Job.created_at, Job.id)))


async def is_active(database: Database, entry_id: str) -> bool:
    async with database.read() as session:
        active = await session.scalar(select(Entry.active).where(Entry.id == entry_id))
    assert active is not None
    return active


def soon(job: Job) -> float:
    """Seconds from now until the job is due."""
    return (job.run_at - now()).total_seconds()


class Letters:
    """A maker of embeddings that counts letters: the same text has the same vector, and it keeps what it was asked.
    ``broken``: it fails."""

    model = "letters"

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken
        self.asked: list[str] = []

    async def embed(self, texts: Sequence[str]) -> Matrix:
        if self.broken:
            raise Failed("the maker is away")
        self.asked += texts
        rows = np.array([[1.0 + text.lower().count(chr(97 + i)) for i in range(26)] for text in texts], np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    async def aclose(self) -> None: ...


def asker(maker: Letters) -> dict[str, Asker]:
    return {"local": Asker(lambda: maker)}
