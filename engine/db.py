"""The database: one declarative base, two engines, and who may write when.

SQLite: WAL, ``synchronous=FULL``, every write transaction starts as a writer (``BEGIN IMMEDIATE``: without it
SQLAlchemy's late BEGIN loses updates silently) and one connection writes, so that callers queue here instead of in
SQLite's busy handler. PostgreSQL: a pool, and ``synchronous_commit`` left on.
"""

import asyncio
import contextlib
import secrets
import sqlite3
from collections.abc import AsyncIterator, Coroutine
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

import asyncpg
import msgspec
from sqlalchemy import JSON, DateTime, Dialect, MetaData, String, TypeDecorator, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

BUSY_TIMEOUT = 5_000  # ms that SQLite waits for another process's write lock
POOL_TIMEOUT = 4  # s to wait for a free connection: beyond it the caller is told to retry (R19)
IDLE_TIMEOUT = 5_000  # ms that PostgreSQL lets a transaction of a process that fell silent keep its row locks (R19)
AWAY = ("08", "53", "57P")  # SQLSTATE: no connection, no room left, shutting down or starting up (PostgreSQL, app. A)
# What the drivers raise where SQLAlchemy is not in between (engine/statement.py).
_LOST = (sqlite3.OperationalError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError)
CLOSING = 4.0  # s that work behind the callers has to end before its database is closed
READERS = 4  # SQLite connections that read beside the one writer


_T = TypeVar("_T")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time on both databases (SQLite gives naive ones back even with ``timezone=True``)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """The declarative base of every table; constraints are named so that both databases can migrate them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        dict[str, Any]: JSON().with_variant(JSONB(), "postgresql"),
        list[str]: JSON().with_variant(JSONB(), "postgresql"),
        list[dict[str, Any]]: JSON().with_variant(JSONB(), "postgresql"),
        datetime: UtcDateTime(),
    }


Id = String(32)


def new_id() -> str:
    """A fresh identifier: 128 random bits as 32 hex digits (R10)."""
    return secrets.token_hex(16)


def now() -> datetime:
    """The current time, aware, UTC."""
    return datetime.now(UTC)


class Unreachable(Exception):
    """The database did not answer: nothing was stored, the caller may try again."""


class Database:
    """Sessions over one database. ``write`` opens a transaction that may write and commits it at the end of the
    block; ``read`` opens one that only reads. Both raise :class:`Unreachable` when the database is gone."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.engine = _sqlite(url, pool_size=1)
            self._readers = _sqlite(url, pool_size=READERS)
            self._turn: asyncio.Lock | None = asyncio.Lock()
        else:
            self.engine = _postgresql(url, pool_size)
            self._readers = self.engine
            self._turn = None
        readonly = self._readers.execution_options(readonly=True)
        self._behind: set[asyncio.Task[Any]] = set()
        self._write = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=False)
        self._read = async_sessionmaker(readonly, expire_on_commit=False, autoflush=False)

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        async with self._turn or contextlib.nullcontext(), _reachable(), self._write.begin() as session:
            yield session

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        async with _reachable(), self._read() as session:
            yield session

    async def ping(self) -> None:
        """One round trip; raises :class:`Unreachable`."""
        async with self.read() as session:
            await session.execute(text("SELECT 1"))

    def behind(self, work: Coroutine[Any, Any, _T], name: str) -> asyncio.Task[_T]:
        """Run ``work``, which reads or writes here and which nobody may wait for. ``dispose`` ends it first."""
        task = asyncio.create_task(work, name=name)
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)
        return task

    async def dispose(self) -> None:
        """Close every connection. What goes on behind gets ``CLOSING`` seconds to end by itself."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + CLOSING
        while (left := self._going_on(loop)) and (seconds := deadline - loop.time()) > 0:
            await asyncio.wait(left, timeout=seconds)  # again: one that ends may have started another
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self.engine.dispose()
        if self._readers is not self.engine:
            await self._readers.dispose()

    def _going_on(self, loop: asyncio.AbstractEventLoop) -> set[asyncio.Task[Any]]:
        return {task for task in self._behind if task.get_loop() is loop}


@contextlib.asynccontextmanager
async def _reachable() -> AsyncIterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout, OSError, *_LOST) as lost:
        raise Unreachable(type(lost).__name__) from lost
    except DBAPIError as lost:
        state = getattr(lost.orig, "sqlstate", None) or ""
        if not lost.connection_invalidated and not state.startswith(AWAY):
            raise
        raise Unreachable(type(lost).__name__) from lost
    except asyncpg.PostgresError as lost:
        if not (lost.sqlstate or "").startswith(AWAY):
            raise
        raise Unreachable(type(lost).__name__) from lost


def _dumps(value: Any) -> str:
    return msgspec.json.encode(value).decode()


_JSON: dict[str, Any] = {"json_serializer": _dumps, "json_deserializer": msgspec.json.decode}


def _sqlite(url: str, pool_size: int) -> AsyncEngine:
    engine = create_async_engine(url, pool_size=pool_size, max_overflow=0, pool_timeout=POOL_TIMEOUT, **_JSON)

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # sqlite3 must not open transactions of its own
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        readonly = connection.get_execution_options().get("readonly")
        connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")

    return engine


def _postgresql(url: str, pool_size: int) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT,
        pool_pre_ping=False,
        **_JSON,
        connect_args={
            "timeout": POOL_TIMEOUT,
            "command_timeout": 10,
            "server_settings": {"idle_in_transaction_session_timeout": str(IDLE_TIMEOUT)},
        },
    )
