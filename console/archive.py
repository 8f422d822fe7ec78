"""Backup and restore in one format for both databases: gzip, one JSON value a line.

The first line is the header, then for each table a line that names its columns and one line a row, and a last line
that counts them. It is written from one snapshot while the server runs; it is restored whole or not at all.
"""

import base64
import gzip
import io
import json
import os
import zlib
from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Date, LargeBinary, Table, func, insert, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

import console.access.models
import knowledge.models
from engine.db import Base, Database, UtcDateTime, now
from engine.models import Hold, LedgerEntry, Workspace

VERSION = 1  # of this format
CHUNK = 500  # rows that are read or inserted at once
MODELS = (knowledge.models, console.access.models)  # imported so that Base knows their tables


class Refused(Exception):
    """Nothing was written or restored; the message says why and what to do."""


async def dump(db: Database, schema: str, secret: str | None, out: TextIO) -> dict[str, int]:
    """Write the whole database of one instant to ``out``; rows per table."""
    counts: dict[str, int] = {}
    _write(
        out, {"frontdesk": "backup", "version": VERSION, "schema": schema, "made": now().isoformat(), "secret": secret}
    )
    async with db.read() as session:
        snapshot = {} if db.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        connection = await session.connection(execution_options=snapshot)
        for table in Base.metadata.sorted_tables:
            _write(out, {"table": table.name, "columns": [column.name for column in table.columns]})
            counts[table.name] = 0
            async for row in _rows(connection, table):
                _write(out, row)
                counts[table.name] += 1
    _write(out, {"end": counts})
    return counts


async def load(db: Database, schema: str, source: TextIO) -> tuple[dict[str, int], str | None]:
    """Restore ``source`` into the empty database ``db`` in one transaction: rows per table, and the kept secret.
    Raises :class:`Refused`; then the database is as it was."""
    try:
        lines = _lines(source)
        header = next(lines, None)
        _expect_header(header, schema)
        assert isinstance(header, dict)
        async with db.write() as session:
            connection = await session.connection()
            await _expect_empty(connection)
            counts = await _insert(connection, lines)
            await _expect_balanced(connection)
    except (ValueError, KeyError, TypeError, IntegrityError, DataError) as broken:
        raise _damaged(broken) from None
    return counts, header["secret"]


def create(file: Path) -> "Creation":
    """Open ``file`` for a backup: ``with create(file) as out``."""
    return Creation(file)


class Creation:
    """A file that appears under its name only once it is whole and on the disk; readable by its owner alone."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._part = file.with_name(f".{file.name}.{os.getpid()}.part")

    def __enter__(self) -> TextIO:
        try:
            descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as refused:
            raise Refused(f"{self._file} cannot be written ({refused.strerror}).") from None
        self._raw = os.fdopen(descriptor, "wb")
        self._gzip = gzip.GzipFile(filename="", fileobj=self._raw, mode="wb", compresslevel=6)
        self._text = io.TextIOWrapper(self._gzip, encoding="utf-8", newline="\n")
        return self._text

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        try:
            self._text.close()
            self._raw.flush()
            os.fsync(self._raw.fileno())
            self._raw.close()
            if kind is None:
                os.replace(self._part, self._file)
                _sync_folder(self._file.parent)
        finally:
            self._part.unlink(missing_ok=True)


def open_backup(file: Path) -> TextIO:
    """``file`` for :func:`load`; raises :class:`Refused`."""
    try:
        return gzip.open(file, "rt", encoding="utf-8", newline="\n")
    except OSError as refused:
        raise Refused(f"{file} cannot be read ({refused.strerror}).") from None


def keep_secret(secret: str, file: Path) -> bool:
    """Put the restored key in its place; False when another one is there already, which stays."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text().strip() == secret
    with os.fdopen(descriptor, "w") as made:
        made.write(secret)
        made.flush()
        os.fsync(made.fileno())
    return True


async def _rows(connection: AsyncConnection, table: Table) -> AsyncIterator[list[Any]]:
    ordered = select(table).order_by(*table.primary_key.columns)
    async with connection.stream(ordered, execution_options={"yield_per": CHUNK}) as result:
        async for row in result:
            yield [_plain(value) for value in row]


def _plain(value: Any) -> Any:
    """``value`` as JSON can hold it; the column's type tells how to read it back."""
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


async def _insert(connection: AsyncConnection, lines: Iterator[Any]) -> dict[str, int]:
    """Insert table after table; the counts at the end must be those that were found on the way."""
    counts: dict[str, int] = {}
    table: Table | None = None
    columns: list[str] = []
    waiting: list[dict[str, Any]] = []
    for line in lines:
        if isinstance(line, list) and table is not None:
            waiting.append(_row(table, columns, line))
            counts[table.name] += 1
        if table is not None and waiting and (isinstance(line, dict) or len(waiting) >= CHUNK):
            await connection.execute(insert(table), waiting)
            waiting = []
        if isinstance(line, dict) and "end" in line:
            # Reading on to the very end is what makes gzip verify its checksum.
            if line["end"] != counts or next(lines, None) is not None:
                raise ValueError("rows are missing, or more than were counted")
            return counts
        if isinstance(line, dict):
            table, columns = Base.metadata.tables[line["table"]], line["columns"]
            counts[table.name] = 0
    raise ValueError("the last line is missing")


def _row(table: Table, columns: list[str], values: list[Any]) -> dict[str, Any]:
    row = dict(zip(columns, values, strict=True))
    for name, value in row.items():
        if value is not None and isinstance(table.columns[name].type, UtcDateTime):
            row[name] = datetime.fromisoformat(value)
        elif value is not None and isinstance(table.columns[name].type, Date):
            row[name] = date.fromisoformat(value)
        elif value is not None and isinstance(table.columns[name].type, LargeBinary):
            row[name] = base64.b64decode(value, validate=True)
    return row


def _expect_header(header: Any, schema: str) -> None:
    if not isinstance(header, dict) or header.get("frontdesk") != "backup" or header.get("version") != VERSION:
        raise Refused("This file is no backup of Frontdesk, or one of another version: nothing was restored.")
    if header["schema"] != schema:
        raise Refused(
            f"This backup has schema {header['schema']}, the database has {schema}: nothing was restored."
            " Restore it with the version that wrote it, then migrate."
        )


async def _expect_empty(connection: AsyncConnection) -> None:
    for table in Base.metadata.sorted_tables:
        if (await connection.execute(select(1).select_from(table).limit(1))).first() is not None:
            raise Refused(
                f"The database is not empty (table {table.name} has rows): nothing was restored."
                " Point DATABASE_URL or DATA_DIR at an empty one and run `frontdesk migrate` first."
            )


async def _expect_balanced(connection: AsyncConnection) -> None:
    """The sum of the ledger is each balance, the open holds are what is held (R5, R6)."""
    spent = select(func.coalesce(func.sum(LedgerEntry.amount), 0)).where(LedgerEntry.workspace_id == Workspace.id)
    held = select(func.coalesce(func.sum(Hold.amount), 0)).where(
        Hold.workspace_id == Workspace.id, Hold.state == "open"
    )
    wrong = select(Workspace.slug).where(
        (spent.scalar_subquery() != Workspace.balance) | (held.scalar_subquery() != Workspace.held)
    )
    slug = (await connection.execute(wrong.limit(1))).scalar_one_or_none()
    if slug is not None:
        raise Refused(f"The ledger of workspace {slug} does not add up to its balance: nothing was restored.")


def _lines(source: TextIO) -> Iterator[Any]:
    try:
        for line in source:
            yield json.loads(line)
    except (OSError, EOFError, ValueError, zlib.error) as broken:
        raise _damaged(broken) from None


def _damaged(broken: Exception) -> Refused:
    return Refused(f"The backup is damaged ({type(broken).__name__}): nothing was restored.")


def _write(out: TextIO, value: Any) -> None:
    out.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
