"""What every format is taken apart into: a title, headings, blocks of text and ready pairs, in reading order."""

from dataclasses import dataclass

from knowledge.sheet import Fault

MOST_PIECES = 50_000  # of a document: two seconds' work, and twenty times what becomes entries


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading. ``level``: 1 is the highest; 7 is a label that opens something without being a heading of the
    document, such as the switch of an accordion. ``anchor``: what stands after ``#`` in a link to it."""

    level: int
    text: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, list or table: light Markdown, its lines kept. ``anchor``: of the page it stands on (PDF)."""

    text: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A question with its answer (light Markdown), where the source itself says that they belong together."""

    question: str
    answer: str
    anchor: str = ""


Piece = Heading | Block | Pair


@dataclass(frozen=True, slots=True)
class Outline:
    """A document as its author arranged it. ``locale`` is empty where the document does not say. ``links``,
    ``canonical``, ``noindex`` and ``login`` are told by web pages only."""

    pieces: tuple[Piece, ...]
    title: str = ""
    locale: str = ""
    faults: tuple[Fault, ...] = ()
    links: tuple[str, ...] = ()
    canonical: str = ""
    noindex: bool = False
    login: bool = False
