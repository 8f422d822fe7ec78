import pytest
from playwright.async_api import Browser, Page

from .browser import fresh_page


async def test_a_page_runs_scripts_and_shows_what_they_write(page: Page) -> None:
    await page.set_content("<p id=greeting></p><script>greeting.textContent = 'Hello, ' + (6 * 7)</script>")
    assert await page.locator("#greeting").text_content() == "Hello, 42"


async def test_an_exception_nobody_catches_fails_the_test(browser: Browser) -> None:
    with pytest.raises(AssertionError, match="no such bot"):
        async with fresh_page(browser) as page, page.expect_event("pageerror"):
            await page.set_content("<script>throw new Error('no such bot')</script>")
