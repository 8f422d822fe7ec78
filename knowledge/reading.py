"""The job that reads an import: a file in one slice, a site page by page, each slice short and safe to repeat."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine import ledger, pricing, unpack
from engine.db import Database, now
from engine.fetch import Fetched, Fetcher, Refused
from engine.ports import Handler
from knowledge import crawl, documents, entries, measuring, sources, writing
from knowledge.documents import Document
from knowledge.models import Entry, Source, SourceFile, SourcePage
from knowledge.sheet import Fault, Unreadable
from knowledge.sources import EDITED

log = logging.getLogger(__name__)

SLICE = 3.0  # s after which a site's job gives its place up, to go on at once if nobody else wants it
PAUSE = 0.2  # s between two pages of one site: a shop's own server has visitors besides us
LOGIN = "This page asks to sign in. Only pages that everybody may read can be imported."
EMPTY = "There is nothing on this page that could be an answer."
NO_CREDITS = f"There are fewer than the {pricing.DOCUMENT} credits that a page takes. Add some, then start again."


class _Stopped(Exception):
    """The whole import ends here; the message says why."""


def handler(db: Database, fetcher: Fetcher) -> Handler:
    """The job's work."""

    async def read(payload: dict[str, Any]) -> datetime | None:
        source = await _source(db, payload)
        if source is None or source.state not in ("waiting", "running"):
            return None
        if source.cancel:
            return await _finish(db, source, "cancelled")
        if source.state == "waiting":
            await _set(db, source, lambda row: setattr(row, "state", "running"))
        if source.url is None:
            return await _read_file(db, source)
        return await _read_site(db, fetcher, source)

    return read


async def _read_file(db: Database, source: Source) -> datetime | None:
    async with db.read() as session:
        file = await session.get(SourceFile, source.id)
    if file is None:
        return await _finish(db, source, "failed", "The file is gone. Upload it again.")
    try:
        kind: Any = source.kind
        document = await documents.read(file.data, kind, name=source.name)
    except Unreadable as broken:
        return await _finish(db, source, "failed", broken.fault.sentence)
    async with db.write() as session:
        row = await _locked(session, source)
        if row is None or row.state != "running":
            return None
        stored = await sources.store(session, row, document)
        row.done = 1
        sources.noted(row, stored)
        failed = "" if stored.added else EMPTY if not stored.faults else "Nothing was added: see the rows below."
        await sources.finish(session, row, "done" if stored.added else "failed", failed)
        if stored.added:
            await writing.ask_for(session, row)
        await measuring.ask_for(session, row.workspace_id, row.domain_id)
    return None


async def _read_site(db: Database, fetcher: Fetcher, source: Source) -> datetime | None:
    loop = asyncio.get_running_loop()
    until = loop.time() + SLICE
    allowed = await _allowed(fetcher, source)
    while loop.time() < until:
        page = await _next(db, source)
        if page is None:
            return await _finish(db, source, "done")
        try:
            await _read_page(db, fetcher, source, page, allowed)
        except _Stopped as stopped:
            return await _finish(db, source, "failed", str(stopped))
        await asyncio.sleep(PAUSE)
    return now()


async def _read_page(
    db: Database, fetcher: Fetcher, source: Source, page: SourcePage, allowed: Callable[[str], bool]
) -> None:
    """One page: fetched and read with no session open, then stored and marked in one transaction."""
    document, links, reason, gone = None, [], "", False
    try:
        if not allowed(page.url):
            raise Unreadable(Fault(0, "", "The site's robots.txt asks us not to read this page."))
        fetched = await fetcher.get(page.url)
        gone = fetched.status in (404, 410)
        if fetched.status != 200:
            raise Unreadable(Fault(0, "", f"The server answered {fetched.status}."))
        if source.kind == "sitemap" and page.url == source.url:
            links = _sitemap(fetched)
        else:
            document = await _read(fetched)
            links = crawl.onward(source.url or page.url, document.links) if source.kind == "crawl" else []
    except Refused as refused:
        reason = refused.sentence
    except Unreadable as broken:
        reason = broken.fault.sentence
    async with db.write() as session:
        row = await _locked(session, source)
        mine = await session.get(SourcePage, page.id)
        if row is None or mine is None or row.state != "running":
            return
        await sources.add_pages(session, row, links)
        await _store(session, row, mine, document, reason, gone=gone)
        row.done += 1


async def _store(
    session: AsyncSession, source: Source, page: SourcePage, document: Document | None, reason: str, *, gone: bool
) -> None:
    page.fetched_at, page.reason = now(), reason
    known = bool(page.content_hash)
    if document is None:
        page.state = "gone" if gone and known else "failed" if reason else "ok"
        if page.state == "gone":
            await _turn_off(session, source, page)
        return
    page.title = document.title[:300]
    if known and page.content_hash == document.digest:
        page.state = "unchanged"
        return
    if known:
        await _drop_old(session, source, page)
    reference = f"import:{page.id}:{document.digest[:16]}"
    if document.passages and not await ledger.hold(session, source.workspace_id, pricing.DOCUMENT, reference):
        raise _Stopped(NO_CREDITS)
    stored = await sources.store(session, source, document, page.id)
    if document.passages:
        spent = pricing.DOCUMENT if stored.added else 0
        charge = ledger.Charge(source.workspace_id, reference, spent, None, {"by": "import", "name": page.url[:200]})
        await (ledger.settle(session, charge) if spent else ledger.release(session, charge))
    page.state, page.content_hash, page.entries = "changed" if known else "ok", document.digest, stored.added
    page.reason = reason or ("" if stored.added else EMPTY)
    sources.noted(source, stored)


async def _drop_old(session: AsyncSession, source: Source, page: SourcePage) -> None:
    """What a page gave before it changed goes, but for what somebody edited since."""
    found = list(await session.scalars(select(Entry).where(Entry.page_id == page.id)))
    stale = [entry.id for entry in found if entry.updated_at - entry.created_at <= EDITED]
    version = await entries.bump(session, source.workspace_id, source.domain_id)
    await sources.remove(session, source, stale, version)
    kept = [entry.question for entry in found if entry.id not in stale]
    if kept:
        source.report = source.report | {"kept": [*source.report.get("kept", []), *kept][:100]}


async def _turn_off(session: AsyncSession, source: Source, page: SourcePage) -> None:
    version = await entries.bump(session, source.workspace_id, source.domain_id)
    for entry in await session.scalars(select(Entry).where(Entry.page_id == page.id, Entry.active)):
        entry.active, entry.version = False, version
    await session.flush()


async def _read(fetched: Fetched) -> Document:
    kind = documents.kind_of(fetched.url.rpartition("/")[2], fetched.body, fetched.media_type)
    document = await documents.read(fetched.body, kind, url=fetched.url, media_type=_media(fetched))
    if document.login:
        raise Unreadable(Fault(0, "", LOGIN))
    if document.noindex or "noindex" in fetched.robots:
        raise Unreadable(Fault(0, "", "The page asks not to be kept (noindex)."))
    return document


def _media(fetched: Fetched) -> str:
    return f"{fetched.media_type}; charset={fetched.charset}" if fetched.charset else fetched.media_type


def _sitemap(fetched: Fetched) -> list[str]:
    body = fetched.body
    try:
        if body[:2] == b"\x1f\x8b":
            body = unpack.gunzip(body, 10_000_000)
        pages, more = crawl.sitemap(body)
    except (ValueError, SyntaxError, unpack.Broken, unpack.TooLarge):
        raise Unreadable(Fault(0, "", "This is no sitemap: no addresses of pages are in it.")) from None
    return [crawl.normal(url) for url in (*pages, *more)]


async def _allowed(fetcher: Fetcher, source: Source) -> Callable[[str], bool]:
    """What the site's robots.txt lets us read; a site without one, or whose server fails, lets us read all."""
    if source.kind == "url" or source.url is None:
        return lambda url: True
    try:
        fetched = await fetcher.get(crawl.robots_url(source.url))
    except Refused:
        return lambda url: True
    rules = crawl.rules(fetched.body.decode("utf-8", "replace") if fetched.status == 200 else "")
    return lambda url: rules.can_fetch(crawl.AGENT, url)


async def _next(db: Database, source: Source) -> SourcePage | None:
    async with db.read() as session:
        row = await session.get(Source, source.id)
        if row is None or row.cancel:
            return None
        query = select(SourcePage).where(SourcePage.source_id == source.id, SourcePage.state == "waiting")
        found: SourcePage | None = await session.scalar(query.order_by(SourcePage.id).limit(1))
        return found


async def _finish(db: Database, source: Source, state: str, reason: str = "") -> datetime | None:
    """The job is done."""
    async with db.write() as session:
        row = await _locked(session, source)
        if row is None or row.state not in ("waiting", "running"):
            return None
        nothing = state == "done" and not row.report.get("added") and not row.checked_at
        if nothing:
            first = await session.scalar(
                select(SourcePage.reason).where(SourcePage.source_id == row.id, SourcePage.reason != "").limit(1)
            )
            state, reason = "failed", first or EMPTY
        if row.cancel:
            state = "cancelled"
            waiting = (SourcePage.source_id == row.id, SourcePage.state == "waiting")
            await session.execute(delete(SourcePage).where(*waiting))
        await sources.finish(session, row, state, reason)
        if state == "done":
            await writing.ask_for(session, row)
            await measuring.ask_for(session, row.workspace_id, row.domain_id)
    return None


async def _source(db: Database, payload: dict[str, Any]) -> Source | None:
    async with db.read() as session:
        return await session.scalar(
            select(Source).where(Source.id == str(payload["source"]), Source.workspace_id == str(payload["workspace"]))
        )


async def _locked(session: AsyncSession, source: Source) -> Source | None:
    query = select(Source).where(Source.id == source.id).with_for_update()
    found: Source | None = await session.scalar(query)
    return found


async def _set(db: Database, source: Source, change: Callable[[Source], None]) -> None:
    async with db.write() as session:
        row = await _locked(session, source)
        if row is not None:
            change(row)
    change(source)
