"""Imports: begun by somebody, read by a job a slice at a time, and taken back.

What a page or file gives is stored in the transaction that marks it as read, so that a job which dies in between is
taken up where it was. Rows of one's own (CSV, JSON) are free; a document or page that is read into entries costs
:data:`engine.pricing.DOCUMENT` credits, and nothing where it gave none.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.codec import clean
from engine.db import new_id, now
from knowledge import documents, entries, fees, imprint, intake, measuring, planning, reporting
from knowledge.entries import NotFound
from knowledge.formats import Kind
from knowledge.models import URL_LENGTH, Entry, Source, SourceFile, SourcePage
from knowledge.planning import JOB as JOB
from knowledge.planning import READING as READING
from knowledge.sites import addresses, frontier

LARGEST = 5 * 1024 * 1024  # bytes of an upload (R14)
MOST_PAGES, USUAL_PAGES = 2_000, 200  # of a crawl
FREE: Final = ("csv", "json")
MOST_DEPTH, USUAL_DEPTH = 10, 5  # links from the start of a crawl
Way = Literal["url", "sitemap", "crawl"]


class NoCredits(Exception):
    """Fewer credits than the document takes: nothing was begun."""


@dataclass(frozen=True, slots=True)
class Options:
    """``keep_good``: rows with faults stay out alone, else one fault keeps everything out. ``review``: what comes in
    are drafts. ``locale``: of all entries, whatever the document says. ``pages``, ``depth``: bounds of a crawl.
    ``weekly``: look again every week. ``model``: let the model write the questions of what a document says
    (:mod:`knowledge.writing`)."""

    keep_good: bool = True
    review: bool = False
    category: str = ""
    locale: str = ""
    pages: int = USUAL_PAGES
    depth: int = USUAL_DEPTH
    weekly: bool = False
    model: bool = False

    def kept(self) -> dict[str, Any]:
        bounded = replace(self, pages=min(max(1, self.pages), MOST_PAGES), depth=min(max(0, self.depth), MOST_DEPTH))
        return asdict(bounded)


async def source_of(session: AsyncSession, workspace_id: str, domain_id: str, source_id: str) -> Source:
    """The door: the import with that id in that domain of that workspace, or :class:`NotFound`."""
    mine = (Source.workspace_id == workspace_id, Source.domain_id == domain_id)
    found = await session.scalar(select(Source).where(Source.id == source_id, *mine))
    if found is None:
        raise NotFound
    return found


async def listing(session: AsyncSession, workspace_id: str, domain_id: str, limit: int = 50) -> list[Source]:
    """The newest imports of a domain."""
    mine = (Source.workspace_id == workspace_id, Source.domain_id == domain_id)
    query = select(Source).where(*mine).order_by(Source.created_at.desc(), Source.id).limit(limit)
    return list(await session.scalars(query))


async def pages_of(
    session: AsyncSession, source: Source, *, state: str = "", limit: int = MOST_PAGES, offset: int = 0
) -> list[SourcePage]:
    """The pages of an import, or those in that state; those with a reason first."""
    query = select(SourcePage).where(SourcePage.source_id == source.id, *([SourcePage.state == state] if state else []))
    query = query.order_by(SourcePage.reason == "", SourcePage.url)
    return list(await session.scalars(query.limit(limit).offset(offset)))


async def states_of(session: AsyncSession, source: Source) -> dict[str, int]:
    """How many of its pages are in which state."""
    query = select(SourcePage.state, func.count()).where(SourcePage.source_id == source.id).group_by(SourcePage.state)
    return dict((await session.execute(query)).all())


async def counts_of(session: AsyncSession, found: Sequence[Source]) -> dict[str, int]:
    """How many entries there are of each import now, by its id."""
    mine = Entry.source_id.in_([source.id for source in found])
    query = select(Entry.source_id, func.count()).where(mine).group_by(Entry.source_id)
    counted = {str(source_id): int(number) for source_id, number in (await session.execute(query)).all()}
    return {source.id: counted.get(source.id, 0) for source in found}


async def upload(
    session: AsyncSession,
    workspace_id: str,
    domain_id: str,
    user_id: str | None,
    name: str,
    data: bytes,
    options: Options,
    media_type: str = "",
) -> Source:
    """Begin to read a file. Raises :class:`~knowledge.sheet.Unreadable` for what is no document, :class:`NoCredits`,
    and :class:`NotFound` for a foreign domain."""
    kind = documents.kind_of(name, data, media_type)
    source = await _begin(session, workspace_id, domain_id, user_id, kind, name, None, options)
    if kind not in FREE and not await fees.set_aside(session, source):
        raise NoCredits
    session.add(SourceFile(source_id=source.id, workspace_id=workspace_id, data=data))
    await session.flush()
    return source


async def visit(
    session: AsyncSession, workspace_id: str, domain_id: str, user_id: str | None, way: Way, url: str, options: Options
) -> Source:
    """Begin to read an address, the pages of a sitemap, or a site from an address on."""
    url = addresses.normal(clean(url)) or clean(url)[:URL_LENGTH]  # what is no address says so in its report
    source = await _begin(session, workspace_id, domain_id, user_id, way, url, url, options)
    await _start(session, source)
    return source


async def cancel(session: AsyncSession, source: Source) -> bool:
    """Stop: the job that reads stores nothing after this. What came in stays until it is undone. False when it was
    over already."""
    await session.refresh(source, with_for_update=True)
    if source.state not in READING:
        return False
    await finish(session, source, "cancelled")
    return True


async def again(session: AsyncSession, source: Source) -> bool:
    """Look at a page, or at every page of a site, once more; False while it is being read, for files, and for what was
    undone. Everything is to be found anew; what stands in the report is of this look alone."""
    await session.refresh(source, with_for_update=True)
    if source.url is None or source.state in (*READING, "undone"):
        return False
    source.state, source.done, source.total, source.next_at = "waiting", 0, 0, None
    source.look, source.memo = source.look + 1, {}
    reporting.begun(source)
    await _start(session, source)
    await planning.start(session, source)
    return True


async def _start(session: AsyncSession, source: Source) -> None:
    if source.kind == "sitemap":
        source.memo = {"maps": [source.url]}
    else:
        await frontier.add(session, source, [source.url or ""], 0)


@dataclass(frozen=True, slots=True)
class Undone:
    """How many entries are gone, and the questions of those that stay because somebody rewrote them since."""

    removed: int
    kept: tuple[str, ...]


async def undo(session: AsyncSession, source: Source) -> Undone:
    """Take back what an import brought, also while it is being read; it is not looked at again."""
    version = await entries.bump(session, source.workspace_id, source.domain_id)
    await session.refresh(source, with_for_update=True)
    found = list(await session.scalars(select(Entry).where(Entry.source_id == source.id)))
    kept = [entry.question for entry in found if not imprint.is_untouched(entry)]
    gone = [entry.id for entry in found if imprint.is_untouched(entry)]
    await intake.remove(session, source, gone, version)
    if source.state in READING:
        await finish(session, source, "cancelled")
    source.state, source.next_at, source.options = "undone", None, source.options | {"weekly": False}
    source.report = source.report | {"undone": len(gone), "kept": kept[: reporting.MOST_KEPT]}
    if gone:
        await measuring.ask_for(session, source.workspace_id, source.domain_id)
    await session.flush()
    return Undone(len(gone), tuple(kept))


async def finish(session: AsyncSession, source: Source, state: str, reason: str = "") -> None:
    """The import, or this look, is over: a hold that nothing was read for is given back, a file's bytes go, the next
    look is planned where one is wanted, and the domain is measured when its knowledge changed."""
    source.state, source.finished_at, source.checked_at = state, now(), now()
    if reason:
        source.report = source.report | {"reason": reason}
    if source.charge is not None:
        await fees.give_back(session, source)
    await frontier.forget_waiting(session, source)
    await session.execute(delete(SourceFile).where(SourceFile.source_id == source.id))
    await planning.plan(session, source)
    if any(source.report.get(name) for name in ("added", "updated", "removed")):
        await measuring.ask_for(session, source.workspace_id, source.domain_id)
    await session.flush()


async def _begin(
    session: AsyncSession,
    workspace_id: str,
    domain_id: str,
    user_id: str | None,
    kind: Kind | Way,
    name: str,
    url: str | None,
    options: Options,
) -> Source:
    await entries.bump(session, workspace_id, domain_id)  # the door: a foreign domain ends here
    source = Source(
        id=new_id(),
        workspace_id=workspace_id,
        domain_id=domain_id,
        user_id=user_id,
        kind=kind,
        name=clean(name)[:255] or kind,
        url=url,
        options=options.kept(),
        report={},
        look=1,
        total=0,
        memo={},
    )
    session.add(source)
    await session.flush()
    await planning.start(session, source)
    return source
