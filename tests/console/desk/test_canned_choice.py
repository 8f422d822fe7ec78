"""A slash at the desk brings the canned replies, by keyboard and by mouse."""

import asyncio

import pytest
from playwright.async_api import Route, expect

from tests.console.conftest import Site
from tests.console.screen import SignIn, take, visitor
from tests.console.test_canned import send, signed_in

pytestmark = pytest.mark.anyio


async def test_a_slash_brings_them_and_enter_takes_one_and_sends_nothing(served: Site, sign_in: SignIn) -> None:
    owner = await signed_in(served, "owner@acme.example")
    hello = "Hello {visitor}, this is {agent} of {site}."
    for shortcut, text in (("hi", hello), ("hours", "We open at nine."), ("bye", "Say hi to us again.")):
        await send(owner, shortcut=shortcut, text=text, shared="on")
    grace = await sign_in("grace")
    async with visitor(served, "I want to talk to a person") as ada:
        await take(grace)
        box, choice = grace.get_by_label("Reply", exact=True), grace.get_by_role("listbox", name="Canned replies")
        await box.press_sequentially("See a/b or https://x")
        await expect(choice).to_be_hidden()
        await box.fill("")
        await box.press_sequentially("/")
        await expect(choice.get_by_role("option")).to_have_count(3)
        await box.press_sequentially("h")
        await expect(choice.get_by_role("option").locator("strong")).to_have_text(["/hi", "/hours", "/bye"])
        await grace.keyboard.press("ArrowDown")
        await expect(choice.get_by_role("option", selected=True)).to_contain_text("/hours")
        await expect(box).to_have_attribute("aria-activedescendant", "canned-1")
        await grace.keyboard.press("Escape")
        await expect(choice).to_be_hidden()
        await expect(box).to_have_value("/h")
        await box.press_sequentially("i")
        await grace.keyboard.press("Enter")
        await expect(box).to_have_value("Hello there, this is Grace of acme.example.")
        await expect(grace.locator(".agent .bubble")).to_have_count(0)
        await box.press_sequentially(" /hou")
        await choice.get_by_role("option").click()
        await expect(box).to_have_value("Hello there, this is Grace of acme.example. We open at nine.")
        await grace.keyboard.press("Enter")
        said = await ada.until(lambda f: f["type"] == "message.created" and f["message"]["author"] == "agent")
        assert said["message"]["text"].startswith("Hello there")
        await grace.get_by_role("button", name="Note", exact=True).click()
        await grace.get_by_label("Note", exact=True).press_sequentially("/h")
        await expect(choice).to_be_hidden()


async def test_who_types_faster_than_the_list_comes_sends_no_shortcut(served: Site, sign_in: SignIn) -> None:
    await send(await signed_in(served, "owner@acme.example"), shortcut="hi", text="Hello {visitor}!", shared="on")
    grace = await sign_in("grace")
    arrived = asyncio.Event()

    async def late(route: Route) -> None:
        await arrived.wait()
        await route.continue_()

    await grace.route("**/canned.json", late)
    async with visitor(served, "I want to talk to a person"):
        await take(grace)
        box = grace.get_by_label("Reply", exact=True)
        await box.press_sequentially("/hi")
        await grace.keyboard.press("Enter")
        arrived.set()
        await expect(box).to_have_value("Hello there!")
        await expect(grace.locator(".agent .bubble")).to_have_count(0)


async def test_without_the_list_what_is_typed_is_sent_as_it_is(served: Site, sign_in: SignIn) -> None:
    grace = await sign_in("grace")
    await grace.route("**/canned.json", lambda route: route.abort())
    async with visitor(served, "I want to talk to a person"):
        await take(grace)
        await grace.get_by_label("Reply", exact=True).press_sequentially("/hi")
        await grace.keyboard.press("Enter")
        await expect(grace.locator(".agent .bubble")).to_have_text("/hi")
