"""A deploy while panels are open: an old one comes back as a new one, and its visitor loses nothing."""

import re

from playwright.async_api import Page, expect

from .conftest import opened, panel_of, write
from .fake import Fake

NEW = "0123456789ab"
LOADS = "performance.timeOrigin"  # another for each document that stood in the frame


async def deploy(fake: Fake) -> None:
    fake.version = NEW
    await fake.cut()


async def test_a_closed_panel_renews_itself_goes_on_listening_and_shows_what_was_said(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    await write(panel, "Good day")
    await fake.reply("Hi.")
    await tab.evaluate("Frontdesk('close')")
    before = await panel.evaluate(LOADS)
    joins = len(await fake.heard("room.join"))
    await deploy(fake)
    await fake.heard("room.join", joins + 2)  # the old panel's, which heard of the new version, and the new panel's
    await fake.say("agent", "Still there?", name="Grace")
    await tab.get_by_role("button", name=re.compile("unread")).click()
    panel = await panel_of(tab, fake)
    assert await panel.evaluate(LOADS) != before
    for said in ("Good day", "Hi.", "Still there?"):
        await expect(panel.locator(".bubble", has_text=said)).to_have_count(1)


async def test_an_open_panel_stays_until_it_needs_a_part_of_its_own_version(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    before = await panel.evaluate(LOADS)
    await deploy(fake)
    await fake.heard("room.join", 2)
    await expect(panel.locator('#state[data-dot="on"]')).to_be_visible()
    assert await panel.evaluate(LOADS) == before
    await panel.get_by_role("button", name="Emoji").click()
    await fake.heard("room.join", 3)
    panel = await panel_of(tab, fake)
    assert await panel.evaluate(LOADS) != before
    await panel.get_by_role("button", name="Emoji").click()
    await panel.get_by_role("searchbox").wait_for()
    await tab.evaluate("Frontdesk('send', 'I am still open')")
    assert (await fake.heard("message.send"))[0]["text"] == "I am still open"


async def test_what_somebody_is_writing_is_not_taken_from_them(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    before = await panel.evaluate(LOADS)
    await panel.get_by_label("Your message").fill("Half a thought")
    await deploy(fake)
    await fake.heard("room.join", 2)
    await tab.evaluate("Frontdesk('close')")
    await tab.evaluate("Frontdesk('open')")
    await panel.get_by_role("button", name="Emoji").click()
    await fake.asked("/v1/panel/")
    await expect(panel.get_by_label("Your message")).to_have_value("Half a thought")
    assert await panel.evaluate(LOADS) == before
    assert len(await fake.heard("room.join")) == 2


async def test_while_old_and_new_servers_take_turns_it_renews_itself_once(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    await tab.evaluate("Frontdesk('close')")
    await deploy(fake)
    await fake.heard("room.join", 3)
    fake.version = "ba9876543210"  # and again another one answers
    await fake.cut()
    await fake.heard("room.join", 4)
    before = await panel.evaluate(LOADS)
    await fake.say("agent", "Are you there?", name="Grace")
    await tab.get_by_role("button", name="Chat, 1 unread").click()  # it heard of that version, and of this
    await tab.evaluate("Frontdesk('close')")
    await fake.say("agent", "Hello?", name="Grace")
    await tab.get_by_role("button", name="Chat, 2 unread").wait_for()  # the double marks nothing as read
    assert await panel.evaluate(LOADS) == before
    assert len(await fake.heard("room.join")) == 4
