"""What people do at the console's pages in a browser, and the visitor on the other end."""

import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable

from playwright.async_api import Page, expect

from tests.console.conftest import Site
from tests.console.visit import PASSWORD
from tests.wire import Client

SignIn = Callable[[str], Awaitable[Page]]


async def fill_in(page: Page, name: str, after: str) -> None:
    await page.goto(f"/auth/sign-in?next={after}")
    await page.get_by_label("E-mail address").fill(f"{name}@acme.example")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(re.compile(re.escape(after) + "$"))


@contextlib.asynccontextmanager
async def visitor(served: Site, *said: str) -> AsyncIterator[Client]:
    """Ada, joined, who has said this."""
    acme = served.cast.acme
    address = f"ws://127.0.0.1:{served.settings.PORT}/v1/chat?bot={acme.key}"
    async with Client(address, origin=acme.origin) as ada:
        await ada.join()
        for text in said:
            assert (await ada.send(text))["type"] == "ok"
        yield ada


async def take(page: Page) -> None:
    await page.locator(".waiting a").first.click()
    await page.get_by_role("button", name="Take this chat").click()
    await expect(page.get_by_label("Reply")).to_be_focused()


async def reply(page: Page, text: str, label: str = "Reply") -> None:
    await page.get_by_label(label, exact=True).fill(text)
    await page.keyboard.press("Enter")
