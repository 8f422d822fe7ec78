"""The pages that a look at a site still has to read: found by links, nearest to the start first, each once.

They are rows, so that a crawl goes on where it was on whichever node takes it up.
"""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models import URL_LENGTH, Source, SourcePage

CHUNK = 500  # addresses of one query
ASKED_ITSELF = 1_000  # the depth of a page that nothing leads to: deeper than any link is followed


async def add(session: AsyncSession, source: Source, urls: Sequence[str], depth: int) -> None:
    """Pages that were found in this look, ``depth`` links from the start, up to as many as the import may have."""
    urls = [url for url in dict.fromkeys(urls) if 0 < len(url) <= URL_LENGTH]
    known: dict[str, SourcePage] = {}
    for start in range(0, len(urls), CHUNK):
        some = SourcePage.url.in_(urls[start : start + CHUNK])
        query = select(SourcePage).where(SourcePage.source_id == source.id, some)
        known |= {page.url: page for page in await session.scalars(query)}
    owner = {"workspace_id": source.workspace_id, "source_id": source.id, "look": source.look, "depth": depth}
    room = int(source.options["pages"]) - source.total
    found = [url for url in urls if url not in known or known[url].look < source.look]
    for url in found[: max(0, room)]:
        if (page := known.get(url)) is None:
            session.add(SourcePage(url=url, **owner))
        else:
            page.state, page.reason, page.look, page.depth = "waiting", "", source.look, depth
    source.total += min(len(found), max(0, room))
    if len(found) > room:
        source.memo = source.memo | {"cut": source.memo.get("cut", 0) + len(found) - max(0, room)}
    await session.flush()


async def next_page(session: AsyncSession, source: Source) -> SourcePage | None:
    """The page to read next; None when all that was found is read."""
    waiting = (SourcePage.source_id == source.id, SourcePage.state == "waiting", SourcePage.look == source.look)
    found: SourcePage | None = await session.scalar(
        select(SourcePage).where(*waiting).order_by(SourcePage.depth, SourcePage.url).limit(1)
    )
    return found


async def known(session: AsyncSession, source: Source, url: str) -> SourcePage | None:
    """The page with that address, if this look has found it."""
    here = (SourcePage.source_id == source.id, SourcePage.look == source.look)
    found: SourcePage | None = await session.scalar(select(SourcePage).where(*here, SourcePage.url == url))
    return found


async def twin(session: AsyncSession, page: SourcePage, digest: str) -> SourcePage | None:
    """Another page of this look that says exactly the same and gave its entries."""
    here = (SourcePage.source_id == page.source_id, SourcePage.look == page.look, SourcePage.id != page.id)
    query = select(SourcePage).where(*here, SourcePage.content_hash == digest, SourcePage.state != "waiting")
    found: SourcePage | None = await session.scalar(query.order_by(SourcePage.entries.desc()).limit(1))
    return found


async def ask_lost(session: AsyncSession, source: Source) -> int:
    """Have the pages of earlier looks that nothing led to in this one asked themselves, as many as an import may have,
    those first that were not asked for longest; how many they are. A page without entries is forgotten instead."""
    earlier = (SourcePage.source_id == source.id, SourcePage.look < source.look)
    void = delete(SourcePage).where(*earlier, SourcePage.entries == 0)
    await session.execute(void.execution_options(synchronize_session=False))
    query = select(SourcePage).where(*earlier, SourcePage.state != "gone").order_by(SourcePage.fetched_at)
    found = list(await session.scalars(query.limit(int(source.options["pages"]))))
    for page in found:
        page.state, page.reason, page.look, page.depth = "waiting", "", source.look, ASKED_ITSELF
    source.total += len(found)
    await session.flush()
    return len(found)


async def forget_waiting(session: AsyncSession, source: Source) -> None:
    """What was found and not read yet is not going to be read in this look: new pages go, known ones stay as known."""
    waiting = (SourcePage.source_id == source.id, SourcePage.state == "waiting")
    unread = (SourcePage.content_hash == "", SourcePage.fetched_at.is_(None))
    await session.execute(delete(SourcePage).where(*waiting, *unread).execution_options(synchronize_session=False))
    for page in await session.scalars(select(SourcePage).where(*waiting)):
        page.state = "ok"
    await session.flush()
