"""The live desk in a real browser, beside real visitors: the queue, taking a chat, talking, coming back."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, expect
from sqlalchemy import delete

from console.access.models import Session
from engine import listener
from knowledge import entries
from tests.console.conftest import Site
from tests.console.visit import PASSWORD
from tests.servers.parts import free_port
from tests.wire import Client

pytestmark = pytest.mark.anyio

QUESTION, ANSWER = "How long does delivery take?", "Delivery takes **2 days**."
SignIn = Callable[[str], Awaitable[Page]]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: what is new here is the page; the wire below it is proved on both databases elsewhere."""
    return f"sqlite+aiosqlite:///{tmp_path / 'desk.sqlite'}"


@pytest.fixture
def more_settings() -> dict[str, object]:
    return {"PORT": free_port(), "STOP_SECONDS": 1, "PULSE_SECONDS": 1}


@pytest.fixture
async def served(site: Site) -> AsyncIterator[Site]:
    """The site on a real port, where acme's bot knows one answer."""
    acme = site.cast.acme
    async with site.db.write() as session:
        await entries.add(session, acme.workspace_id, acme.domain_id, entries.Draft(QUESTION, ANSWER))
    listening = listener.listen("127.0.0.1", site.settings.PORT)
    server = uvicorn.Server(listener.config(site.app, stop_seconds=1))
    serving = asyncio.create_task(server._serve(sockets=[listening]))  # serve() would take over the signals
    while not server.started:
        if serving.done():
            serving.result()
        await asyncio.sleep(0.005)
    yield site
    server.should_exit = True
    await serving


@pytest.fixture
async def sign_in(browser: Browser, served: Site) -> AsyncIterator[SignIn]:
    """Opens acme's desk for somebody, each in a browser of their own. What its scripts raise fails the test."""
    contexts: list[BrowserContext] = []
    raised: list[str] = []

    async def open_desk(name: str) -> Page:
        context = await browser.new_context(base_url=served.settings.public_url)
        context.on("weberror", lambda event: raised.append(event.error.message))
        contexts.append(context)
        page = await context.new_page()
        page.on("console", lambda said: raised.append(said.text) if "Content Security" in said.text else None)
        await fill_in(page, name, "/app/acme/live")
        await expect(page.locator("#link")).to_have_text("Live")
        return page

    yield open_desk
    for context in contexts:
        await context.close()
    assert not raised


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


async def reply(page: Page, text: str) -> None:
    await page.get_by_label("Reply").fill(text)
    await page.keyboard.press("Enter")


async def test_a_visitor_who_asks_for_a_person_is_taken_and_the_two_talk(served: Site, sign_in: SignIn) -> None:
    grace = await sign_in("grace")
    await expect(grace.locator(".waiting .hint")).to_contain_text("Nobody is waiting")
    title = await grace.title()
    async with visitor(served, QUESTION) as ada:
        await ada.until("answer.finished")
        await ada.send("I want to talk to a person")
        await expect(grace.locator(".waiting a .title")).to_have_text(QUESTION)
        await expect(grace).to_have_title(f"(1) {title}")
        await grace.locator(".waiting a").click()
        await expect(grace.locator(".standing")).to_contain_text("Waiting for a person")
        await expect(grace.locator(".bot .bubble")).to_have_text("Delivery takes 2 days.")
        await grace.get_by_role("button", name="Take this chat").click()
        assert (await ada.until("room.claimed"))["agent"]["name"] == "Grace"
        await expect(grace.locator(".standing")).to_have_text("With you")
        await expect(grace).to_have_title(title)
        await expect(grace.locator(".mine a .title")).to_have_text(QUESTION)

        await grace.get_by_label("Reply").press_sequentially("Hello")
        await ada.until(lambda frame: frame["type"] == "typing.changed" and frame["on"])
        await grace.keyboard.press("Shift+Enter")
        await grace.keyboard.type("Ada")
        await grace.keyboard.press("Enter")
        said = await ada.until(lambda f: f["type"] == "message.created" and f["message"]["author"] == "agent")
        assert (said["message"]["text"], said["message"]["name"]) == ("Hello\nAda", "Grace")
        await expect(grace.locator(".agent .bubble")).to_have_count(1)
        await expect(grace.locator(".agent .by strong")).to_have_text("Grace")

        await ada.say("typing.set", on=True)
        await expect(grace.locator(".writing")).to_have_text("The visitor is writing…")
        await ada.send("Good <b>evening</b> <img src=x onerror=alert(1)>")
        last = grace.locator(".visitor .bubble").last
        await expect(last).to_have_text("Good <b>evening</b> <img src=x onerror=alert(1)>")
        await expect(grace.locator(".writing")).to_have_text("")
        assert await grace.locator(".log img, .log b").count() == 0
        await ada.until(lambda frame: frame["type"] == "room.read" and frame["state"]["read_agent"] > 0)

        await grace.get_by_role("button", name="Back to the bot").click()
        await ada.until("room.released")
        await expect(grace.get_by_label("Reply")).to_be_hidden()
        await expect(grace.locator(".standing")).to_contain_text("With the bot")


async def test_of_two_agents_one_takes_the_chat_and_the_other_reads_who(served: Site, sign_in: SignIn) -> None:
    grace, linus = await sign_in("grace"), await sign_in("linus")
    async with visitor(served, "I want to talk to a person") as ada:
        for page in (grace, linus):
            await page.locator(".waiting a").click()
        clicks = [
            page.get_by_role("button", name="Take this chat").click(no_wait_after=True) for page in (grace, linus)
        ]
        await asyncio.gather(*clicks, return_exceptions=True)
        winner = (await ada.until("room.claimed"))["agent"]["name"]
        won, lost = (grace, linus) if winner == "Grace" else (linus, grace)
        await expect(won.get_by_label("Reply")).to_be_visible()
        await expect(lost.get_by_label("Reply")).to_be_hidden()
        await expect(lost.locator(".standing")).to_have_text(f"Claimed by {winner}")
        await expect(lost.get_by_role("button", name="Take this chat")).to_be_hidden()
        await reply(won, "It is me")
        await expect(lost.locator(".agent .bubble")).to_have_text("It is me")
        await won.get_by_role("button", name="Close", exact=True).click()
        await ada.until("room.closed")
        await expect(lost.locator(".standing")).to_have_text("Closed")


async def test_r4_a_desk_that_was_offline_has_everything_once_and_sends_what_was_written(
    served: Site, sign_in: SignIn
) -> None:
    grace = await sign_in("grace")
    async with visitor(served, "I want to talk to a person") as ada:
        await take(grace)
        await ada.until("room.claimed")
        await grace.context.set_offline(True)
        await expect(grace.locator("#link")).to_contain_text("Offline")
        for n in range(5):
            await ada.send(f"Missed {n}")
        async with visitor(served, "I want to talk to a person"):
            await reply(grace, "Written offline")
            await expect(grace.locator(".agent .end")).to_have_text("Sending…")
            await grace.context.set_offline(False)
            await expect(grace.locator(".visitor .bubble", has_text="Missed")).to_have_count(5)
            await expect(grace.locator(".agent .bubble")).to_have_count(1)
            await expect(grace.locator(".agent .end")).to_have_count(0)
            await expect(grace.locator(".waiting a")).to_have_count(1)
        heard = await ada.until(lambda f: f["type"] == "message.created" and f["message"]["author"] == "agent")
        assert heard["message"]["text"] == "Written offline"
        assert [f for f in await ada.quiet(0.5) if f["type"] == "message.created"] == []
        await grace.reload()
        await expect(grace.locator(".visitor .bubble", has_text="Missed")).to_have_count(5)
        await expect(grace.locator(".agent .bubble")).to_have_count(1)


async def test_r11_a_desk_whose_session_ended_leads_to_the_sign_in(served: Site, sign_in: SignIn) -> None:
    grace = await sign_in("grace")
    await grace.context.set_offline(True)
    await expect(grace.locator("#link")).to_contain_text("Offline")
    async with served.db.write() as session:
        await session.execute(delete(Session))
    await grace.context.set_offline(False)
    await grace.wait_for_url(re.compile(r"/auth/sign-in\?next=/app/acme/live$"), timeout=15_000)


async def test_r10_a_room_of_another_workspace_is_not_there(served: Site, sign_in: SignIn) -> None:
    grace = await sign_in("grace")
    globex = served.cast.globex
    address = f"ws://127.0.0.1:{served.settings.PORT}/v1/chat?bot={globex.key}"
    async with Client(address, origin=globex.origin) as bob:
        room = (await bob.join())["room"]
        assert (await bob.send("I want to talk to a person"))["type"] == "ok"
        await grace.goto(f"/app/acme/live?room={room}")
        await expect(grace.locator("#nothing")).to_contain_text("There is no such conversation here")
        assert grace.url.endswith("/app/acme/live")
        await expect(grace.locator(".waiting a")).to_have_count(0)


async def test_the_desk_is_worked_by_keyboard_alone(served: Site, sign_in: SignIn) -> None:
    grace = await sign_in("grace")
    async with visitor(served, "I want to talk to a person") as ada, visitor(served, "A real person, please") as bob:
        await expect(grace.locator(".waiting a")).to_have_count(2)
        await grace.locator(".waiting a").first.focus()
        await grace.keyboard.press("ArrowDown")
        await grace.keyboard.press("ArrowUp")
        await grace.keyboard.press("Enter")
        await expect(grace.get_by_role("button", name="Take this chat")).to_be_visible()
        for _ in range(12):
            await grace.keyboard.press("Tab")
            if await grace.evaluate("document.activeElement.textContent") == "Take this chat":
                break
        await grace.keyboard.press("Enter")
        await expect(grace.get_by_label("Reply")).to_be_focused()
        await grace.keyboard.type("Hello")
        await grace.keyboard.press("Enter")
        heard = await ada.until(lambda f: f["type"] == "message.created" and f["message"]["author"] == "agent")
        assert heard["message"]["text"] == "Hello"
        assert bob.heard


async def test_what_was_begun_in_one_room_stays_in_it(served: Site, sign_in: SignIn) -> None:
    grace = await sign_in("grace")
    async with visitor(served, "I want to talk to a person"), visitor(served, "A real person, please"):
        await take(grace)
        await grace.get_by_label("Reply").fill("For the first")
        await take(grace)
        await expect(grace.get_by_label("Reply")).to_have_value("")
        await grace.get_by_label("Reply").fill("For the second")
        await grace.locator(".mine a:not([aria-current])").click()
        await expect(grace.get_by_label("Reply")).to_have_value("For the first")


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_has_a_fault_that_axe_finds_or_is_wider_than_the_screen(
    served: Site, browser: Browser, width: int, scheme: str
) -> None:
    async with visitor(served, QUESTION, "Do you sell unicorns?", "I want to talk to a person"):
        context = await browser.new_context(
            base_url=served.settings.public_url,
            viewport={"width": width, "height": 844},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        page = await context.new_page()
        await page.goto("/auth/sign-in")
        await faultless(page)
        await fill_in(page, "owner", "/app/acme/")
        for path in ("/app/acme/", "/app/acme/usage", "/nothing", "/app/acme/live"):
            await page.goto(path)
            await faultless(page)
        await take(page)
        await reply(page, "Hello")
        await expect(page.locator(".agent .bubble")).to_have_count(1)
        await faultless(page)
        await context.close()


async def faultless(page: Page) -> None:
    found = await Axe().run(page)
    assert found.violations_count == 0, f"{page.url}: {found.generate_report()}"
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


async def test_signing_in_and_reading_need_no_script(served: Site, browser: Browser) -> None:
    context = await browser.new_context(base_url=served.settings.public_url, java_script_enabled=False)
    page = await context.new_page()
    await fill_in(page, "owner", "/app/acme/usage")
    await expect(page.get_by_role("heading", name="Usage")).to_be_visible()
    await page.goto("/app/acme/live")
    await expect(page.get_by_text("needs JavaScript")).to_be_visible()
    await page.locator("summary").click()
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url(re.compile("/auth/sign-in$"))
    await context.close()
