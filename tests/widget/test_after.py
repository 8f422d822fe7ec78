"""After the chat: how it was, the conversation by mail, a new beginning; in a real browser, with keyboard and axe."""

import json

import pytest
from playwright.async_api import Browser, Frame, Page, expect

from engine import protocol as wire

from .conftest import looking, opened, write
from .fake import Fake
from .test_accessible import DESK, PHONE, faults


async def ended(page: Page, fake: Fake) -> Frame:
    """The panel after a conversation with Grace, which she closed."""
    panel = await opened(page, fake)
    await write(panel, "My parcel is broken")
    await fake.claim()
    await fake.say("agent", "A new one is on its way.", name="Grace")
    await fake.end()
    await panel.get_by_role("group", name="How was your conversation?").wait_for()
    return panel


def parts(fake: Fake) -> list[str]:
    return [path.rpartition("/")[2] for path in fake.requests if path.startswith("/v1/panel/")]


async def test_the_question_comes_with_the_end_and_is_not_loaded_before(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    await write(panel, "hello")
    await fake.reply("Hello!")
    await panel.locator(".rate").wait_for()
    assert not {"rating.js", "forms.js"} & set(parts(fake))
    await fake.claim()
    await fake.end()
    await panel.get_by_role("group", name="How was your conversation?").wait_for()
    assert parts(fake).count("rating.js") == 1


async def test_a_score_is_sent_at_once_may_be_changed_and_gets_a_reason(tab: Page, fake: Fake) -> None:
    panel = await ended(tab, fake)
    await panel.get_by_role("button", name="2 of 5").click()
    await panel.get_by_role("button", name="4 of 5").click()
    await expect(panel.get_by_role("button", name="4 of 5")).to_have_attribute("aria-pressed", "true")
    await expect(panel.get_by_role("button", name="2 of 5")).to_have_attribute("aria-pressed", "false")
    await panel.get_by_label("Would you like to say why?").fill(" Quick ")
    await panel.get_by_role("group", name="How was").get_by_role("button", name="Send").click()
    sent = await fake.heard("room.rate", 3)
    assert [(each["score"], each["comment"]) for each in sent] == [(2, ""), (4, ""), (4, "Quick")]
    await panel.get_by_text("Thank you.").wait_for()


async def test_a_refusal_is_said_and_not_now_puts_the_question_away_for_good(tab: Page, fake: Fake) -> None:
    panel = await ended(tab, fake)
    fake.refuse = wire.Error(code="rating_kept", message="Your rating stands and can no longer be changed.")
    await panel.get_by_role("button", name="1 of 5").click()
    await panel.get_by_text("can no longer be changed").wait_for()
    await panel.get_by_role("button", name="Not now").click()
    await expect(panel.locator(".rating")).to_have_count(0)
    await fake.say("bot", "Anything else?")
    await panel.locator(".bubble", has_text="Anything else?").wait_for()
    await expect(panel.locator(".rating")).to_have_count(0)


async def test_a_score_given_in_another_tab_is_shown_here(tab: Page, fake: Fake) -> None:
    panel = await ended(tab, fake)
    await fake.turn(wire.RoomRated, score=5)
    await expect(panel.get_by_role("button", name="5 of 5")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("way", ["menu", "card"])
async def test_a_new_conversation_begins_below_the_old_one_and_a_draft_is_kept(tab: Page, fake: Fake, way: str) -> None:
    panel = await ended(tab, fake)
    await panel.get_by_label("Your message").fill("And another thing")
    if way == "menu":
        await panel.get_by_role("button", name="Options").click()
        await panel.locator("#restart").click()
    else:
        await panel.locator(".rating").get_by_role("button", name="Start a new conversation").click()
    await fake.heard("room.restart")
    await panel.locator(".bubble", has_text="A new conversation begins here.").wait_for()
    await expect(panel.locator(".rating")).to_have_count(0)
    await expect(panel.locator(".bubble", has_text="A new one is on its way.")).to_be_visible()
    assert await panel.get_by_label("Your message").input_value() == "And another thing"


async def test_nothing_begins_anew_while_nothing_was_said_or_a_person_is_there(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    await panel.get_by_role("button", name="Options").click()
    await expect(panel.locator("#restart")).to_be_disabled()
    await expect(panel.locator("#transcript")).to_be_disabled()
    await write(panel, "hello")
    await expect(panel.locator("#restart")).to_be_enabled()
    await fake.claim()
    await expect(panel.locator("#restart")).to_be_disabled()
    await expect(panel.locator("#transcript")).to_be_enabled()


async def test_the_conversation_is_mailed_to_the_address_that_is_given_by_keyboard_alone(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    await write(panel, "hello")
    await panel.get_by_role("button", name="Options").press("Enter")
    await expect(panel.locator("#transcript")).to_be_enabled()
    await panel.get_by_role("button", name="E-mail this conversation").press("Enter")
    field = panel.get_by_label("E-mail address")
    await expect(field).to_be_focused()
    fake.refuse = wire.Error(code="invalid_email", message="That is not an e-mail address.")
    await field.press_sequentially("ada at home")
    await field.press("Enter")
    await panel.get_by_role("alert").filter(has_text="not an e-mail address").wait_for()
    await expect(field).to_have_attribute("aria-invalid", "true")
    fake.refuse = None
    await field.fill(" ada@home.example ")
    await field.press("Enter")
    await panel.locator("p.form", has_text="on its way").wait_for()
    assert [each["email"] for each in await fake.heard("transcript.send", 2)][-1] == "ada@home.example"


async def test_escape_closes_the_form_and_not_the_chat(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    await write(panel, "hello")
    await panel.get_by_role("button", name="Options").click()
    await panel.locator("#transcript").click()
    await panel.get_by_label("E-mail address").press("Escape")
    await expect(panel.locator(".form")).to_have_count(0)
    await expect(panel.get_by_role("button", name="Options")).to_be_focused()
    await expect(tab.locator("iframe")).to_be_visible()
    assert "transcript.send" not in json.dumps(fake.commands)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
async def test_every_state_after_the_chat_passes_axe(
    browser: Browser, fake: Fake, scheme: str, size: dict[str, int], direction: str
) -> None:
    fake.page["attributes"] = f' dir="{direction}"'
    async with looking(browser, color_scheme=scheme, viewport=size) as page:
        panel = await ended(page, fake)
        found = {"asked": await faults(panel)}
        await panel.get_by_role("button", name="4 of 5").click()
        await panel.get_by_text("Thank you.").wait_for()
        found["rated"] = await faults(panel)
        await panel.get_by_role("button", name="Options").click()
        await panel.locator("#transcript").click()
        await panel.get_by_label("E-mail address").wait_for()
        found["transcript"] = await faults(panel)
        assert {name: wrong for name, wrong in found.items() if wrong} == {}
        assert await panel.evaluate("document.documentElement.scrollWidth <= innerWidth")
