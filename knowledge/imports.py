"""FAQ entries from a CSV file: all of it or, when it has faults, a report that says where and what to do."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import new_id
from knowledge import entries
from knowledge.entries import Draft
from knowledge.models import Entry
from knowledge.sheet import Fault, Unreadable, key, read
from knowledge.text import normalise

MOST_ROWS = 10_000  # entries a file (R14)
MOST_FAULTS = 100  # listed; the rest are counted


@dataclass(frozen=True, slots=True)
class Row:
    """One good row: its number as a spreadsheet shows it (the header is row 1), and the entry it holds."""

    number: int
    draft: Draft


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file taken apart: the good rows and the faults of the others. A file that is no CSV has one fault."""

    rows: tuple[Row, ...]
    errors: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What became of an import: its id (the source of its entries is ``csv:<id>``), how many entries came in, how
    many rows did not, and why (at most :data:`MOST_FAULTS` of the faults)."""

    id: str
    imported: int
    refused: int
    errors: tuple[Fault, ...]


def parse(data: bytes) -> Parsed:
    """The rows of a CSV file. Columns ``question`` and ``answer``, and where present ``alternatives`` (separated by
    ``|`` or line ends), ``category``, ``locale``, ``url``; names in any case, usual synonyms too. UTF-8, UTF-16 or
    Windows-1252; comma, semicolon or tab. Never raises: what is wrong is in ``errors``."""
    return drafted(read(data))


def drafted(records: Iterable[tuple[int, dict[str, str] | Fault]]) -> Parsed:
    """The entries that ``records`` (number, and cells by the names of :data:`~knowledge.sheet.COLUMNS`) hold. Where
    ``records`` raises :class:`~knowledge.sheet.Unreadable`, what came before it counts. Never raises."""
    rows: list[Row] = []
    faults: list[Fault] = []
    asked: dict[str, int] = {}
    seen = 0
    try:
        for number, cells in records:
            seen += 1
            if seen > MOST_ROWS:
                raise Unreadable(
                    Fault(number, "", f"The file has more than {MOST_ROWS:,} rows. Split it into several.")
                )
            found = [cells] if isinstance(cells, Fault) else []
            if not isinstance(cells, Fault):
                draft = _draft(cells)
                found = [Fault(number, column, sentence) for column, sentence in entries.faults(draft).items()]
                found = found or _twin(asked, draft, number)
                if not found:
                    rows.append(Row(number, draft))
            faults.extend(found)
    except Unreadable as broken:
        faults.append(broken.fault)
    if not rows and not faults:
        faults.append(Fault(1, "", "The file has a header but no rows. Add at least one question with its answer."))
    return Parsed(tuple(rows), tuple(faults))


async def load(
    session: AsyncSession,
    workspace_id: str,
    domain_id: str,
    parsed: Parsed,
    *,
    keep_good: bool = False,
    source: str | None = None,
) -> Report:
    """Add the rows to the domain's FAQ, in their order, after what is there. If any row has a fault or asks what an
    entry already asks, nothing is added, unless ``keep_good``: then those rows alone stay out. Raises
    :class:`~knowledge.entries.NotFound` for a domain that is not the workspace's."""
    report_id = new_id()
    version = await entries.bump(session, workspace_id, domain_id)
    known = await known_questions(session, workspace_id, domain_id)
    repeated = [row for row in parsed.rows if normalise(row.draft.question) in known]
    errors = (*parsed.errors, *(_already_there(row) for row in repeated))
    refused = len({error.row for error in errors})
    if errors and not keep_good:
        return Report(report_id, 0, refused + len(parsed.rows) - len(repeated), errors[:MOST_FAULTS])
    skipped = {row.number for row in repeated}
    good = [row.draft for row in parsed.rows if row.number not in skipped]
    owner = {"workspace_id": workspace_id, "domain_id": domain_id, "source": source or f"csv:{report_id}"}
    await insert_entries(session, owner | {"version": version}, good)
    return Report(report_id, len(good), refused, errors[:MOST_FAULTS])


def _draft(cells: dict[str, str]) -> Draft:
    return entries.cleaned(
        Draft(
            question=cells.get("question", ""),
            answer=cells.get("answer", ""),
            alternatives=tuple(alternatives_in(cells.get("alternatives", ""))),
            category=cells.get("category", ""),
            locale=cells.get("locale", ""),
            url=cells.get("url"),
            active=key(cells.get("active", "")) not in _OFF,
        )
    )


def alternatives_in(cell: str) -> Iterator[str]:
    """The phrasings in a cell: between them ``|`` or a line end, in them ``\\|`` for a bar and ``\\\\`` for ``\\``."""
    return (_ESCAPED.sub(r"\1", one) for one in _PHRASING.findall(cell))


def alternatives_cell(alternatives: Iterable[str]) -> str:
    """The cell that :func:`alternatives_in` takes apart into ``alternatives``."""
    return "|".join(re.sub(r"[\\|]", r"\\\g<0>", one) for one in alternatives)


_OFF = {"no", "false", "0", "off", "inactive", "nein", "non"}
_PHRASING = re.compile(r"(?:\\[\\|]|[^|\n])+")
_ESCAPED = re.compile(r"\\([\\|])")


def _twin(asked: dict[str, int], draft: Draft, number: int) -> list[Fault]:
    first = asked.setdefault(normalise(draft.question) or draft.question, number)
    if first == number:
        return []
    return [Fault(number, "question", f"Row {first} asks the same. Keep one of the two.")]


def _already_there(row: Row) -> Fault:
    sentence = "An entry with this question exists already. Leave the row out, or edit the entry."
    return Fault(row.number, "question", sentence)


async def known_questions(session: AsyncSession, workspace_id: str, domain_id: str) -> set[str]:
    """What a domain's entries ask, normalised: the measure of a repetition."""
    mine = (Entry.workspace_id == workspace_id, Entry.domain_id == domain_id)
    return {normalise(question) for question in await session.scalars(select(Entry.question).where(*mine))}


async def insert_entries(
    session: AsyncSession, shared: dict[str, Any], drafts: Sequence[Draft], own: Sequence[dict[str, Any]] = ()
) -> None:
    """Add checked drafts after what is there. ``shared``: the columns that all of them have, ``workspace_id``,
    ``domain_id`` and ``version`` among them; ``own``: further columns of each. Call it after :func:`entries.bump`."""
    if not drafts:
        return
    start = await entries.next_position(session, shared["domain_id"])
    await session.execute(
        insert(Entry),
        [
            shared | entries.columns(draft) | {"position": start + i} | more
            for i, (draft, more) in enumerate(zip(drafts, own or [{}] * len(drafts), strict=True))
        ],
    )
