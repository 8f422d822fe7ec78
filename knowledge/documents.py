"""Documents as FAQ entries: what a file is, what it holds, and why not. Reading happens in a process of its own."""

import asyncio
from dataclasses import dataclass

from knowledge import sandbox
from knowledge.entries import Draft, cleaned, faults
from knowledge.formats import Kind as Kind
from knowledge.formats import Taken, taken_apart
from knowledge.kinds import kind_of as kind_of
from knowledge.passages import Item
from knowledge.sheet import Fault


@dataclass(frozen=True, slots=True)
class Passage:
    """One entry that a document holds. ``number``: the row as a spreadsheet shows it (CSV), the entry or line (JSON),
    else its place in the document, from 1. ``draft.url`` leads to the source, to the heading or page where it can."""

    number: int
    draft: Draft


@dataclass(frozen=True, slots=True)
class Document:
    """A document taken apart. ``title``: empty where it has none. ``links``: the absolute http(s) addresses of a web
    page, those marked nofollow left out. ``digest``: SHA-256 of what the passages say, the same whatever markup is
    around them. ``canonical``, ``noindex``: what a web page says of itself. ``login``: the page asks to sign in, and
    has no passages."""

    title: str
    locale: str
    passages: tuple[Passage, ...]
    faults: tuple[Fault, ...]
    links: tuple[str, ...]
    digest: str
    canonical: str = ""
    noindex: bool = False
    login: bool = False


def parse(data: bytes, kind: Kind, *, name: str = "", url: str = "", media_type: str = "") -> Document:
    """``data`` as a document, here and now. For tests and the sandbox: what comes from outside goes through
    :func:`read`. ``url``: where it was found; ``media_type``: the header of the response, for its charset. Raises
    :class:`~knowledge.sheet.Unreadable`, and nothing else."""
    return _document(taken_apart(data, kind, name=name, url=url, charset=_charset(media_type)))


async def read(data: bytes, kind: Kind, *, name: str = "", url: str = "", media_type: str = "") -> Document:
    """:func:`parse` in a bounded process, which hostile bytes may break without harm. Raises
    :class:`~knowledge.sheet.Unreadable` with a sentence a person can act on."""
    taken = await sandbox.run(data, kind, name=name, url=url, charset=_charset(media_type))
    return await asyncio.to_thread(_document, taken)  # up to 0.3 s for the largest


def _document(taken: Taken) -> Document:
    """The value with every draft as the database can keep it (R14), whoever made it."""
    passages: list[Passage] = []
    wrong = list(taken.faults)
    for item in taken.items:
        draft = _draft(item)
        if found := faults(draft):
            wrong.extend(Fault(item.number, column, sentence) for column, sentence in found.items())
        else:
            passages.append(Passage(item.number, draft))
    return Document(
        taken.title,
        taken.locale,
        tuple(passages),
        tuple(wrong),
        taken.links,
        taken.digest,
        taken.canonical,
        taken.noindex,
        taken.login,
    )


def _draft(item: Item) -> Draft:
    return cleaned(
        Draft(
            question=item.question,
            answer=item.answer,
            alternatives=item.alternatives,
            category=item.category,
            locale=item.locale,
            url=item.url if len(item.url) <= 2_048 and item.url.startswith(("http", "/")) else None,
            active=item.active,
        )
    )


def _charset(media_type: str) -> str:
    for parameter in media_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'")
    return ""
