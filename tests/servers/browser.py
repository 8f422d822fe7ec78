"""The system's own Chromium, driven by Playwright: no browser is downloaded."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Browser, Error, Page, async_playwright

from .parts import program

# A container's root has no sandbox, no graphics card and little shared memory.
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


def chromium() -> Path:
    """The browser's program. Raises MissingPart."""
    return program("chromium", "chromium-browser", "google-chrome", package="chromium")


@contextlib.asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """A headless browser, closed at the end. Raises MissingPart."""
    path = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
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
