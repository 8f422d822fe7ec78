"""One module a format: bytes to an outline, or to rows. :func:`taken_apart` brings any of them to the same plain value,
which crosses the pipe from the sandbox."""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from engine.codec import clean
from knowledge import language
from knowledge.formats.outline import Outline
from knowledge.passages import Item, passages
from knowledge.sheet import LARGEST, Fault, Unreadable

Kind = Literal["csv", "json", "markdown", "text", "html", "pdf", "docx"]
MOST_FAULTS = 1_000  # listed; a file with more is not going to be mended by reading on


@dataclass(frozen=True, slots=True)
class Taken:
    """A document taken apart, as plain values; as :class:`knowledge.documents.Document` says."""

    title: str
    locale: str
    items: tuple[Item, ...]
    faults: tuple[Fault, ...]
    links: tuple[str, ...]
    digest: str
    canonical: str = ""
    noindex: bool = False
    login: bool = False


def taken_apart(data: bytes, kind: Kind, *, name: str = "", url: str = "", charset: str = "") -> Taken:
    """``data`` as entries. Raises :class:`~knowledge.sheet.Unreadable`, and nothing else, for what cannot be read."""
    if len(data) > LARGEST:
        raise _whole(f"The file has {len(data) / 1e6:.1f} MB. Split it into files of at most 5 MB.")
    if not data.strip():
        raise _whole("The file is empty.")
    if kind in ("csv", "json"):
        return _rows(data, kind)
    outline = _READERS[kind](data, url, charset)
    title = " ".join(clean(outline.title).split())[:300]
    named = title or " ".join(clean(PurePath(name).stem).replace("_", " ").replace("-", " ").split())[:200]
    locale = outline.locale or language.guessed("\n".join(_texts(outline)))
    items, faults = passages(outline, title=named, locale=locale, url=url)
    if not items and not outline.faults:
        empty = _whole("The file holds no text that could become an answer.")
        if kind != "html":
            raise empty
        faults.append(empty.fault)  # a page without text may lead to others
    return Taken(
        title,
        locale,
        tuple(items),
        (*outline.faults, *faults),
        outline.links,
        _digest(items),
        outline.canonical,
        outline.noindex,
        outline.login,
    )


def _rows(data: bytes, kind: Kind) -> Taken:
    from knowledge import imports  # 0.5 s and 50 MB of database layer, which the other formats never need
    from knowledge.formats import records

    parsed = imports.parse(data) if kind == "csv" else imports.drafted(records.read(data))
    if not parsed.rows and parsed.errors and parsed.errors[0].row <= 1 and len(parsed.errors) == 1:
        raise Unreadable(parsed.errors[0])
    items = [
        Item(
            row.number,
            row.draft.question,
            row.draft.answer,
            row.draft.alternatives,
            row.draft.category,
            row.draft.locale,
            row.draft.url or "",
            row.draft.active,
        )
        for row in parsed.rows
    ]
    locale = Counter(item.locale for item in items).most_common(1)
    return Taken("", locale[0][0] if locale else "en", tuple(items), parsed.errors[:MOST_FAULTS], (), _digest(items))


def _digest(items: list[Item]) -> str:
    """SHA-256 of what the passages say, by letters alone: markup, blanks and addresses do not change it."""
    told = ("\x1f".join((item.question, item.answer, *item.alternatives)) for item in items)
    return hashlib.sha256("\x1e".join(" ".join(one.split()) for one in told).encode()).hexdigest()


def _texts(outline: Outline) -> list[str]:
    return [getattr(piece, "text", "") or getattr(piece, "answer", "") for piece in outline.pieces[:500]]


def _markdown(data: bytes, url: str, charset: str) -> Outline:
    from knowledge.formats import markdown

    return markdown.read(_text(data, charset), url)


def _plain(data: bytes, url: str, charset: str) -> Outline:
    from knowledge.formats import plain

    return plain.read(_text(data, charset))


def _page(data: bytes, url: str, charset: str) -> Outline:
    from knowledge.formats import page

    return page.read(data, url, charset)


def _pdf(data: bytes, url: str, charset: str) -> Outline:
    from knowledge.formats import pdf

    return pdf.read(data)


def _docx(data: bytes, url: str, charset: str) -> Outline:
    from knowledge.formats import docx

    return docx.read(data)


def _text(data: bytes, charset: str) -> str:
    from knowledge.charset import text_of

    return clean(text_of(data, claimed=charset))


def _whole(sentence: str) -> Unreadable:
    return Unreadable(Fault(1, "", sentence))


_READERS: dict[str, Callable[[bytes, str, str], Outline]] = {
    "markdown": _markdown,
    "text": _plain,
    "html": _page,
    "pdf": _pdf,
    "docx": _docx,
}
