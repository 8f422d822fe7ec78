"""The statements of the hot path: written in SQLAlchemy Core, compiled once for each database, run on its driver.

They run inside the session's own transaction. What SQLAlchemy does around each execution costs more than the statement
itself (80 to 250 µs of CPU against 20 to 50), and on SQLite each of its steps is a hop to another thread.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Executable, Select, String, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement

Processor = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    core: Executable
    sql: str
    binds: tuple[tuple[str, Processor | None], ...]
    results: tuple[Processor | None, ...]

    def bound(self, values: dict[str, Any]) -> list[Any]:
        return [process(values[name]) if process else values[name] for name, process in self.binds]

    def row(self, found: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(process(value) if process else value for process, value in zip(self.results, found, strict=True))


class Statement:
    """A statement with named parameters. ``build(sqlite)`` gives it for SQLite or for PostgreSQL."""

    def __init__(self, build: Callable[[bool], Executable]) -> None:
        self._build = build
        self._compiled: dict[str, _Compiled] = {}

    async def rows(self, session: AsyncSession, values: dict[str, Any], *, first: bool = False) -> Sequence[Any]:
        """The rows of a select, as sequences. ``first``: nothing else may have run in this transaction yet; on
        PostgreSQL SQLAlchemy begins it with a statement of its own, and sees there when the server is gone."""
        connection, compiled, driver = await self._prepared(session)
        if connection.dialect.name == "sqlite":
            found = await driver.execute_fetchall(compiled.sql, compiled.bound(values))
        elif first:
            return (await connection.execute(compiled.core, values)).all()
        else:
            found = await driver.fetch(compiled.sql, *compiled.bound(values))
        return [compiled.row(row) for row in found]

    async def run(self, session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
        """Execute once for each of ``rows``, in one round trip, after a first statement."""
        _, compiled, driver = await self._prepared(session)
        await driver.executemany(compiled.sql, [compiled.bound(row) for row in rows])

    async def _prepared(self, session: AsyncSession) -> tuple[AsyncConnection, _Compiled, Any]:
        connection = await session.connection()
        compiled = self._compiled.get(connection.dialect.name)
        if compiled is None:
            core = self._build(connection.dialect.name == "sqlite")
            compiled = self._compiled[connection.dialect.name] = _compile(core, connection.dialect)
        return connection, compiled, (await connection.get_raw_connection()).driver_connection


def among(column: ColumnElement[str], name: str, *, sqlite: bool) -> ColumnElement[bool]:
    """``column`` is one of the texts in the list parameter ``name``: one parameter, however many there are."""
    if sqlite:
        listed: Select[Any] = select(func.json_each(bindparam(name, type_=JSON())).table_valued("value").c.value)
        return column.in_(listed)
    return column == any_(bindparam(name, type_=ARRAY(String)))


def _compile(statement: Executable, dialect: Dialect) -> _Compiled:
    compiled: Any = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
    assert isinstance(compiled, SQLCompiler)
    names = list(compiled.positiontup or [])
    types = {name: bind.type for name, bind in compiled.binds.items()}
    binds = tuple((name, types[name].dialect_impl(dialect).bind_processor(dialect)) for name in names)
    columns = [column.type for column in statement.selected_columns] if isinstance(statement, Select) else []
    results = tuple(kind.dialect_impl(dialect).result_processor(dialect, None) for kind in columns)
    return _Compiled(statement, str(compiled), binds, results)
