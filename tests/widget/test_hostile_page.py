"""A host page that is broken or hostile: the widget works on it, or stays out of its way without a word."""

import asyncio

import pytest
from playwright.async_api import Browser, Page, Route

from .conftest import OPENED, looking, opened, panel_of, write
from .fake import Fake

FROZEN = """for (const name of Object.getOwnPropertyNames(window)) {
  let each;
  try { each = window[name] } catch { continue }
  if (typeof each !== 'function' || !each.prototype) continue;
  Object.freeze(each.prototype);
  Object.freeze(each);
}"""
POLLUTED = """for (const object of [Object.prototype, Array.prototype, Function.prototype, String.prototype]) {
  object['not an attribute'] = 'x';
  object.text = object.color = object.type = object.class = () => { throw new Error('polluted') };
  object.toJSON = () => 'polluted';
}"""
REPLACED = """for (const name of ['WebSocket', 'fetch', 'XMLHttpRequest', 'EventSource', 'setTimeout', 'setInterval',
    'requestAnimationFrame', 'BroadcastChannel', 'Worker', 'Image']) {
  window[name] = function () { throw new Error(name + ' is gone') };
}
for (const name of ['parse', 'stringify']) JSON[name] = () => { throw new Error('JSON is gone') };
for (const name of ['write', 'writeln', 'createRange']) document[name] = () => { throw new Error(name + ' is gone') };
for (const name of ['debug', 'log', 'warn', 'error']) console[name] = undefined;
navigator.sendBeacon = undefined;"""
BARE = """for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches', 'cookieStore']) {
  Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError') } });
}
Object.defineProperty(Document.prototype, 'cookie', { get() { throw new DOMException('denied', 'SecurityError') } });"""


@pytest.mark.parametrize("script", [FROZEN, POLLUTED, REPLACED, BARE], ids=["frozen", "polluted", "replaced", "bare"])
async def test_a_page_that_breaks_the_browsers_own_things_has_a_working_chat(
    tab: Page, fake: Fake, script: str
) -> None:
    fake.page["head"] = f"<script>{script}</script>"
    panel = await opened(tab, fake)
    await write(panel, "Can you hear me?")
    await fake.heard("message.send")
    await fake.reply("Loud and **clear**.")
    await panel.locator(".bot .bubble", has_text="Loud and clear.").wait_for()
    await tab.keyboard.press("Escape")
    await tab.locator("iframe").wait_for(state="hidden")


async def test_in_a_sandboxed_frame_with_an_origin_it_works(tab: Page, fake: Fake) -> None:
    await framed(tab, fake, "allow-scripts allow-same-origin")
    page = tab.frame_locator("iframe")
    await page.get_by_role("button", name="Chat").click()
    await page.frame_locator("iframe").get_by_text("Answers right away").wait_for()


async def test_in_a_sandboxed_frame_without_an_origin_it_harms_nobody(browser: Browser, fake: Fake) -> None:
    async with looking(browser) as page:
        await framed(page, fake, "allow-scripts")
        host = page.frame_locator("iframe")
        launcher = host.get_by_role("button", name="Chat")
        await launcher.click()
        await host.locator("frontdesk-chat iframe").wait_for()
        await launcher.click()
        assert await launcher.get_attribute("aria-expanded") == "false"
        assert await host.get_by_role("heading", name="A shop").is_visible()
        assert not fake.sockets, "no page without an origin has a conversation"


async def framed(page: Page, fake: Fake, sandbox: str) -> None:
    """The host page in a sandboxed frame of a page of its own origin."""
    await page.context.add_init_script(OPENED)
    outer = (
        f'<!doctype html><title>Outer</title><iframe sandbox="{sandbox}" src="{fake.host}" width="900" height="700">'
    )
    address = fake.host.replace("/host", "/outer")

    async def answer(route: Route) -> None:
        await route.fulfill(body=outer, content_type="text/html")

    await page.route(address, answer)
    await page.goto(address)


async def test_a_slow_script_holds_nothing_up(tab: Page, fake: Fake) -> None:
    may = asyncio.Event()

    async def slow(route: Route) -> None:
        await may.wait()
        await route.continue_()

    await tab.route("**/widget.js*", slow)
    await tab.goto(fake.host, wait_until="domcontentloaded")
    assert await tab.get_by_role("heading", name="A shop").is_visible()
    assert await tab.locator("frontdesk-chat").count() == 0
    may.set()
    await tab.get_by_role("button", name="Chat").wait_for()


async def test_a_slow_panel_has_its_place_at_once_and_takes_the_focus_when_it_comes(tab: Page, fake: Fake) -> None:
    may = asyncio.Event()

    async def slow(route: Route) -> None:
        await may.wait()
        await route.continue_()

    await tab.route("**/v1/panel*", slow)
    await tab.goto(fake.host)
    launcher = tab.get_by_role("button", name="Chat")
    await launcher.click()
    await tab.locator("iframe").wait_for()
    assert await launcher.get_attribute("aria-expanded") == "true"
    may.set()
    panel = await panel_of(tab, fake)
    await panel.locator("#input:focus").wait_for()


async def test_closed_and_opened_while_it_loads_it_is_open_once(tab: Page, fake: Fake) -> None:
    await tab.goto(fake.host)
    launcher = tab.get_by_role("button", name="Chat")
    for _ in range(5):
        await launcher.click()
    await panel_of(tab, fake)
    assert await tab.locator("iframe").count() == 1
    assert len(fake.sockets) == 1
