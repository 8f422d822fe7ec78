"""axe finds nothing, best practice included, in any state a visitor can meet: light and dark, desk and phone, both
writing directions. It is a floor: focus, announcements and zoom are proved beside it."""

from collections.abc import Awaitable, Callable

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Frame, Page

from engine import protocol as wire

from .conftest import looking, panel_of, write
from .fake import ROOM, Fake

# Rules about a whole page: the host's matter, and a framed panel has neither.
PAGE_RULES = {"region", "page-has-heading-one", "landmark-one-main", "bypass"}
DESK, PHONE = {"width": 1_280, "height": 800}, {"width": 390, "height": 844}


async def faults(where: Page | Frame, *, ignore: set[str] = frozenset()) -> list[str]:  # type: ignore[assignment]
    # axe sees a fading colour as a faint one.
    await where.evaluate(
        "Promise.all(document.getAnimations().filter((a) => a.effect.getTiming().iterations < 9)"
        ".map((a) => a.finished))"
    )
    results = await Axe().run(where)
    found = [rule for rule in results.response["violations"] if rule["id"] not in ignore]
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
async def test_every_state_passes(
    browser: Browser, fake: Fake, scheme: str, size: dict[str, int], direction: str
) -> None:
    fake.page["attributes"] = f' dir="{direction}"'
    async with looking(browser, color_scheme=scheme, viewport=size) as page:
        await page.goto(fake.host)
        await page.get_by_role("button", name="Chat").wait_for()
        found = {"closed": await faults(page, ignore=PAGE_RULES)}
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


async def conversation(panel: Frame, fake: Fake) -> None:
    await write(panel, "How long does delivery take?")
    await panel.locator(".visitor.sent").wait_for()
    sources = [wire.Source(id="1", title="Delivery", url="/delivery"), wire.Source(id="2", title="Winter")]
    text = "In **2 days**, `fast`:\n\n- [more](https://a.example)\n- by mail"
    await fake.reply(text, sources=sources, offers=["And in winter?"], person=True)
    await panel.get_by_role("button", name="And in winter?").wait_for()


async def asked(panel: Frame, fake: Fake) -> None:
    await panel.get_by_role("button", name="Helpful", exact=True).click()
    await panel.locator(".rate [aria-pressed=true]").wait_for()
    await fake.ask(
        wire.Question(id="q1", text="Which plan?", kind="choice", choices=["Small", "Large"], consent="Why.")
    )
    await panel.get_by_role("button", name="Small").wait_for()


async def asked_again(panel: Frame, fake: Fake) -> None:
    await fake.close_question("declined")
    await fake.ask(wire.Question(id="q2", text="Your e-mail?", kind="email", required=True))
    fake.refuse = wire.Error(code="invalid_answer", message="That is no e-mail address.")
    await panel.get_by_label("Your e-mail?").fill("ada")
    await panel.get_by_label("Your e-mail?").press("Enter")
    await panel.get_by_role("alert").filter(has_text="That is no").wait_for()
    fake.refuse = None


async def menu(panel: Frame, fake: Fake) -> None:
    await panel.get_by_role("button", name="Options").click()


async def thinking(panel: Frame, fake: Fake) -> None:
    await panel.locator("#input").click()
    await fake.start()
    await panel.locator(".dots").wait_for()


async def streaming(panel: Frame, fake: Fake) -> None:
    await fake.piece(fake.messages[-1], "We have small **jun")
    await panel.locator(".bubble", has_text="We have small jun").wait_for()


async def stopped(panel: Frame, fake: Fake) -> None:
    await fake.finish(fake.messages[-1], "stopped")
    await panel.get_by_text("Stopped").wait_for()


async def waiting(panel: Frame, fake: Fake) -> None:
    await fake.wait_in_queue(2, online=False)
    await panel.locator("#notice").wait_for()


async def live(panel: Frame, fake: Fake) -> None:
    await fake.claim()
    await fake.say("system", "Grace joined the chat.")
    await fake.say("agent", "Hello!", name="Grace")
    await fake.tell(wire.TypingChanged(room=ROOM, author="agent", on=True, name="Grace"))
    await panel.locator(".agent .dots").wait_for()


async def refused(panel: Frame, fake: Fake) -> None:
    fake.refuse = wire.Error(code="too_long", message="Please shorten it.")
    await write(panel, "hello")
    await panel.get_by_role("button", name="Try again").wait_for()
    fake.refuse = None


async def too_long(panel: Frame, fake: Fake) -> None:
    await panel.locator("#input").fill("x" * 4_010)
    await panel.get_by_text("10 over the limit").wait_for()


async def emoji(panel: Frame, fake: Fake) -> None:
    if await panel.locator("#emoji").is_visible():
        await panel.locator("#emoji").click()
        await panel.get_by_role("dialog", name="Emoji").wait_for()
        await panel.get_by_role("searchbox").fill("cat")


async def offline(panel: Frame, fake: Fake) -> None:
    await panel.locator("#input").fill("")
    await panel.page.context.set_offline(True)
    await write(panel, "Still there?")
    await panel.locator("#notice", has_text="You are offline").wait_for()
    await panel.get_by_text("Sending…").wait_for()


STATES: dict[str, Callable[[Frame, Fake], Awaitable[None]]] = {
    state.__name__: state
    for state in (
        conversation,
        asked,
        asked_again,
        menu,
        thinking,
        streaming,
        stopped,
        waiting,
        live,
        refused,
        too_long,
        emoji,
        offline,
    )
}


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
