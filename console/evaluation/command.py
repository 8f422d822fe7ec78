"""``frontdesk evaluate``: two files in, figures out. No database, no key; the settings are not asked for anything."""

import json
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.settings import Misconfigured
from knowledge import evaluate
from knowledge.calibration import calibrate, lines_of
from knowledge.labelled import File, Item, Labelled, read_entries, read_questions
from knowledge.meanings import MEANINGS
from knowledge.ranking import Document, build
from knowledge.sheet import Fault

MOST_FAULTS = 20  # told of one file; the rest are counted
SHARES = frozenset(MEANINGS) - {"auroc", "calibration_error", "p50_ms", "p99_ms"}  # shown in per cent


class Unusable(Misconfigured):
    """A file that cannot be measured with: the message says in which rows and what to do."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured: the figures, what it was made from, and what was left out."""

    figures: evaluate.Figures
    entries: int
    build_ms: float
    calibrate_ms: float
    skipped: int
    missing: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        made = {"entries": self.entries, "build_ms": self.build_ms, "calibrate_ms": self.calibrate_ms}
        return self.figures.as_json() | made | {"skipped": self.skipped}


def run(entries: Path, questions: Path, *, as_json: bool, locale: str = "en", caution: int = 50) -> None:
    """Measure and print: a table, or with ``as_json`` one JSON object. Raises :class:`Unusable`."""
    documents = _items(entries, read_entries(_bytes(entries)))
    asked = _items(questions, read_questions(_bytes(questions)))
    measured = measure(documents, asked, locale=locale, caution=caution)
    for line in _missing(questions, measured):
        print(f"frontdesk: {line}", file=sys.stderr)
    print(json.dumps(measured.as_json(), indent=2) if as_json else table(measured, caution))


def measure(
    documents: Sequence[Document], questions: Sequence[Labelled], *, locale: str = "en", caution: int = 50
) -> Measured:
    """Build a base of ``documents`` and ask it ``questions``. Those that name an entry which is not there are left out:
    nothing could answer them right, and they are not out of scope either."""
    known = {document.id for document in documents}
    good = [question for question in questions if known.issuperset(question.entries)]
    started = time.perf_counter()
    index = build(documents, locale)
    built = time.perf_counter()
    calibration = calibrate(index)
    calibrated = time.perf_counter()
    outcomes = [evaluate.judge(index, calibration, question, caution) for question in good]
    return Measured(
        figures=evaluate.figures(outcomes),
        entries=len(index.ids),
        build_ms=(built - started) * 1000,
        calibrate_ms=(calibrated - built) * 1000,
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
            f"Built in {measured.build_ms:,.0f} ms, calibrated in {measured.calibrate_ms:,.0f} ms.",
        ]
    )


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
