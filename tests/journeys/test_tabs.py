"""One visitor in several tabs, over the real product: what was read in one is read in all."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from console.access import service
from engine.db import Database
from engine.models import Member, Room, User
from tests.journeys.tab import Tab
from tests.servers.process import Node
from tests.wire import Client

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class Shop:
    node: Node
    db: Database

    async def grace(self) -> Tab:
        """Grace's desk, with the only chat there is on it."""
        async with self.db.write() as session:
            room = (await session.scalars(select(Room.id))).one()
            user = (await session.scalars(select(User).join(Member).where(User.name == "Grace"))).one()
            token = await service.open_session(session, user, ip="", agent="test")
        cookie = f"{service.cookie_name(secure=False)}={token}"
        url = self.node.url
        return Tab(lambda: Client(f"ws{url.removeprefix('http')}/v1/desk", origin=url, cookie=cookie), room=room)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with Node(tmp_path, {}, ("serve", "--demo")) as node:
        db = Database(f"sqlite+aiosqlite:///{tmp_path / 'data' / 'frontdesk.db'}")
        yield Shop(node, db)
        await db.dispose()


async def opened(context: BrowserContext, shop: Shop) -> Page:
    """The demo shop with its chat open and connected."""
    page = await context.new_page()
    await page.goto(f"{shop.node.url}/demo")
    await page.wait_for_function("() => typeof Frontdesk === 'function'")
    await page.evaluate("Frontdesk('open')")
    await page.wait_for_function("() => Frontdesk.get('state').open")
    (panel,) = page.frames[1:]
    await expect(panel.locator('#state[data-dot="on"]')).to_be_visible(timeout=30_000)
    return page


async def unread(page: Page, count: int) -> None:
    """The page's title, and what its scripts are told, say so."""
    await expect(page).to_have_title(re.compile(rf"^\({count}\) " if count else r"^[^(]"))
    assert await page.evaluate("Frontdesk.get('state').unread") == count


async def test_what_is_read_in_one_tab_is_unread_in_none(shop: Shop, browser: Browser) -> None:
    context = await browser.new_context()
    first, second, third = [await opened(context, shop) for _ in range(3)]
    box = first.frames[1].get_by_label("Your message")
    await box.fill("Is shipping free?")
    await box.press("Enter")
    await expect(third.frames[1].locator(".row.bot.complete").nth(1)).to_be_visible()
    for page in (first, second, third):
        await page.evaluate("Frontdesk('close')")
        await unread(page, 0)
    async with await shop.grace() as grace:
        await grace.until(lambda: grace.joined)
        await grace.say("room.claim", ref="claim")
        await grace.until(lambda: grace.replica.state.get("mode") == "live")
        for text in ("Hello, I am Grace.", "From 40 euros on."):
            await grace.post(text)
        await grace.until(lambda: not grace.pending)
        for page in (first, second, third):
            await unread(page, 3)  # and that Grace came
        await second.evaluate("Frontdesk('open')")
        for page in (first, second, third):
            await unread(page, 0)
        await grace.until(lambda: grace.replica.state["read_visitor"] >= grace.replica.have - 1)
    fourth = await opened(context, shop)
    await fourth.evaluate("Frontdesk('close')")
    await unread(fourth, 0)
    await context.close()
