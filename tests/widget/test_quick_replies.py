"""Quick replies: the owner's suggestions and what an answer offers, as buttons that go once one was used."""

from playwright.async_api import Page, expect

from .conftest import opened, write
from .fake import BOT, Fake


async def test_a_suggestion_is_sent_from_the_keyboard_and_all_of_them_are_gone(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    pills = panel.locator(".offers .pill")
    await expect(pills).to_have_text(BOT.suggestions)
    await panel.locator("#scroll").focus()
    for _ in BOT.suggestions[:2]:
        await tab.keyboard.press("Tab")
    await expect(pills.nth(1)).to_be_focused()
    await tab.keyboard.press("Enter")
    (sent,) = await fake.heard("message.send")
    assert sent["text"] == BOT.suggestions[1]
    await expect(pills).to_have_count(0)


async def test_what_an_answer_offers_goes_with_the_next_message_however_it_was_written(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    await write(panel, "Delivery?")
    await fake.reply("Two days.", offers=["And in winter?"], person=True)
    await expect(panel.locator(".offers .pill")).to_have_text(["And in winter?", "Talk to a person"])
    await panel.get_by_role("button", name="And in winter?").click()
    assert (await fake.heard("message.send", 2))[1]["text"] == "And in winter?"
    await expect(panel.locator(".offers")).to_have_count(0)
    await fake.reply("Three days.", offers=["And abroad?"])
    await panel.get_by_role("button", name="And abroad?").wait_for()
    await write(panel, "Thank you")
    await expect(panel.locator(".offers")).to_have_count(0)
