"""What an import says of itself: what came in, what stayed out and why, by row, and in sentences."""

from typing import Final

from knowledge.intake import Stored
from knowledge.models import Source

MOST_FAULTS = 200  # rows listed in a report; the rest are counted
MOST_KEPT = 100  # entries named in a report
MOST_NOTES = 20  # sentences of a report
MODEL: Final = "model"  # the key of what a model wrote, which later looks go on from


class Stopped(Exception):
    """A whole look ends here; ``sentence`` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def noted(source: Source, stored: Stored, page: str = "") -> None:
    """Add what a document, or the page at that address, gave to the import's report."""
    report = source.report
    listed = [
        {"row": fault.row, "column": fault.column, "sentence": fault.sentence, "page": page} for fault in stored.faults
    ]
    counts = {name: report.get(name, 0) + getattr(stored, name) for name in ("added", "updated", "removed", "repeated")}
    source.report = (
        report
        | counts
        | {
            "refused": report.get("refused", 0) + len({fault.row for fault in stored.faults}),
            "faults": [*report.get("faults", []), *listed][:MOST_FAULTS],
            "kept": [*report.get("kept", []), *stored.kept][:MOST_KEPT],
        }
    )


def begun(source: Source) -> None:
    """A further look begins: all is to be found anew but what a model wrote."""
    source.report = {name: kept for name, kept in source.report.items() if name == MODEL}


def note(source: Source, sentence: str) -> None:
    """Add a sentence to the import's report, the newest first."""
    source.report = source.report | {"notes": [sentence, *source.report.get("notes", [])][:MOST_NOTES]}
