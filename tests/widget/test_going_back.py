"""Who goes back finds the page as they left it: the widget never keeps a browser from keeping a page (bfcache)."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from tests.servers.browser import launched

from .conftest import OPENED, panel_of, write
from .fake import Fake

pytestmark = pytest.mark.anyio
KEPT = "addEventListener('pageshow', ({ persisted }) => { window.kept = persisted });"


@pytest.fixture(scope="module")
async def keeping(anyio_backend: str) -> AsyncIterator[Browser]:
    async with launched(keeping=True) as browser:
        yield browser


async def left_and_come_back(page: Page, fake: Fake) -> bool:
    """Whether the page was kept meanwhile."""
    await page.goto(fake.host.replace("/host", "/blank"))
    await page.go_back(wait_until="commit")
    await page.wait_for_function("() => 'kept' in window")
    kept: bool = await page.evaluate("kept")
    return kept


async def arrived(browser: Browser, fake: Fake) -> Page:
    context = await browser.new_context(viewport={"width": 1_280, "height": 800})
    await context.add_init_script(OPENED + KEPT)
    page = await context.new_page()
    await page.goto(fake.host, wait_until="networkidle")
    return page


async def test_with_the_chat_closed_the_page_is_kept_and_its_launcher_works(keeping: Browser, fake: Fake) -> None:
    page = await arrived(keeping, fake)
    assert await left_and_come_back(page, fake)
    await page.get_by_role("button", name="Chat").click()
    await panel_of(page, fake)
    await page.context.close()


async def test_with_the_chat_open_too_and_the_conversation_goes_on(keeping: Browser, fake: Fake) -> None:
    page = await arrived(keeping, fake)
    await page.get_by_role("button", name="Chat").click()
    panel = await panel_of(page, fake)
    await write(panel, "Said before")
    await fake.heard("message.send")
    assert await left_and_come_back(page, fake)
    await fake.heard("room.join", 2)
    await page.evaluate("Frontdesk('send', 'Said after')")  # the kept frame is out of the test's own reach
    assert (await fake.heard("message.send", 2))[1]["text"] == "Said after"
    await page.context.close()
