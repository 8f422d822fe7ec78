"""A scripted room on a real port, and pages that look at it."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Frame, Page

from .fake import Fake, served

OPENED = """
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (init) { return attach.call(this, { ...init, mode: 'open' }); };
"""  # lets the tests look into the launcher; that it is closed is proved without this


@pytest.fixture
async def fake() -> AsyncIterator[Fake]:
    async with served() as fake:
        yield fake


@contextlib.asynccontextmanager
async def looking(browser: Browser, *, opened: bool = True, **options: Any) -> AsyncIterator[Page]:
    """A page of a context of its own; an exception that its scripts do not catch fails the test."""
    context = await browser.new_context(**({"viewport": {"width": 1280, "height": 800}} | options))
    uncaught: list[str] = []
    context.on("weberror", lambda event: uncaught.append(event.error.stack or event.error.message))
    if opened:
        await context.add_init_script(OPENED)
    try:
        yield await context.new_page()
    finally:
        await context.close()
    assert not uncaught, f"the page's scripts raised: {uncaught}"


@pytest.fixture
async def tab(browser: Browser) -> AsyncIterator[Page]:
    """A desktop page in which the launcher can be looked at."""
    async with looking(browser) as page:
        yield page


async def opened(page: Page, fake: Fake) -> Frame:
    """The panel's frame, after a click on the launcher of the host page and the first join."""
    await page.goto(fake.host)
    await page.get_by_role("button", name="Chat").click()
    return await panel_of(page, fake)


async def panel_of(page: Page, fake: Fake) -> Frame:
    """The panel's frame once it has joined."""
    await page.frame_locator("iframe").locator('#state[data-dot="on"]').wait_for()
    return next(frame for frame in page.frames if frame.url.startswith(fake.panel))


async def write(panel: Frame | Page, text: str) -> None:
    box = panel.locator("#input")
    await box.fill(text)
    await box.press("Enter")
