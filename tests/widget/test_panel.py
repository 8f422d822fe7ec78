"""The conversation as a visitor sees and works it."""

from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser, Page, expect

from engine import protocol as wire

from .conftest import looking, opened, write
from .fake import ROOM, Fake

LONG = "\n\n".join(f"Paragraph {n} of a long answer about how plants are watered." for n in range(30))


async def test_the_first_sight_is_the_greeting_with_questions_to_click(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    assert await panel.get_by_role("heading").text_content() == "Juniper"
    await panel.locator(".bubble", has_text="Hello! I know our plants").wait_for()
    await panel.get_by_role("button", name="Can I return a plant?").click()
    sent = await fake.heard("message.send")
    assert sent[0]["text"] == "Can I return a plant?"
    await panel.get_by_role("button", name="How long does delivery take?").wait_for(state="detached")


async def test_an_answer_brings_its_sources_and_what_to_ask_next(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    sources = [
        wire.Source(id="1", title="Delivery", url="/delivery"),
        wire.Source(id="2", title="Winter"),
        wire.Source(id="3", title="Odd", url="javascript:alert(1)"),
    ]
    await fake.reply("In **2 days**.", sources=sources, offers=["And in winter?"], person=True)
    await panel.locator(".bubble", has_text="In 2 days.").wait_for()
    link = panel.get_by_role("link", name="Delivery")
    assert await link.get_attribute("href") == fake.host.replace("/host", "/delivery")
    assert await panel.locator("a.chip").count() == 1
    assert await panel.locator("span.chip").all_text_contents() == ["Winter", "Odd"]
    await panel.locator(".offers").get_by_role("button", name="Talk to a person").click()
    await fake.heard("person.request")
    await panel.get_by_role("button", name="And in winter?").click()
    assert (await fake.heard("message.send"))[0]["text"] == "And in winter?"


async def test_an_answer_in_one_piece_is_unrolled_and_at_once_for_who_wants_no_motion(
    browser: Browser, fake: Fake
) -> None:
    shown = """() => new Promise((done) => {
      const seen = new Set();
      const bubble = () => document.querySelectorAll('.bot .bubble')[1]?.textContent.length ?? 0;
      const look = () => {
        seen.add(bubble());
        bubble() >= 1500 ? done([...seen].length) : requestAnimationFrame(look);
      };
      look();
    })"""
    steps = {}
    for motion in ("no-preference", "reduce"):
        async with looking(browser, reduced_motion=motion) as page:
            panel = await opened(page, fake)
            fake.messages, fake.revision = [], 0
            await panel.evaluate(f"void (window.shown = ({shown})())")
            await fake.reply(LONG)
            steps[motion] = await panel.evaluate("window.shown")
    assert steps["no-preference"] > 4
    assert steps["reduce"] <= 3


async def test_a_running_answer_can_be_stopped(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    answer = await fake.start()
    await panel.get_by_text("Juniper is writing").wait_for(state="attached")
    await fake.piece(answer, "Well, ")
    stop = panel.get_by_role("button", name="Stop the answer")
    await stop.click()
    await fake.heard("answer.stop")
    await fake.finish(answer, "stopped")
    await panel.get_by_text("Stopped").wait_for()
    await stop.wait_for(state="hidden")
    assert await panel.get_by_role("button", name="Send").is_disabled()


async def test_the_way_to_a_person_shows_each_station(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    await panel.get_by_role("button", name="Options").click()
    await panel.get_by_role("button", name="Talk to a person").click()
    await fake.heard("person.request")
    await fake.wait_in_queue(2)
    await panel.locator("#state", has_text="you are number 2").wait_for()
    await panel.locator("#notice", has_text="Somebody will be with you soon").wait_for()
    await fake.tell(wire.PresenceChanged(room=ROOM, online=False, place=1))
    await panel.locator("#state", has_text="you are number 1").wait_for()
    await panel.locator("#notice", has_text="Nobody is at the desk right now").wait_for()
    await fake.claim()
    await panel.locator("#state", has_text="Grace is here").wait_for()
    await panel.locator("#notice").wait_for(state="hidden")
    await fake.tell(wire.TypingChanged(room=ROOM, author="agent", on=True, name="Grace"))
    await panel.get_by_text("Grace is writing").wait_for(state="attached")
    await fake.say("agent", "Hi, how can I help?", name="Grace")
    await panel.locator(".agent .by", has_text="Grace").wait_for()
    await panel.get_by_text("Grace is writing").wait_for(state="detached")
    fake.revision += 1
    fake.state = wire.RoomState(mode="closed")
    await fake.tell(wire.RoomClosed(room=ROOM, revision=fake.revision, state=fake.state))
    await panel.locator("#state", has_text="Chat closed").wait_for()


async def test_read_marks_go_out_only_while_it_is_open_and_come_back_as_seen(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    await fake.claim()
    await fake.say("agent", "one", name="Grace")
    assert (await fake.heard("read.mark"))[0]["revision"] == 2
    await tab.evaluate("Frontdesk('close')")
    fake.commands.clear()
    await fake.say("agent", "two", name="Grace")
    await tab.get_by_role("button", name="unread").wait_for()
    await tab.wait_for_timeout(800)
    assert fake.commands == []
    await tab.get_by_role("button", name="Chat").click()
    assert (await fake.heard("read.mark"))[0]["revision"] == 3
    await write(panel, "thank you")
    await panel.get_by_text("Sent", exact=True).wait_for()
    fake.revision += 1
    state = wire.RoomState(mode="live", agent=fake.state.agent, read_agent=fake.revision)
    await fake.tell(wire.RoomRead(room=ROOM, revision=fake.revision, state=state))
    await panel.get_by_text("Seen", exact=True).wait_for()


async def test_a_glance_reads_nothing_what_comes_next_counts_as_well(tab: Page, fake: Fake) -> None:
    await opened(tab, fake)
    await tab.evaluate("Frontdesk('close')")
    await fake.say("agent", "Hello", name="Grace")
    await tab.get_by_role("button", name="Chat, 1 unread").wait_for()
    await tab.evaluate("Frontdesk('open'); Frontdesk('close')")
    await tab.wait_for_timeout(800)  # a message in view for less than 600 ms was not read
    assert not [each for each in fake.commands if each["type"] == "read.mark"]
    await tab.get_by_role("button", name="Chat, 1 unread").wait_for()


async def test_the_composer_minds_lines_limits_and_input_methods(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    box = panel.get_by_label("Your message")
    height = "(b) => b.offsetHeight"
    low = await box.evaluate(height)
    await box.press_sequentially("one")
    await box.press("Shift+Enter")
    await box.press_sequentially("two")
    assert await box.evaluate(height) > low
    await box.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    await box.dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
    assert await box.input_value() == "one\ntwo"
    await box.press("Enter")
    assert (await fake.heard("message.send"))[0]["text"] == "one\ntwo"
    await box.fill("🌿" * 4_001)
    await panel.get_by_text("1 over the limit").wait_for()
    await box.press("Enter")
    assert await panel.get_by_role("button", name="Send").is_disabled()
    await box.fill("🌿" * 4_000)
    await panel.get_by_text("0 left").wait_for()
    await box.press("Enter")
    assert len((await fake.heard("message.send", 2))[1]["text"]) == 4_000
    assert await box.evaluate("(b) => getComputedStyle(b).fontSize") == "16px"


async def test_typing_is_told_seldom_and_taken_back(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    await panel.get_by_label("Your message").press_sequentially("hello there", delay=10)
    await write(panel, "hello there")
    assert [command["on"] for command in await fake.heard("typing.set", 2)] == [True, False]


async def test_who_reads_further_up_is_not_moved(tab: Page, fake: Fake) -> None:
    for n in range(40):
        fake.message("bot", f"Line {n}", "complete")
    panel = await opened(tab, fake)
    scroll = panel.locator("#scroll")
    bottom = "(s) => s.scrollHeight - s.scrollTop - s.clientHeight"
    await expect(panel.locator(".rate")).to_have_count(40)  # what comes later moves nobody either
    await scroll.evaluate("() => new Promise(requestAnimationFrame)")
    assert await scroll.evaluate(bottom) < 2
    await scroll.evaluate("(s) => { s.scrollTop = 100 }")
    await panel.locator("#scroll").evaluate("() => new Promise(requestAnimationFrame)")
    await fake.reply("Something new.")
    pill = panel.get_by_role("button", name="New messages")
    await pill.wait_for()
    assert await scroll.evaluate("(s) => s.scrollTop") == 100
    await pill.click()
    assert await scroll.evaluate(bottom) < 2
    await pill.wait_for(state="hidden")


async def test_a_screen_reader_is_told_each_finished_message_once(tab: Page, fake: Fake) -> None:
    fake.message("bot", "From before.", "complete")
    panel = await opened(tab, fake)
    await panel.evaluate(
        """window.told = [];
           for (const id of ['polite', 'assertive']) new MutationObserver((changes) => changes.forEach((change) =>
             change.addedNodes.forEach((node) => told.push(node.textContent)))
           ).observe(document.getElementById(id), { childList: true })"""
    )
    answer = await fake.start()
    for piece in ("Two ", "**working** ", "days."):
        await fake.piece(answer, piece)
    await fake.finish(answer)
    await panel.locator(".bubble", has_text="Two working days.").wait_for()
    await fake.cut()
    await fake.heard("room.join", 2)
    fake.refuse = wire.Error(code="too_long", message="Please shorten it.")
    await write(panel, "x")
    await panel.get_by_role("button", name="Try again").wait_for()
    assert await panel.evaluate("told") == ["Juniper: Two working days.", "Please shorten it."]
    assert await panel.get_by_role("log").get_attribute("aria-live") == "off"


async def test_days_are_told_apart(tab: Page, fake: Fake) -> None:
    now = datetime.now(UTC)
    fake.message("agent", "old", name="Grace", created_at=now - timedelta(days=400))
    fake.message("agent", "new", name="Grace", created_at=now)
    panel = await opened(tab, fake)
    assert await panel.locator(".note").last.text_content() == "Today"
    assert str((now - timedelta(days=400)).year) in (await panel.locator(".note").first.text_content() or "")


async def test_it_is_usable_at_four_hundred_percent_zoom(browser: Browser, fake: Fake) -> None:
    async with looking(browser, viewport={"width": 320, "height": 256}) as page:
        panel = await opened(page, fake)
        await write(panel, "hello")
        await panel.locator(".visitor.sent").wait_for()
        wide = await panel.evaluate("document.documentElement.scrollWidth")
        log = await panel.locator("#scroll").bounding_box()
        assert wide == 320
        assert log is not None
        assert log["height"] >= 110


async def test_opened_as_a_page_of_its_own_it_works_too(tab: Page, fake: Fake) -> None:
    await tab.goto(fake.panel)
    await tab.get_by_text("Answers right away").wait_for()
    assert not await tab.locator("#close").is_visible()
    await write(tab, "hello")
    await tab.locator(".visitor.sent").wait_for()


async def test_the_conversation_can_be_kept_as_a_file(tab: Page, fake: Fake) -> None:
    await tab.goto(fake.panel)
    await tab.get_by_text("Answers right away").wait_for()
    await write(tab, "hello")
    await tab.locator(".visitor.sent").wait_for()
    await tab.get_by_role("button", name="Options").click()
    async with tab.expect_download() as waiting:
        await tab.get_by_role("button", name="Save this conversation").click()
    text = (await (await waiting.value).path()).read_text()
    assert text.endswith("] You: hello\n")


async def test_the_owners_colour_becomes_a_theme_that_can_be_read(tab: Page, fake: Fake) -> None:
    await tab.goto(fake.panel)
    await tab.goto(f"{fake.base}/blank")
    worst = await tab.evaluate(
        """async () => {
             const { theme } = await import('/static/widget/colour.js');
             const channel = (v) => v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4;
             const light = (css) => css.match(/\\d+/g).map(Number).map(channel)
               .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
             const contrast = (a, b) => {
               const [high, low] = [light(a), light(b)].sort((p, q) => q - p);
               return (high + 0.05) / (low + 0.05);
             };
             let worst = 21;
             const steps = ['00', '33', '66', '99', 'cc', 'ff'];
             for (const r of steps) for (const g of steps) for (const b of steps) for (const dark of [false, true]) {
               const t = theme(`#${r}${g}${b}`, dark);
               worst = Math.min(worst, contrast(t['--fd-accent'], t['--fd-accent-text']),
                 contrast(t['--fd-accent-hover'], t['--fd-accent-text']),
                 contrast(t['--fd-accent-ink'], dark ? 'rgb(34 38 46)' : 'rgb(244 245 247)'),
                 contrast(t['--fd-accent-ink'], t['--fd-accent-soft']));
             }
             return [worst, theme('red', false), theme(undefined, true), theme('#12345', false)];
           }"""
    )
    assert worst[0] >= 4.5
    assert worst[1:] == [None, None, None]
