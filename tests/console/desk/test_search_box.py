"""The search at the live desk in a real browser: in the lists' place, by keyboard, with a network that fails."""

import re

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Route, expect

from tests.console.conftest import Site
from tests.console.screen import SignIn, take, visitor
from tests.console.test_search import room

pytestmark = pytest.mark.anyio


class Search:
    """The parts of the search on a page."""

    def __init__(self, page: Page) -> None:
        self.input = page.get_by_role("searchbox", name="Search conversations")
        self.clear = page.get_by_role("button", name="Clear the search")
        self.told = page.locator(".told")
        self.links = page.locator(".found a[data-room]")
        self.marks = page.locator(".found mark")
        self.more = page.locator(".further")
        self.lists = page.locator(".list.waiting, .list.mine")


async def test_what_is_typed_finds_rooms_in_the_lists_place_and_one_is_opened(served: Site, sign_in: SignIn) -> None:
    acme = served.cast.acme
    told = await room(served, acme, "Where is my order?", ("agent", "The Große parcel <b>left</b> our STRASSE"))
    await room(served, acme, "Something else")
    grace = await sign_in("grace")
    search = Search(grace)
    await expect(search.lists.first).to_be_visible()
    await expect(search.clear).to_be_hidden()
    await search.input.press_sequentially("strasse große")
    await expect(search.links).to_have_count(1)
    await expect(search.links.locator(".title")).to_have_text("Where is my order?")
    await expect(search.links.locator(".preview")).to_have_text("Agent: The Große parcel <b>left</b> our STRASSE")
    await expect(search.marks).to_have_text(["Große", "STRASSE"])
    await expect(search.told).to_have_text("1 conversation")
    assert await search.told.get_attribute("role") == "status"
    assert await search.lists.filter(visible=True).count() == 0
    assert await grace.locator(".found b").count() == 0
    await search.links.click()
    await expect(grace.locator("#room .messages")).to_contain_text("our STRASSE")
    assert grace.url.endswith(f"?room={told}")
    await expect(search.links).to_have_attribute("aria-current", "true")
    await search.clear.click()
    await expect(search.lists.first).to_be_visible()
    await expect(search.links).to_have_count(0)
    await expect(search.input).to_have_value("")
    await expect(search.input).to_be_focused()
    await expect(search.told).to_have_text("")


async def test_escape_brings_the_lists_back_from_the_box_and_from_a_hit(served: Site, sign_in: SignIn) -> None:
    await room(served, served.cast.acme, "kiwi")
    grace = await sign_in("grace")
    search = Search(grace)
    for steps in ([], ["ArrowDown"]):
        await search.input.fill("kiwi")
        await expect(search.links).to_have_count(1)
        for step in steps:
            await grace.keyboard.press(step)
            await expect(search.links).to_be_focused()
        await grace.keyboard.press("Escape")
        await expect(search.input).to_have_value("")
        await expect(search.input).to_be_focused()
        await expect(search.lists.first).to_be_visible()


async def test_s_leads_to_the_box_unless_something_is_being_written(served: Site, sign_in: SignIn) -> None:
    grace = await sign_in("grace")
    search = Search(grace)
    await grace.keyboard.press("Control+s")
    await expect(search.input).not_to_be_focused()
    await grace.keyboard.press("s")
    await expect(search.input).to_be_focused()
    await expect(search.input).to_have_value("")
    await grace.keyboard.press("s")
    await expect(search.input).to_have_value("s")
    await grace.keyboard.press("Escape")
    async with visitor(served, "I want to talk to a person"):
        await take(grace)
        await grace.keyboard.type("yes sir")
        await expect(grace.get_by_label("Reply")).to_have_value("yes sir")


async def test_more_brings_the_next_page_and_moves_on_to_it(served: Site, sign_in: SignIn) -> None:
    for n in range(23):
        await room(served, served.cast.acme, f"pear {n}", minute=n)
    grace = await sign_in("grace")
    search = Search(grace)
    await search.input.fill("pear")
    await expect(search.links).to_have_count(20)
    await expect(search.told).to_have_text("More than 20 conversations")
    await search.more.focus()
    await grace.keyboard.press("Enter")
    await expect(search.links).to_have_count(23)
    await expect(search.links.nth(20)).to_be_focused()
    await expect(search.more).to_be_hidden()
    await expect(search.told).to_have_text("23 conversations")
    titles = await search.links.locator(".title").all_text_contents()
    assert titles == [f"pear {n}" for n in range(22, -1, -1)]


async def test_nothing_found_and_no_network_are_said_in_words(served: Site, sign_in: SignIn) -> None:
    await room(served, served.cast.acme, "kiwi")
    grace = await sign_in("grace")
    search = Search(grace)
    await search.input.fill("unicorn")
    await expect(search.told).to_contain_text("Nothing found")
    await expect(search.more).to_be_hidden()
    await grace.context.set_offline(True)
    await search.input.fill("kiwi")
    await expect(search.told).to_have_text("The search could not be reached.")
    await grace.context.set_offline(False)
    await search.more.click()
    await expect(search.links).to_have_count(1)
    await expect(search.told).to_have_text("1 conversation")


async def test_a_page_that_does_not_come_leaves_the_ones_before(served: Site, sign_in: SignIn) -> None:
    for n in range(21):
        await room(served, served.cast.acme, "pear", minute=n)
    grace = await sign_in("grace")
    search = Search(grace)
    await search.input.fill("pear")
    await expect(search.links).to_have_count(20)
    await grace.context.set_offline(True)
    await search.more.click()
    await expect(search.told).to_have_text("The search could not be reached.")
    await expect(search.links).to_have_count(20)
    await grace.context.set_offline(False)
    await expect(search.more).to_have_text("Try again")
    await search.more.click()
    await expect(search.links).to_have_count(21)


async def test_one_request_goes_out_when_one_stops_typing_and_a_late_answer_is_dropped(
    served: Site, sign_in: SignIn
) -> None:
    await room(served, served.cast.acme, "apple")
    await room(served, served.cast.acme, "pear")
    grace = await sign_in("grace")
    search = Search(grace)
    asked: list[str] = []
    held: list[Route] = []

    async def hold(route: Route) -> None:
        asked.append(route.request.url.partition("?q=")[2])
        if asked[-1] == "apple":
            held.append(route)
        else:
            await route.continue_()

    await grace.route("**/live/search?*", hold)
    async with grace.expect_request("**/live/search?*"):
        await search.input.press_sequentially("apple")
    async with grace.expect_event("requestfailed"):
        await search.input.fill("pear")
    await expect(search.links.locator(".title")).to_have_text("pear")
    assert asked == ["apple", "pear"]
    assert len(held) == 1
    async with grace.expect_request("**/live/search?*"):
        await search.input.fill("apple")
    async with grace.expect_event("requestfailed"):
        await search.clear.click()
    await expect(search.lists.first).to_be_visible()
    await expect(search.links).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
async def test_results_have_no_fault_that_axe_finds_and_fit_a_phone(
    served: Site, sign_in: SignIn, width: int, scheme: str
) -> None:
    await room(served, served.cast.acme, "pear " + "w" * 200, ("note", "A pear, between us"))
    await room(served, served.cast.acme, "https://shop.example/" + "pear" * 40)
    grace = await sign_in("grace")
    await grace.set_viewport_size({"width": width, "height": 844})
    await grace.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    search = Search(grace)
    for q, said in (("pear", re.compile("^2 conversations$")), ("unicorn", re.compile("Nothing found"))):
        await search.input.fill(q)
        await expect(search.told).to_have_text(said)
        found = await Axe().run(grace)
        assert found.violations_count == 0, found.generate_report()
        assert await grace.evaluate("document.documentElement.scrollWidth <= innerWidth")
