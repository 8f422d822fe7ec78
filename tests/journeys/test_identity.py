"""Visitors whom the site vouches for, in real browsers: who is shown what, and what is left of whom."""

import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from playwright.async_api import Browser, Frame, Page, expect
from sqlalchemy import select, update

from engine import identity
from engine.models import Bot, Domain
from engine.settings import Settings
from tests.journeys.windows import Demo, ask, demo, opened, sign_in, window

pytestmark = pytest.mark.anyio
KEY = "a secret of thirty-two characters"


async def token(shop: Demo, user_id: str, **claims: Any) -> str:
    async with shop.db.read() as session:
        domain_id = (await session.scalars(select(Domain.id))).one()
    secret = identity.secret_of(Settings(SECRET_KEY=KEY).secret, domain_id, 1)
    told = {"sub": user_id, "aud": "frontdesk", "exp": int(time.time()) + 600} | claims
    return jwt.encode(told, secret, algorithm="HS256")


async def identify(page: Page, word: str) -> None:
    await page.evaluate("(token) => Frontdesk('identify', { token })", word)


async def panel_of(page: Page) -> Frame:
    """The panel, once it is connected."""
    await page.frame_locator("iframe").locator('#state[data-dot="on"]').wait_for()
    return next(frame for frame in page.frames if "/v1/panel" in frame.url)


async def everything(panel: Frame) -> str:
    """All that the panel's browser holds: its storage and its document."""
    found: str = await panel.evaluate("JSON.stringify({ ...localStorage }) + document.documentElement.outerHTML")
    return found


async def test_a_person_goes_on_where_they_were_on_another_device_and_agents_see_their_name(
    browser: Browser, tmp_path: Path
) -> None:
    async with (
        demo(tmp_path, SECRET_KEY=KEY) as shop,
        window(browser, f"{shop.node.url}/demo") as phone,
        window(browser, f"{shop.node.url}/demo") as laptop,
        window(browser, "about:blank") as desk,
    ):
        await identify(phone, await token(shop, "42", name="Ada Lovelace", email="ada@home.example"))
        panel = await opened(phone)
        await ask(panel, "How long does delivery take?")
        await expect(panel.locator(".row.bot.complete")).to_have_count(2)
        await identify(laptop, await token(shop, "42", name="Ada Lovelace", email="ada@home.example"))
        panel = await opened(laptop)
        await expect(panel.locator(".row.visitor .bubble")).to_have_text("How long does delivery take?")
        await sign_in(desk, shop, "grace")
        await desk.goto(f"{shop.node.url}/app/demo/live")
        await desk.get_by_text("How long does delivery take?").first.click()
        await expect(desk.get_by_text("Ada Lovelace · ada@home.example")).to_be_visible()


async def test_who_signs_in_while_the_chat_is_open_sees_their_own_conversation(
    browser: Browser, tmp_path: Path
) -> None:
    async with demo(tmp_path, SECRET_KEY=KEY) as shop, window(browser, f"{shop.node.url}/demo") as tab:
        panel = await opened(tab)
        await ask(panel, "How long does delivery take?")
        await expect(panel.locator(".row.bot.complete")).to_have_count(2)
        await identify(tab, await token(shop, "42"))
        frame = tab.frame_locator("iframe")
        await expect(frame.locator(".row.visitor")).to_have_count(0)
        panel = await panel_of(tab)
        await ask(panel, "Is shipping free?")
        await expect(frame.locator(".row.visitor")).to_have_count(1)
        await expect(frame.locator(".row.bot.complete")).to_have_count(2)
        await identify(tab, await token(shop, "42", name="Ada"))  # a fresh token of the same person changes nothing
        await expect(frame.locator(".row.visitor")).to_have_count(1)


async def test_the_next_person_at_the_device_finds_nothing_of_the_one_before(browser: Browser, tmp_path: Path) -> None:
    async with demo(tmp_path, SECRET_KEY=KEY) as shop, window(browser, f"{shop.node.url}/demo") as tab:
        frame = tab.frame_locator("iframe")
        await identify(tab, await token(shop, "ada"))
        panel = await opened(tab)
        await ask(panel, "My secret question")
        await expect(frame.locator(".row.visitor")).to_have_count(1)
        await panel.get_by_label("Your message").fill("My secret draft")
        assert "secret" in await everything(panel)
        await identify(tab, await token(shop, "ben"))
        await expect(frame.locator(".row.visitor")).to_have_count(0)
        await expect(frame.get_by_label("Your message")).to_have_value("")
        panel = await panel_of(tab)
        assert "secret" not in await everything(panel)
        await ask(panel, "Another secret")
        await expect(frame.locator(".row.visitor")).to_have_count(1)
        await tab.evaluate("Frontdesk('reset')")
        await expect(frame.locator(".row.visitor")).to_have_count(0)
        panel = await panel_of(tab)
        assert "secret" not in await everything(panel)
        await tab.reload()
        panel = await opened(tab)
        await expect(frame.locator('#state[data-dot="on"]')).to_be_visible()
        assert "secret" not in await everything(panel)


async def test_reset_also_leaves_the_conversation_of_who_was_nobody(browser: Browser, tmp_path: Path) -> None:
    async with demo(tmp_path) as shop, window(browser, f"{shop.node.url}/demo") as tab:
        frame = tab.frame_locator("iframe")
        panel = await opened(tab)
        await ask(panel, "My secret question")
        await expect(frame.locator(".row.bot.complete")).to_have_count(2)
        await tab.evaluate("Frontdesk('reset')")
        await expect(frame.locator(".row.visitor")).to_have_count(0)
        await panel_of(tab)
        await tab.reload()
        panel = await opened(tab)
        await expect(frame.locator('#state[data-dot="on"]')).to_be_visible()
        assert "secret" not in await everything(panel)


async def test_where_only_the_identified_may_write_a_stranger_is_told_to_sign_in(
    browser: Browser, tmp_path: Path
) -> None:
    async with demo(tmp_path, SECRET_KEY=KEY) as shop:
        async with shop.db.write() as session:
            await session.execute(update(Bot).values(identified=True))
        async with window(browser, f"{shop.node.url}/demo") as tab:
            await tab.wait_for_function("() => typeof Frontdesk === 'function'")
            await tab.evaluate("Frontdesk('open')")
            frame = tab.frame_locator("iframe")
            await expect(frame.locator("#notice")).to_have_text("Please sign in to this site to chat.")
            await expect(frame.get_by_label("Your message")).to_be_hidden()
            await identify(tab, await token(shop, "42"))
            await ask(await _writable(tab), "How long does delivery take?")
            await expect(frame.locator(".row.bot.complete")).to_have_count(2)


async def _writable(page: Page) -> Frame:
    await page.frame_locator("iframe").get_by_label("Your message").wait_for()
    return await panel_of(page)


async def test_a_word_that_proves_nothing_is_told_to_the_developer_and_to_the_page(
    browser: Browser, tmp_path: Path
) -> None:
    async with demo(tmp_path, SECRET_KEY=KEY) as shop, window(browser, f"{shop.node.url}/demo") as tab:
        await tab.evaluate("window.failed = new Promise((done) => Frontdesk.once('error', done)); 0")
        async with tab.expect_console_message(lambda said: "expired" in said.text):
            await identify(tab, await token(shop, "42", exp=1))
            await opened(tab)
        assert await tab.evaluate("failed") == "bad_identity"
