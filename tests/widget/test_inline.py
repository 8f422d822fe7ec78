"""The chat as a part of the page: in its element, without a launcher, and in nobody's way."""

import pytest
from playwright.async_api import Browser, Page, expect

from .conftest import looking, panel_of, write
from .fake import Fake

SHIFT = """window.shift = 0;
new PerformanceObserver((list) => { for (const entry of list.getEntries()) shift += entry.value; })
  .observe({ type: 'layout-shift', buffered: true });"""


def inside(fake: Fake, above: int = 0, **page: str) -> None:
    """A page with room for the chat, ``above`` pixels down."""
    style = f"<style>main {{ height: {above + 200}px }} #help {{ height: 600px; margin: 20px }}</style>"
    grown = "<script>addEventListener('DOMContentLoaded', () => { const help = document.createElement('div');"
    grown += " help.id = 'help'; document.body.append(help); })</script>"
    fake.page |= {"head": style + grown, "options": ' data-mode="inline" data-target="#help"'} | page


@pytest.mark.parametrize("wide", [360, 1_280])
async def test_it_fills_its_element_is_open_and_has_no_launcher(browser: Browser, fake: Fake, wide: int) -> None:
    inside(fake)
    async with looking(browser, viewport={"width": wide, "height": 900}) as page:
        await page.goto(fake.host)
        panel = await panel_of(page, fake)
        box = await page.locator("#help").bounding_box()
        assert await page.locator("frontdesk-chat iframe").bounding_box() == box
        await expect(page.locator("frontdesk-chat button").first).to_be_hidden()
        await expect(panel.get_by_role("button", name="Close chat")).to_be_hidden()
        assert await page.evaluate("getComputedStyle(document.documentElement).overflow") == "visible"
        assert not await page.evaluate("document.body.inert")
        await write(panel, "Hello from inside")
        assert (await fake.heard("message.send"))[0]["text"] == "Hello from inside"


async def test_it_connects_once_it_comes_into_view_and_takes_no_focus(tab: Page, fake: Fake) -> None:
    inside(fake, above=3_000)
    await tab.goto(fake.host, wait_until="networkidle")
    assert not [path for path in fake.requests if path.startswith("/v1/")]
    await tab.evaluate("scrollTo(0, 3000)")
    await panel_of(tab, fake)
    assert await tab.evaluate("document.activeElement.tagName") == "BODY"
    await tab.keyboard.press("Escape")
    await tab.evaluate("Frontdesk('close')")
    await expect(tab.locator("frontdesk-chat iframe")).to_be_visible()


async def test_nothing_moves_when_it_comes(tab: Page, fake: Fake) -> None:
    inside(fake)
    await tab.add_init_script(SHIFT)
    await tab.goto(fake.host)
    await panel_of(tab, fake)
    assert await tab.evaluate("shift") == 0


async def test_it_follows_its_element_through_the_pages_of_an_app_and_shutdown_takes_it_out(
    tab: Page, fake: Fake
) -> None:
    inside(fake)
    await tab.goto(fake.host)
    await panel_of(tab, fake)
    await tab.evaluate("document.querySelector('#help').remove(); history.pushState({}, '', '/other')")
    await expect(tab.locator("frontdesk-chat")).to_have_count(0)
    await tab.evaluate(
        """() => {
             const body = document.createElement('body');
             body.innerHTML = '<div id="help"></div>';
             document.documentElement.replaceChild(body, document.body);
           }"""
    )
    await panel_of(tab, fake)
    await expect(tab.locator("#help frontdesk-chat")).to_have_count(1)
    await tab.evaluate("Frontdesk('shutdown')")
    await expect(tab.locator("frontdesk-chat")).to_have_count(0)


async def test_under_a_strict_policy_it_stands_there_too(browser: Browser, fake: Fake) -> None:
    fake.page["options"] = ' data-mode="inline"'
    fake.host_policy = f"default-src 'none'; img-src data:; script-src {fake.base}; frame-src {fake.base}"
    async with looking(browser) as page:
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        await page.goto(fake.host)
        await panel_of(page, fake)
        assert said == []
