"""Questions and answers that a page states for search engines: ``FAQPage`` and ``QAPage`` of schema.org, in JSON-LD."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from knowledge.formats import light
from knowledge.formats.outline import Block, Heading
from knowledge.formats.records import loads
from knowledge.formats.written import written

MOST = 2_000  # questions of one script
_PAGES = ("FAQPage", "QAPage")


def questions_in(script: str) -> Iterator[tuple[str, str]]:
    """The questions of a script and their answers as light Markdown; none where it is not JSON."""
    try:
        value = loads(script.strip().removesuffix(";"))
    except ValueError:
        return  # the page's own text is read all the same
    found = 0
    for page in _pages(value):
        for question in _listed(page.get("mainEntity")):
            if isinstance(question, dict) and found < MOST and (pair := _pair(question)):
                found += 1
                yield pair


def _pages(value: Any) -> Iterator[dict[str, Any]]:
    """Every node that is a page of questions; the value is at most as deep as JSON may be here."""
    for node in _listed(value):
        if isinstance(node, dict):
            if any(kind in _PAGES for kind in _listed(node.get("@type")) if isinstance(kind, str)):
                yield node
            else:
                yield from _pages(node.get("@graph"))


def _pair(question: dict[str, Any]) -> tuple[str, str] | None:
    asked = question.get("name") or question.get("text")
    answers = _listed(question.get("acceptedAnswer")) or _listed(question.get("suggestedAnswer"))
    told = next((answer.get("text") for answer in answers if isinstance(answer, dict)), None)
    if not isinstance(asked, str) or not isinstance(told, str):
        return None
    question_text, answer = _text(asked).replace("\n", " "), _text(told)
    return (question_text, answer) if question_text and answer else None


def _text(html: str) -> str:
    """The text of a fragment: answers may hold HTML."""
    if "<" not in html and "&" not in html:
        return light.tidy(html)
    parser = etree.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    root = etree.fromstring(html.encode("utf-8", "replace"), parser) if html.strip() else None
    if root is None:
        return ""
    pieces = written(root, "")
    return "\n\n".join(one.text for one in pieces if isinstance(one, Block | Heading))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
