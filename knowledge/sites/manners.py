"""How we behave on somebody's site: what its robots.txt lets us read, and how long we wait between two pages."""

import asyncio
from datetime import timedelta
from urllib.parse import urlsplit

from engine.fetch import AGENT, Fetcher, Refused
from knowledge.models import Source
from knowledge.reporting import Stopped
from knowledge.sites import robots
from knowledge.sites.robots import Robots

PAUSE = 0.5  # s between two pages of one site: a shop's own server has visitors besides us
ROBOTS_LIFE = 300.0  # s for which a site's robots.txt is believed before it is read again
MOST_SITES = 100  # whose rules are remembered


class Manners:
    """Remembers the rules of the sites that this process reads."""

    def __init__(self, fetcher: Fetcher, pause: float) -> None:
        self._fetcher = fetcher
        self._pause = pause
        self._kept: dict[str, tuple[float, Robots]] = {}

    async def rules(self, source: Source, url: str) -> Robots:
        """What ``url``'s site asks of us. One page that a person asks for by its address is fetched as their browser
        would fetch it. Raises :class:`Stopped` where nothing may be read."""
        if source.kind == "url":
            return Robots()
        site, at = _site(url), asyncio.get_running_loop().time()
        until, kept = self._kept.get(site, (0.0, None))
        if kept is None or at >= until:
            kept = await self._asked(site, kept)
            self._kept.pop(site, None)
            self._kept = dict([*list(self._kept.items())[-MOST_SITES:], (site, (at + ROBOTS_LIFE, kept))])
        return kept

    def pause(self, url: str) -> timedelta:
        """Between two pages of ``url``'s site: ours, or what its robots.txt asks for where that is longer."""
        _, kept = self._kept.get(_site(url), (0.0, Robots()))
        return timedelta(seconds=max(self._pause, kept.delay))

    async def _asked(self, site: str, before: Robots | None) -> Robots:
        """A site without a robots.txt allows all; one that leads in circles has none; one whose robots.txt cannot be
        had allows nothing, unless we know what it said a while ago (RFC 9309, 2.3.1 and 2.4)."""
        try:
            fetched = await self._fetcher.get(f"{site}/robots.txt", accept="text/plain, */*;q=0.5")
        except Refused as refused:
            if refused.code == "redirects":
                return Robots()
            said = refused.sentence
        else:
            if fetched.status == 200:
                return robots.read(fetched.body, AGENT)
            if fetched.status < 500 and fetched.status != 429:
                return Robots()
            said = f"The server answered {fetched.status}."
        if before is not None:
            return before
        raise Stopped(f"The site's robots.txt cannot be read, so no page may be: {said} Try again later.")


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
