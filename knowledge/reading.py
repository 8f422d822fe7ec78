"""The job that reads an import, a slice of a few seconds at a time. Each slice is safe to repeat: what it stores and
the mark that it was stored are one transaction, so that a job that died is taken up where it was, on any node."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine import pricing
from engine.db import Database, now
from engine.fetch import Fetcher
from engine.ports import Handler
from knowledge import documents, entries, fees, intake, planning, reporting, sources, writing
from knowledge.documents import Document, Passage
from knowledge.formats import Kind
from knowledge.intake import Stored
from knowledge.known import Known
from knowledge.models import Source, SourceFile, SourcePage
from knowledge.reporting import Stopped
from knowledge.sheet import Fault, Unreadable
from knowledge.sites.manners import PAUSE
from knowledge.sites.visiting import Site

SLICE = 3.0  # s after which the job gives its place up, to go on at once if nobody else wants it
BATCH = 500  # rows of one transaction: about 0.1 s in which no other change of this domain's knowledge is stored
MOST_KEPT = 4  # imports whose surroundings are remembered from slice to slice
EMPTY = "Nothing in it could be an answer."
NOTHING_NEW = "Nothing was added: see below."
NO_CREDITS = f"There are fewer than the {pricing.DOCUMENT} credits that reading a document takes. Nothing was added."


def handler(db: Database, fetcher: Fetcher, *, pause: float = PAUSE) -> Handler:
    """The job's work. ``pause``: seconds between two pages of one site, unless its robots.txt wants more."""
    site, kept = Site(db, fetcher, pause), dict[str, Known]()

    async def read(payload: dict[str, Any]) -> datetime | None:
        source = await _begun(db, payload)
        if source is None:
            return None
        known = kept.pop(source.id, None) or Known(source)
        async with db.read() as session:
            await known.catch_up(session)
        if source.url is None:
            again = await _read_file(db, source, known)
        else:
            again = await _read_site(db, site, source, known)
        if again is not None:
            kept.update({source.id: known})
            while len(kept) > MOST_KEPT:
                kept.pop(next(iter(kept)))
        return again

    return read


async def _begun(db: Database, payload: dict[str, Any]) -> Source | None:
    """The import, if this job is for the look that is going on. A planned look begins here, and gets its own job."""
    query = select(Source).where(Source.id == str(payload["source"]), Source.workspace_id == str(payload["workspace"]))
    async with db.write() as session:
        source: Source | None = await session.scalar(query.with_for_update())
        if source is None:
            return None
        if payload.get("planned"):
            if planning.is_due(source):
                await sources.again(session, source)
            return None
        if int(payload.get("look", source.look)) != source.look or source.state not in planning.READING:
            return None
        source.state = "running"
        return source


async def _read_site(db: Database, site: Site, source: Source, known: Known) -> datetime | None:
    try:
        again = await site.read(source, SLICE, known)
    except Stopped as stopped:
        return await _finish(db, source, "failed", stopped.sentence)
    return again or await _finish(db, source, "done")


async def _read_file(db: Database, source: Source, known: Known) -> datetime | None:
    async with db.read() as session:
        file = await session.get(SourceFile, source.id)
    if file is None:
        return await _finish(db, source, "failed", "The file is gone. Upload it again.")
    try:
        document = await documents.read(file.data, cast("Kind", source.kind), name=source.name)
    except Unreadable as broken:
        return await _finish(db, source, "failed", broken.fault.sentence)
    document = replace(document, passages=intake.passages_of(source, document))
    if source.kind in sources.FREE:
        return await _store_rows(db, source, document, known)
    return await _store_document(db, source, document, known)


async def _store_rows(db: Database, source: Source, document: Document, known: Known) -> datetime | None:
    """Batch by batch; ``source.done`` tells how many rows were taken, whatever became of them."""
    passages, until = document.passages, asyncio.get_running_loop().time() + SLICE
    if not source.options.get("keep_good", True) and source.done == 0:
        faults = [*document.faults, *intake.faulty(passages, known)]
        if faults:
            return await _refuse(db, source, faults)
    while source.done < len(passages) or source.total == 0:
        source = await _store_batch(db, source, passages, known, document.faults)
        if source.state != "running":
            return None
        if asyncio.get_running_loop().time() > until and source.done < len(passages):
            return now()
        await asyncio.sleep(0)
    return await _finish(db, source, "done")


async def _store_batch(
    db: Database, source: Source, passages: Sequence[Passage], known: Known, faults: Sequence[Fault]
) -> Source:
    async with db.write() as session:
        version = await entries.bump(session, source.workspace_id, source.domain_id)
        row = await _locked(session, source)
        if row is None or row.state != "running":
            return row or source
        await known.catch_up(session)
        if row.total == 0:
            reporting.noted(row, Stored(faults=list(faults)))
        row.total = max(1, len(passages))
        batch = passages[row.done : row.done + BATCH]
        reporting.noted(row, await intake.rows(session, row, version, batch, known))
        row.done = min(row.done + BATCH, row.total) if passages else 1
        return row


async def _store_document(db: Database, source: Source, document: Document, known: Known) -> datetime | None:
    """All of it in one transaction: it is paid for as one."""
    faults = [*document.faults, *intake.faulty(document.passages, known)]
    if faults and not source.options.get("keep_good", True):
        return await _refuse(db, source, faults)
    try:
        async with db.write() as session:
            version = await entries.bump(session, source.workspace_id, source.domain_id)
            row = await _locked(session, source)
            if row is None or row.state != "running":
                return None
            await known.catch_up(session)
            stored = await intake.page(session, row, version, None, document.title, document.passages, known)
            stored.faults[:0] = document.faults
            reporting.noted(row, stored)
            row.done = row.total = 1
            if stored.added and not await fees.pay(session, row, f"import:{row.id}", row.name):
                raise Stopped(NO_CREDITS)
    except Stopped as stopped:
        return await _finish(db, source, "failed", stopped.sentence)
    return await _finish(db, source, "done")


async def _refuse(db: Database, source: Source, faults: Sequence[Fault]) -> datetime | None:
    async with db.write() as session:
        row = await _locked(session, source)
        if row is not None and row.state == "running":
            reporting.noted(row, Stored(faults=list(faults)))
            said = "Nothing was added, because all or nothing was asked for: see the rows below."
            await sources.finish(session, row, "failed", said)
    return None


async def _finish(db: Database, source: Source, state: str, reason: str = "") -> datetime | None:
    """The job is done, and what it was for has an end."""
    async with db.write() as session:
        row = await _locked(session, source)
        if row is None or row.state not in planning.READING:
            return None
        if state == "done" and row.url is None and not row.report.get("added"):
            state, reason = "failed", NOTHING_NEW if row.report.get("faults") else EMPTY
        if state == "done" and row.url is not None and await _gave_nothing(session, row):
            state, reason = "failed", await _why_nothing(session, row)
        await sources.finish(session, row, state, reason)
        if state == "done":
            await writing.ask_for(session, row)
    return None


async def _gave_nothing(session: AsyncSession, source: Source) -> bool:
    """Whether a first look brought no entry, or a further one could read no page."""
    if source.look == 1:
        return not source.report.get("added")
    read = (SourcePage.look == source.look, SourcePage.state.in_(("ok", "unchanged", "changed", "gone")))
    query = select(SourcePage.id).where(SourcePage.source_id == source.id, *read).limit(1)
    return await session.scalar(query) is None


async def _why_nothing(session: AsyncSession, source: Source) -> str:
    query = select(SourcePage.reason).where(SourcePage.source_id == source.id, SourcePage.reason != "")
    return await session.scalar(query.order_by(SourcePage.depth, SourcePage.url).limit(1)) or EMPTY


async def _locked(session: AsyncSession, source: Source) -> Source | None:
    query = select(Source).where(Source.id == source.id).with_for_update()
    found: Source | None = await session.scalar(query)
    return found
