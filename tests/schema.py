"""A database at today's schema without the seconds that its steps take (they have tests of their own): an SQLite file
is copied, a PostgreSQL database is emptied and lent to the next test."""

import asyncio
import tempfile
from pathlib import Path

import asyncpg
from sqlalchemy.engine import make_url

import migrations
from tests.servers.postgres import Postgres

TIMES = 40  # that a database is lent: emptied rows still take room
PATIENCE = 10  # s for a server to let a connection in

# All that a test could have changed of a schema, in one line: tables, columns, constraints, indexes, triggers.
_SHAPE = """
SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM (
    SELECT relname || relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT attrelid::regclass || attname || atttypid || attnotnull FROM pg_attribute a
        JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT pg_get_triggerdef(oid) || tgenabled FROM pg_trigger
    UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
    UNION ALL SELECT version_num FROM alembic_version
) AS lines (line)
"""
_EMPTY = """
DO $$ DECLARE it record; BEGIN
    SET LOCAL session_replication_role = replica;  -- no trigger, no foreign key: only rows that go
    FOR it IN SELECT oid::regclass AS name FROM pg_class WHERE relkind = 'r' AND relname <> 'alembic_version'
        AND relnamespace = 'public'::regnamespace LOOP EXECUTE format('DELETE FROM %s', it.name); END LOOP;
    FOR it IN SELECT oid::regclass AS name FROM pg_class WHERE relkind = 'S'
        AND relnamespace = 'public'::regnamespace LOOP PERFORM setval(it.name, 1, false); END LOOP;
END $$
"""
_ALONE = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"

_file: list[bytes] = []  # the migrated SQLite file, once it was made


async def ready(url: str) -> None:
    """Give the empty database at ``url`` (with its async driver) today's schema. One that is there already stays."""
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite":
        await migrations.upgrade(url)
        return
    file = Path(str(parts.database))
    if not _file:
        with tempfile.TemporaryDirectory(prefix="frontdesk-schema-") as folder:
            made = Path(folder) / "migrated.sqlite"
            await migrations.upgrade(f"sqlite+aiosqlite:///{made}")
            _file.append(made.read_bytes())
    _write(file, _file[0])


class Lending:
    """The migrated databases of ``server``. Each is lent to one test at a time, and given away empty again."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._shape: str | None = None
        self._free: list[str] = []
        self._lent: dict[str, int] = {}

    def lend(self) -> str:
        """The URL of a database with the schema and no row."""
        url = self._free.pop() if self._free else self._new()
        self._lent[url] = self._lent.get(url, 0) + 1
        return url

    def take_back(self, url: str) -> None:
        """End whoever still uses the database, and empty it. One whose schema was changed is dropped instead."""
        self._server.start()
        if self._lent[url] < TIMES and asyncio.run(_emptied(url)) == self._shape:
            self._free.append(url)
        else:
            self._server.drop_database(url)

    def _new(self) -> str:
        url = self._server.new_database()
        asyncio.run(migrations.upgrade(url))
        self._shape = asyncio.run(_emptied(url))
        return url


async def _emptied(url: str) -> str | None:
    """Its shape; None where it cannot even be asked."""
    parts = make_url(url)
    try:
        there = await asyncpg.connect(
            host=parts.host, port=parts.port, user=parts.username, database=parts.database, timeout=PATIENCE
        )
    except asyncpg.PostgresError:
        return None
    try:
        await there.execute("SET lock_timeout = 0; SET statement_timeout = 0")
        await there.fetch(_ALONE, parts.database)
        await there.execute(_EMPTY)
        shape: str | None = await there.fetchval(_SHAPE)
        return shape
    except asyncpg.PostgresError:
        return None
    finally:
        await there.close()


def _write(file: Path, body: bytes) -> None:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
