"""What agents do at the desk besides talking, in real browsers: notes, passing on, putting aside, keys, the visitor."""

import json
import random

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select, update

from engine.models import Message, Room, Visitor
from tests.console.conftest import Site
from tests.console.screen import SignIn, reply, take, visitor
from tests.console.visit import QUESTION

pytestmark = pytest.mark.anyio


async def jot(page: Page, text: str) -> None:
    """Write a note in the chat that is open."""
    begin = page.get_by_role("button", name="Add a note").or_(page.get_by_role("button", name="Note", exact=True))
    await begin.filter(visible=True).click()
    await page.get_by_label("Note", exact=True).fill(text)
    await page.keyboard.press("Enter")


async def test_a_note_calls_a_colleague_and_no_visitor_ever_hears_of_it(served: Site, sign_in: SignIn) -> None:
    grace, linus = await sign_in("grace"), await sign_in("linus")
    title = await linus.title()
    async with visitor(served, "I want to talk to a person") as ada:
        await grace.locator(".waiting a").click()
        await jot(grace, "Pays late, @Linus. <b>Careful</b>")
        await expect(grace.locator(".note .bubble")).to_have_text("Pays late, @Linus. <b>Careful</b>")
        await expect(linus.get_by_label("You were mentioned")).to_be_visible()
        await expect(linus).to_have_title(f"(2) {title}")  # who waits, and this
        await linus.locator(".waiting a").click()
        await expect(linus.locator(".note .by strong")).to_have_text("Grace")
        await expect(linus.get_by_label("You were mentioned")).to_have_count(0)
        await take(linus)
        await reply(linus, "Hello")
        await jot(linus, "Seen.")
        await expect(grace.locator(".note .bubble")).to_have_text(["Pays late, @Linus. <b>Careful</b>", "Seen."])
        await expect(linus.locator(".messages > li.note, .messages > li.agent")).to_have_count(3)
        await grace.reload()
        await expect(grace.locator(".note .bubble")).to_have_count(2)
        heard = json.dumps(ada.heard + await ada.quiet(0.3)) + json.dumps(await ada.join())
        assert "Pays late" not in heard
        assert "Seen." not in heard


async def test_r2_a_note_that_is_written_offline_is_kept_and_there_once(served: Site, sign_in: SignIn) -> None:
    grace = await sign_in("grace")
    async with visitor(served, "I want to talk to a person"):
        await grace.locator(".waiting a").click()
        await grace.get_by_role("button", name="Add a note").wait_for()
        await grace.context.set_offline(True)
        await expect(grace.locator("#link")).to_contain_text("Offline")
        await jot(grace, "On a train")
        await expect(grace.locator(".note .end")).to_have_text("Sending…")
        await grace.context.set_offline(False)
        await expect(grace.locator(".note .end")).to_have_count(0, timeout=20_000)
        await expect(grace.locator(".note .bubble")).to_have_text(["On a train"])


async def test_a_chat_is_passed_on_to_a_colleague_who_is_there(served: Site, sign_in: SignIn) -> None:
    grace = await sign_in("grace")
    async with visitor(served, "I want to talk to a person") as ada:
        await take(grace)
        await grace.get_by_role("button", name="Pass on").click()
        await expect(grace.get_by_role("dialog")).to_contain_text("Nobody else is at the desk")
        await grace.keyboard.press("Escape")
        await expect(grace.get_by_role("button", name="Pass on")).to_be_focused()
        linus = await sign_in("linus")
        await expect(grace.locator("#crew")).to_have_text("Also here: Linus")
        await linus.get_by_role("switch").click()
        await expect(grace.locator("#crew")).to_have_text("Also here: Linus (away)")
        await grace.get_by_role("button", name="Pass on").click()
        await expect(grace.get_by_role("radio", name="Linus")).to_be_disabled()
        await grace.keyboard.press("Escape")
        await linus.get_by_role("switch").click()
        await expect(grace.locator("#crew")).to_have_text("Also here: Linus")
        await grace.get_by_role("button", name="Pass on").click()
        await grace.get_by_label("Note for them").fill("Wants a refund.")
        await grace.get_by_role("dialog").get_by_role("button", name="Pass on").click()
        await expect(linus.locator(".mine a")).to_have_count(1)
        await linus.locator(".mine a").click()
        await expect(linus.locator(".note .bubble")).to_have_text("Wants a refund.")
        await reply(linus, "Linus here")
        await expect(grace.locator(".standing")).to_have_text("Claimed by Linus")
        await expect(grace.get_by_role("button", name="Pass on")).to_be_hidden()
        said = await ada.until(lambda f: f["type"] == "message.created" and f["message"]["author"] == "agent")
        assert said["message"]["name"] == "Linus"


async def test_a_chat_that_is_put_aside_leaves_the_list_until_the_visitor_writes(served: Site, sign_in: SignIn) -> None:
    grace = await sign_in("grace")
    async with visitor(served, "I want to talk to a person") as ada:
        await take(grace)
        await grace.get_by_role("button", name="Put aside").click()
        await grace.get_by_role("radio", name="Tomorrow morning").check()
        await grace.get_by_role("dialog").get_by_role("button", name="Put aside").click()
        await expect(grace.locator(".snoozed .when")).to_contain_text("until")
        await expect(grace.locator(".mine a")).to_have_count(0)
        await expect(grace.locator(".standing")).to_contain_text("Put aside by you until")
        await ada.send("One more thing")
        await expect(grace.locator(".mine a")).to_have_count(1)
        await expect(grace.locator(".standing")).to_have_text("With you")
        await grace.get_by_role("button", name="Close with a word").click()
        await grace.get_by_label("What was it about?").fill("Refund")
        await grace.keyboard.press("Enter")
        await expect(grace.locator(".standing")).to_have_text("Closed · Refund")


async def test_every_deed_has_a_key_and_none_where_somebody_writes(served: Site, sign_in: SignIn) -> None:
    grace = await sign_in("grace")
    async with visitor(served, "I want to talk to a person"), visitor(served, "A real person, please"):
        await expect(grace.locator(".waiting a")).to_have_count(2)
        await grace.keyboard.press("?")
        await expect(grace.get_by_role("dialog", name="Keys")).to_contain_text("Write a note")
        await grace.keyboard.press("Escape")
        await expect(grace.get_by_role("dialog")).to_have_count(0)
        await grace.keyboard.press("j")
        await expect(grace.locator("a[aria-current] .title")).to_have_text("I want to talk to a person")
        await grace.keyboard.press("j")
        await expect(grace.locator("a[aria-current] .title")).to_have_text("A real person, please")
        await grace.keyboard.press("k")
        await expect(grace.locator("a[aria-current] .title")).to_have_text("I want to talk to a person")
        await expect(grace.get_by_role("button", name="Take this chat")).to_be_visible()
        await grace.keyboard.press("c")
        await expect(grace.locator(".standing")).to_have_text("With you")
        await grace.keyboard.press("r")
        await expect(grace.get_by_label("Reply")).to_be_focused()
        await grace.keyboard.type("eczbpn?")  # letters, not deeds
        await expect(grace.get_by_label("Reply")).to_have_value("eczbpn?")
        await expect(grace.locator(".standing")).to_have_text("With you")
        await grace.evaluate("document.activeElement.blur()")
        await grace.keyboard.press("n")
        await expect(grace.get_by_label("Note", exact=True)).to_be_focused()
        await expect(grace.get_by_label("Note", exact=True)).to_have_value("")
        for key, dialog in (("p", "Pass on to…"), ("z", "Put aside until…")):
            await grace.evaluate("document.activeElement.blur()")
            await grace.keyboard.press(key)
            await expect(grace.get_by_role("dialog", name=dialog)).to_be_visible()
            await grace.keyboard.press("Escape")
            await expect(grace.get_by_role("dialog")).to_have_count(0)
        await grace.evaluate("document.activeElement.blur()")
        await grace.keyboard.press("e")
        await expect(grace.locator(".standing")).to_have_text("Closed")


async def test_the_card_says_who_the_visitor_is_and_links_only_to_pages(served: Site, sign_in: SignIn) -> None:
    grace = await sign_in("grace")
    async with visitor(served) as ada:
        await ada.join(page="https://acme.example/pots?utm=1", locale="de", context={"plan": "Gold", "<i>": "<b>1</b>"})
        await ada.send("I want to talk to a person")
        await grace.locator(".waiting a").click()
        card = grace.get_by_role("complementary", name="The visitor")
        await expect(card.get_by_role("link", name="acme.example/pots")).to_have_attribute(
            "rel", "noopener noreferrer nofollow"
        )
        await expect(card.locator("dl")).to_contain_text(["acme.example", "Gold"])
        await expect(card).to_contain_text("<b>1</b>")
        async with served.db.write() as session:
            await session.execute(update(Visitor).values(page="javascript:alert(1)"))
        await grace.reload()
        await expect(card).to_contain_text("javascript:alert(1)")
        await expect(card.get_by_role("link")).to_have_count(0)


async def test_r10_the_visitor_of_a_room_is_shown_to_its_own_desk_alone(served: Site) -> None:
    async with visitor(served, "I want to talk to a person") as ada:
        room = (await ada.join())["room"]
        for email, slug, status in (
            ("grace@acme.example", "acme", 200),
            ("grace@globex.example", "acme", 404),
            ("grace@globex.example", "globex", 404),
            ("viewer@acme.example", "acme", 403),
        ):
            visit = served.visit()
            await visit.sign_in(email)
            answer = await visit.get(f"/app/{slug}/live/visitor?room={room}")
            assert answer.status_code == status, (email, slug)
        assert (await served.visit().get(f"/app/acme/live/visitor?room={room}")).status_code in (302, 303)


async def test_a_desk_that_slept_through_anything_shows_what_a_fresh_one_shows(served: Site, sign_in: SignIn) -> None:
    chance = random.Random(7)
    slept, grace = await sign_in("linus"), await sign_in("grace")
    async with (
        visitor(served, "first", QUESTION) as ada,
        visitor(served, "second") as bob,
        visitor(served, "third") as eve,
    ):
        people = (ada, bob, eve)
        for each in people:
            await each.send("I want to talk to a person")
        await expect(slept.locator(".waiting a")).to_have_count(3)
        await slept.locator(".waiting a").first.click()
        await expect(slept.locator(".standing")).to_contain_text("Waiting")
        await slept.context.set_offline(True)
        await expect(slept.locator("#link")).to_contain_text("Offline")
        await take(grace)
        await reply(grace, "Hello")
        await jot(grace, "For @Linus")
        await take(grace)
        await grace.get_by_role("button", name="Close", exact=True).click()
        await take(grace)
        await grace.get_by_role("button", name="Put aside").click()
        await grace.get_by_role("dialog").get_by_role("button", name="Put aside").click()
        await expect(grace.locator(".snoozed a")).to_have_count(1)
        for n in range(12):
            await chance.choice(people).send(f"More {n}")
        fresh = await sign_in("linus")
        await fresh.goto(slept.url)
        await slept.context.set_offline(False)
        await expect(slept.locator("#link")).to_have_text("Live", timeout=20_000)
        await expect(fresh.locator("#link")).to_have_text("Live")
        await expect(slept.get_by_label("You were mentioned")).to_have_count(0)  # the room is open in both
        for part in ("#lists", ".standing", ".messages"):
            shown = await fresh.locator(part).inner_text()
            await expect(slept.locator(part)).to_have_text(shown, use_inner_text=True, timeout=15_000)
        assert await slept.title() == await fresh.title()
        async with served.db.read() as session:
            stored = await session.scalar(select(Message.text).join(Room).order_by(Message.created_at.desc()).limit(1))
        assert stored is not None
        assert stored in await slept.locator("#lists").inner_text() + await slept.locator(".messages").inner_text()


async def test_a_note_for_a_colleague_who_went_meanwhile_is_not_lost(served: Site, sign_in: SignIn) -> None:
    grace, linus = await sign_in("grace"), await sign_in("linus")
    async with visitor(served, "I want to talk to a person"):
        await take(grace)
        await expect(grace.locator("#crew")).to_have_text("Also here: Linus")
        await grace.get_by_role("button", name="Pass on").click()
        await grace.get_by_label("Note for them").fill("A long story")
        await linus.get_by_role("switch").click()
        await expect(grace.locator("#crew")).to_have_text("Also here: Linus (away)")
        await grace.get_by_role("dialog").get_by_role("button", name="Pass on").click()
        await expect(grace.get_by_role("alert")).to_contain_text("Linus is away or not at the desk")
        await linus.get_by_role("switch").click()
        await expect(grace.locator("#crew")).to_have_text("Also here: Linus")
        await grace.get_by_role("button", name="Pass on").click()
        await expect(grace.get_by_label("Note for them")).to_have_value("A long story")
        await grace.get_by_role("dialog").get_by_role("button", name="Pass on").click()
        await linus.locator(".mine a").click()
        await expect(linus.locator(".note .bubble")).to_have_text("A long story")


async def test_another_time_must_be_said(served: Site, sign_in: SignIn) -> None:
    grace = await sign_in("grace")
    async with visitor(served, "I want to talk to a person"):
        await take(grace)
        await grace.get_by_role("button", name="Put aside").click()
        dialog = grace.get_by_role("dialog")
        await grace.get_by_role("radio", name="At another time").check()
        await dialog.get_by_role("button", name="Put aside").click()
        await expect(dialog).to_be_visible()
        await grace.get_by_label("Another time", exact=True).fill("2036-01-01T09:00")
        await dialog.get_by_role("button", name="Put aside").click()
        await expect(grace.get_by_role("alert")).to_contain_text("within the next 90 days")


async def test_who_looks_elsewhere_is_notified_and_who_looks_is_not(served: Site, sign_in: SignIn) -> None:
    grace = await sign_in("grace")
    await grace.context.grant_permissions(["notifications"], origin=served.settings.public_url)
    await grace.add_init_script(
        """window.told = [];
        window.Notification = class { constructor(text, { tag }) { told.push([text, tag]); } };
        Notification.permission = 'granted';
        document.hasFocus = () => !window.elsewhere;"""
    )
    await grace.reload()
    await expect(grace.get_by_role("button", name="Alerts are on")).to_be_visible()
    await expect(grace.locator("#link")).to_have_text("Live")
    async with visitor(served, "I want to talk to a person") as ada:
        await expect(grace.locator(".waiting a")).to_have_count(1)
        assert await grace.evaluate("told") == []
        await take(grace)
        await grace.evaluate("window.elsewhere = true")
        await ada.send("Are you there?")
        room = (await ada.join())["room"]
        await expect(grace.locator(".visitor .bubble")).to_have_count(2)
        await grace.wait_for_function("told.length === 1")
        assert await grace.evaluate("told") == [["A new message", room]]
        await grace.get_by_role("button", name="Alerts are on").click()
        await ada.send("Hello?")
        await expect(grace.locator(".visitor .bubble")).to_have_count(3)
        assert len(await grace.evaluate("told")) == 1
