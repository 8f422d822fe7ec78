"""A database at today's schema, as a copy of one that was migrated once: a quarter of the time of the steps
themselves, which have tests of their own."""

import tempfile
from pathlib import Path
from uuid import uuid4

import asyncpg
from sqlalchemy.engine import URL, make_url

import migrations

_copies: dict[str, str] = {}  # by server: the name of the migrated database there
_file: list[bytes] = []  # the migrated SQLite file, once it was made


async def ready(url: str) -> None:
    """Give the empty database at ``url`` (with its async driver) today's schema. One that is there already stays."""
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite":
        await _copy_file(Path(str(parts.database)))
    else:
        await _copy_database(parts)


async def _copy_file(file: Path) -> None:
    if not _file:
        with tempfile.TemporaryDirectory(prefix="frontdesk-schema-") as folder:
            made = Path(folder) / "migrated.sqlite"
            await migrations.upgrade(f"sqlite+aiosqlite:///{made}")
            _file.append(made.read_bytes())
    _write(file, _file[0])


def _write(file: Path, body: bytes) -> None:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)


async def _copy_database(url: URL) -> None:
    server = await asyncpg.connect(host=url.host, port=url.port, user=url.username, database="postgres")
    try:
        if await migrations.revision(url.render_as_string(hide_password=False)) is not None:
            return
        migrated = await _migrated(server, url)
        await server.execute(f'DROP DATABASE "{url.database}"')
        await server.execute(f'CREATE DATABASE "{url.database}" TEMPLATE "{migrated}"')
    finally:
        await server.close()


async def _migrated(server: "asyncpg.Connection[asyncpg.Record]", url: URL) -> str:
    where = f"{url.host}:{url.port}"
    known = _copies.get(where)
    if known and await server.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", known):
        return known
    name = f"migrated{uuid4().hex}"
    await server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    await migrations.upgrade(url.set(database=name).render_as_string(hide_password=False))
    _copies[where] = name
    return name
