"""What is being written is kept: over a reload, in every tab, and only until it was sent."""

from playwright.async_api import Browser, Page, expect

from .conftest import looking, opened
from .fake import Fake

DENIED = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });"


async def chat(page: Page, fake: Fake) -> Page:
    """The panel as a page of its own, where browsers refuse no storage."""
    await page.goto(fake.panel)
    await page.locator('#state[data-dot="on"]').wait_for()
    return page


async def another(page: Page, fake: Fake) -> Page:
    """Another tab of the same browser."""
    return await chat(await page.context.new_page(), fake)


async def test_half_a_thought_is_there_again_after_a_reload_and_gone_after_it_was_sent(tab: Page, fake: Fake) -> None:
    await chat(tab, fake)
    box = tab.get_by_label("Your message")
    await box.fill("Half a thought")
    await chat(tab, fake)
    await expect(box).to_have_value("Half a thought")
    await expect(tab.get_by_role("button", name="Send")).to_be_enabled()
    await box.press("End")
    await box.press_sequentially(", and the rest")
    await box.press("Enter")
    assert (await fake.heard("message.send"))[0]["text"] == "Half a thought, and the rest"
    await chat(tab, fake)
    await expect(box).to_have_value("")
    assert len(await fake.heard("message.send")) == 1
    assert await tab.evaluate("Object.keys(localStorage).filter((key) => key.endsWith('.draft'))") == []


async def test_all_tabs_show_the_one_draft_and_clear_it_together(tab: Page, fake: Fake) -> None:
    await chat(tab, fake)
    other = await another(tab, fake)
    await tab.get_by_label("Your message").fill("Written here")
    await expect(other.get_by_label("Your message")).to_have_value("Written here")
    await expect(other.get_by_role("button", name="Send")).to_be_enabled()
    await tab.get_by_label("Your message").press("Enter")
    await expect(other.get_by_label("Your message")).to_have_value("")
    await expect(other.get_by_role("button", name="Send")).to_be_disabled()


async def test_whoever_is_writing_is_not_disturbed_by_another_tab(tab: Page, fake: Fake) -> None:
    await chat(tab, fake)
    other = await another(tab, fake)
    await other.evaluate("addEventListener('storage', ({ newValue }) => { document.body.dataset.heard = newValue })")
    await other.get_by_label("Your message").press_sequentially("Mine")
    await tab.get_by_label("Your message").fill("Theirs")
    await expect(other.locator("body[data-heard=Theirs]")).to_be_attached()
    await expect(other.get_by_label("Your message")).to_have_value("Mine")
    await other.get_by_label("Your message").press("Enter")
    assert (await fake.heard("message.send"))[0]["text"] == "Mine"


async def test_what_another_tab_wrote_stays_when_this_one_sends_its_own(tab: Page, fake: Fake) -> None:
    await chat(tab, fake)
    other = await another(tab, fake)
    await other.get_by_label("Your message").fill("Mine")
    await expect(tab.get_by_label("Your message")).to_have_value("Mine")
    await tab.get_by_label("Your message").fill("Theirs")
    await other.get_by_label("Your message").press("Enter")
    assert (await fake.heard("message.send"))[0]["text"] == "Mine"
    for page in (tab, other, await another(tab, fake)):
        await expect(page.get_by_label("Your message")).to_have_value("Theirs")


async def test_who_rests_follows_and_what_is_sent_is_gone_at_once_where_it_was_begun(tab: Page, fake: Fake) -> None:
    await chat(tab, fake)
    other = await another(tab, fake)
    await tab.get_by_label("Your message").fill("Begun")
    await expect(other.get_by_label("Your message")).to_have_value("Begun")
    await other.get_by_label("Your message").fill("Begun, and gone on")
    await expect(tab.get_by_label("Your message")).to_have_value("Begun, and gone on")
    await tab.get_by_label("Your message").press("End")
    await tab.get_by_label("Your message").press_sequentially("!")
    await expect(other.get_by_label("Your message")).to_have_value("Begun, and gone on!")
    await other.get_by_label("Your message").press("Enter")
    await expect(tab.get_by_label("Your message")).to_have_value("", timeout=2_000)
    assert (await fake.heard("message.send"))[0]["text"] == "Begun, and gone on!"


async def test_where_storage_is_refused_writing_works_and_nothing_is_kept(browser: Browser, fake: Fake) -> None:
    async with looking(browser) as page:
        await page.add_init_script(DENIED)
        await chat(page, fake)
        box = page.get_by_label("Your message")
        await box.fill("Half a thought")
        await chat(page, fake)
        await expect(box).to_have_value("")
        await box.fill("Sent all the same")
        await box.press("Enter")
        assert (await fake.heard("message.send"))[0]["text"] == "Sent all the same"


async def test_what_the_page_prefills_takes_the_place_of_a_draft(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    await panel.get_by_label("Your message").fill("Half a thought")
    await tab.evaluate("Frontdesk('open', { prefill: 'My order 1234' })")
    await expect(panel.get_by_label("Your message")).to_have_value("My order 1234")
