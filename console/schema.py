"""The database before anything else runs: reachable, and at the schema that this version knows."""

import asyncio
import re
from collections.abc import Coroutine
from typing import Any, TypeVar

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

import migrations
from engine.db import Unreachable
from engine.settings import Misconfigured, Settings

T = TypeVar("T")


def migrate(settings: Settings) -> str:
    """Bring the database to the newest schema and return its name; raises :class:`Misconfigured`."""
    make_folder(settings)
    reach(settings, migrations.upgrade(settings.database_url))
    return migrations.head()


def expect(settings: Settings) -> None:
    """Raise :class:`Misconfigured` unless the database is at the newest schema."""
    make_folder(settings)
    found = reach(settings, migrations.revision(settings.database_url))
    if found != migrations.head():
        raise Misconfigured(
            f"DATABASE_URL: the database is at schema {found or 'none'}, this version needs {migrations.head()}."
            " Run `frontdesk migrate` first."
        )


def make_folder(settings: Settings) -> None:
    try:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise Misconfigured(
            f"DATA_DIR: {settings.DATA_DIR} cannot be made ({refused.strerror}). Name a folder that can be written."
        ) from None


def reach(settings: Settings, work: Coroutine[Any, Any, T]) -> T:
    """Run ``work``; a database that cannot be used becomes one sentence that names the setting."""
    try:
        return asyncio.run(work)
    except migrations.Foreign as newer:
        raise Misconfigured(f"DATABASE_URL: {newer}") from None
    except (DBAPIError, PoolTimeout, OSError, asyncpg.PostgresError, asyncpg.InterfaceError, Unreachable) as lost:
        name = "DATABASE_URL" if settings.DATABASE_URL else "DATA_DIR"
        raise Misconfigured(
            f"{name}: the database at {where(settings)} cannot be used ({_reason(lost)})."
            " Check that it runs and that address, name and password are right."
        ) from None


def where(settings: Settings) -> str:
    """The database's address without its password."""
    from sqlalchemy.engine import make_url

    return make_url(settings.database_url).render_as_string(hide_password=True)


def _reason(lost: BaseException) -> str:
    """The innermost driver's words, in one line and without addresses that the sentence already names."""
    while isinstance(lost, Unreachable) and lost.__cause__ is not None:
        lost = lost.__cause__
    words = str(getattr(lost, "orig", None) or lost) or type(lost).__name__
    return re.sub(r"\s+", " ", words)[:200].rstrip(".")
