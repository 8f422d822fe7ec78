"""A site read page by page: as its robots.txt allows, at its pace, one reader at a time, within bounds of time and
bytes; again later, to find what changed, what is new and what is gone."""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import Database, now
from engine.fetch import Fetcher
from knowledge import entries, intake, reporting
from knowledge.known import Known
from knowledge.models import Source, SourcePage
from knowledge.reporting import Stopped
from knowledge.sites import addresses, frontier, marking, turns
from knowledge.sites.manners import Manners
from knowledge.sites.mapping import read_map
from knowledge.sites.marking import Look
from knowledge.sites.paging import Found, look_at

MOST_BYTES = 200_000_000  # of one look
LONGEST = 3 * 60 * 60.0  # s of one look, its pauses included; what waited for a process does not count
MOST_SILENCE = 5  # pages in a row that no answer came for: then the site is down, and nobody asks on
BUSY = (timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4))  # until a site that asked for it is asked
ASKED_TO_WAIT = "The site asked us three times to come back later (429 or 503). Look again another time."
SILENT = f"The site did not answer {MOST_SILENCE} times in a row, so the rest was not read. Look again when it does."
SPENT = "It took longer, or held more, than one look may: the rest was left out."


class Site:
    """Reads the sites of imports, one slice at a time."""

    def __init__(self, db: Database, fetcher: Fetcher, pause: float) -> None:
        self._db = db
        self._fetcher = fetcher
        self._manners = Manners(fetcher, pause)

    async def read(self, source: Source, seconds: float, known: Known) -> datetime | None:
        """Go on with ``source`` for about ``seconds``: when to go on after that, or None when all of it is read.
        Raises :class:`~knowledge.reporting.Stopped`."""
        host = str(source.memo.get("host") or addresses.host_of(source.url or ""))
        async with self._db.write() as session:
            later = await turns.take(session, host, source.id)
        if later is not None:
            return later
        wanted = False
        try:
            again = await self._slice(source, seconds, known)
        finally:
            async with self._db.write() as session:
                wanted = await turns.leave(session, host, source.id, self._manners.pause(source.url or ""))
        return max(again, now() + turns.YIELD) if again is not None and wanted else again

    async def _slice(self, source: Source, seconds: float, known: Known) -> datetime | None:
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while True:
            if source.memo.get("maps") and not _is_spent(source):
                source = await read_map(self._db, self._fetcher, self._manners, source)
            else:
                async with self._db.read() as session:
                    page = await frontier.next_page(session, source)
                if page is None or _is_spent(source):
                    return await self._end(source, is_whole=page is None and not source.memo.get("maps"))
                source = await self._read_page(source, page, known)
            if source.state != "running":
                return now()  # to be told so
            if busy := source.memo.get("busy"):
                return now() + BUSY[busy - 1]
            pause = self._manners.pause(source.url or "").total_seconds()
            if loop.time() + pause > until:
                return now() + timedelta(seconds=pause)
            await asyncio.sleep(pause)

    async def _read_page(self, source: Source, page: SourcePage, known: Known) -> Source:
        """Fetched and taken apart with no session open, then stored and marked in one transaction."""
        began = asyncio.get_running_loop().time()
        rules = await self._manners.rules(source, page.url)
        found = await look_at(self._fetcher, source, page, rules)
        writes = marking.may_write(page, found)
        passages = intake.passages_of(source, found.document) if writes and found.document else ()
        async with self._db.write() as session:
            version = await entries.bump(session, source.workspace_id, source.domain_id) if writes else 0
            row = await _locked(session, source)
            mine = await session.get(SourcePage, page.id)
            if row is None or mine is None or row.state != "running" or mine.state != "waiting":
                return row or source
            pause = self._manners.pause(page.url).total_seconds()
            _account(row, found, asyncio.get_running_loop().time() - began + pause)
            if row.memo["busy"]:
                return row  # the page waits on
            row.done += 1
            mine.fetched_at = now()
            if mine.depth < int(row.options["depth"]):
                links = addresses.onward(row.memo["host"], found.links)
                await frontier.add(session, row, links, mine.depth + 1)
            await marking.mark(session, Look(row, mine, found, passages, version), known)
        if row.memo["silent"] >= MOST_SILENCE:
            raise Stopped(SILENT)
        return row

    async def _end(self, source: Source, *, is_whole: bool) -> datetime | None:
        """After the last page: what was left out is said. Where the look was whole, pages of earlier ones that nothing
        led to are asked themselves, once: then it goes on."""
        async with self._db.write() as session:
            row = await _locked(session, source)
            if row is None or row.state != "running":
                return None
            if not is_whole:
                reporting.note(row, SPENT)
                return None
            if row.look > 1 and not row.memo.get("asked"):
                row.memo = row.memo | {"asked": True}
                if await frontier.ask_lost(session, row):
                    return now()
            if cut := row.memo.get("cut"):
                reporting.note(row, f"{cut:,} further pages were found and left out: your bound was reached.")
            return None


def _account(row: Source, found: Found, seconds: float) -> None:
    """What a page took goes into the memo. Raises :class:`~knowledge.reporting.Stopped` where a site has had enough."""
    memo = row.memo
    busy = memo.get("busy", 0) + 1 if found.is_busy and row.kind != "url" else 0
    if busy > len(BUSY):
        raise Stopped(ASKED_TO_WAIT)
    row.memo = memo | {
        "seconds": memo.get("seconds", 0.0) + seconds,
        "bytes": memo.get("bytes", 0) + found.size,
        "host": memo.get("host") or found.host,
        "busy": busy,
        "silent": memo.get("silent", 0) + 1 if found.is_silent else 0,
    }


def _is_spent(source: Source) -> bool:
    seconds, size = float(source.memo.get("seconds", 0)), int(source.memo.get("bytes", 0))
    return seconds > LONGEST or size > MOST_BYTES


async def _locked(session: AsyncSession, source: Source) -> Source | None:
    query = select(Source).where(Source.id == source.id).with_for_update()
    found: Source | None = await session.scalar(query)
    return found
