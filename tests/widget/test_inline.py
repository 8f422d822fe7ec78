"""The chat as a part of the page: in its element, without a launcher, and in nobody's way."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from .conftest import looking, panel_of, write
from .fake import Fake
from .test_accessible import PAGE_RULES, faults

IN_BODY = """(base) => {
  const body = document.createElement('body');
  const tag = document.createElement('script');
  Object.assign(tag, { src: `${base}/widget.js` });
  Object.assign(tag.dataset, { bot: 'demo', mode: 'inline' });
  body.append(tag, document.createElement('footer'));
  document.documentElement.replaceChild(body, document.body);
}"""
QUEUE = "window.Frontdesk = function () { (Frontdesk.q = Frontdesk.q || []).push(arguments); };"
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


async def test_the_page_may_open_it_and_then_it_is_scrolled_to_and_has_the_focus(tab: Page, fake: Fake) -> None:
    inside(fake, above=3_000)
    await tab.goto(fake.host, wait_until="networkidle")
    for _ in range(2):  # not connected yet, and open already
        await tab.locator("main a").first.focus()
        await expect(tab.locator("main a").first).to_be_focused()  # leaving a frame takes Chromium a moment
        await tab.evaluate("scrollTo(0, 0); Frontdesk('open')")
        await expect(tab.locator("frontdesk-chat iframe")).to_be_in_viewport()
        panel = await panel_of(tab, fake)
        await expect(panel.locator("#input")).to_be_focused()
        assert await tab.evaluate("document.activeElement.tagName") == "FRONTDESK-CHAT"


async def test_a_page_that_opens_it_before_it_is_there_is_heard(tab: Page, fake: Fake) -> None:
    inside(fake, above=3_000)
    await tab.add_init_script(f"{QUEUE} Frontdesk('open')")
    await tab.goto(fake.host)
    panel = await panel_of(tab, fake)
    await expect(tab.locator("frontdesk-chat iframe")).to_be_in_viewport()
    await expect(panel.locator("#input")).to_be_focused()


async def test_put_elsewhere_it_takes_no_focus_even_if_the_page_once_opened_it(tab: Page, fake: Fake) -> None:
    inside(fake)
    await tab.goto(fake.host, wait_until="networkidle")
    await tab.evaluate("Frontdesk('open')")
    await expect((await panel_of(tab, fake)).locator("#input")).to_be_focused()
    await tab.evaluate("""() => {
      document.querySelector('#help').remove();
      document.querySelector('main a').focus();
      document.body.insertAdjacentHTML('beforeend', '<div id="help"></div>');
    }""")
    await fake.heard("room.join", 2)
    await panel_of(tab, fake)
    assert await tab.evaluate("document.activeElement.tagName") == "A"


async def test_booted_by_hand_it_comes_with_the_call_and_not_before(tab: Page, fake: Fake) -> None:
    inside(fake, options=' data-mode="inline" data-target="#help" data-boot="manual"')
    await tab.goto(fake.host, wait_until="networkidle")
    await expect(tab.locator("frontdesk-chat")).to_have_count(0)
    assert not [path for path in fake.requests if path.startswith("/v1/")]
    await tab.evaluate("Frontdesk('boot')")
    await panel_of(tab, fake)


async def test_shut_down_while_it_is_on_its_way_it_never_comes(tab: Page, fake: Fake) -> None:
    inside(fake)
    await tab.add_init_script(f"{QUEUE} Frontdesk('shutdown')")
    await tab.goto(fake.host, wait_until="networkidle")
    assert "/widget/inline.js" in fake.requests
    await expect(tab.locator("frontdesk-chat")).to_have_count(0)


async def test_without_a_target_it_stands_behind_its_tag_also_in_the_next_body(tab: Page, fake: Fake) -> None:
    await tab.goto(fake.host.replace("/host", "/blank"))
    for joined in (1, 2):
        await tab.evaluate(IN_BODY, fake.base)
        await fake.heard("room.join", joined)
        await panel_of(tab, fake)
        await expect(tab.locator("script + frontdesk-chat + footer")).to_have_count(1)
    await tab.evaluate("document.documentElement.replaceChild(document.createElement('body'), document.body)")
    await expect(tab.locator("frontdesk-chat")).to_have_count(0)


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
async def test_the_keyboard_goes_through_it_and_escape_leaves_it_open(
    browser: Browser, fake: Fake, direction: str
) -> None:
    inside(fake, attributes=f' dir="{direction}"')
    async with looking(browser) as page:
        await page.goto(fake.host)
        panel = await panel_of(page, fake)
        await page.evaluate("document.body.insertAdjacentHTML('beforeend', '<button id=after>After</button>')")
        await page.locator("main a").focus()
        await page.keyboard.press("Tab")
        await expect(panel.locator("#menu")).to_be_focused()
        await page.keyboard.press("Escape")
        await panel.locator("#emoji").focus()
        await page.keyboard.press("Tab")
        await expect(page.locator("#after")).to_be_focused()
        await page.keyboard.press("Shift+Tab")
        await expect(panel.locator("#emoji")).to_be_focused()
        assert await page.evaluate("Frontdesk.get('state').open")
        await expect(page.locator("frontdesk-chat iframe")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("wide", [360, 1_440])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
async def test_axe_finds_nothing(browser: Browser, fake: Fake, scheme: Any, wide: int, direction: str) -> None:
    inside(fake, attributes=f' dir="{direction}"')
    async with looking(browser, color_scheme=scheme, viewport={"width": wide, "height": 900}) as page:
        await page.goto(fake.host)
        panel = await panel_of(page, fake)
        assert await faults(page, ignore=PAGE_RULES) + await faults(panel) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_it_is_not_printed(tab: Page, fake: Fake) -> None:
    inside(fake)
    await tab.goto(fake.host)
    await panel_of(tab, fake)
    await tab.emulate_media(media="print")
    await expect(tab.locator("frontdesk-chat")).to_be_hidden()
