"""The addresses that a sitemap names (sitemaps.org, version 0.9): XML, an index of others, or a plain list. Pure."""

from dataclasses import dataclass

from lxml import etree

from engine import unpack

MOST = 50_000  # addresses of one sitemap, by its own standard
MOST_MAPS = 50  # sitemaps of one import, those of an index
UNPACKED = 50_000_000  # bytes, by its own standard


class NoSitemap(Exception):
    """Nothing here names a page; the text is a sentence for people."""

    def __init__(self, sentence: str = "This is no sitemap: no addresses of pages are in it.") -> None:
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Sitemap:
    """``pages`` and further ``maps``, as they are written; ``cut``: there are more pages than may be."""

    pages: tuple[str, ...]
    maps: tuple[str, ...]
    cut: bool = False


def read(body: bytes) -> Sitemap:
    """What ``body`` names, also gzipped. Raises :class:`NoSitemap`."""
    if body.startswith(b"\x1f\x8b"):
        try:
            body = unpack.gunzip(body, UNPACKED)
        except (unpack.Broken, unpack.TooLarge):
            raise NoSitemap from None
    found = _xml(body) if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else _lines(body)
    if not found.pages and not found.maps:
        raise NoSitemap
    return found


def _lines(body: bytes) -> Sitemap:
    lines = [line.strip() for line in body.decode("utf-8-sig", "replace").splitlines()]
    pages = [line for line in lines if line.startswith(("http://", "https://"))]
    return Sitemap(tuple(pages[:MOST]), (), len(pages) > MOST)


def _xml(body: bytes) -> Sitemap:
    """Element by element, so that a large map is never whole in memory as a tree; entities stay what they are."""
    parser = etree.XMLPullParser(events=("end",), resolve_entities=False, no_network=True, recover=True)
    pages: dict[str, None] = {}
    maps: dict[str, None] = {}
    for start in range(0, len(body), unpack.STEP):
        try:
            parser.feed(body[start : start + unpack.STEP])
        except etree.XMLSyntaxError:
            break
        for _, element in parser.read_events():
            if isinstance(element, etree._Element):
                _take(element, pages, maps)
        if len(pages) > MOST:
            break
    return Sitemap(tuple(pages)[:MOST], tuple(maps)[:MOST_MAPS], len(pages) > MOST)


def _take(element: etree._Element, pages: dict[str, None], maps: dict[str, None]) -> None:
    name, parent = _name(element), element.getparent()
    if name == "loc" and element.text and parent is not None:
        found = {"url": pages, "sitemap": maps}.get(_name(parent))
        if found is not None:
            found.setdefault(element.text.strip())
    elif name in ("url", "sitemap"):
        element.clear()


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]
