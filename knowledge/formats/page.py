"""A web page as an outline: what its author wrote, without what stands around it on every page of the site.

lxml in its forgiving mode builds the tree: no network, no entities, at most 256 levels. The tree is walked without
recursion.
"""

import re
from collections.abc import Iterator
from urllib.parse import urldefrag

from lxml import etree

from engine.codec import clean
from knowledge.charset import text_of
from knowledge.formats import light
from knowledge.formats.furniture import main_parts, stripped
from knowledge.formats.linked import questions_in
from knowledge.formats.outline import Block, Outline, Pair, Piece
from knowledge.formats.written import written
from knowledge.sheet import Fault, Unreadable

MOST_ELEMENTS = 100_000  # of a page: five seconds' work; the longest lists that people read have half of it
MOST_LINKS = 5_000  # of a page: a crawl takes fewer pages than this
LONGEST_SCRIPT = 500_000  # characters of JSON-LD that are looked at
_LOGIN = re.compile(
    r"\b(?:log ?-?in|sign ?-?in|anmelden|einloggen|connexion|se connecter|iniciar sesión|accedi|inloggen|entrar"
    r"|logga in|logg inn|log ind|войти|вход)\b|登录|登入|ログイン|로그인",
    re.IGNORECASE,
)
_FRAMEWORK = ("root", "app", "__next", "__nuxt", "main-app", "app-root")


def read(data: bytes, url: str = "", charset: str = "") -> Outline:
    """The outline of an HTML page at ``url``; ``charset``: what the header of its response said. A page without text is
    one with a fault, because its links count. Raises :class:`~knowledge.sheet.Unreadable` for one that is too large."""
    text = clean(text_of(data, claimed=charset))
    parser = etree.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    root = etree.fromstring(text.encode(), parser) if text else None
    if root is None:
        return Outline((), faults=(Fault(1, "", "The page is empty."),))
    count = sum(1 for _ in root.iter())
    if count > MOST_ELEMENTS:
        too_many = f"The page has {count:,} elements, more than a page for people. Give the pages it is made of."
        raise Unreadable(Fault(1, "", too_many))
    cut = any("RESOURCE_LIMIT" in entry.type_name or "depth" in entry.message for entry in parser.error_log)
    head = _Head(root, url)
    ready = [Pair(*pair) for script in head.scripts for pair in questions_in(script)]
    is_app = _is_application(root)
    login = _asks_to_sign_in(root, head.title)
    stripped(root)
    pieces = [*ready, *_body(root, head.base)]
    written_words = sum(sum(map(str.isalnum, _words(piece))) for piece in pieces)
    login = login and written_words < 1_500
    faults = list(_faults(written_words, cut, login, is_app))
    return Outline(
        () if login else tuple(pieces),
        head.title,
        head.locale,
        tuple(faults),
        head.links,
        head.canonical,
        head.noindex,
        login,
    )


class _Head:
    """What a page says about itself, read before anything is removed from it."""

    def __init__(self, root: etree._Element, url: str) -> None:
        base = root.find(".//base[@href]")
        self.base = (light.absolute(_attribute(base, "href"), url) if base is not None else None) or url
        robots = {
            word.strip()
            for meta in root.iter("meta")
            if _attribute(meta, "name").lower() == "robots"
            for word in _attribute(meta, "content").lower().split(",")
        }
        self.noindex = bool({"noindex", "none"} & robots)
        self.links = () if {"nofollow", "none"} & robots else tuple(self._links(root))
        self.canonical = self._canonical(root)
        self.title = self._title(root)
        self.locale = _locale(
            _attribute(root, "lang") or _attribute(root, "{http://www.w3.org/XML/1998/namespace}lang")
        )
        self.scripts = [
            (script.text or "")[:LONGEST_SCRIPT]
            for script in root.iter("script")
            if "ld+json" in _attribute(script, "type").lower()
        ]

    def _links(self, root: etree._Element) -> Iterator[str]:
        seen: set[str] = set()
        for element in root.iter("a", "area"):
            href = _attribute(element, "href")
            if not href or href.startswith("#") or "nofollow" in _attribute(element, "rel").lower().split():
                continue
            address = light.absolute(href, self.base)
            if address and address.startswith("http") and (target := urldefrag(address).url) not in seen:
                seen.add(target)
                yield target
                if len(seen) >= MOST_LINKS:
                    return

    def _canonical(self, root: etree._Element) -> str:
        for element in root.iter("link"):
            if "canonical" in _attribute(element, "rel").lower().split():
                address = light.absolute(_attribute(element, "href"), self.base) or ""
                return address if address.startswith("http") else ""
        return ""

    def _title(self, root: etree._Element) -> str:
        """The page's heading where it has one alone, else its title without the name of the site."""
        headings = [" ".join("".join(_texts(element)).split()) for element in root.iter("h1")]
        if len(headings) == 1 and 0 < len(headings[0]) <= 200:
            return headings[0]
        element = root.find(".//title")
        title = " ".join((element.text or "").split()) if element is not None else ""
        return re.split(r"\s+[|–—·•]\s+|\s+-\s+", title, maxsplit=1)[0][:200]


def _body(root: etree._Element, base: str) -> list[Piece]:
    pieces: list[Piece] = []
    for part in main_parts(root):
        pieces.extend(written(part, base))
    return pieces


def _faults(words: int, cut: bool, login: bool, is_app: bool) -> Iterator[Fault]:
    if login:
        yield Fault(
            1, "", "This page asks to sign in: what is behind it cannot be read. Give a page everybody can see."
        )
    elif not words and is_app:
        yield Fault(1, "", "This page is built by a script in the browser, which is not run here. Export it as a file.")
    elif not words:
        yield Fault(1, "", "The page holds no text that could become an answer.")
    if cut:
        yield Fault(1, "", "The page is nested more than 256 levels deep: what stands deeper was left out.")


def _asks_to_sign_in(root: etree._Element, title: str) -> bool:
    fields = [one for one in root.iter("input") if _attribute(one, "type").lower() == "password"]
    if not fields:
        return False
    actions = " ".join(_attribute(form, "action") for form in root.iter("form"))
    buttons = " ".join(" ".join(_texts(one)) for one in root.iter("button", "h1", "h2", "label"))
    values = " ".join(_attribute(one, "value") for one in root.iter("input") if _attribute(one, "type") == "submit")
    return bool(_LOGIN.search(f"{title} {actions[:500]} {buttons[:2_000]} {values[:500]}")) or len(fields) == 1


def _is_application(root: etree._Element) -> bool:
    return any(one.get("id") in _FRAMEWORK and not len(one) for one in root.iter("div", "main")) or any(
        True for _ in root.iter("app-root")
    )


def _words(piece: Piece) -> str:
    return piece.text if isinstance(piece, Block) else piece.answer if isinstance(piece, Pair) else ""


def _attribute(element: etree._Element, name: str) -> str:
    return str(element.get(name) or "")


def _texts(element: etree._Element) -> Iterator[str]:
    for one in element.iter():
        if one.tag not in ("script", "style"):
            yield one.text or ""
        if one is not element:
            yield " " + (one.tail or "")


def _locale(lang: str) -> str:
    return lang if re.fullmatch(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,2}", lang) else ""
