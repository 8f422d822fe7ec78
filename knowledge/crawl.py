"""Which pages of a site are read: its addresses made one, its wishes (robots.txt, sitemap) heard. Pure but for what
the caller fetches."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from urllib.robotparser import RobotFileParser

from lxml import etree

AGENT = "Frontdesk"
MOST_IN_SITEMAP = 50_000  # addresses (sitemaps.org's own bound)
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|msclkid|mc_[ce]id|ref|sessionid|sid|phpsessid|jsessionid", re.I)
_OTHER = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|ico|css|js|mjs|json|xml|zip|gz|rar|7z|mp[34]|mov|avi|webm|woff2?|ttf|exe|dmg|apk)$",
    re.I,
)


def normal(url: str) -> str:
    """``url`` as one address: no fragment, no tracking or session parameters, these in order."""
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if not _TRACKING.fullmatch(name)]
    path = re.sub(r";jsessionid=[^/?#]*", "", parts.path, flags=re.I) or "/"
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), path, urlencode(sorted(query)), ""))


def onward(start: str, links: Iterable[str]) -> list[str]:
    """Those of ``links`` that a crawl from ``start`` follows: pages of the same host, each once."""
    host = urlsplit(start).netloc.lower()
    found = [normal(link) for link in links if link.startswith(("http://", "https://"))]
    return [
        url for url in dict.fromkeys(found) if urlsplit(url).netloc == host and not _OTHER.search(urlsplit(url).path)
    ]


def robots_url(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, "/robots.txt", "", ""))


def rules(text: str) -> RobotFileParser:
    """What robots.txt says; an empty one allows all."""
    parser = RobotFileParser()
    parser.parse(text.splitlines()[:10_000])
    return parser


def sitemap(body: bytes) -> tuple[list[str], list[str]]:
    """The pages and the further sitemaps that a sitemap (or a list of addresses as text) names. Raises ValueError for
    what is neither."""
    if body.lstrip()[:1] != b"<":
        lines = [line.strip() for line in body.decode("utf-8", "replace").splitlines()]
        found = [line for line in lines if line.startswith(("http://", "https://"))]
        if not found:
            raise ValueError("no addresses")
        return found[:MOST_IN_SITEMAP], []
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=True)
    root = etree.fromstring(body, parser)
    if root is None:
        raise ValueError("no XML")
    pages: list[str] = []
    more: list[str] = []
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag.rpartition("}")[2] == "loc" and element.text:
            parent = element.getparent()
            nested = parent is not None and str(parent.tag).endswith("sitemap")
            (more if nested else pages).append(element.text.strip())
    if not pages and not more:
        raise ValueError("no addresses")
    return pages[:MOST_IN_SITEMAP], more[:50]
