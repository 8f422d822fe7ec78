"""``frontdesk evaluate``: two files in, figures out. No database; a key only where embeddings come from an endpoint."""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.settings import Misconfigured
from knowledge import evaluate
from knowledge.calibration import lines_of
from knowledge.embeddings.embedding import Embedder, Failed, Matrix
from knowledge.labelled import File, Item, Labelled, read_entries, read_questions
from knowledge.meanings import MEANINGS
from knowledge.ranking import Document
from knowledge.sheet import Fault

MOST_FAULTS = 20  # told of one file; the rest are counted
AT_ONCE = 256  # texts that are embedded in one go
SHARES = frozenset(MEANINGS) - {"auroc", "calibration_error", "p50_ms", "p99_ms"}  # shown in per cent


class Unusable(Misconfigured):
    """A file that cannot be measured with: the message says in which rows and what to do."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """Embeddings of every text in the two files, by text: whose they are, and what one takes. No texts: words alone."""

    by_text: Mapping[str, Matrix] = field(default_factory=dict)
    model: str | None = None
    embed_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured: the figures, what it was made from, and what was left out."""

    figures: evaluate.Figures
    entries: int
    build_ms: float
    vectors: Vectors
    skipped: int
    missing: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        made = {"entries": self.entries, "build_ms": self.build_ms}
        meant = {"embeddings": self.vectors.model, "embed_ms": self.vectors.embed_ms}
        return self.figures.as_json() | made | meant | {"skipped": self.skipped}


def run(
    entries: Path,
    questions: Path,
    *,
    as_json: bool,
    locale: str = "en",
    caution: int = 50,
    make: Callable[[], Embedder] | None = None,
) -> None:
    """Measure and print: a table, or with ``as_json`` one JSON object. ``make``: the maker of embeddings, where meaning
    is to count. Raises :class:`Unusable`."""
    documents = _items(entries, read_entries(_bytes(entries)))
    asked = _items(questions, read_questions(_bytes(questions)))
    vectors = asyncio.run(_embedded(make, documents, asked)) if make is not None else Vectors()
    measured = measure(documents, asked, locale=locale, caution=caution, vectors=vectors)
    for line in _missing(questions, measured):
        print(f"frontdesk: {line}", file=sys.stderr)
    print(json.dumps(measured.as_json(), indent=2) if as_json else table(measured, caution))


def measure(
    documents: Sequence[Document],
    questions: Sequence[Labelled],
    *,
    locale: str = "en",
    caution: int = 50,
    vectors: Vectors | None = None,
) -> Measured:
    """Build a base of ``documents`` and ask it ``questions``. Those that name an entry which is not there are left out:
    nothing could answer them right, and they are not out of scope either."""
    vectors = vectors or Vectors()
    known = {document.id for document in documents}
    good = [question for question in questions if known.issuperset(question.entries)]
    started = time.perf_counter()
    bench = evaluate.prepare([_with_vectors(document, vectors) for document in documents], locale)
    built = time.perf_counter()
    outcomes = [bench.judge(question, caution, vectors.by_text.get(question.text)) for question in good]
    return Measured(
        figures=evaluate.figures(outcomes),
        entries=len(bench.index.ids),
        build_ms=(built - started) * 1000,
        vectors=vectors,
        skipped=len(questions) - len(good),
        missing=Counter(entry for question in questions for entry in question.entries if entry not in known),
    )


def table(measured: Measured, caution: int) -> str:
    """The figures for people, each with what it means."""
    counts, found = measured.figures.counts, measured.figures.as_json()
    lines = lines_of(caution)
    asked = f"{counts['in_scope']:,} questions in scope, {counts['out_of_scope']:,} out of scope"
    rows = [f"  {name:<18}{_shown(name, found[name]):>8}  {means}" for name, means in MEANINGS.items()]
    return "\n".join(
        [
            f"{measured.entries:,} entries, {asked}; "
            f"sure from {lines.high:.0%}, 'I don't know' below {lines.low:.0%} confidence.",
            "",
            *rows,
            "",
            f"  A model would be asked {counts['model']:,} times: about {measured.figures.credits:,} credits. "
            f"Built and calibrated in {measured.build_ms:,.0f} ms.",
            *([_meant(measured.vectors)] if measured.vectors.model else []),
        ]
    )


def _meant(vectors: Vectors) -> str:
    return f"  By words and the meaning that {vectors.model} gives: {vectors.embed_ms:.1f} ms more a question."


async def _embedded(
    make: Callable[[], Embedder], documents: Sequence[Document], questions: Sequence[Labelled]
) -> Vectors:
    phrasings = [phrasing for document in documents for phrasing in document.phrasings]
    texts = list(dict.fromkeys([*phrasings, *(question.text for question in questions if question.text)]))
    try:
        embedder = make()
        started = time.perf_counter()
        rows = [await embedder.embed(texts[at : at + AT_ONCE]) for at in range(0, len(texts), AT_ONCE)]
        took = time.perf_counter() - started
        await embedder.aclose()
    except Failed as failed:
        raise Unusable(f"No embeddings: {failed}") from None
    by_text = dict(zip(texts, (row for block in rows for row in block), strict=True))
    return Vectors(by_text, embedder.model, took * 1000 / max(1, len(texts)))


def _with_vectors(document: Document, vectors: Vectors) -> Document:
    rows = [vectors.by_text[phrasing] for phrasing in document.phrasings if phrasing in vectors.by_text]
    return replace(document, vectors=np.stack(rows)) if rows and len(rows) == len(document.phrasings) else document


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as failed:
        raise Unusable(f"{path} cannot be read: {failed.strerror}.") from None


def _items(path: Path, file: File[Item]) -> tuple[Item, ...]:
    if not file.faults:
        return file.items
    told = [f"{path}: {_told(fault)}" for fault in file.faults[:MOST_FAULTS]]
    if len(file.faults) > MOST_FAULTS:
        told.append(f"{path}: and {len(file.faults) - MOST_FAULTS:,} more rows.")
    raise Unusable("\n".join(told))


def _told(fault: Fault) -> str:
    return f"row {fault.row}{f', {fault.column}' if fault.column else ''}: {fault.sentence}"


def _missing(path: Path, measured: Measured) -> list[str]:
    if not measured.missing:
        return []
    told = [
        f"{path}: there is no entry “{entry}”, which {count:,} {'question names' if count == 1 else 'questions name'}."
        for entry, count in list(measured.missing.items())[:MOST_FAULTS]
    ]
    more = len(measured.missing) - len(told)
    told += [f"{path}: and {more:,} more entries that are not there."] if more else []
    return [*told, f"{path}: {measured.skipped:,} questions are left out."]


def _shown(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    if name in SHARES:
        return f"{value:.1%}"
    return f"{value:.2f}" if name.endswith("_ms") else f"{value:.3f}"
