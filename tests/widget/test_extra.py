"""Filtered questions as controls and a thumb under each answer: what the panel loads with the first message."""

from playwright.async_api import Browser, Frame, Page, expect

from engine import protocol as wire

from .conftest import looking, opened, panel_of, write
from .fake import Fake

SIZE = wire.Question(id="size", text="How large is your garden?", kind="choice", choices=["Small", "Large"])
EMAIL = wire.Question(
    id="email", text="Where can we reach you?", kind="email", consent="We write to you about this request alone."
)


async def begun(page: Page, fake: Fake) -> Frame:
    """The panel with one answer in it."""
    panel = await opened(page, fake)
    await write(panel, "Do you plan gardens?")
    await fake.reply("Yes, we do.")
    await panel.locator(".rate").wait_for()
    return panel


async def test_it_is_fetched_with_the_first_message_and_not_before(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    await panel.get_by_role("button", name="Can I return a plant?").wait_for()
    assert not [path for path in fake.requests if path.startswith("/v1/panel/")]
    await write(panel, "hello")
    await fake.reply("Hello!")
    await panel.locator(".rate").wait_for()
    assert len([path for path in fake.requests if path.endswith("/extra.js")]) == 1


async def test_a_choice_is_made_with_one_click_and_the_controls_go(tab: Page, fake: Fake) -> None:
    panel = await begun(tab, fake)
    await fake.ask(SIZE)
    await panel.get_by_role("group", name=SIZE.text).get_by_role("button", name="Large").click()
    (sent,) = await fake.heard("question.answer")
    assert (sent["question_id"], sent["value"]) == ("size", "Large")
    await panel.locator(".visitor", has_text="Large").wait_for()
    await expect(panel.locator("#ask")).to_be_empty()
    assert await panel.evaluate("document.activeElement.id") == "input"


async def test_on_a_touch_screen_no_keyboard_jumps_up_after_a_choice(browser: Browser, fake: Fake) -> None:
    async with looking(browser, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as page:
        panel = await begun(page, fake)
        await fake.ask(SIZE)
        await panel.get_by_role("button", name="Small").tap()
        await expect(panel.locator("#ask")).to_be_empty()
        assert await panel.evaluate("document.activeElement.id") != "input"


async def test_what_is_no_address_is_said_at_the_field_and_can_be_put_right(tab: Page, fake: Fake) -> None:
    panel = await begun(tab, fake)
    await fake.ask(EMAIL)
    field = panel.get_by_label(EMAIL.text)
    await expect(panel.get_by_text(EMAIL.consent).last).to_be_visible()
    await expect(field).to_have_accessible_description(EMAIL.consent)
    fake.refuse = wire.Error(code="invalid_answer", message="That is not an e-mail address.")
    await field.fill("ada at home")
    await field.press("Enter")
    await panel.get_by_role("alert").filter(has_text="That is not an e-mail address.").wait_for()
    assert await field.get_attribute("aria-invalid") == "true"
    assert await field.input_value() == "ada at home"
    fake.refuse = None
    await field.fill(" ada@example.com ")
    await field.press("Enter")
    await expect(panel.locator("#ask")).to_be_empty()
    assert [sent["value"] for sent in await fake.heard("question.answer")][-1] == "ada@example.com"


async def test_an_empty_field_sends_nothing_and_rather_not_say_declines(tab: Page, fake: Fake) -> None:
    panel = await begun(tab, fake)
    await fake.ask(EMAIL)
    await panel.get_by_label(EMAIL.text).press("Enter")
    await panel.get_by_role("button", name="Rather not say").click()
    (sent,) = await fake.heard("question.answer")
    assert sent["value"] is None
    await expect(panel.locator("#ask")).to_be_empty()


async def test_the_question_is_there_again_after_a_reload(tab: Page, fake: Fake) -> None:
    panel = await begun(tab, fake)
    await fake.ask(SIZE)
    await panel.get_by_role("button", name="Large").wait_for()
    await tab.reload()
    await tab.get_by_role("button", name="Chat").click()
    panel = await panel_of(tab, fake)
    await panel.get_by_role("button", name="Large").click()
    assert (await fake.heard("question.answer"))[0]["value"] == "Large"


async def test_while_a_person_talks_the_bots_question_waits(tab: Page, fake: Fake) -> None:
    panel = await begun(tab, fake)
    await fake.ask(SIZE)
    controls = panel.locator("#ask fieldset")
    await expect(controls).to_have_count(1)
    await fake.claim()
    await expect(controls).to_have_count(0)
    await fake.back()
    await expect(controls).to_have_count(1)


async def test_an_answer_given_offline_goes_out_on_return(tab: Page, fake: Fake) -> None:
    panel = await begun(tab, fake)
    await fake.ask(SIZE)
    await panel.get_by_role("button", name="Large").wait_for()
    await tab.context.set_offline(True)
    await panel.get_by_text("You are offline").first.wait_for()
    await panel.get_by_role("button", name="Large").click()
    await panel.get_by_text("This is sent when you are back.").wait_for()
    await tab.context.set_offline(False)
    assert (await fake.heard("question.answer"))[0]["value"] == "Large"
    await expect(panel.locator("#ask")).to_be_empty()


async def test_thumbs_of_two_answers_given_offline_both_count(tab: Page, fake: Fake) -> None:
    panel = await begun(tab, fake)
    await fake.reply("Also indoors.")
    thumbs = panel.get_by_role("button", name="Helpful", exact=True)
    await expect(thumbs).to_have_count(2)
    await tab.context.set_offline(True)
    await panel.get_by_text("You are offline").first.wait_for()
    await thumbs.first.click()
    await thumbs.last.click()
    await tab.context.set_offline(False)
    await expect(panel.locator(".rate [aria-pressed=true]")).to_have_count(2)


async def test_a_thumb_counts_is_shown_and_can_be_turned(tab: Page, fake: Fake) -> None:
    panel = await begun(tab, fake)
    good = panel.get_by_role("button", name="Helpful", exact=True)
    bad = panel.get_by_role("button", name="Not helpful")
    await good.click()
    await expect(good).to_have_attribute("aria-pressed", "true")
    await bad.click()
    await expect(good).to_have_attribute("aria-pressed", "false")
    await expect(bad).to_have_attribute("aria-pressed", "true")
    answer = next(message for message in fake.messages if message.author == "bot")
    rated = await fake.heard("answer.rate", 2)
    assert [(sent["message_id"], sent["good"]) for sent in rated] == [(answer.id, True), (answer.id, False)]
    await fake.rate(answer.id, 1)  # in another tab
    await expect(good).to_have_attribute("aria-pressed", "true")


async def test_only_answers_have_thumbs(tab: Page, fake: Fake) -> None:
    panel = await begun(tab, fake)
    await fake.say("system", "Grace joined the chat.")
    await fake.say("agent", "Hello!", name="Grace")
    answer = await fake.start()
    await fake.piece(answer, "In two")
    await panel.locator(".bubble", has_text="In two").wait_for()
    await expect(panel.locator(".rate")).to_have_count(1)
    await fake.finish(answer, "failed")
    await panel.locator(".bubble", has_text="In two").wait_for()
    await expect(panel.locator(".rate")).to_have_count(1)


async def test_without_it_the_chat_goes_on_and_it_is_tried_again(tab: Page, fake: Fake) -> None:
    fake.no_parts = True
    panel = await opened(tab, fake)
    await tab.clock.install()
    await write(panel, "Do you plan gardens?")
    await fake.reply("Yes, we do.")
    await panel.locator(".bubble", has_text="Yes, we do.").wait_for()
    await fake.asked("/v1/panel/")
    assert await panel.locator(".rate").count() == 0
    fake.no_parts = False
    await tab.clock.fast_forward(10_000)
    await write(panel, "And water them?")
    await fake.reply("That too.")
    await expect(panel.locator(".rate")).to_have_count(2)
