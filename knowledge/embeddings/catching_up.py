"""The job that computes the vectors a domain's entries lack: some at a time, so that nobody waits for it, and kept, so
that nothing is computed twice."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine import jobs
from engine.db import Database, now
from engine.models import Job
from engine.ports import Handler
from knowledge import entries
from knowledge.embeddings import vectors
from knowledge.embeddings.embedding import Asker
from knowledge.models import Entry, KnowledgeSettings

KIND: Final = "embed"
SLICE = 64  # texts that are computed at a time; then the job waits for its next turn
PAGE = 500  # entries that are looked through at a time


async def ask_for(session: AsyncSession, workspace_id: str, domain_id: str) -> None:
    """Have a domain's vectors computed, unless that is under way already."""
    waiting = select(Job.id).where(
        Job.kind == KIND, Job.state == "ready", Job.payload["domain"].as_string() == domain_id
    )
    if await session.scalar(waiting.limit(1)) is None:
        await jobs.add(session, KIND, {"workspace": workspace_id, "domain": domain_id})


def handler(db: Database, askers: Mapping[str, Asker]) -> Handler:
    """The job's work, with who makes vectors by the domain's choice (local, endpoint)."""
    reached: dict[tuple[str, str], str] = {}  # by domain: the entry up to which no vector lacks

    async def catch_up(payload: dict[str, Any]) -> datetime | None:
        key = (str(payload["workspace"]), str(payload["domain"]))
        async with db.read() as session:
            settings = await session.get(KnowledgeSettings, key[1])
        asker = askers.get(settings.embeddings) if settings and settings.workspace_id == key[0] else None
        embedder = await asker.maker() if asker else None
        if embedder is None:
            return None
        async with db.read() as session:
            lacking, reached[key] = await _lacking(session, key, embedder.model, after := reached.pop(key, ""))
        if lacking:
            matrix = await embedder.embed(lacking)
            async with db.write() as session:
                await vectors.keep(session, key[0], embedder.model, lacking, matrix)
            return now()
        del reached[key]
        if after:
            return now()  # once more from the start: entries may have come in behind
        async with db.write() as session:
            await _tell(session, key)
        return None

    return catch_up


async def _lacking(session: AsyncSession, key: tuple[str, str], model: str, after: str) -> tuple[list[str], str]:
    """The first phrasings, at most ``SLICE``, of active entries after the one with the id ``after`` whose vector is not
    there yet; and the id up to which none lacks."""
    mine = (Entry.workspace_id == key[0], Entry.domain_id == key[1], Entry.active)
    while True:
        page = select(Entry.id, Entry.question, Entry.alternatives).where(*mine, Entry.id > after)
        rows = (await session.execute(page.order_by(Entry.id).limit(PAGE))).all()
        texts = list(dict.fromkeys(text for _, question, others in rows for text in (question, *others)))
        known = await vectors.stored(session, key[0], model, texts)
        lacking = [text for text in texts if vectors.content_hash(text) not in known]
        if lacking or not rows:
            return lacking[:SLICE], after
        after = rows[-1].id


async def _tell(session: AsyncSession, key: tuple[str, str]) -> None:
    """Every process takes the vectors in with the next question: all entries count as changed."""
    version = await entries.bump(session, *key)
    mine = (Entry.workspace_id == key[0], Entry.domain_id == key[1])
    await session.execute(
        update(Entry)
        .where(*mine)
        .values(version=version, updated_at=Entry.updated_at)
        .execution_options(synchronize_session=False)
    )
