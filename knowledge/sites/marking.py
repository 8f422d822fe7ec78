"""A page of a site marked with what came of it, and its entries with it, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from engine import pricing
from knowledge import fees, intake, reporting
from knowledge.documents import Document, Passage
from knowledge.known import Known
from knowledge.models import Entry, Source, SourcePage
from knowledge.reporting import Stopped
from knowledge.sites import frontier
from knowledge.sites.paging import Found

EMPTY = "There is nothing on this page that could be an answer."
EMPTY_NOW = "Nothing on it could be an answer now. Its entries go if that is so at the next look too."
NOTHING_NEW = "All it says is in your knowledge already."
NO_CREDITS = f"There are fewer than the {pricing.DOCUMENT} credits that a page takes. Add some, then look again."
LOOKS = 2  # that say that a page is not there, or leads elsewhere, before its entries follow: once may be a mishap
GONE = intake.GONE
MOVED = "moved"  # the content hash of a page that others' entries were brought to


def may_write(page: SourcePage, found: Found) -> bool:
    """Whether :func:`mark` may change entries: a page that says what it said leaves the knowledge at its version."""
    if found.document is None:
        return found.is_gone and page.entries > 0
    return bool(found.leads_to) or found.document.digest != page.content_hash


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one page: the import and the page, locked; what was found; what ``passages`` of it may come in; the
    knowledge's ``version``, raised in this transaction by :func:`knowledge.entries.bump` if :func:`may_write` said so.
    """

    row: Source
    page: SourcePage
    found: Found
    passages: Sequence[Passage]
    version: int


async def mark(session: AsyncSession, look: Look, known: Known) -> None:
    """Mark the page with what came of it. Raises :class:`~knowledge.reporting.Stopped`: then nothing may be stored."""
    page, found = look.page, look.found
    page.reason = found.reason[:500]
    if found.document is None:
        await _without(session, look)
        return
    if found.leads_to and (other := await _defers(session, look)):
        await _lead(session, look, other)
        return
    if page.entries and not found.document.passages and page.missing + 1 < LOOKS:
        page.state, page.missing, page.reason = "failed", page.missing + 1, EMPTY_NOW
        return
    page.missing, page.title = 0, found.document.title[:300]
    if page.content_hash == found.document.digest:
        page.state = "unchanged"
        return
    if found.document.passages and (twin := await frontier.twin(session, page, found.document.digest)):
        await _be_twin(session, look, twin, known)
        return
    await _take_in(session, look, found.document, known)


async def _take_in(session: AsyncSession, look: Look, document: Document, known: Known) -> None:
    row, page = look.row, look.page
    await known.catch_up(session)
    stored = await intake.page(session, row, look.version, page, document.title, look.passages, known)
    stored.faults[:0] = document.faults
    reference = f"import:{page.id}:{row.look}:{row.done}"  # a look reads a page twice where others' entries come to it
    if (stored.added or stored.updated) and not await fees.pay(session, row, reference, page.url):
        raise Stopped(NO_CREDITS)
    page.state = "changed" if page.content_hash else "ok"  # one that was gone and is back, too
    page.content_hash, page.entries = document.digest, await intake.count(session, row, page)
    if not document.passages:
        page.reason = document.faults[0].sentence[:500] if document.faults else EMPTY
    elif not page.entries:
        page.reason = NOTHING_NEW
    reporting.noted(row, stored, page.url)


async def _without(session: AsyncSession, look: Look) -> None:
    """Nothing could be read. What was read before stays, unless the page is not there any more: 410 says that it was
    taken away for good, of 404 two looks are believed, and a fault on the way says nothing."""
    page, found = look.page, look.found
    if page.content_hash == GONE:
        page.state = "gone"
        return
    page.state = "failed"
    if not found.is_gone or not page.content_hash:
        return
    page.missing = LOOKS if found.status == 410 else page.missing + 1
    if page.missing < LOOKS:
        page.reason = f"{found.reason} Its entries are turned off if it is not there at the next look either."[:500]
        return
    page.state, page.content_hash = "gone", GONE
    page.reason = f"{found.reason} It is gone, so its entries are turned off."
    if page.entries:
        reporting.noted(look.row, await intake.turn_off(session, look.row, look.version, [page.id]))


async def _defers(session: AsyncSession, look: Look) -> SourcePage | None:
    """The page that this one names as itself, if it is, or will be, read in its place; of two that name each other
    the second is read."""
    await frontier.add(session, look.row, [look.found.leads_to], look.page.depth)
    other = await frontier.known(session, look.row, look.found.leads_to)
    if other is None or other.id == look.page.id:
        return None
    return other if other.state in ("waiting", "unchanged", "changed") or other.entries else None


async def _lead(session: AsyncSession, look: Look, other: SourcePage) -> None:
    """A page that moved takes its entries along: they are changed in place when its new address is read. A whole site
    may lead to one notice for an hour: what is not said to be for good is believed after two looks."""
    page = look.page
    page.state, page.reason = "ok", f"Its own address is {other.url}"[:500]
    if not page.entries:
        page.missing, page.content_hash = 0, ""
        return
    page.missing += 1
    if page.missing < LOOKS and not look.found.for_good:
        page.reason = f"It leads to {other.url} now. Its entries move there if it does at the next look too."[:500]
        return
    moved = update(Entry).where(Entry.page_id == page.id).values(page_id=other.id, updated_at=Entry.updated_at)
    await session.execute(moved.execution_options(synchronize_session=False))
    page.content_hash, page.entries, page.missing = "", 0, 0
    if other.state != "waiting":
        other.state = "waiting"  # once more, for what has come to it
        look.row.total += 1
    other.content_hash = other.content_hash and MOVED


async def _be_twin(session: AsyncSession, look: Look, twin: SourcePage, known: Known) -> None:
    """Another page says exactly the same: what this one said before goes."""
    row, page = look.row, look.page
    if page.entries:
        reporting.noted(row, await intake.page(session, row, look.version, page, page.title, (), known))
    page.state, page.reason, page.content_hash = "ok", f"It says the same as {twin.url}"[:500], ""
    page.entries = await intake.count(session, row, page)
