"""A domain's FAQ as a file that the import reads back: CSV that no spreadsheet runs, or JSON. Pure."""

import csv
import io
import json
from collections.abc import Sequence

from knowledge.models import Entry

COLUMNS = ("question", "answer", "alternatives", "category", "locale", "url")
_DANGEROUS = tuple("=+-@\t\r＝＋－＠")  # what a spreadsheet takes for a formula, full-width forms too (R18)


def csv_of(entries: Sequence[Entry]) -> str:
    """UTF-8 with a byte order mark, so that a spreadsheet reads it right. A cell that would be a formula begins with
    an apostrophe; the import takes it away again."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow([safe(cell) for cell in _cells(entry)])
    return "\ufeff" + out.getvalue()


def json_of(entries: Sequence[Entry]) -> str:
    """An array of entries."""
    rows = [dict(zip(COLUMNS, _cells(entry), strict=True)) | {"alternatives": entry.alternatives} for entry in entries]
    return json.dumps(rows, ensure_ascii=False, indent=2)


def safe(cell: str) -> str:
    """``cell`` as text to every spreadsheet."""
    return f"'{cell}" if cell.lstrip().startswith(_DANGEROUS) else cell


def _cells(entry: Entry) -> list[str]:
    alternatives = "|".join(entry.alternatives)
    return [entry.question, entry.answer, alternatives, entry.category, entry.locale, entry.url or ""]
