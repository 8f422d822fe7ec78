"""One page fetched and taken apart: what it holds, or why nothing of it can be kept. No session is open meanwhile."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from engine.fetch import Fetched, Fetcher, Refused
from knowledge import documents
from knowledge.documents import Document
from knowledge.models import Source, SourcePage
from knowledge.sheet import Fault, Unreadable
from knowledge.sites import addresses
from knowledge.sites.robots import Robots

log = logging.getLogger(__name__)

ACCEPT = "text/html, application/xhtml+xml, application/pdf;q=0.9, text/plain;q=0.8, */*;q=0.5"
LOGIN = "This page asks to sign in. Only pages that everybody may read can be imported."
NOINDEX = "The page asks not to be kept (noindex)."
BROKEN = "This page cannot be read. The fault is ours, and it is in our log."
SILENCE = ("unresolved", "unreachable", "timeout", "tls", "garbage")  # the fetcher's codes for a site that is down
FORBIDDEN = "The site's robots.txt asks us not to read this page."


@dataclass(slots=True)
class Found:
    """What came of one page: a document, or why there is none. ``status``: the server's, 0 without an answer;
    ``is_silent``: nobody answered. ``leads_to``: the address it says it really has, ``for_good`` or for now. ``host``:
    where the answer came from, ``size``: its bytes, ``links``: those that a crawl may follow."""

    document: Document | None = None
    reason: str = ""
    status: int = 0
    is_silent: bool = False
    leads_to: str = ""
    for_good: bool = True
    host: str = ""
    size: int = 0
    links: Sequence[str] = ()

    @property
    def is_gone(self) -> bool:
        return self.status in (404, 410)

    @property
    def is_busy(self) -> bool:
        """The server asks to be asked later."""
        return self.status in (429, 503)


async def look_at(fetcher: Fetcher, source: Source, page: SourcePage, rules: Robots) -> Found:
    """``page`` as it is now. Never raises: what is wrong is the reason, be it that nobody foresaw it."""
    found = Found()
    if not rules.allows(page.url):
        found.reason = FORBIDDEN
        return found
    try:
        fetched = await fetcher.get(page.url, accept=ACCEPT)
        found.status, found.size = fetched.status, len(fetched.body)
        await _take(source, page, fetched, rules, found)
    except Refused as refused:
        found.reason, found.is_silent = refused.sentence, refused.code in SILENCE
    except Unreadable as broken:
        found.reason = broken.fault.sentence
    except Exception:  # somebody's page: whatever it is, the other pages of the import are read
        log.exception("page %s of import %s cannot be read", page.id, source.id)
        found.reason = BROKEN
    return found


async def _take(source: Source, page: SourcePage, fetched: Fetched, rules: Robots, found: Found) -> None:
    if fetched.status != 200:
        raise _no(_answered(fetched.status))
    url = addresses.normal(fetched.url) or page.url
    found.host = addresses.host_of(url)
    stays = str(source.memo.get("host") or found.host)  # a start that leads to www. means that site
    if source.kind != "url" and found.host != stays:
        raise _no(f"It leads to another site, {found.host}.")
    if not rules.allows(url):
        raise _no(FORBIDDEN)
    kind = documents.kind_of(fetched.url.rpartition("/")[2], fetched.body, fetched.media_type)
    media = f"{fetched.media_type}; charset={fetched.charset}" if fetched.charset else fetched.media_type
    document = await documents.read(fetched.body, kind, url=fetched.url, media_type=media)
    found.links = document.links if source.kind == "crawl" and "nofollow" not in fetched.robots else ()
    if document.login:
        raise _no(LOGIN)
    if document.noindex or "noindex" in fetched.robots or "none" in fetched.robots.split(", "):
        raise _no(NOINDEX)
    if source.kind != "url":
        found.leads_to = _own_address(page, url, document.canonical)
        found.for_good = fetched.for_good
    found.document = document


def _own_address(page: SourcePage, url: str, canonical: str) -> str:
    """The address that a page says it really has, "" when it is the one it was asked at. Many sites name their front
    page as that of every page by mistake; then each is read for itself."""
    named = addresses.normal(canonical) if canonical else None
    if named is not None and addresses.host_of(named) == addresses.host_of(url) and urlsplit(named).path != "/":
        return named if named != page.url else ""
    return url if url != page.url else ""


def _answered(status: int) -> str:
    if status in (401, 403):
        return f"The server answered {status}: it lets nobody read this page, or us not."
    return f"The server answered {status}."


def _no(sentence: str) -> Unreadable:
    return Unreadable(Fault(0, "", sentence))
