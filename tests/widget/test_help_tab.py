"""The Help tab: the FAQ read, searched and judged beside the chat, without a socket; and the way into the chat."""

from typing import Any

import pytest
from playwright.async_api import Browser, Frame, Page, expect

from .conftest import looking, opened, write
from .fake import Fake

DELIVERY = "How long does delivery take?"


async def help_of(page: Page, fake: Fake) -> Frame:
    """The panel with its Help tab in front."""
    fake.help = "beside"
    panel = await opened(page, fake)
    await panel.get_by_role("tab", name="Help").click()
    await panel.locator(".faq").get_by_role("button", name=DELIVERY).wait_for()
    return panel


async def test_without_the_owners_wish_there_are_no_tabs_and_nothing_is_fetched(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    await panel.get_by_role("button", name="Can I return a plant?").wait_for()
    await expect(panel.get_by_role("tab")).to_have_count(0)
    assert not [path for path in fake.requests if "help" in path]


async def test_opening_the_chat_fetches_its_document_and_the_pages_half_alone_with_help_beside_it(
    tab: Page, fake: Fake
) -> None:
    fake.help = "beside"
    panel = await opened(tab, fake)
    await expect(panel.get_by_role("tab", name="Help")).to_be_visible()
    fetched = [path for path in fake.requests if path not in ("/widget.js", "/v1/panel")]
    assert fetched == ["/widget/page.js"]
    await panel.get_by_role("tab", name="Help").click()
    await panel.locator(".faq").get_by_role("button", name=DELIVERY).wait_for()
    assert any(path.endswith("/help.js") for path in fake.requests)


async def test_a_help_tab_that_cannot_be_loaded_says_so(tab: Page, fake: Fake) -> None:
    fake.help, fake.no_parts = "beside", True
    panel = await opened(tab, fake)
    await panel.get_by_role("tab", name="Help").click()
    await expect(panel.get_by_role("tabpanel", name="Help")).to_contain_text("You are offline")


async def test_the_page_may_open_the_help_tab(tab: Page, fake: Fake) -> None:
    fake.help = "beside"
    await tab.goto(fake.host)
    await tab.get_by_role("button", name="Chat").wait_for()
    await tab.evaluate("Frontdesk('open', {view: 'help'})")
    frame = tab.frame_locator("iframe")
    await expect(frame.get_by_role("tab", name="Help")).to_have_attribute("aria-selected", "true")
    await frame.locator(".faq").get_by_role("button", name=DELIVERY).wait_for()
    await tab.evaluate("Frontdesk('open', {view: 'chat'})")
    await expect(frame.get_by_role("tab", name="Chat")).to_have_attribute("aria-selected", "true")


async def test_the_tabs_are_one_stop_and_arrows_move_between_them(tab: Page, fake: Fake) -> None:
    fake.help = "beside"
    panel = await opened(tab, fake)
    chat, help_ = panel.get_by_role("tab", name="Chat"), panel.get_by_role("tab", name="Help")
    await expect(chat).to_have_attribute("aria-selected", "true")
    await expect(panel.get_by_role("tabpanel", name="Chat")).to_be_visible()
    await expect(panel.get_by_role("tabpanel", name="Help")).to_have_count(0)
    for key, shown, hidden in (
        ("ArrowRight", help_, chat),
        ("ArrowRight", chat, help_),
        ("End", help_, chat),
        ("Home", chat, help_),
        ("ArrowLeft", help_, chat),
    ):
        await panel.locator("[role=tab][tabindex='0']").focus()
        await panel.page.keyboard.press(key)
        await expect(shown).to_be_focused()
        await expect(shown).to_have_attribute("aria-selected", "true")
        await expect(hidden).to_have_attribute("tabindex", "-1")
    await expect(panel.locator("#input")).to_be_hidden()


async def test_the_faq_is_listed_by_category_and_an_answer_opens_in_its_place(tab: Page, fake: Fake) -> None:
    panel = await help_of(tab, fake)
    assert await panel.locator(".faq h2").all_text_contents() == ["Delivery", "More answers"]
    question = panel.get_by_role("button", name=DELIVERY)
    await expect(question).to_have_attribute("aria-expanded", "false")
    await question.click()
    answer = panel.locator("#topic-a")
    await expect(answer.locator("strong")).to_have_text("2 days")
    await expect(answer.get_by_role("listitem").first).to_have_text("to you")
    source = answer.get_by_role("link", name="/delivery")
    await expect(source).to_have_attribute("href", fake.host.replace("/host", "/delivery"))
    await expect(source).to_have_attribute("rel", "noopener noreferrer nofollow")
    await question.click()
    await expect(answer).to_be_hidden()
    await question.click()
    await expect(answer).to_be_visible()
    assert len([path for path in fake.requests if "id=a" in path]) == 1


async def test_r13_what_an_entry_holds_is_shown_as_words_and_no_link_of_it_runs(tab: Page, fake: Fake) -> None:
    evil = "<img src=x onerror=alert(1)>"
    fake.topics = [
        {
            "id": "x",
            "category": evil,
            "question": evil,
            "answer": f"{evil} [click](javascript:alert(1)) ![i](https://evil.example/i.png)",
            "url": "javascript:alert(1)",
        }
    ]
    fake.help = "first"
    panel = await opened(tab, fake)
    await panel.get_by_role("button", name=evil).click()
    await expect(panel.locator("#topic-x")).to_contain_text(evil)
    await expect(panel.locator("#topic-x a[href^='javascript']")).to_have_count(0)
    await expect(panel.locator("img")).to_have_count(0)


async def test_a_search_goes_out_when_the_typing_rests_and_its_count_is_said(tab: Page, fake: Fake) -> None:
    panel = await help_of(tab, fake)
    await panel.get_by_role("searchbox").press_sequentially("ship", delay=10)
    await expect(panel.get_by_role("heading", name="1 answer")).to_be_visible()
    await expect(panel.locator(".faq h3")).to_have_count(1)
    await expect(panel.locator("#polite")).to_contain_text("1 answer")
    assert len([path for path in fake.requests if "q=" in path]) < 4
    await panel.get_by_role("searchbox").fill("")
    await expect(panel.locator(".faq h3")).to_have_count(3)


async def test_where_nothing_fits_the_bot_or_a_person_can_be_asked(tab: Page, fake: Fake) -> None:
    panel = await help_of(tab, fake)
    search = panel.get_by_role("searchbox")
    await search.fill("Do you sell unicorns?")
    await panel.get_by_role("button", name="Ask in the chat").click()
    (sent,) = await fake.heard("message.send")
    assert sent["text"] == "Do you sell unicorns?"
    await expect(panel.get_by_role("tab", name="Chat")).to_be_focused()
    await expect(panel.locator(".visitor", has_text="unicorns")).to_be_visible()
    await panel.get_by_role("tab", name="Help").click()
    await panel.get_by_role("button", name="Talk to a person").last.click()
    await fake.heard("person.request")
    await expect(panel.locator("#input")).to_be_visible()


async def test_an_empty_faq_says_so_and_leads_to_the_chat(tab: Page, fake: Fake) -> None:
    fake.topics, fake.help = [], "first"
    panel = await opened(tab, fake)
    await expect(panel.get_by_text("There are no answers here yet.").first).to_be_visible()
    await panel.get_by_role("button", name="Ask in the chat").click()
    await expect(panel.locator("#input")).to_be_focused()
    assert fake.commands[-1]["type"] == "room.join"


async def test_ask_about_this_starts_a_chat_with_the_question(tab: Page, fake: Fake) -> None:
    panel = await help_of(tab, fake)
    await panel.get_by_role("button", name=DELIVERY).click()
    await panel.get_by_role("button", name="Ask about this").click()
    (sent,) = await fake.heard("message.send")
    assert sent["text"] == DELIVERY
    await expect(panel.locator(".visitor", has_text=DELIVERY)).to_be_visible()


async def test_before_the_visitor_agreed_a_question_waits_in_the_composer(tab: Page, fake: Fake) -> None:
    fake.gate = {"text": "We keep what you write.", "version": 3}
    panel = await help_of(tab, fake)
    await panel.get_by_role("button", name=DELIVERY).click()
    await panel.get_by_role("button", name="Ask about this").click()
    await panel.locator(".gate button").click()
    await expect(panel.get_by_label("Your message")).to_have_value(DELIVERY)
    assert not [command for command in fake.commands if command["type"] == "message.send"]


async def test_a_word_on_an_answer_is_sent_shown_and_can_be_changed(tab: Page, fake: Fake) -> None:
    panel = await help_of(tab, fake)
    await panel.get_by_role("button", name=DELIVERY).click()
    yes, no = panel.get_by_role("button", name="Yes"), panel.get_by_role("button", name="No", exact=True)
    await no.click()
    await expect(panel.get_by_role("group", name="Was this helpful?").get_by_role("status")).to_have_text("Thank you.")
    await expect(no).to_have_attribute("aria-pressed", "true")
    await yes.click()
    await expect(no).to_have_attribute("aria-pressed", "false")
    assert fake.words == [{"id": "a", "good": False}, {"id": "a", "good": True}]


async def test_offline_what_was_read_is_there_and_the_rest_is_tried_again(tab: Page, fake: Fake) -> None:
    panel = await help_of(tab, fake)
    await panel.get_by_role("button", name=DELIVERY).click()
    await panel.get_by_text("2 days").wait_for()
    await tab.context.set_offline(True)
    search = panel.get_by_role("searchbox")
    await search.fill("delivery")
    await expect(panel.locator(".faq h3")).to_have_count(1)
    await panel.get_by_role("button", name=DELIVERY).click()
    await expect(panel.get_by_text("2 days")).to_be_visible()
    await search.fill("unicorns")
    await expect(panel.get_by_text("cannot be loaded right now").first).to_be_visible()
    await tab.context.set_offline(False)
    await search.fill("free")
    await panel.get_by_role("button", name="Is shipping free?").wait_for()


async def test_a_list_that_could_not_be_had_is_loaded_on_a_click(tab: Page, fake: Fake) -> None:
    fake.help, fake.no_help = "first", True
    panel = await opened(tab, fake)
    again = panel.get_by_role("button", name="Try again")
    await again.wait_for()
    fake.no_help = False
    await again.click()
    await panel.locator(".faq").get_by_role("button", name=DELIVERY).wait_for()


async def test_where_help_opens_first_its_search_has_the_focus(tab: Page, fake: Fake) -> None:
    fake.help = "first"
    panel = await opened(tab, fake)
    await expect(panel.get_by_role("searchbox")).to_be_focused()
    await expect(panel.get_by_role("tab", name="Help")).to_have_attribute("aria-selected", "true")


async def test_the_choice_of_a_tab_is_remembered(tab: Page, fake: Fake) -> None:
    fake.help = "first"
    for chosen in ("Help", "Chat"):
        # The panel as a page of its own: what a browser keeps for a frame on another site is the browser's to say.
        await tab.goto(fake.panel)
        await expect(tab.get_by_role("tab", name=chosen)).to_have_attribute("aria-selected", "true")
        await tab.get_by_role("tab", name="Chat").click()
    await expect(tab.get_by_label("Your message")).to_be_visible()


async def test_reading_needs_no_socket(tab: Page, fake: Fake) -> None:
    fake.help, fake.mute = "first", True
    await tab.goto(fake.host)
    await tab.get_by_role("button", name="Chat").click()
    frame = tab.frame_locator("iframe")
    await frame.locator(".faq").get_by_role("button", name=DELIVERY).click()
    await frame.get_by_text("2 days").wait_for()
    await expect(frame.get_by_text("Connecting")).to_be_visible()


async def test_what_comes_in_the_chat_meanwhile_is_marked_on_its_tab(tab: Page, fake: Fake) -> None:
    fake.help = "beside"
    panel = await opened(tab, fake)
    await write(panel, "Hello")
    await panel.locator(".visitor.sent").wait_for()
    await panel.get_by_role("tab", name="Help").click()
    await expect(panel.get_by_role("tab", name="Chat, 1 unread")).to_have_count(0)
    await fake.say("bot", "Hello!")
    await panel.get_by_role("tab", name="Chat, 1 unread").click()
    await expect(panel.get_by_role("tab", name="Chat", exact=True)).to_have_count(1)
    await expect(panel.get_by_text("Hello!").first).to_be_visible()


async def test_a_half_written_message_is_still_there_after_a_look_at_the_answers(tab: Page, fake: Fake) -> None:
    panel = await help_of(tab, fake)
    await panel.get_by_role("tab", name="Chat").click()
    await panel.get_by_label("Your message").fill("I wonder")
    await panel.get_by_role("tab", name="Help").click()
    await panel.get_by_role("tab", name="Chat").click()
    await expect(panel.get_by_label("Your message")).to_have_value("I wonder")


@pytest.mark.parametrize("fixture", ["no storage", "a phone"])
async def test_it_works_without_storage_and_on_a_phone(browser: Browser, fake: Fake, fixture: str) -> None:
    fake.help = "first"
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    options: dict[str, Any] = phone if fixture == "a phone" else {}
    async with looking(browser, **options) as page:
        if fixture == "no storage":
            throws = "get() { throw new DOMException('no', 'SecurityError'); }"
            await page.add_init_script(f"Object.defineProperty(window, 'localStorage', {{ {throws} }});")
        panel = await opened(page, fake)
        await panel.locator(".faq").get_by_role("button", name=DELIVERY).click()
        await panel.get_by_text("2 days").wait_for()
        await panel.get_by_role("tab", name="Chat").click()
        await expect(panel.get_by_label("Your message")).to_be_visible()
        await panel.get_by_role("tab", name="Help").click()
        await expect(panel.get_by_text("2 days")).to_be_visible()
        sizes = await panel.locator(".tabs button, .word, .faq .pill, .faq h3 button").evaluate_all(
            "nodes => nodes.filter((n) => n.checkVisibility()).map((n) => n.getBoundingClientRect().height)"
        )
        assert fixture != "a phone" or min(sizes) >= 44
