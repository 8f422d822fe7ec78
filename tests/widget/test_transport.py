"""R2 and R4 as the visitor meets them: what was written arrives once, in order, however often the link breaks."""

import asyncio
import random
from collections import Counter

import pytest
from playwright.async_api import Browser, Page, expect

from engine import protocol as wire
from tests.servers.browser import asleep

from .conftest import looking, opened, panel_of, write
from .fake import Fake


async def test_a_message_written_offline_is_sent_once_when_the_network_is_back(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    await tab.context.set_offline(True)
    await panel.locator("#notice", has_text="Messages will be sent when you are back.").wait_for()
    await write(panel, "Is anybody there?")
    await panel.get_by_text("Sending…").wait_for()
    assert fake.messages == []
    await tab.context.set_offline(False)
    await fake.heard("message.send")
    await panel.get_by_text("Answers right away").wait_for()
    await panel.get_by_text("Sending…").wait_for(state="detached")
    assert [message.text for message in fake.messages] == ["Is anybody there?"]
    assert await panel.locator(".visitor .bubble").all_text_contents() == ["Is anybody there?"]


async def test_what_was_not_acknowledged_survives_a_reload(tab: Page, fake: Fake) -> None:
    await tab.goto(fake.panel)
    await tab.get_by_text("Answers right away").wait_for()
    fake.mute = True
    await write(tab, "first")
    await write(tab, "second")
    await fake.heard("message.send")
    assert fake.messages == []
    fake.mute = False
    await tab.reload()
    await fake.heard("message.send", 3)
    await tab.locator(".visitor.sent").nth(1).wait_for()
    assert [message.text for message in fake.messages] == ["first", "second"]
    await tab.reload()
    await tab.get_by_text("Answers right away").wait_for()
    assert await tab.locator(".visitor .bubble").all_text_contents() == ["first", "second"]
    assert await tab.evaluate("localStorage.length") == 0


async def test_a_lost_acknowledgement_doubles_nothing(tab: Page, fake: Fake) -> None:
    await tab.goto(fake.panel)
    await tab.get_by_text("Answers right away").wait_for()
    stored = fake._store

    async def lost(socket: object, command: dict[str, str]) -> None:
        fake._store = stored  # type: ignore[method-assign]
        fake.message("visitor", command["text"], client_id=command["client_id"])
        await fake.cut()

    fake._store = lost  # type: ignore[method-assign]
    await write(tab, "only once")
    await tab.locator(".visitor.sent").wait_for()
    assert await tab.locator(".visitor .bubble").all_text_contents() == ["only once"]
    assert [message.text for message in fake.messages] == ["only once"]


async def test_over_random_cuts_nothing_is_lost_or_doubled_and_the_order_stays(tab: Page, fake: Fake) -> None:
    await tab.add_init_script("Math.random = () => 0.02")  # back-off without the waiting
    await tab.goto(fake.panel)
    await tab.get_by_text("Answers right away").wait_for()
    luck = random.Random(7)
    texts = [f"message {n}" for n in range(40)]
    for text in texts:
        await write(tab, text)
        if luck.random() < 0.4:
            await asyncio.sleep(luck.random() / 50)  # a cut at any instant is what is being tried
            await fake.cut()
    await tab.locator(".visitor.sent").nth(39).wait_for()
    assert [message.text for message in fake.messages] == texts
    assert await tab.locator(".visitor .bubble").all_text_contents() == texts
    sent = Counter(command["text"] for command in fake.commands if command["type"] == "message.send")
    assert set(sent) == set(texts)


async def test_a_busy_server_is_asked_again_and_a_refusal_is_shown_with_a_way_out(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    fake.refuse = wire.Error(code="busy", message="Busy.", retry_after=1)
    await write(panel, "hello")
    await fake.heard("message.send")
    assert await panel.locator(".visitor.failed").count() == 0
    fake.refuse = wire.Error(code="too_long", message="A message may have 4,000 characters.")
    await panel.locator(".visitor.failed").wait_for()
    await panel.get_by_text("Not sent. A message may have 4,000 characters.").wait_for()
    fake.refuse = None
    await panel.get_by_role("button", name="Try again").click()
    await panel.locator(".visitor.sent").wait_for()
    assert [message.text for message in fake.messages] == ["hello"]


async def test_a_message_that_was_refused_stays_until_it_is_removed(tab: Page, fake: Fake) -> None:
    await tab.goto(fake.panel)
    await tab.get_by_text("Answers right away").wait_for()
    fake.refuse = wire.Error(code="closed", message="No.")
    await write(tab, "hello")
    await tab.get_by_text("Not sent. No.").wait_for()
    await tab.reload()
    await tab.get_by_text("Not sent. No.").wait_for()
    await tab.get_by_role("button", name="Remove").click()
    await tab.locator(".visitor").wait_for(state="detached")
    assert await tab.evaluate("localStorage.length") == 0


async def test_a_silent_link_is_left_after_25_seconds(tab: Page, fake: Fake) -> None:
    await tab.clock.install()
    await tab.goto(fake.panel)
    await fake.heard("room.join")
    await tab.clock.run_for(20_000)
    await fake.tell(wire.Pulse(room="room-1", revision=0))
    await tab.wait_for_timeout(50)
    await tab.clock.run_for(20_000)
    assert len(await fake.heard("room.join")) == 1
    await tab.clock.run_for(12_000)
    await tab.wait_for_timeout(50)
    await tab.clock.run_for(2_000)
    await fake.heard("room.join", 2)


async def test_a_tab_that_slept_wakes_with_everything_that_was_said_once(tab: Page, fake: Fake) -> None:
    await tab.goto(fake.panel)
    await tab.get_by_text("Answers right away").wait_for()
    await write(tab, "Is anybody there?")
    await tab.locator(".visitor.sent").wait_for()
    async with asleep(tab):
        await fake.say("agent", "one", name="Grace")
        await fake.cut()
        fake.message("agent", "two", name="Grace")
        await asyncio.sleep(1.5)
        assert len(await fake.heard("room.join")) == 1, "awake it would be back within half a second"
    await fake.heard("room.join", 2)
    await expect(tab.locator(".agent .bubble")).to_have_text(["one", "two"])
    await write(tab, "Good")
    await expect(tab.locator(".visitor.sent")).to_have_count(2)
    assert [message.text for message in fake.messages] == ["Is anybody there?", "one", "two", "Good"]


async def test_a_refused_socket_is_not_dialled_again(tab: Page, fake: Fake) -> None:
    await tab.clock.install()
    await tab.goto(fake.panel)
    await fake.heard("room.join")
    await fake.cut(1008)
    await tab.locator("#notice", has_text="This chat is not available on this page.").wait_for()
    await tab.clock.run_for(120_000)
    assert len(await fake.heard("room.join")) == 1


async def test_after_a_deploy_clients_come_back_spread_over_ten_seconds(tab: Page, fake: Fake) -> None:
    await tab.clock.install()
    await tab.add_init_script("Math.random = () => 0.9")
    await tab.goto(fake.panel)
    await fake.heard("room.join")
    await fake.cut(1012)
    await tab.wait_for_timeout(100)
    await tab.clock.run_for(8_000)
    await tab.wait_for_timeout(100)
    assert len(await fake.heard("room.join")) == 1
    await tab.clock.run_for(1_500)
    await fake.heard("room.join", 2)


async def test_a_lost_last_event_is_fetched_after_the_next_pulse(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    fake.message("agent", "did you see this?", name="Grace")  # stored, and its event lost
    await fake.tell(wire.Pulse(room="room-1", revision=fake.revision))
    await panel.locator(".bubble", has_text="did you see this?").wait_for()
    joins = await fake.heard("room.join", 2)
    assert [join["after"] for join in joins] == [0, 0]


async def test_a_tab_that_comes_back_in_the_middle_of_an_answer_shows_it_at_once(tab: Page, fake: Fake) -> None:
    await tab.goto(fake.panel)
    await tab.get_by_text("Answers right away").wait_for()
    answer = await fake.start()
    await fake.piece(answer, "Plants travel 🌿 ")
    await tab.reload()
    await tab.locator(".bubble", has_text="Plants travel 🌿").wait_for()
    await fake.piece(answer, "in a heated box.")
    await fake.finish(answer)
    await tab.locator(".bubble", has_text="Plants travel 🌿 in a heated box.").wait_for()
    assert await tab.locator(".row.bot").count() == 2  # the greeting and the one answer


@pytest.mark.parametrize("how", ["throws", "absent", "full"])
async def test_with_storage_blocked_the_chat_works(browser: Browser, fake: Fake, how: str) -> None:
    blocked = {
        "throws": "Object.defineProperty(window, 'localStorage', { get() { throw new Error('blocked'); } })",
        "absent": "Object.defineProperty(window, 'localStorage', { value: null })",
        "full": "Storage.prototype.setItem = () => { throw new Error('full'); }",
    }[how]
    async with looking(browser) as page:
        await page.add_init_script(blocked)
        panel = await opened(page, fake)
        await write(panel, "hello")
        await panel.locator(".visitor.sent").wait_for()
        await fake.reply("Hello to you.")
        await panel.locator(".bubble", has_text="Hello to you.").wait_for()


async def test_the_first_connection_is_made_on_opening_not_on_prewarming(tab: Page, fake: Fake) -> None:
    await tab.goto(fake.host)
    await tab.get_by_role("button", name="Chat").hover()
    await tab.frame_locator("iframe").locator("#input").wait_for(state="attached")
    assert fake.commands == []
    await tab.get_by_role("button", name="Chat").click()
    await panel_of(tab, fake)
    join = (await fake.heard("room.join"))[0]
    assert (join["page"], join["locale"], join["after"]) == (fake.host, "en", 0)
