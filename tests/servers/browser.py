"""The system's own Chromium, driven by Playwright: no browser is downloaded."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Browser, Error, Frame, Page, async_playwright

from .parts import program

# A container's root has no sandbox, no graphics card and little shared memory.
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


def chromium() -> Path:
    """The browser's program. Raises MissingPart."""
    return program("chromium", "chromium-browser", "google-chrome", package="chromium")


@contextlib.asynccontextmanager
async def launched(*, keeping: bool = False) -> AsyncIterator[Browser]:
    """A headless browser, closed at the end. ``keeping``: the pages that were left, for who goes back to them (its
    bfcache), as browsers do and Playwright turns off. Raises MissingPart."""
    path, turned_off = chromium(), ["--disable-back-forward-cache"] if keeping else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=_ARGUMENTS, ignore_default_args=turned_off
        )
        try:
            yield browser
        finally:
            await browser.close()


@contextlib.asynccontextmanager
async def fresh_page(browser: Browser) -> AsyncIterator[Page]:
    """A page with no cookies and no history. What its scripts raise and do not catch fails the test."""
    context = await browser.new_context()
    uncaught: list[Error] = []
    context.on("weberror", lambda event: uncaught.append(event.error))
    try:
        yield await context.new_page()
    finally:
        await context.close()
    assert not uncaught, f"the page's scripts raised: {[error.stack or error.message for error in uncaught]}"


@contextlib.asynccontextmanager
async def asleep(page: Page) -> AsyncIterator[None]:
    """Until the end of the block none of the page's scripts runs a step, as in a laptop that is shut: what comes
    meanwhile waits. (Freezing by `Page.setWebLifecycleState` does nothing to a page that is visible, and headless all
    are.)"""
    devtools = await page.context.new_cdp_session(page)
    paused = asyncio.Event()
    devtools.on("Debugger.paused", lambda event: paused.set())
    await devtools.send("Debugger.enable")
    await devtools.send("Debugger.pause")
    step = asyncio.ensure_future(devtools.send("Runtime.evaluate", {"expression": "0"}))  # the one it stops at
    try:
        async with asyncio.timeout(30):
            await paused.wait()
        yield
    finally:
        await devtools.send("Debugger.resume")
        await step
        await devtools.detach()


async def turn(page: Page | Frame, *, hidden: bool) -> None:
    """The page's tab goes to the back, or comes to the front: headless, all are in front for ever."""
    await page.evaluate(
        """(hidden) => {
          Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
          const state = hidden ? 'hidden' : 'visible';
          Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
          document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
        }""",
        hidden,
    )
