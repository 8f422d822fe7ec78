"""axe finds nothing, best practice included, in any state a visitor can meet: light and dark, desk and phone, both
writing directions. It is a floor: focus, announcements and zoom are proved beside it."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Frame, Page

from .conftest import looking, panel_of
from .fake import Fake
from .states import STATES

# Rules about a whole page: the host's matter, and a framed panel has neither.
PAGE_RULES = {"region", "page-has-heading-one", "landmark-one-main", "bypass"}
DESK, PHONE = {"width": 1_280, "height": 800}, {"width": 390, "height": 844}


async def faults(where: Page | Frame, *, ignore: set[str] = frozenset()) -> list[str]:  # type: ignore[assignment]
    # axe sees a fading colour as a faint one.
    await where.evaluate(
        "Promise.all(document.getAnimations().filter((a) => a.effect.getTiming().iterations < 9)"
        ".map((a) => a.finished.catch(() => null)))"
    )
    results = await Axe().run(where)
    found = [rule for rule in results.response["violations"] if rule["id"] not in ignore]
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["en", "ar"])
async def test_every_state_passes(
    browser: Browser, fake: Fake, scheme: str, size: dict[str, int], language: str
) -> None:
    fake.page |= {"lang": language, "attributes": ' dir="rtl"' if language == "ar" else ""}
    async with looking(browser, color_scheme=scheme, viewport=size) as page:
        await page.goto(fake.host)
        await page.get_by_role("button", name="Chat").wait_for()
        found = {"not opened": await faults(page, ignore=PAGE_RULES)}
        await page.get_by_role("button", name="Chat").click()
        panel = await panel_of(page, fake)
        found["open"] = await faults(page, ignore=PAGE_RULES) + await faults(panel)
        for name, state in STATES.items():
            await state(panel, fake)
            found[name] = await faults(panel)
        assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
async def test_every_state_of_the_help_tab_passes(
    browser: Browser, fake: Fake, scheme: str, size: dict[str, int], direction: str
) -> None:
    fake.page["attributes"] = f' dir="{direction}"'
    fake.help = "first"
    async with looking(browser, color_scheme=scheme, viewport=size) as page:
        await page.goto(fake.host)
        await page.get_by_role("button", name="Chat").click()
        panel = await panel_of(page, fake)
        await panel.get_by_role("button", name="Is shipping free?").click()
        await panel.get_by_role("button", name="Yes").click()
        await panel.get_by_text("Thank you.").wait_for()
        found = {"opened": await faults(panel)}
        await panel.get_by_role("searchbox").fill("unicorns")
        await panel.get_by_role("button", name="Ask in the chat").wait_for()
        found["none"] = await faults(panel)
        fake.no_help = True
        await panel.get_by_role("searchbox").fill("unicorn")
        await panel.get_by_role("button", name="Try again").wait_for()
        found["failed"] = await faults(panel)
        await fake.say("bot", "Are you still there?")
        await panel.get_by_role("tab", name="Chat, 1 unread").wait_for()
        found["new"] = await faults(panel)
        await panel.get_by_role("tab", name="Chat, 1 unread").click()
        found["chat"] = await faults(panel)
        assert {name: wrong for name, wrong in found.items() if wrong} == {}
        assert await panel.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_demo_shop_passes(browser: Browser, fake: Fake, scheme: str) -> None:
    async with looking(browser, color_scheme=scheme) as page:
        await page.goto(f"{fake.base}/demo")
        await page.get_by_role("button", name="Chat").wait_for()
        assert await faults(page, ignore={"region"}) == []


async def test_nothing_lies_over_the_send_button(browser: Browser, fake: Fake) -> None:
    for size in (DESK, PHONE, {"width": 320, "height": 256}):
        async with looking(browser, viewport=size) as page:
            await page.goto(fake.host)
            await page.get_by_role("button", name="Chat").click()
            panel = await panel_of(page, fake)
            await panel.locator("#input").fill("hello")
            await panel.get_by_role("button", name="Send").click(timeout=5_000)
            await panel.locator(".visitor.sent").wait_for()
            fake.messages.clear()
            fake.revision = 0
