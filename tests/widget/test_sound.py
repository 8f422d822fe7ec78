"""A sound says that something was said which nobody looks at: once for all tabs, and only to who wants it."""

import asyncio
from collections.abc import Sequence

from playwright.async_api import Browser, Frame, Page, expect

from tests.servers.browser import turn

from .conftest import looking, opened, panel_of, write
from .fake import Fake

# Counts what starts to sound, a ring being two notes, and whether the browser lets it be heard.
EAR = """
  const start = AudioScheduledSourceNode.prototype.start;
  AudioScheduledSourceNode.prototype.start = function (when) {
    const { dataset } = document.documentElement;
    dataset.notes = Number(dataset.notes ?? 0) + 1;
    dataset.audio = this.context.state;
    return start.call(this, when);
  };
"""
# What drives the browser counts as a touch.
UNTOUCHED = "Object.defineProperty(navigator, 'userActivation', { value: { hasBeenActive: false } })"
RUNG = 'html[data-notes="2"][data-audio="running"]'
QUIET = 2_000  # ms after which a sound that was to come has come


async def talking(page: Page, fake: Fake) -> Page:
    """The panel as a page of its own, in which the visitor has written: they can be called from now on."""
    await page.add_init_script(EAR)
    await page.goto(fake.panel)
    await page.locator('#state[data-dot="on"]').wait_for()
    await write(page, "Hello")
    await page.locator("#mute").wait_for(state="attached")
    return page


async def several(page: Page, fake: Fake, count: int) -> list[Page]:
    return [await talking(each, fake) for each in (page, *[await page.context.new_page() for _ in range(count - 1)])]


async def rings(pages: Sequence[Page | Frame]) -> int:
    """How often it rang, once whatever was to ring has."""
    await asyncio.sleep(QUIET / 1_000)
    notes = [await page.locator("html").get_attribute("data-notes") for page in pages]
    assert all(int(count or 0) % 2 == 0 for count in notes)
    return sum(int(count or 0) for count in notes) // 2


async def test_what_is_said_while_the_tab_is_hidden_sounds_and_what_is_seen_does_not(tab: Page, fake: Fake) -> None:
    page = await talking(tab, fake)
    await fake.say("agent", "Hello, I am Grace.", name="Grace")
    await page.locator(".agent .bubble", has_text="Hello, I am Grace.").wait_for()
    assert await rings([page]) == 0
    await turn(page, hidden=True)
    await fake.say("system", "Grace has joined.")
    assert await rings([page]) == 0
    await fake.say("agent", "Are you still there?", name="Grace")
    await page.locator(RUNG).wait_for(state="attached")


async def test_an_answer_sounds_once_at_its_end(tab: Page, fake: Fake) -> None:
    page = await talking(tab, fake)
    await turn(page, hidden=True)
    answer = await fake.start()
    for word in ("It ", "takes ", "two days."):
        await fake.piece(answer, word)
    assert await rings([page]) == 0
    await fake.finish(answer)
    assert await rings([page]) == 1


async def test_what_is_said_to_a_closed_chat_sounds(tab: Page, fake: Fake) -> None:
    await tab.add_init_script(EAR)
    panel = await opened(tab, fake)
    await write(panel, "Hello")
    await panel.locator("#mute").wait_for(state="attached")
    await tab.evaluate("Frontdesk('close')")
    await fake.say("agent", "Are you still there?", name="Grace")
    await panel.locator(RUNG).wait_for(state="attached")


async def test_of_several_hidden_tabs_one_sounds(tab: Page, fake: Fake) -> None:
    pages = await several(tab, fake, 3)
    for page in pages:
        await turn(page, hidden=True)
    for number in (1, 2):
        await fake.say("agent", f"Are you still there? {number}", name="Grace")
        assert await rings(pages) == number


async def test_where_one_tab_shows_it_no_other_sounds(tab: Page, fake: Fake) -> None:
    first, second = await several(tab, fake, 2)
    await turn(second, hidden=True)
    await fake.say("agent", "Are you still there?", name="Grace")
    assert await rings([first, second]) == 0
    await turn(first, hidden=True)
    await fake.say("agent", "And now?", name="Grace")
    assert await rings([first, second]) == 1


async def test_who_wants_no_sound_has_none_in_any_tab_also_after_a_reload(tab: Page, fake: Fake) -> None:
    first, second = await several(tab, fake, 2)
    await first.get_by_role("button", name="Options").click()
    await first.get_by_role("button", name="Turn sounds off").click()
    await expect(first.get_by_role("button", name="Turn sounds on")).to_be_focused()
    await second.get_by_role("button", name="Options").click()
    await second.get_by_role("button", name="Turn sounds on").wait_for()
    await first.reload()
    await first.locator("#mute").wait_for(state="attached")
    await first.locator("#input").press("End")
    for page in (first, second):
        await turn(page, hidden=True)
    await fake.say("agent", "Are you still there?", name="Grace")
    assert await rings([first, second]) == 0
    await turn(first, hidden=False)
    await first.get_by_role("button", name="Options").click()
    await first.get_by_role("button", name="Turn sounds on").click()
    await first.locator(RUNG).wait_for(state="attached")  # what was chosen is heard
    assert await first.evaluate("Object.keys(localStorage).filter((key) => key.endsWith('.mute'))") == []


async def test_what_was_said_before_does_not_sound_and_what_was_missed_does_once(tab: Page, fake: Fake) -> None:
    page = await talking(tab, fake)
    await fake.say("agent", "Hello, I am Grace.", name="Grace")
    await page.reload()
    await page.locator("#mute").wait_for(state="attached")
    await page.locator("#input").press("End")
    await turn(page, hidden=True)
    await fake.cut()
    await fake.heard("room.join", 3)
    assert await rings([page]) == 0
    fake.message("agent", "one", name="Grace")
    fake.message("agent", "two", name="Grace")
    await fake.cut()
    await fake.heard("room.join", 4)
    assert await rings([page]) == 1


async def test_a_tab_that_nobody_touched_is_silent_and_nothing_complains(tab: Page, fake: Fake) -> None:
    said: list[str] = []
    page = await talking(tab, fake)
    page.on("console", lambda message: said.append(message.text))
    await page.add_init_script(UNTOUCHED)
    await page.goto(fake.panel)
    await page.locator("#mute").wait_for(state="attached")
    await turn(page, hidden=True)
    await fake.say("agent", "Are you still there?", name="Grace")
    assert await rings([page]) == 0
    assert said == []
    await page.locator("#input").press("End")
    await fake.say("agent", "And now?", name="Grace")
    assert await rings([page]) == 1


async def test_without_storage_locks_and_channels_it_sounds_too(browser: Browser, fake: Fake) -> None:
    async with looking(browser) as page:
        await page.add_init_script("""
          Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });
          delete Navigator.prototype.locks;
          delete window.BroadcastChannel;
        """)
        await talking(page, fake)
        await turn(page, hidden=True)
        await fake.say("agent", "Are you still there?", name="Grace")
        await page.locator(RUNG).wait_for(state="attached")


async def test_the_title_of_a_chat_that_stands_alone_says_what_is_unread(tab: Page, fake: Fake) -> None:
    page = await talking(tab, fake)
    await expect(page).to_have_title("Juniper")
    await turn(page, hidden=True)
    await fake.say("agent", "one", name="Grace")
    await expect(page).to_have_title("(1) Juniper")
    await fake.say("agent", "two", name="Grace")
    await expect(page).to_have_title("(2) Juniper")
    await turn(page, hidden=False)
    await expect(page).to_have_title("Juniper")


async def test_back_on_the_page_its_chat_that_is_open_has_nothing_unread(tab: Page, fake: Fake) -> None:
    await opened(tab, fake)
    panel = await panel_of(tab, fake)
    await turn(panel, hidden=True)
    await fake.say("agent", "one", name="Grace")
    await expect(tab).to_have_title("(1) A shop")
    await turn(panel, hidden=False)
    await expect(tab).to_have_title("A shop")
