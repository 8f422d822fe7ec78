"""Imports: begun by somebody, read by a job a slice at a time, and taken back.

What a page or file gives is stored in the transaction that marks it as read, so that a job which dies in between is
taken up where it was. Rows of one's own (CSV, JSON) are free; a document or page that is read into entries costs
:data:`engine.pricing.DOCUMENT` credits, and nothing where it gave none.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, Final, Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine import jobs, ledger, pricing
from engine.codec import clean
from engine.db import new_id, now
from knowledge import crawl, documents, entries, imports
from knowledge.entries import Draft, NotFound
from knowledge.formats import Kind
from knowledge.models import Entry, Removal, Source, SourceFile, SourcePage
from knowledge.sheet import Fault
from knowledge.text import normalise

JOB: Final = "import"
LARGEST = 5 * 1024 * 1024  # bytes of an upload (R14)
MOST_PAGES, USUAL_PAGES = 2_000, 200  # of a crawl
MOST_FAULTS = 200  # rows listed in a report; the rest are counted
FREE: Final = ("csv", "json")
EDITED = timedelta(seconds=2)  # an entry that was changed so long after it came is somebody's own work
Way = Literal["url", "sitemap", "crawl"]


class NoCredits(Exception):
    """Fewer credits than the document takes: nothing was begun."""


@dataclass(frozen=True, slots=True)
class Options:
    """``keep_good``: rows with faults stay out alone, else one fault keeps everything out. ``review``: what comes in
    are drafts. ``model``: let the model write the questions of what a document says (:mod:`knowledge.writing`)."""

    keep_good: bool = True
    review: bool = False
    category: str = ""
    pages: int = USUAL_PAGES
    model: bool = False

    def kept(self) -> dict[str, Any]:
        return asdict(self)


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


async def pages_of(session: AsyncSession, source: Source, limit: int = 500) -> list[SourcePage]:
    """The pages of an import, those with a reason first."""
    query = select(SourcePage).where(SourcePage.source_id == source.id)
    return list(await session.scalars(query.order_by(SourcePage.reason == "", SourcePage.url).limit(limit)))


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
    if kind not in FREE:
        source.charge = f"import:{source.id}"
        if not await ledger.hold(session, workspace_id, pricing.DOCUMENT, source.charge):
            raise NoCredits
    source.total = 1
    session.add(SourceFile(source_id=source.id, workspace_id=workspace_id, data=data))
    await session.flush()
    return source


async def visit(
    session: AsyncSession, workspace_id: str, domain_id: str, user_id: str | None, way: Way, url: str, options: Options
) -> Source:
    """Begin to read an address, the pages of a sitemap, or a site from an address on."""
    url = clean(url)[:2_048]
    source = await _begin(session, workspace_id, domain_id, user_id, way, url, url, options)
    await _queue(session, source, [url if way == "sitemap" else crawl.normal(url)])
    return source


async def cancel(session: AsyncSession, source: Source) -> None:
    """Stop within a slice; what came in stays until it is undone."""
    source.cancel = True
    await session.flush()


async def again(session: AsyncSession, source: Source) -> bool:
    """Look at every page of a site once more; False while it is being read, and for files."""
    if source.url is None or source.state in ("waiting", "running"):
        return False
    source.state, source.cancel, source.done = "waiting", False, 0
    await session.execute(
        update(SourcePage).where(SourcePage.source_id == source.id).values(state="waiting", reason="")
    )
    await session.flush()
    await _enqueue(session, source)
    return True


@dataclass(frozen=True, slots=True)
class Undone:
    """How many entries are gone, and the questions of those that stay because somebody edited them since."""

    removed: int
    kept: tuple[str, ...]


async def undo(session: AsyncSession, source: Source) -> Undone:
    """Take back what an import brought."""
    version = await entries.bump(session, source.workspace_id, source.domain_id)
    found = list(await session.scalars(select(Entry).where(Entry.source_id == source.id)))
    kept = [entry for entry in found if entry.updated_at - entry.created_at > EDITED]
    gone = [entry.id for entry in found if entry not in kept]
    await remove(session, source, gone, version)
    source.state = "undone"
    await session.flush()
    return Undone(len(gone), tuple(entry.question for entry in kept))


async def remove(session: AsyncSession, source: Source, ids: Sequence[str], version: int) -> None:
    """Entries of an import are gone; indexes hear of it by their removals."""
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        await session.execute(delete(Entry).where(Entry.id.in_(some)).execution_options(synchronize_session=False))
        owner = {"workspace_id": source.workspace_id, "domain_id": source.domain_id, "version": version}
        session.add_all([Removal(entry_id=entry_id, **owner) for entry_id in some])
        await session.flush()


@dataclass(frozen=True, slots=True)
class Stored:
    """What a document gave: entries added, and the faults of the rest."""

    added: int
    faults: tuple[Fault, ...]


async def store(
    session: AsyncSession, source: Source, document: documents.Document, page_id: str | None = None
) -> Stored:
    """Add a document's passages as entries. What asks the same as an entry that is there stays out; without
    ``keep_good`` one fault keeps all of it out."""
    options = source.options
    version = await entries.bump(session, source.workspace_id, source.domain_id)
    known = await imports.known_questions(session, source.workspace_id, source.domain_id)
    drafts: list[Draft] = []
    faults = list(document.faults)
    for passage in document.passages:
        draft = entries.cleaned(passage.draft)
        wrong = entries.faults(draft)
        if normalise(draft.question) in known:
            wrong = wrong or {
                "question": "An entry with this question exists already. Leave it out, or edit the entry."
            }
        faults += [Fault(passage.number, column, sentence) for column, sentence in wrong.items()]
        if not wrong:
            known.add(normalise(draft.question))
            category = draft.category or str(options.get("category", ""))
            drafts.append(replace(draft, category=category, active=draft.active and not options.get("review")))
    if faults and not options.get("keep_good", True):
        drafts = []
    shared = {
        "workspace_id": source.workspace_id,
        "domain_id": source.domain_id,
        "version": version,
        "source": f"import:{source.id}",
        "source_id": source.id,
        "page_id": page_id,
        "draft": bool(options.get("review")),
    }
    await imports.insert_entries(session, shared, drafts)
    return Stored(len(drafts), tuple(faults))


async def finish(session: AsyncSession, source: Source, state: str, reason: str = "") -> None:
    """The import is over: what a file's reading costs is settled, or given back where it gave nothing."""
    source.state, source.finished_at, source.checked_at = state, now(), now()
    if reason:
        source.report = source.report | {"reason": reason}
    if source.charge is not None:
        spent = pricing.DOCUMENT if state == "done" and source.report.get("added") else 0
        charge = ledger.Charge(source.workspace_id, source.charge, spent, None, {"by": "import", "name": source.name})
        await (ledger.settle(session, charge) if spent else ledger.release(session, charge))
        source.charge = None
    await session.execute(delete(SourceFile).where(SourceFile.source_id == source.id))
    await session.flush()


async def add_pages(session: AsyncSession, source: Source, urls: Sequence[str]) -> None:
    """Pages that were found, up to as many as the import may have."""
    known = set(await session.scalars(select(SourcePage.url).where(SourcePage.source_id == source.id)))
    room = int(source.options.get("pages", USUAL_PAGES)) - len(known)
    fresh = [url for url in dict.fromkeys(urls) if url not in known and len(url) <= 2_048][: max(0, room)]
    await _queue(session, source, fresh)


def noted(source: Source, stored: Stored) -> None:
    """Add what a document gave to the import's report."""
    report = source.report
    listed = [{"row": fault.row, "column": fault.column, "sentence": fault.sentence} for fault in stored.faults]
    source.report = report | {
        "added": report.get("added", 0) + stored.added,
        "refused": report.get("refused", 0) + len({fault.row for fault in stored.faults}),
        "faults": [*report.get("faults", []), *listed][:MOST_FAULTS],
    }


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
        options=replace(options, pages=min(max(1, options.pages), MOST_PAGES)).kept(),
        report={},
    )
    session.add(source)
    await session.flush()
    await _enqueue(session, source)
    return source


async def _enqueue(session: AsyncSession, source: Source) -> None:
    owner = {"workspace": source.workspace_id, "domain": source.domain_id, "source": source.id}
    await jobs.add(session, JOB, owner)


async def _queue(session: AsyncSession, source: Source, urls: Sequence[str]) -> None:
    session.add_all([SourcePage(workspace_id=source.workspace_id, source_id=source.id, url=url) for url in urls])
    await session.flush()
    counted = select(func.count()).select_from(SourcePage).where(SourcePage.source_id == source.id)
    source.total = await session.scalar(counted) or 0
    await session.flush()
