"""A reply drafted from the FAQ: for an agent to read, change and send; nothing is sent by itself."""

from typing import Any

import pytest
from playwright.async_api import expect

from console.live import draft
from tests.console.conftest import Site
from tests.console.screen import SignIn, take, visitor
from tests.console.test_canned import signed_in
from tests.console.visit import QUESTION
from tests.wire import Client

pytestmark = pytest.mark.anyio


async def test_a_reply_is_drafted_for_the_last_words_and_sent_only_by_hand(served: Site, sign_in: SignIn) -> None:
    grace = await sign_in("grace")
    async with visitor(served, "I want to talk to a person", QUESTION) as ada:
        await take(grace)
        await grace.evaluate("document.activeElement.blur()")
        await grace.keyboard.press("d")
        box = grace.get_by_label("Reply", exact=True)
        await expect(box).to_have_value("Delivery takes 2 days.")
        await expect(grace.locator("#keys")).to_have_text(f"From “{QUESTION}”. Read it before you send it.")
        await expect(box).to_be_focused()
        await expect(grace.locator(".agent .bubble")).to_have_count(0)
        await grace.keyboard.type(" Gladly!")
        await grace.keyboard.press("Enter")
        said = await ada.until(lambda f: f["type"] == "message.created" and f["message"]["author"] == "agent")
        assert said["message"]["text"] == "Delivery takes 2 days. Gladly!"
        await box.fill("Hello Ada,")
        await grace.get_by_role("button", name="Draft from the FAQ").click()
        await expect(box).to_have_value("Hello Ada,\n\nDelivery takes 2 days.")
        await grace.context.set_offline(True)
        await grace.get_by_role("button", name="Draft from the FAQ").click()
        await expect(grace.locator("#keys")).to_have_text("The FAQ could not be reached. Try again in a moment.")
        await expect(box).to_have_value("Hello Ada,\n\nDelivery takes 2 days.")


async def drafted(served: Site, email: str, slug: str, room: str) -> tuple[int, dict[str, Any]]:
    answer = await (await signed_in(served, email)).get(f"/app/{slug}/live/draft?room={room}")
    return answer.status_code, answer.json() if answer.status_code == 200 else {}


async def test_r10_only_the_rooms_own_desk_is_told_and_only_from_its_own_faq(served: Site) -> None:
    globex = served.cast.globex
    address = f"ws://127.0.0.1:{served.settings.PORT}/v1/chat?bot={globex.key}"
    async with visitor(served, QUESTION) as ada, Client(address, origin=globex.origin) as bob:
        ours = (await ada.join())["room"]
        theirs = (await bob.join())["room"]
        await bob.send(QUESTION)
        found = {"text": "Delivery takes 2 days.", "title": QUESTION, "sure": True}
        assert await drafted(served, "grace@acme.example", "acme", ours) == (200, found)
        nothing = {"text": "", "title": "", "sure": False}
        assert await drafted(served, "grace@globex.example", "globex", theirs) == (200, nothing)
        for email, slug in (("grace@globex.example", "globex"), ("grace@globex.example", "acme")):
            assert await drafted(served, email, slug, ours) == (404, {})
        assert await drafted(served, "viewer@acme.example", "acme", ours) == (403, {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("It takes **2 days**.", "It takes 2 days."),
        ('See [our terms](https://a.example/t "x").', "See our terms (https://a.example/t)."),
        ("[https://a.example](https://a.example)", "https://a.example"),
        ("## Head\n\n- one\n- `two`", "Head\n\n- one\n- two"),
    ],
)
def test_a_draft_reads_as_if_written_by_hand(text: str, said: str) -> None:
    assert draft.plain(text) == said
