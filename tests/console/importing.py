"""A shop's site that acme imports: one import under way, one with a report, one that is looked at every week."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete

from engine import jobs, ledger
from engine.models import Job
from knowledge import reading, sources
from knowledge.sources import Options
from tests.console.conftest import Site
from tests.doubles.site import Page, html
from tests.doubles.site import Site as Web

SLOW = Page("User-agent: *\nDisallow: /cart\nCrawl-delay: 8\n", media_type="text/plain")
FORBIDS = Page("User-agent: *\nDisallow: /cart\n", media_type="text/plain")


@dataclass(frozen=True, slots=True)
class Imports:
    """Their ids."""

    running: str
    done: str
    weekly: str


def fill(web: Web) -> None:
    """A small shop with what every site has: a page that is gone, one that is forbidden, one that asks to sign in."""
    web.pages = {
        "/robots.txt": FORBIDS,
        "/": html(
            "The plant shop",
            ("How long does delivery take?", "Delivery takes two working days within the country, longer abroad."),
            ("Where do you deliver?", "We deliver to every address in the country and to our neighbours."),
            links=["/returns", "/gifts", "/cart", "/old", "/account", "/returns?utm_source=mail"],
        ),
        "/returns": html("Returns and refunds", ("Can I return a plant?", "Within 30 days, if it is still alive.")),
        "/gifts": html("Gifts", ("Do you wrap gifts?", "Gift wrapping costs three euros, a card is free.")),
        "/account": Page('<title>Sign in</title><form method="post"><input type="password" name="p"></form>'),
    }


async def work(site: Site, web: Web) -> None:
    """Until no import is due."""
    handlers = {sources.JOB: reading.handler(site.db, web.fetcher(), pause=0)}
    while await jobs.run_due(site.db, handlers, 1, only=[sources.JOB]):
        pass


async def begin(site: Site, web: Web, path: str, options: Options) -> str:
    acme = site.cast.acme
    async with site.db.write() as session:
        ids = (acme.workspace_id, acme.domain_id)
        return (await sources.visit(session, *ids, None, "crawl", web.url(path), options)).id


async def three(site: Site, web: Web) -> Imports:
    """The imports as they are an instant after they were worked at; no process goes on with the one under way."""
    fill(web)
    async with site.db.write() as session:
        await ledger.grant(session, site.cast.acme.workspace_id, 500, "for imports")
    weekly = await begin(site, web, "/", Options(weekly=True))
    await work(site, web)
    done = await begin(site, web, "/gifts", Options(review=True))
    web.pages["/gifts"] = html("Gifts", ("Is there a card?", "A card is free with every gift."), links=["/", "/old"])
    await work(site, web)
    web.pages["/robots.txt"] = SLOW
    running = await begin(site, web, "/returns", Options())
    web.pages["/returns"] = html("Returns", ("Who pays?", "You pay for the parcel, we for the plant."), links=["/"])
    await work(site, web)
    async with site.db.write() as session:
        await session.execute(delete(Job).where(Job.kind == sources.JOB))
        row = await sources.source_of(session, site.cast.acme.workspace_id, site.cast.acme.domain_id, weekly)
        assert row.next_at is not None
        assert row.next_at - row.created_at > timedelta(days=6)
    return Imports(running, done, weekly)
