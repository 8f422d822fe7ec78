"""The sitemaps of an import read one after the other: the pages that they name wait to be read from then on."""

import asyncio
from dataclasses import dataclass

from sqlalchemy import select

from engine.db import Database
from engine.fetch import Fetcher, Refused
from knowledge import reporting
from knowledge.models import Source
from knowledge.reporting import Stopped
from knowledge.sites import addresses, frontier, sitemap
from knowledge.sites.manners import Manners
from knowledge.sites.paging import FORBIDDEN
from knowledge.sites.sitemap import NoSitemap, Sitemap

ACCEPT = "application/xml, text/xml, text/plain, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class _Read:
    """A sitemap, where it came from in the end, its bytes, and what is to be said about it."""

    map: Sitemap
    host: str
    size: int
    said: str = ""


async def read_map(db: Database, fetcher: Fetcher, manners: Manners, source: Source) -> Source:
    """Read the next sitemap of ``source``: the import as it is after that. The first must be one; a further one that
    is none is noted. Raises :class:`~knowledge.reporting.Stopped`."""
    url = str(source.memo["maps"][0])
    try:
        found = await _fetched(fetcher, manners, source, url)
    except (Refused, NoSitemap) as wrong:
        said = wrong.sentence if isinstance(wrong, Refused) else str(wrong)
        if not source.memo.get("read"):
            raise Stopped(said) from None
        found = _Read(Sitemap((), ()), "", 0, f"{url}: {said}")
    async with db.write() as session:
        row: Source | None = await session.scalar(select(Source).where(Source.id == source.id).with_for_update())
        if row is None or row.state != "running" or url not in row.memo.get("maps", []):
            return row or source
        here, said = _take(row, url, found)
        if said:
            reporting.note(row, said)
        await frontier.add(session, row, here, 0)
        return row


async def _fetched(fetcher: Fetcher, manners: Manners, source: Source, url: str) -> _Read:
    rules = await manners.rules(source, url)
    if not rules.allows(url):
        raise NoSitemap(FORBIDDEN)
    fetched = await fetcher.get(url, accept=ACCEPT)
    if fetched.status != 200:
        raise NoSitemap(f"The server answered {fetched.status}.")
    found = await asyncio.to_thread(sitemap.read, fetched.body)
    more = f"{url} names more than {sitemap.MOST:,} pages; the others are left out." if found.cut else ""
    return _Read(found, addresses.host_of(addresses.normal(fetched.url) or url), len(fetched.body), more)


def _take(row: Source, url: str, found: _Read) -> tuple[list[str], str]:
    """The pages of the import's own site that a sitemap names, further maps noted in the memo; and what to say."""
    host = str(row.memo.get("host") or found.host)  # an address that leads to www. means that site
    named = [page for one in found.map.pages if (page := addresses.normal(one)) is not None]
    here = [page for page in named if addresses.host_of(page) == host]
    maps = [one for each in found.map.maps if (one := addresses.normal(each)) and addresses.host_of(one) == host]
    read = [*row.memo.get("read", []), url]
    waiting = [one for one in dict.fromkeys([*row.memo["maps"][1:], *maps]) if one not in read]
    size = int(row.memo.get("bytes", 0)) + found.size
    room = max(0, sitemap.MOST_MAPS - len(read))
    row.memo = row.memo | {"read": read, "maps": waiting[:room], "host": host, "bytes": size}
    said = [found.said] if found.said else []
    if away := len(found.map.pages) - len(here):
        said.append(f"{away:,} addresses of other sites are left out.")
    if left := len(waiting[room:]):
        said.append(f"{left:,} further sitemaps are left out: at most {sitemap.MOST_MAPS} are read.")
    return here, " ".join(said)
