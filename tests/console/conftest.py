"""The console's pages on both databases: the real application, with the cast, passwords that are known and cheap."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from argon2 import PasswordHasher
from sqlalchemy import update
from starlette.applications import Starlette

import migrations
from console.access.passwords import Passwords
from console.app import create
from engine.db import Database
from engine.models import Member, User
from engine.settings import Settings
from tests.cast import Cast, gather
from tests.console.visit import PASSWORD, Visit

ROLES = ("owner", "admin", "marketer", "viewer")  # besides the cast's agents: <role>@acme.example


def cheap() -> Passwords:
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@dataclass(frozen=True, slots=True)
class Site:
    """The served console. ``visit()`` is a fresh browser, from an address of its own if one is given."""

    app: Starlette
    db: Database
    cast: Cast
    settings: Settings

    def visit(self, ip: str = "127.0.0.1") -> Visit:
        transport = httpx2.ASGITransport(app=self.app, client=(ip, 50_000), raise_app_exceptions=False)
        return Visit(httpx2.AsyncClient(transport=transport, base_url=self.settings.public_url))


@pytest.fixture
def more_settings() -> dict[str, Any]:
    """Settings of the site that a test chooses by parametrizing this."""
    return {}


@pytest.fixture
async def site(database_url: str, tmp_path: Path, more_settings: dict[str, Any]) -> AsyncIterator[Site]:
    base: dict[str, Any] = {"DATA_DIR": tmp_path, "DATABASE_URL": database_url, "SECRET_KEY": "s" * 32, "PORT": 8000}
    settings = Settings(**base | more_settings)
    await migrations.upgrade(settings.database_url)
    app = create(settings, passwords=cheap())
    db: Database = app.state.console.engine.db
    cast = await gather(db)
    await _let_in(db, cast)
    yield Site(app, db, cast, settings)
    await db.dispose()


async def _let_in(db: Database, cast: Cast) -> None:
    """Everybody gets PASSWORD; acme also has a member of each role."""
    password_hash = await cheap().hash(PASSWORD)
    async with db.write() as session:
        await session.execute(update(User).values(password_hash=password_hash))
        for role in ROLES:
            user = User(email=f"{role}@acme.example", name=role.title(), password_hash=password_hash)
            session.add(user)
            await session.flush()
            session.add(Member(workspace_id=cast.acme.workspace_id, user_id=user.id, role=role))
