"""People at the product as ``./run`` starts it, each in a browser of their own."""

import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Frame, Page, expect

from engine.db import Database
from tests.servers.process import Node
from tests.widget.conftest import OPENED


@dataclass(frozen=True, slots=True)
class Demo:
    """The product as ``./run`` starts it, and a door to its database."""

    node: Node
    db: Database

    def password(self, name: str) -> str:
        found = re.search(rf"({name}@\S+)\s+(\S+)", self.node.output())
        assert found, self.node.output()
        return found[2]


@contextlib.asynccontextmanager
async def demo(folder: Path, **environment: str) -> AsyncIterator[Demo]:
    async with Node(folder, environment, ("serve", "--demo")) as node:
        db = Database(f"sqlite+aiosqlite:///{folder / 'data' / 'frontdesk.db'}")
        try:
            yield Demo(node, db)
        finally:
            await db.dispose()


@contextlib.asynccontextmanager
async def window(browser: Browser, url: str) -> AsyncIterator[Page]:
    """A browser of somebody's own at ``url``, in which the test can look into the launcher's closed root."""
    context = await browser.new_context()
    await context.add_init_script(OPENED)
    try:
        page = await context.new_page()
        await page.goto(url)
        yield page
    finally:
        await context.close()


async def opened(page: Page) -> Frame:
    """The panel, opened by a click on the launcher, which stands in a closed shadow root in the corner."""
    await page.wait_for_function("() => typeof Frontdesk === 'function'")
    await page.wait_for_timeout(100)  # the launcher fades in
    size = page.viewport_size
    assert size
    panel = None
    while panel is None:
        await page.mouse.click(size["width"] - 48, size["height"] - 48)
        panel = await _panel(page)
    await expect(panel.locator("#input")).to_be_focused()
    return panel


async def _panel(page: Page) -> Frame | None:
    for _ in range(50):
        for frame in page.frames:
            if "/v1/panel" in frame.url:
                return frame
        await page.wait_for_timeout(20)
    return None


async def ask(panel: Frame, text: str) -> None:
    await panel.locator("#input").fill(text)
    await panel.locator("#input").press("Enter")


async def sign_in(page: Page, demo: Demo, name: str) -> None:
    await page.goto(f"{demo.node.url}/auth/sign-in")
    await page.get_by_label("E-mail").fill(f"{name}@juniper.example")
    await page.get_by_label("Password").fill(demo.password(name))
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(re.compile("/app/demo"))
