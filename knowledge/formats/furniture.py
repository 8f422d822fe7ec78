"""What of a page is its text: navigation, footers, banners, forms and hidden parts are taken out of the tree."""

import re
from collections.abc import Callable, Iterator

from lxml import etree

_NEVER = (
    "script", "style", "noscript", "template", "svg", "math", "canvas", "iframe", "object", "embed", "audio", "video",
    "select", "textarea", "input", "datalist", "nav", "footer", "aside", "dialog", "menu", "head", "map",
)  # fmt: skip
_ROLES = {"navigation", "banner", "contentinfo", "complementary", "search", "dialog", "alertdialog", "menu", "menubar"}
# By the words of a class or id: what site builders call the things around a text.
_NAMES = re.compile(
    r"(?:^|[\s_-])(?:cookies?|consent|gdpr|newsletter|breadcrumbs?|sidebar|side-bar|social|share|sharing|related"
    r"|comments?|advert(?:isement)?s?|promo|popup|pop-up|modal|skip-?link|skip-to-content|screen-reader-text|sr-only"
    r"|visually-hidden|pagination|pager|toc|table-of-contents|navbar|nav|menu|site-header|site-footer|masthead|footer"
    r"|feedback|helpful|rating|announcement|banner)(?=$|[\s_-])",
    re.IGNORECASE,
)
_UNFOLDS = re.compile(r"accordion|faq|collaps|answer|toggle|tab(?!le)|panel|expand|question|disclosure", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_BLOCKS = ("ul", "ol", "div", "section", "table", "p")
_HOLDERS = ("html", "body", "main", "article")  # what wears the names of everything on the page
ENOUGH = 200  # characters: a smaller main part is a frame around the real one
_SWITCHES = ("aria-controls", "data-target", "data-bs-target")


def stripped(root: etree._Element) -> None:
    """Take everything out of the tree that is no text of the page."""
    opened = _opened(root)
    whole = _length(root)
    for element in [one for one in root.iter() if _is_furniture(one, opened, whole)]:
        if element is not root:
            _drop(element)
    for element in [one for one in root.iter(*_BLOCKS) if _is_list_of_links(one)]:
        _drop(element)


def main_parts(root: etree._Element) -> list[etree._Element]:
    """The parts that hold the page's own text: what is marked as main, the articles, or else the body."""
    whole = _length(root)
    for parts in (_outermost(root, _is_main), _outermost(root, lambda element: element.tag == "article")):
        held = sum(map(_length, parts))
        if held >= ENOUGH and held * 2 >= whole:
            return parts
    body = root.find(".//body")
    return [body if body is not None else root]


def _is_furniture(element: etree._Element, opened: set[str], whole: int) -> bool:
    tag = element.tag
    if tag in _HOLDERS:
        return False
    if tag in _NEVER or element.get("role") in _ROLES:
        return True
    if tag == "header":
        return not any(True for _ in element.iter("h1")) and not _inside(element, ("main", "article", "section"))
    if tag == "button":
        return not _is_switch(element) and not _inside(element, ("h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt"))
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    if _is_hidden(element):
        return element.get("id") not in opened and not _UNFOLDS.search(named)
    if not _NAMES.search(named) or _UNFOLDS.search(named):
        return False
    return _length(element) * 2 < whole


def _is_hidden(element: etree._Element) -> bool:
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or bool(_HIDDEN.search((element.get("style") or "")[:1_000]))
    )


def _opened(root: etree._Element) -> set[str]:
    """The ids of parts that a switch on the page unfolds: hidden now, and meant to be read."""
    found: set[str] = set()
    for element in root.iter():
        for name in _SWITCHES:
            if target := element.get(name):
                found.update(target.replace("#", "").split())
    return found


def _is_switch(element: etree._Element) -> bool:
    return any(element.get(name) for name in (*_SWITCHES, "aria-expanded"))


def _is_list_of_links(element: etree._Element) -> bool:
    """Five links or more, and hardly a word that is none: a menu, whatever it is called."""
    links = [one for one in element.iter("a") if one.get("href")]
    if len(links) < 5:
        return False
    length = _length(element)
    return length < 4_000 and sum(map(_length, links)) > 0.8 * length


def _outermost(root: etree._Element, wanted: Callable[[etree._Element], bool]) -> list[etree._Element]:
    found: dict[etree._Element, None] = {}
    for element in root.iter():
        if wanted(element) and not any(above in found for above in element.iterancestors()):
            found[element] = None
    return list(found)


def _is_main(element: etree._Element) -> bool:
    return element.tag == "main" or element.get("role") == "main"


def _inside(element: etree._Element, tags: tuple[str, ...]) -> bool:
    return any(True for _ in element.iterancestors(*tags))


def _length(element: etree._Element) -> int:
    """Characters that a reader sees in ``element``."""
    return sum(map(len, _seen(element)))


def _seen(element: etree._Element) -> Iterator[str]:
    for one in element.iter():
        if one.tag not in ("script", "style", "noscript", "template"):
            yield (one.text or "").strip()
        if one is not element:
            yield (one.tail or "").strip()


def _drop(element: etree._Element) -> None:
    """Emptied where it stands: the text after it stays, and nothing is copied, however many there are."""
    del element[:]
    element.attrib.clear()
    element.text = None
    element.tag = "gone"
