"""Nobody is there: the form that leaves a message, in a real browser, with keyboard and axe."""

from datetime import UTC, datetime

import pytest
from playwright.async_api import Browser, Frame, Page, expect

from engine import protocol as wire

from .conftest import looking, opened, write
from .fake import Fake
from .test_accessible import DESK, PHONE, faults

OFFER = wire.Contact(
    opens=datetime(2026, 11, 30, 8, tzinfo=UTC), mail=True, consent="We keep your message for a year.", version=1
)
FORM = "Leave a message"


async def offered(page: Page, fake: Fake, offer: wire.Contact = OFFER) -> Frame:
    """The panel with the form in it."""
    panel = await opened(page, fake)
    await write(panel, "Where is my parcel?")
    await fake.turn(wire.ContactOffered, contact=offer)
    await panel.get_by_role("form", name=FORM).wait_for()
    return panel


async def test_the_form_says_when_and_how_and_holds_what_was_asked(tab: Page, fake: Fake) -> None:
    panel = await offered(tab, fake)
    form = panel.get_by_role("form", name=FORM)
    await expect(form).to_contain_text("Nobody is here right now.")
    await expect(form).to_contain_text("We are back: Monday, November 30")
    await expect(form).to_contain_text("We answer by e-mail.")
    await expect(panel.get_by_label("Your question")).to_have_value("Where is my parcel?")
    assert await panel.evaluate("document.activeElement.id") == "input", "who writes is not interrupted"


async def test_without_mail_the_answer_is_promised_in_the_chat_alone(tab: Page, fake: Fake) -> None:
    panel = await offered(tab, fake, wire.Contact(mail=False))
    form = panel.get_by_role("form", name=FORM)
    await expect(form).to_contain_text("We answer here in the chat.")
    await expect(form).not_to_contain_text("e-mail.")
    await expect(form.get_by_role("checkbox")).to_have_count(0)


async def test_it_is_filled_in_by_keyboard_put_right_where_it_is_wrong_and_goes_once_it_is_sent(
    tab: Page, fake: Fake
) -> None:
    panel = await offered(tab, fake)
    fake.refuse = wire.Error(code="invalid_email", message="That is not an e-mail address.")
    await panel.get_by_label("Your name").focus()
    await tab.keyboard.type("Ada")
    await tab.keyboard.press("Tab")
    await tab.keyboard.type("ada")
    await tab.keyboard.press("Enter")
    await panel.get_by_role("alert").filter(has_text="not an e-mail address").wait_for()
    await expect(panel.get_by_label("E-mail address")).to_be_focused()
    await expect(panel.get_by_label("E-mail address")).to_have_attribute("aria-invalid", "true")
    await expect(panel.get_by_label("Your name")).to_have_attribute("aria-invalid", "false")
    fake.refuse = wire.Error(code="invalid_agree", message="Please agree first.")
    await tab.keyboard.type("@home.example")
    await tab.keyboard.press("Enter")
    await expect(panel.get_by_role("checkbox", name=OFFER.consent)).to_be_focused()
    fake.refuse = None
    await tab.keyboard.press("Space")
    await tab.keyboard.press("Enter")
    await expect(panel.locator("form.form")).to_have_count(0)
    sent = await fake.heard("form.submit", 3)
    assert sent[-1]["values"] == {
        "name": "Ada", "email": "ada@home.example", "question": "Where is my parcel?", "agree": "yes"
    }  # fmt: skip
    assert len({each["client_id"] for each in sent}) == 1, "a resend is the same message"


async def test_what_is_being_filled_in_survives_what_else_happens_and_escape_puts_it_away(
    tab: Page, fake: Fake
) -> None:
    panel = await offered(tab, fake)
    await panel.get_by_label("Your name").fill("Ada")
    await fake.say("bot", "Meanwhile, what else?")
    await panel.locator(".bubble", has_text="Meanwhile").wait_for()
    await expect(panel.get_by_label("Your name")).to_have_value("Ada")
    await panel.get_by_label("Your name").press("Escape")
    await expect(panel.locator("form.form")).to_have_count(0)
    await expect(tab.locator("iframe")).to_be_visible()
    await fake.say("bot", "Well?")
    await panel.locator(".bubble", has_text="Well?").wait_for()
    await expect(panel.locator("form.form")).to_have_count(0)


async def test_who_takes_the_chat_takes_the_form_away(tab: Page, fake: Fake) -> None:
    panel = await offered(tab, fake)
    await fake.claim()
    await expect(panel.locator("form.form")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE, {"width": 320, "height": 420}], ids=["desk", "phone", "zoomed"])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
async def test_the_form_passes_axe_and_fits(
    browser: Browser, fake: Fake, scheme: str, size: dict[str, int], direction: str
) -> None:
    fake.page["attributes"] = f' dir="{direction}"'
    async with looking(browser, color_scheme=scheme, viewport=size) as page:
        panel = await offered(page, fake)
        found = {"offered": await faults(panel)}
        fake.refuse = wire.Error(code="invalid_agree", message="Please agree first.")
        await panel.get_by_role("form", name=FORM).get_by_role("button", name="Send").click()
        await panel.get_by_text("Please agree first.").wait_for()
        found["wrong"] = await faults(panel)
        assert {name: wrong for name, wrong in found.items() if wrong} == {}
        assert await panel.evaluate("document.documentElement.scrollWidth <= innerWidth")
