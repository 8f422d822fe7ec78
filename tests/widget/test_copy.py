"""What a reader does with what was said: copies it, sees when it was, and sees where a link really leads."""

import pytest
from playwright.async_api import Browser, Frame, Page, expect

from .conftest import looking, opened, write
from .fake import Fake

CODE = "Run this:\n\n```\nmake <all>\n```"


async def answered(page: Page, fake: Fake, text: str) -> Frame:
    """The panel with an answer, and what hangs under it."""
    panel = await opened(page, fake)
    await write(panel, "How?")
    await fake.reply(text)
    await panel.locator(".acts").wait_for()
    return panel


async def pasted(panel: Frame) -> str:
    """What is in the clipboard, as the composer gets it."""
    box = panel.get_by_label("Your message")
    await box.fill("")
    await box.press("ControlOrMeta+v")
    return await box.input_value()


async def test_an_answer_is_copied_and_the_button_says_so_and_keeps_the_focus(tab: Page, fake: Fake) -> None:
    panel = await answered(tab, fake, "**2 days**, mostly.")
    button = panel.locator(".acts").get_by_role("button", name="Copy")
    await button.focus()
    await tab.keyboard.press("Enter")
    done = panel.locator(".acts").get_by_role("button", name="Copied")
    await expect(done).to_be_focused()
    await expect(panel.locator("#polite")).to_contain_text("Copied")
    assert await pasted(panel) == "**2 days**, mostly."
    await expect(button).to_have_count(1)


async def test_a_block_of_code_is_copied_by_itself(tab: Page, fake: Fake) -> None:
    panel = await answered(tab, fake, CODE)
    await expect(panel.locator("pre button")).to_have_count(1)
    await panel.locator("pre").get_by_role("button", name="Copy").click()
    await panel.locator("pre").get_by_role("button", name="Copied").wait_for()
    assert await pasted(panel) == "make <all>"


async def test_the_time_of_an_answer_shows_under_the_pointer_and_with_the_focus(tab: Page, fake: Fake) -> None:
    panel = await answered(tab, fake, "Yes.")
    time = panel.locator(".acts time")
    await expect(time).to_have_text(await panel.locator(".bot .bubble").last.get_attribute("title") or "?")
    await panel.locator("#input").hover()
    await panel.locator("#input").focus()
    await expect(time).to_have_css("clip-path", "inset(50%)")
    await panel.locator(".bot .bubble").last.hover()
    await expect(time).to_have_css("clip-path", "none")
    await panel.locator("#input").hover()
    await expect(time).to_have_css("clip-path", "inset(50%)")
    await panel.locator(".acts button").focus()
    await expect(time).to_have_css("clip-path", "none")


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("[shop.example](https://evil.example/shop)", " (evil.example)"),
        ("[https://shop.example/login](https://evil.example/)", " (evil.example)"),
        ("[our shop](https://xn--pple-43d.example/)", " (xn--pple-43d.example)"),
        ("[www.shop.example](https://shop.example/)", ""),
        ("[shop.example](https://www.shop.example/)", ""),
        ("[manual.pdf](https://shop.example/manual.pdf)", ""),
        ("[our shop](https://shop.example/)", ""),
        ("[mail us](mailto:ada@shop.example)", ""),
    ],
)
async def test_r13_a_link_that_names_another_host_than_it_leads_to_shows_it(
    tab: Page, fake: Fake, link: str, shown: str
) -> None:
    panel = await answered(tab, fake, f"See {link}.")
    assert "".join(await panel.locator(".host").all_text_contents()) == shown
    await expect(panel.locator(".bubble a").last).to_have_attribute("rel", "noopener noreferrer nofollow")


async def test_what_a_person_wrote_is_copied_too_and_a_visitors_own_words_are_not(tab: Page, fake: Fake) -> None:
    panel = await answered(tab, fake, "Yes.")
    await fake.claim()
    await fake.say("agent", "I am Grace.", name="Grace")
    await expect(panel.locator(".agent .acts")).to_have_count(1)
    await expect(panel.locator(".visitor .acts")).to_have_count(0)
    await expect(panel.locator(".bot .acts")).to_have_count(1)


async def test_on_a_touch_screen_the_buttons_are_large_and_the_time_is_there(browser: Browser, fake: Fake) -> None:
    async with looking(browser, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True) as page:
        panel = await answered(page, fake, CODE)
        for button in await panel.locator(".acts button, pre button").all():
            box = await button.bounding_box()
            assert box is not None
            assert box["height"] >= 44
        await expect(panel.locator(".acts time")).to_have_css("clip-path", "none")
        assert await panel.evaluate("document.documentElement.scrollWidth <= innerWidth")
