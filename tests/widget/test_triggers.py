"""A line of the owner's beside the launcher: when it comes, that it comes once, and that it is in nobody's way."""

import pytest
from playwright.async_api import Browser, Page, expect

from .conftest import OPENED, looking, panel_of
from .fake import Fake

LINE = "Questions about delivery?"
TALL = "<style>main { height: 4000px }</style>"


def tag(fake: Fake, triggers: str, teaser: str = LINE) -> None:
    fake.page["options"] = f' data-triggers="{triggers}"' + (f' data-teaser="{teaser}"' if teaser else "")


async def arrive(page: Page, fake: Fake) -> None:
    await page.clock.install()
    await page.goto(fake.host, wait_until="networkidle")


async def test_after_its_seconds_it_stands_there_is_told_politely_and_takes_no_focus(tab: Page, fake: Fake) -> None:
    tag(fake, "time:20")
    await arrive(tab, fake)
    await tab.clock.run_for(19_000)
    await expect(tab.get_by_text(LINE)).to_have_count(0)
    await tab.clock.run_for(1_500)
    await expect(tab.get_by_role("status").get_by_text(LINE)).to_be_visible()
    assert await tab.evaluate("document.activeElement.tagName") == "BODY"
    assert await tab.locator("iframe").count() == 0, "nothing is loaded for it"
    assert await tab.context.cookies() == []
    await tab.get_by_role("button", name=LINE).click()
    await panel_of(tab, fake)
    await expect(tab.get_by_text(LINE)).to_have_count(0)


async def test_closed_it_stays_away_for_a_day_and_comes_once_in_a_visit(tab: Page, fake: Fake) -> None:
    tag(fake, "page:/host")
    await arrive(tab, fake)
    await expect(tab.get_by_text(LINE)).to_be_visible()
    await tab.reload(wait_until="networkidle")
    await expect(tab.get_by_text(LINE)).to_have_count(0)
    another = await tab.context.new_page()
    await another.add_init_script(OPENED)
    await another.goto(fake.host, wait_until="networkidle")
    await another.get_by_role("button", name="Close", exact=True).click()
    await expect(another.get_by_text(LINE)).to_have_count(0)
    third = await tab.context.new_page()
    await third.clock.install()
    await third.goto(fake.host, wait_until="networkidle")
    await expect(third.get_by_text(LINE)).to_have_count(0)
    later = await tab.context.new_page()
    await later.clock.install(time=await tab.evaluate("Date.now()") + 90_000_000)
    await later.goto(fake.host, wait_until="networkidle")
    await expect(later.get_by_text(LINE)).to_be_visible()


async def test_it_comes_when_enough_was_read(tab: Page, fake: Fake) -> None:
    fake.page["head"] = TALL
    tag(fake, "scroll:60")
    await arrive(tab, fake)
    await tab.evaluate("scrollTo(0, 1000)")
    await expect(tab.get_by_text(LINE)).to_have_count(0)
    await tab.evaluate("scrollTo(0, 3000)")
    await expect(tab.get_by_text(LINE)).to_be_visible()


async def test_it_comes_when_the_mouse_leaves_at_the_top_and_nowhere_else(tab: Page, fake: Fake) -> None:
    tag(fake, "exit")
    await arrive(tab, fake)
    leave = (
        "(y) => document.dispatchEvent(new MouseEvent('mouseout', { clientY: y, relatedTarget: null, bubbles: true }))"
    )
    await tab.evaluate(leave, 300)
    await expect(tab.get_by_text(LINE)).to_have_count(0)
    await tab.evaluate(leave, -1)
    await expect(tab.get_by_text(LINE)).to_be_visible()


async def test_in_a_single_page_app_it_comes_with_the_page_and_a_pattern_is_no_regular_expression(
    tab: Page, fake: Fake
) -> None:
    tag(fake, "page:/pricing* page:/.*")
    await arrive(tab, fake)
    await tab.evaluate("history.pushState({}, '', '/about')")
    await expect(tab.get_by_text(LINE)).to_have_count(0)
    await tab.evaluate("history.pushState({}, '', '/pricing/teams')")
    await expect(tab.get_by_text(LINE)).to_be_visible()


async def test_without_a_line_the_page_is_told_and_nothing_is_drawn_and_nonsense_is_named(
    tab: Page, fake: Fake
) -> None:
    fake.page["head"] = (
        "<script>addEventListener('frontdesk:trigger', ({ detail }) => { window.came = detail })</script>"
    )
    tag(fake, "moon:full time:5", "")
    async with tab.expect_console_message(lambda said: "moon:full" in said.text):
        await arrive(tab, fake)
    await tab.clock.run_for(6_000)
    await expect(tab.locator("body")).to_be_visible()
    assert await tab.evaluate("came") == "time:5"
    assert await tab.locator("frontdesk-chat .teaser").count() == 0


async def test_it_never_comes_over_a_chat_that_was_opened(tab: Page, fake: Fake) -> None:
    tag(fake, "time:5")
    await arrive(tab, fake)
    await tab.evaluate("Frontdesk('open')")
    await panel_of(tab, fake)
    await tab.clock.run_for(9_000)
    await tab.evaluate("Frontdesk('close')")
    await tab.clock.run_for(9_000)
    await expect(tab.get_by_text(LINE)).to_have_count(0)


@pytest.mark.parametrize("wide", [360, 1_280])
@pytest.mark.parametrize("right_to_left", [False, True])
async def test_it_stands_on_the_screen_above_the_launcher_on_either_side(
    browser: Browser, fake: Fake, wide: int, right_to_left: bool
) -> None:
    fake.page |= {"attributes": ' dir="rtl"', "lang": "ar"} if right_to_left else {}
    tag(fake, "page:/host", "Where is my order? Write to us, we answer within a few minutes " * 3)
    async with looking(browser, viewport={"width": wide, "height": 640}) as page:
        await page.goto(fake.host)
        teaser = await page.locator("frontdesk-chat .teaser").bounding_box()
        launcher = await page.locator("frontdesk-chat div > button").first.bounding_box()
        assert teaser is not None
        assert launcher is not None
        assert teaser["x"] >= 0
        assert teaser["x"] + teaser["width"] <= wide
        assert teaser["y"] + teaser["height"] <= launcher["y"]
        assert (teaser["x"] < wide / 2) is right_to_left or wide == 360
        name = "إغلاق" if right_to_left else "Close"
        close = await page.get_by_role("button", name=name, exact=True).bounding_box()
        assert close is not None
        assert min(close["width"], close["height"]) >= 44


async def test_where_storage_throws_it_comes_all_the_same(browser: Browser, fake: Fake) -> None:
    tag(fake, "page:/host")
    denied = "Object.defineProperty(window, '{}', {{ get() {{ throw new DOMException('no', 'SecurityError') }} }});"
    async with looking(browser) as page:
        await page.add_init_script("".join(map(denied.format, ("localStorage", "sessionStorage"))))
        await page.goto(fake.host)
        await page.get_by_text(LINE).wait_for()
        await page.get_by_role("button", name="Close", exact=True).click()
        await expect(page.get_by_text(LINE)).to_have_count(0)
