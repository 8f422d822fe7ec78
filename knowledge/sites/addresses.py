"""One page, one address: however it is linked, so that a crawl does not read it again and again. Pure."""

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit, urlunsplit

from engine.fetch import Refused, parsed

# Parameters that tell where somebody came from or who they are, never which page it is.
_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|gbraid|wbraid|dclid|msclkid|yclid|igshid|twclid|ttclid|mc_[ce]id|_ga|_gl|_hs\w+|mkt_tok"
    r"|phpsessid|jsessionid|aspsessionid\w*|session_?id|sess_?id|cfid|cftoken",
    re.I,
)
_SESSION = re.compile(r";jsessionid=[^/;]*", re.I)
_NO_PAGE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|bmp|tiff?|svg|ico|css|m?js|map|json|xml|rss|atom|zip|gz|tgz|bz2|rar|7z|mp[34]|m4[av]"
    r"|wav|ogg|mov|avi|mkv|webm|woff2?|ttf|otf|eot|exe|msi|dmg|apk|iso|xlsx?|pptx?|ics|vcf)$",
    re.I,
)
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
MOST_REPEATS = 3  # times that one step may stand in a path: a link that is relative by mistake grows for ever


def normal(url: str) -> str | None:
    """``url`` in its one spelling (RFC 3986, section 6.2.2): no fragment, no usual port, no tracking or session
    parameters, the others in order, escapes as they need to be, no ``.`` and ``..``. None for what no page can be
    fetched from."""
    try:
        parts = parsed(url)
    except Refused:
        return None
    path = _climbed(_escaped(_SESSION.sub("", parts.path)))
    kept = [one for one in parts.query.split("&") if one and not _TRACKING.fullmatch(one.partition("=")[0])]
    query = "&".join(sorted(_escaped(one) for one in kept))
    return urlunsplit(SplitResult(parts.scheme, parts.netloc, path, query, ""))


def host_of(url: str) -> str:
    """The host with its port, where it is not the usual one: what a crawl stays on."""
    return urlsplit(url).netloc


def onward(host: str, links: Iterable[str]) -> list[str]:
    """Those of ``links`` that a crawl of ``host`` follows, each once, in their order: no pictures, no traps."""
    found = dict.fromkeys(url for link in links if (url := normal(link)) is not None)
    return [url for url in found if host_of(url) == host and _may_be_page(urlsplit(url).path)]


def _may_be_page(path: str) -> bool:
    steps = [step for step in path.split("/") if step]
    return not _NO_PAGE.search(path) and all(steps.count(step) <= MOST_REPEATS for step in set(steps))


def _escaped(text: str) -> str:
    """Escapes of letters and digits undone, the others in upper case."""

    def one(found: re.Match[str]) -> str:
        character = chr(int(found.group(1), 16))
        return character if character in _UNRESERVED else found.group(0).upper()

    return re.sub(r"%([0-9A-Fa-f]{2})", one, text)


def _climbed(path: str) -> str:
    steps: list[str] = []
    parts = path.split("/")[1:]
    for step in parts:
        if step == "..":
            del steps[-1:]
        elif step != ".":
            steps.append(step)
    if parts and parts[-1] in (".", ".."):
        steps.append("")
    return "/" + "/".join(steps)
