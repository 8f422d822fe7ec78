"""What the owner asks for first, in a real browser: it stands where one would write, until it is given."""

import pytest
from playwright.async_api import Browser, Frame, Page, expect

from engine import protocol as wire

from .conftest import looking, opened, write
from .fake import Fake
from .test_accessible import DESK, PHONE, faults

TEXT = "We keep what you write for a year.\nYou can ask us to delete it."


@pytest.fixture
def gated(fake: Fake) -> Fake:
    fake.gate = {"text": TEXT, "version": 3}
    return fake


async def asked(page: Page, fake: Fake) -> Frame:
    panel = await opened(page, fake)
    await panel.get_by_role("button", name="Agree and continue").wait_for()
    return panel


async def test_nobody_writes_before_they_agreed_and_then_the_caret_is_where_one_writes(tab: Page, gated: Fake) -> None:
    panel = await asked(tab, gated)
    await expect(panel.locator("#composer")).to_be_hidden()
    button = panel.get_by_role("button", name="Agree and continue")
    await expect(button).to_have_accessible_description(TEXT.replace("\n", " "))
    await button.press("Enter")
    (sent,) = await gated.heard("consent.give")
    assert sent["version"] == 3
    await expect(panel.locator(".gate")).to_have_count(0)
    await expect(panel.get_by_label("Your message")).to_be_focused()
    await write(panel, "hello")
    await gated.heard("message.send")


async def test_who_agreed_before_is_not_asked_again_unless_the_text_is_another(tab: Page, gated: Fake) -> None:
    gated.state = wire.RoomState(mode="bot", online=True, agreed=3)
    panel = await opened(tab, gated)
    await write(panel, "hello")
    await gated.heard("message.send")
    await expect(panel.locator(".gate")).to_have_count(0)
    gated.state = wire.RoomState(mode="bot", online=True, agreed=2)
    await tab.reload()
    await tab.get_by_role("button", name="Chat").click()
    await tab.frame_locator("iframe").get_by_role("button", name="Agree and continue").wait_for()


async def test_it_is_not_loaded_where_nothing_is_asked_for(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    await write(panel, "hello")
    await fake.reply("Hello!")
    await panel.locator(".rate").wait_for()
    assert not [path for path in fake.requests if path.endswith("/consent.js")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
async def test_the_consent_passes_axe_and_fits(
    browser: Browser, gated: Fake, scheme: str, size: dict[str, int], direction: str
) -> None:
    gated.page["attributes"] = f' dir="{direction}"'
    async with looking(browser, color_scheme=scheme, viewport=size) as page:
        panel = await asked(page, gated)
        assert await faults(panel) == []
        assert await panel.evaluate("document.documentElement.scrollWidth <= innerWidth")
