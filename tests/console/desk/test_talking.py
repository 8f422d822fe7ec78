"""The live desk in a real browser, beside real visitors: the queue, taking a chat, talking, coming back."""

import asyncio
import re

import pytest
from playwright.async_api import expect
from sqlalchemy import delete, update

from console.access.models import Session
from engine.db import now
from engine.models import Room, Workspace
from tests.console.conftest import Site
from tests.console.screen import SignIn, reply, take, visitor
from tests.console.visit import QUESTION
from tests.wire import Client

pytestmark = pytest.mark.anyio


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
            page.get_by_role("button", name="Take this chat").click(no_wait_after=True, timeout=5_000)
            for page in (grace, linus)
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


async def test_r4_a_lost_hint_is_noticed_by_the_next_pulse(served: Site, sign_in: SignIn) -> None:
    grace = await sign_in("grace")
    async with visitor(served, QUESTION):
        await expect(grace.locator(".waiting a")).to_have_count(0)
        async with served.db.write() as session:  # as another node would whose hint never came
            await session.execute(
                update(Workspace).where(Workspace.slug == "acme").values(desk_revision=Workspace.desk_revision + 1)
            )
            await session.execute(update(Room).values(mode="waiting", waiting_since=now(), desk_revision=1))
        await expect(grace.locator(".waiting a .title")).to_have_text(QUESTION)


async def test_a_message_that_was_left_waits_at_the_desk_until_somebody_takes_it(served: Site, sign_in: SignIn) -> None:
    async with visitor(served) as ada:
        await ada.ask("person.request")
        values = {"name": "Ada", "email": "ada@home.example", "question": "Where is my parcel?"}
        assert (await ada.ask("form.submit", form_id="contact", client_id="left-1", values=values))["type"] == "ok"
    grace = await sign_in("grace")
    line = grace.locator(".waiting a")
    await expect(line.locator(".title")).to_have_text("Where is my parcel?")
    await expect(line.locator(".when")).to_contain_text("left a message")
    await line.click()
    await expect(grace.get_by_text("The visitor left this message while nobody was here.")).to_be_visible()
    await take(grace)
    await expect(grace.locator(".waiting a")).to_have_count(0)
