"""The emoji picker: loaded on its first click, found by name, walked with arrows, used last first."""

import pytest
from playwright.async_api import Browser, Frame, Page, expect

from .conftest import looking, opened
from .fake import Fake


async def picking(page: Page, fake: Fake) -> Frame:
    """The panel with its picker open."""
    panel = await opened(page, fake)
    await panel.get_by_role("button", name="Emoji").click()
    await panel.get_by_role("dialog", name="Emoji").wait_for()
    return panel


async def test_it_is_fetched_with_its_first_click_and_not_before(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    await panel.get_by_label("Your message").fill("Hello")
    assert not [path for path in fake.requests if "emoji" in path]
    await panel.get_by_role("button", name="Emoji").click()
    await panel.get_by_role("dialog", name="Emoji").wait_for()
    assert len([path for path in fake.requests if "emoji" in path]) == 1


async def test_what_is_picked_stands_where_the_caret_was_and_can_be_sent(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    box = panel.get_by_label("Your message")
    await box.fill("Hello you")
    await box.evaluate("(node) => node.setSelectionRange(5, 5)")
    await panel.get_by_role("button", name="Emoji").click()
    await panel.get_by_role("button", name="wave", exact=True).click()
    await expect(box).to_have_value("Hello\N{WAVING HAND SIGN} you")
    await expect(box).to_be_focused()
    await expect(panel.get_by_role("dialog")).to_have_count(0)
    await box.press("Enter")
    (sent,) = await fake.heard("message.send")
    assert sent["text"] == "Hello\N{WAVING HAND SIGN} you"


async def test_a_search_by_name_and_enter_is_enough(tab: Page, fake: Fake) -> None:
    panel = await picking(tab, fake)
    search = panel.get_by_role("searchbox", name="Search emoji")
    await expect(search).to_be_focused()
    await search.fill("parc")
    await expect(panel.locator(".grid button")).to_have_count(1)
    await search.press("Enter")
    await expect(panel.get_by_label("Your message")).to_have_value("\N{PACKAGE}")
    assert not [command for command in fake.commands if command["type"] == "message.send"]


async def test_where_no_name_fits_it_says_so(tab: Page, fake: Fake) -> None:
    panel = await picking(tab, fake)
    await panel.get_by_role("searchbox").fill("zzz")
    await expect(panel.get_by_role("status").filter(has_text="Nothing found.")).to_be_visible()


async def focused(panel: Frame) -> tuple[str, float, float]:
    """The name of what has the focus, and where it stands."""
    found = await panel.evaluate(
        "(() => { const n = document.activeElement, r = n.getBoundingClientRect(); return [n.ariaLabel, r.x, r.y]; })()"
    )
    return found[0], found[1], found[2]


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
async def test_arrows_walk_the_grid_and_only_one_emoji_is_a_stop(browser: Browser, fake: Fake, direction: str) -> None:
    fake.page["lang"] = "ar" if direction == "rtl" else "en"
    async with looking(browser) as page:
        await page.goto(fake.host)
        await page.locator("frontdesk-chat button").first.click()
        inside = page.frame_locator("iframe")
        await inside.locator("#emoji").click()
        await inside.locator("#picker input").press("ArrowDown")
        panel = next(frame for frame in page.frames if "/v1/panel" in frame.url)
        start = await focused(panel)
        await page.keyboard.press("ArrowLeft" if direction == "rtl" else "ArrowRight")
        right = await focused(panel)
        assert right[2] == start[2]
        assert (right[1] > start[1]) == (direction == "ltr")
        await page.keyboard.press("ArrowDown")
        down = await focused(panel)
        assert (down[1], down[2] > right[2]) == (right[1], True)
        await page.keyboard.press("ArrowUp")
        assert (await focused(panel))[0] == right[0]
        await expect(panel.locator(".grid button[tabindex='0']")).to_have_count(1)
        await page.keyboard.press("End")
        assert (await focused(panel))[0] == "top"
        await page.keyboard.press("Home")
        await page.keyboard.press("ArrowUp")
        await expect(panel.locator("#picker input")).to_be_focused()


async def test_escape_and_a_click_elsewhere_close_the_picker_alone(tab: Page, fake: Fake) -> None:
    panel = await picking(tab, fake)
    opener = panel.get_by_role("button", name="Emoji")
    await expect(opener).to_have_attribute("aria-expanded", "true")
    await tab.keyboard.press("Escape")
    await expect(panel.get_by_role("dialog")).to_have_count(0)
    await expect(panel.get_by_label("Your message")).to_be_focused()
    await expect(opener).to_have_attribute("aria-expanded", "false")
    await opener.click()
    await panel.get_by_role("dialog").wait_for()
    await panel.locator("#scroll").click()
    await expect(panel.get_by_role("dialog")).to_have_count(0)
    await expect(panel.locator("#input")).to_be_visible()


async def test_what_was_used_last_comes_first(tab: Page, fake: Fake) -> None:
    await tab.goto(fake.panel)  # as a page of its own: a browser may keep nothing for a frame on another site
    for name in ("fire", "parcel", "fire"):
        await tab.get_by_role("button", name="Emoji").click()
        await tab.get_by_role("searchbox").fill(name)
        await tab.get_by_role("button", name=name, exact=True).click()
    await tab.goto(fake.panel)
    await tab.get_by_role("button", name="Emoji").click()
    recent = tab.get_by_role("group", name="Used last").get_by_role("button")
    await expect(recent).to_have_count(2)
    assert [await button.get_attribute("aria-label") for button in await recent.all()] == ["fire", "parcel"]


async def test_on_a_touch_screen_the_keyboard_has_its_own(browser: Browser, fake: Fake) -> None:
    async with looking(browser, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as page:
        panel = await opened(page, fake)
        await expect(panel.locator("#emoji")).to_be_hidden()
