"""The panel measures itself in the visits that were drawn for it, and says so once, when the visit ends."""

import msgspec
from playwright.async_api import Browser, Frame, Page, expect

from engine import protocol as wire
from engine.beacons import BODY, Beacon

from .conftest import looking, opened, write
from .fake import Fake


async def measured(page: Page, fake: Fake) -> Frame:
    """The panel of a drawn visit, once it measures."""
    fake.vitals = True
    async with page.expect_response("**/vitals.js"):
        return await opened(page, fake)


async def ended(page: Page, fake: Fake) -> Beacon:
    """What the visit said of itself when its page was left; the server takes it as it is."""
    await page.goto("about:blank")
    await fake.asked("/v1/vitals")
    (body,) = fake.beacons
    assert len(body) < BODY
    return msgspec.json.decode(body, type=Beacon)


async def test_a_visit_says_at_its_end_what_it_took(tab: Page, fake: Fake) -> None:
    panel = await measured(tab, fake)
    for text in ("Hello", "And now?"):
        await write(panel, text)
        await panel.locator(".visitor.sent", has_text=text).wait_for()
        await fake.reply("Yes.")
        await expect(panel.locator(".bot.complete")).to_have_count(len(fake.messages) // 2 + 1)
    beacon = await ended(tab, fake)
    assert beacon.device == "desktop"
    assert 0 < beacon.open[0] < 10_000
    assert beacon.bytes[0] > 10_000
    assert len(beacon.script) == 1
    assert len(beacon.token) == 2
    assert (beacon.reconnects, beacon.failed) == ((0,), (0,))


async def test_a_lost_connection_and_a_message_that_was_refused_are_counted(tab: Page, fake: Fake) -> None:
    panel = await measured(tab, fake)
    await fake.cut()
    await fake.heard("room.join", 2)
    fake.refuse = wire.Error(code="too_long", message="Too long.")
    await write(panel, "Hello")
    await panel.locator(".visitor.failed").wait_for()
    await write(panel, "Hello again")
    await expect(panel.locator(".visitor.failed")).to_have_count(2)
    beacon = await ended(tab, fake)
    assert (beacon.reconnects, beacon.failed, beacon.token) == ((1,), (2,), ())


async def test_a_visit_that_was_not_drawn_loads_and_sends_nothing(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    await write(panel, "Hello")
    await fake.reply("Hello!")
    await panel.locator(".rate").wait_for()
    await tab.goto(f"{fake.base}/blank")
    assert not [path for path in fake.requests if "vitals" in path]


async def test_a_phone_says_so_when_the_page_goes_to_the_background(browser: Browser, fake: Fake) -> None:
    size = {"width": 390, "height": 844}
    fake.vitals = True
    async with looking(browser, viewport=size, screen=size, has_touch=True, is_mobile=True) as page:
        await page.goto(fake.panel)  # as a page of its own: a frame on another site is not told the size of this screen
        await fake.asked("/v1/panel/")
        await write(page, "Hello")
        await fake.reply("Hello!")
        await page.locator(".rate").wait_for()
        await page.evaluate("Object.defineProperty(document, 'hidden', { value: true })")
        await page.evaluate("dispatchEvent(new Event('visibilitychange'))")
        await fake.asked("/v1/vitals")
        beacon = await ended(page, fake)
        assert (beacon.device, beacon.open, len(beacon.token)) == ("phone", (), 1)


async def test_before_the_visitor_agreed_nothing_of_the_visit_leaves(tab: Page, fake: Fake) -> None:
    fake.gate = {"text": "We keep what you write.", "version": 3}
    panel = await measured(tab, fake)
    await panel.locator(".gate").wait_for()
    await tab.goto(f"{fake.base}/blank")
    assert fake.beacons == []
    panel = await measured(tab, fake)
    await panel.locator(".gate button").click()
    await write(panel, "Hello")
    await fake.reply("Hello!")
    await panel.locator(".rate").wait_for()
    assert (await ended(tab, fake)).device == "desktop"
