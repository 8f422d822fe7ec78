"""Sitemaps of an import: the pages that they name are read, those of its own site, within bounds."""

import gzip

import pytest

from engine.db import Database
from knowledge.sites import sitemap
from knowledge.sources import Options
from tests.doubles.site import Page, Site, moved
from tests.knowledge.conftest import Shop
from tests.knowledge.importing import crawl, credit, look, questions, reasons, work

pytestmark = pytest.mark.anyio


def named(*urls: str, kind: str = "url") -> str:
    """A sitemap of pages, or of further sitemaps."""
    listed = "".join(f"<{kind}><loc>{url}</loc></{kind}>" for url in urls)
    return f'<?xml version="1.0"?><set xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</set>'


async def test_a_sitemap_names_the_pages_that_are_read_as_robots_txt_allows(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    web.pages["/robots.txt"] = Page("User-agent: *\nDisallow: /b", media_type="text/plain")
    web.pages["/sitemap.xml"] = Page(named(web.url("/a"), web.url("/b")), media_type="application/xml")
    source_id = await crawl(database, acme, web.url("/sitemap.xml"), way="sitemap")
    await work(database, web.fetcher())
    assert (await look(database, acme, source_id)).state == "done"
    assert await questions(database, acme) == ["Can I return a plant?"]
    assert "robots.txt" in (await reasons(database, web))["/b"]


async def test_an_index_leads_to_further_sitemaps_packed_ones_too_and_a_broken_one_is_noted(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    index = named(*(web.url(path) for path in ("/1.xml.gz", "/2.txt", "/none.xml", "/sitemap.xml")), kind="sitemap")
    web.pages["/sitemap.xml"] = Page(index, media_type="application/xml")
    web.pages["/1.xml.gz"] = Page(gzip.compress(named(web.url("/a")).encode()), media_type="application/gzip")
    web.pages["/2.txt"] = Page(web.url("/b") + "\nhttps://elsewhere.example/x\n", media_type="text/plain")
    source_id = await crawl(database, acme, web.url("/sitemap.xml"), way="sitemap")
    await work(database, web.fetcher())
    source = await look(database, acme, source_id)
    assert source.state == "done"
    assert sorted(await questions(database, acme)) == ["Can I return a plant?", "Do you wrap gifts?"]
    assert web.asked.count("/sitemap.xml") == 1, "an index that names itself is read once"
    assert any("none.xml" in note and "404" in note for note in source.report["notes"])
    assert any("1 addresses of other sites" in note for note in source.report["notes"])


async def test_an_address_that_leads_to_www_means_that_site(database: Database, acme: Shop, web: Site) -> None:
    await credit(database, acme, 100)
    www = [web.url(path, host="www.shop.test") for path in ("/a", "/b")]
    web.pages["/sitemap.xml"] = moved(web.url("/real.xml", host="www.shop.test"), 301)
    web.pages["/real.xml"] = Page(named(*www), media_type="application/xml")
    await crawl(database, acme, web.url("/sitemap.xml"), way="sitemap")
    await work(database, web.fetcher())
    assert sorted(await questions(database, acme)) == ["Can I return a plant?", "Do you wrap gifts?"]


async def test_no_more_pages_are_read_than_wanted_and_no_more_sitemaps_than_may_be(
    database: Database, acme: Shop, web: Site
) -> None:
    await credit(database, acme, 100)
    maps = [f"/{number}.xml" for number in range(sitemap.MOST_MAPS + 5)]
    web.pages["/sitemap.xml"] = Page(named(*(web.url(path) for path in maps), kind="sitemap"))
    web.pages["/0.xml"] = Page(named(web.url("/a"), web.url("/b")))
    source_id = await crawl(database, acme, web.url("/sitemap.xml"), Options(pages=1), way="sitemap")
    await work(database, web.fetcher())
    assert await questions(database, acme) == ["Can I return a plant?"]
    assert len([path for path in web.asked if path in maps]) == sitemap.MOST_MAPS - 1
    notes = (await look(database, acme, source_id)).report["notes"]
    assert any("1 further pages" in note for note in notes)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (Page("<html><body>Hello</body></html>"), "no sitemap"),
        (Page("Just words."), "no sitemap"),
        (Page(gzip.compress(bytes(60_000_000)), media_type="application/gzip"), "no sitemap"),
        (Page("No.", 404), "404"),
    ],
)
async def test_what_is_no_sitemap_says_so(database: Database, acme: Shop, web: Site, page: Page, said: str) -> None:
    web.pages["/sitemap.xml"] = page
    source_id = await crawl(database, acme, web.url("/sitemap.xml"), way="sitemap")
    await work(database, web.fetcher())
    source = await look(database, acme, source_id)
    assert source.state == "failed"
    assert said in source.report["reason"]


def test_a_sitemap_that_would_unfold_without_end_stays_small() -> None:
    bomb = '<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    found = sitemap.read(
        f"{bomb}]><urlset><url><loc>https://a.example/x</loc></url><url><loc>&i;</loc></url></urlset>".encode()
    )
    assert found.pages == ("https://a.example/x",)
    many = "".join(f"<url><loc>https://a.example/{number}</loc></url>" for number in range(sitemap.MOST + 10))
    cut = sitemap.read(f"<urlset>{many}</urlset>".encode())
    assert (len(cut.pages), cut.cut) == (sitemap.MOST, True)
