"""Backup and restore (R19): the same rows on either database, of one instant, whole or not at all."""

import asyncio
import gzip
import io
import json
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import migrations
from console import archive
from engine import ledger, vitals
from engine.db import Base, Database
from engine.ledger import Charge
from engine.models import AuditEvent, LedgerEntry, Message, Room, Visitor, Workspace
from tests import schema
from tests.cast import Cast, gather
from tests.servers.postgres import Postgres

pytestmark = pytest.mark.anyio
SCHEMA = migrations.head()
WORDS = 'Grüße 🌿\n\t"quoted" \\ \u2028 and 日本語'


async def opened(url: str) -> Database:
    await schema.ready(url)
    return Database(url)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    db = await opened(database_url)
    await furnish(db, await gather(db))
    yield db
    await db.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A second database, empty and migrated: of the same kind as the first one, and of the other."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'second.sqlite'}"
    if request.param == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.new_database()
    db = await opened(url)
    yield db
    await db.dispose()


@pytest.fixture
async def other(tmp_path: Path) -> AsyncIterator[Database]:
    """One more empty database, for what must not be restored."""
    db = await opened(f"sqlite+aiosqlite:///{tmp_path / 'third.sqlite'}")
    yield db
    await db.dispose()


async def furnish(db: Database, cast: Cast) -> None:
    """A row of each shape: free text, JSON, times, a day, nothing at all, an open hold and a settled one."""
    acme = cast.acme
    owner = {"workspace_id": acme.workspace_id, "domain_id": acme.domain_id}
    async with db.write() as session:
        session.add(Visitor(id="v" * 32, page=None, locale="de", **owner))
        await session.flush()
        session.add(Room(id="r" * 32, bot_id=acme.bot_id, visitor_id="v" * 32, revision=1, **owner))
        await session.flush()
        source = {"id": "e" * 32, "title": WORDS, "url": None}
        message = {"room_id": "r" * 32, "position": 1, "revision": 1, "author": "visitor", "sources": [source]}
        session.add(Message(text=WORDS, offers=[WORDS, ""], **message))
        detail: dict[str, Any] = {"words": WORDS, "deep": [1, None, {"on": True}]}
        session.add(AuditEvent(workspace_id=acme.workspace_id, action="x", subject="y", detail=detail))
        assert await ledger.hold(session, acme.workspace_id, 5, "answer:1")
        assert await ledger.settle(session, Charge(acme.workspace_id, "answer:1", 2)) == 2
        assert await ledger.hold(session, acme.workspace_id, 5, "answer:2")
        await vitals.count(session, acme.workspace_id, acme.bot_id, "phone", {"open": (120, 480)})


async def everything(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    async with db.read() as session:
        return {
            table.name: [
                tuple(row) for row in await session.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in Base.metadata.sorted_tables
        }


async def dumped(db: Database, secret: str | None = None) -> str:
    out = io.StringIO()
    await archive.dump(db, SCHEMA, secret, out)
    return out.getvalue()


async def test_r19_what_is_restored_is_what_was_there_on_either_database(db: Database, empty: Database) -> None:
    before = await everything(db)
    assert sum(map(len, before.values())) > 15
    counts, secret = await archive.load(empty, SCHEMA, io.StringIO(await dumped(db, "k" * 64)))
    assert await everything(empty) == before
    assert counts == {name: len(rows) for name, rows in before.items()}
    assert secret == "k" * 64


class Interrupted(io.StringIO):
    """Takes a copy; once it holds the first row, somebody else writes, from a thread and a connection of their own."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url: str | None = url

    def write(self, line: str) -> int:
        if self._url is not None and line.startswith("["):
            url, self._url = self._url, None
            writing = threading.Thread(target=lambda: asyncio.run(_grant(url)))
            writing.start()
            writing.join()
        return super().write(line)


async def _grant(url: str) -> None:
    db = Database(url)
    async with db.write() as session:
        workspace = (await session.scalars(select(Workspace.id).where(Workspace.slug == "acme"))).one()
        assert await ledger.grant(session, workspace, 11, "meanwhile")
    await db.dispose()


async def test_r19_a_backup_is_of_one_instant_while_people_write(
    db: Database, database_url: str, empty: Database
) -> None:
    before = await everything(db)
    out = Interrupted(database_url)
    await archive.dump(db, SCHEMA, None, out)
    assert len((await everything(db))["ledger_entries"]) == len(before["ledger_entries"]) + 1
    await archive.load(empty, SCHEMA, io.StringIO(out.getvalue()))
    assert await everything(empty) == before


async def test_a_database_that_is_not_empty_is_left_as_it_is(db: Database, empty: Database) -> None:
    text = await dumped(db)
    await archive.load(empty, SCHEMA, io.StringIO(text))
    before = await everything(empty)
    with pytest.raises(archive.Refused, match="not empty"):
        await archive.load(empty, SCHEMA, io.StringIO(text))
    assert await everything(empty) == before


def _spoiled(text: str, how: str) -> str:
    lines = text.splitlines(keepends=True)
    match how:
        case "cut short":
            return "".join(lines[:-1])
        case "a row is missing":
            return "".join(line for line in lines if "answer:2" not in line)
        case "a line is broken":
            return "".join([*lines[:5], lines[5][:20] + "\n", *lines[6:]])
        case "an unknown table":
            return text.replace('"table":"users"', '"table":"people"')
        case "a foreign row":
            return text.replace('"r' + "r" * 31, '"q' + "r" * 31, 1)
        case "a wrong time":
            return text.replace("+00:00", "+99:99", 3)
        case "a balance that is no sum":
            return text.replace(",98,5,", ",99,5,", 1)
        case "a hold that is not held":
            return text.replace(",98,5,", ",98,4,", 1)
        case "no backup":
            return '{"hello": 1}\n'
        case "another schema":
            return text.replace(f'"schema":"{SCHEMA}"', '"schema":"0000"')
        case "empty":
            return ""
    raise AssertionError(how)


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("cut short", "damaged"),
        ("a row is missing", "damaged"),
        ("a line is broken", "damaged"),
        ("an unknown table", "damaged"),
        ("a foreign row", "damaged"),
        ("a wrong time", "damaged"),
        ("a balance that is no sum", "workspace acme does not add up"),
        ("a hold that is not held", "workspace acme does not add up"),
        ("no backup", "no backup of Frontdesk"),
        ("another schema", "schema 0000"),
        ("empty", "no backup of Frontdesk"),
    ],
)
async def test_a_spoiled_backup_is_refused_with_a_reason_and_nothing_is_kept(
    db: Database, other: Database, how: str, why: str
) -> None:
    text = await dumped(db)
    spoiled = _spoiled(text, how)
    assert spoiled != text
    with pytest.raises(archive.Refused, match=why):
        await archive.load(other, SCHEMA, io.StringIO(spoiled))
    assert sum(map(len, (await everything(other)).values())) == 0


async def test_a_file_cut_on_its_way_is_refused(db: Database, other: Database, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    with archive.create(file) as out:
        await archive.dump(db, SCHEMA, None, out)
    whole = file.read_bytes()
    for broken in (
        whole[: len(whole) // 2],
        whole[:-4] + b"\0\0\0\0",
        b"not gzip",
        whole[:40] + b"\xff" * 9 + whole[49:],
    ):
        file.write_bytes(broken)
        with archive.open_backup(file) as source, pytest.raises(archive.Refused):
            await archive.load(other, SCHEMA, source)
    async with other.read() as session:
        assert await session.scalar(select(func.count()).select_from(LedgerEntry)) == 0


def test_a_backup_appears_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "backup.gz"
    with archive.create(file) as out:
        out.write(json.dumps({"a": WORDS}) + "\n")
        assert not file.exists()
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(gzip.decompress(file.read_bytes())) == {"a": WORDS}
    with pytest.raises(RuntimeError):
        _write_half(file)
    assert json.loads(gzip.decompress(file.read_bytes())) == {"a": WORDS}
    assert [entry.name for entry in tmp_path.iterdir()] == ["backup.gz"]


def _write_half(file: Path) -> None:
    with archive.create(file) as out:
        out.write("half")
        raise RuntimeError


def test_a_restored_secret_takes_no_others_place(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    assert archive.keep_secret("k" * 64, file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert archive.keep_secret("k" * 64, file)
    assert not archive.keep_secret("j" * 64, file)
    assert file.read_text() == "k" * 64
