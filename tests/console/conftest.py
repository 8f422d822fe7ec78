"""The console's pages on both databases: the real application, with the cast, passwords that are known and cheap."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from argon2 import PasswordHasher
from playwright.async_api import Browser, BrowserContext, Page, expect
from sqlalchemy import update
from starlette.applications import Starlette

from console.access.passwords import Passwords
from console.app import create
from engine import listener
from engine.db import Database
from engine.models import Member, User
from engine.settings import Settings
from knowledge import entries
from tests import schema
from tests.cast import Cast, gather
from tests.console.visit import ANSWER, PASSWORD, QUESTION, Visit

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
    await schema.ready(settings.database_url)
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


class Owner:
    """Acme's owner, signed in, at the pages of acme's one domain."""

    def __init__(self, site: Site, visit: Visit, csrf: str) -> None:
        self.site, self.visit, self.csrf = site, visit, csrf
        self.base = f"/app/acme/knowledge/{site.cast.acme.domain_id}"

    async def see(self, path: str = "") -> str:
        answer = await self.visit.get(self.base + path)
        assert answer.status_code == 200, path
        return answer.text

    async def send(self, path: str, fields: Mapping[str, str]) -> httpx2.Response:
        return await self.visit.post(self.base + path, {"csrf": self.csrf, **fields})

    async def told(self, answer: httpx2.Response) -> str:
        """The page that a change leads to, with what it says."""
        assert answer.status_code == 303, answer.text[:500]
        return (await self.visit.get(answer.headers["location"])).text

    async def undone(self, page: str) -> str:
        """What the page says after its button that takes back what was done."""
        form = re.search(
            r'<div class="notice[^"]* said" role="status">.*?<form method="post" action="([^"]+)">(.*?)</form>',
            page,
            re.S,
        )
        assert form is not None, page
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[2]))
        return await self.told(await self.visit.post(form[1], fields))

    def hidden(self, page: str, name: str) -> str:
        """The value of a page's hidden field."""
        found = re.search(rf'name="{name}" value="([^"]*)"', page)
        assert found is not None, name
        return found[1]


@pytest.fixture
async def owner(site: Site) -> Owner:
    visit = site.visit()
    await visit.sign_in("owner@acme.example")
    return Owner(site, visit, (await visit.fields("/auth/sign-out"))["csrf"])


@pytest.fixture
async def served(site: Site) -> AsyncIterator[Site]:
    """The site on a real port, where acme's bot knows one answer."""
    acme = site.cast.acme
    async with site.db.write() as session:
        await entries.add(session, acme.workspace_id, acme.domain_id, entries.Draft(QUESTION, ANSWER))
    listening = listener.listen("127.0.0.1", site.settings.PORT)
    server = uvicorn.Server(listener.config(site.app, stop_seconds=1))
    serving = asyncio.create_task(server._serve(sockets=[listening]))  # serve() would take over the signals
    while not server.started:
        if serving.done():
            serving.result()
        await asyncio.sleep(0.005)
    yield site
    server.should_exit = True
    await serving


@pytest.fixture
async def sign_in(browser: Browser, served: Site) -> AsyncIterator[Callable[[str], Awaitable[Page]]]:
    """Opens acme's desk for somebody, each in a browser of their own. What its scripts raise fails the test."""
    contexts: list[BrowserContext] = []
    raised: list[str] = []

    async def open_desk(name: str) -> Page:
        context = await browser.new_context(base_url=served.settings.public_url)
        context.on("weberror", lambda event: raised.append(event.error.message))
        contexts.append(context)
        page = await context.new_page()
        page.on("console", lambda said: raised.append(said.text) if "Content Security" in said.text else None)
        await page.goto("/auth/sign-in?next=/app/acme/live")
        await page.get_by_label("E-mail address").fill(f"{name}@acme.example")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.locator("#link")).to_have_text("Live")
        return page

    yield open_desk
    for context in contexts:
        await context.close()
    assert not raised
