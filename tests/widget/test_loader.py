"""The tag on somebody else's page: it costs nothing before the click, breaks nothing, and nothing breaks it."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from .conftest import looking, opened, panel_of
from .fake import Fake, served

ROOT = "document.querySelector('frontdesk-chat').shadowRoot"
HOSTILE = """<style>
 * { display: none !important; opacity: 0 !important; filter: blur(9px) !important; transform: scale(3) !important;
   position: static !important; font-size: 90px !important; pointer-events: none !important }
 html, head ~ * { display: block !important; opacity: 1 !important; filter: none !important;
   transform: none !important; pointer-events: auto !important }
 button, svg, iframe, div { width: 3px !important; background: red !important }
</style>"""


async def test_before_the_click_there_is_one_request_and_nothing_is_stored(tab: Page, fake: Fake) -> None:
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    await tab.goto(fake.host, wait_until="networkidle")
    await tab.get_by_role("button", name="Chat").wait_for()
    assert asked == [fake.host, f"{fake.base}/widget.js"]
    assert await tab.locator("iframe").count() == 0
    assert await tab.context.cookies() == []
    assert await tab.evaluate("localStorage.length + sessionStorage.length") == 0


async def test_under_a_strict_policy_and_trusted_types_nothing_is_violated(browser: Browser, fake: Fake) -> None:
    fake.host_policy = (
        f"default-src 'none'; img-src data:; script-src {fake.base}; frame-src {fake.base}; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    async with looking(browser) as page:
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        await page.add_init_script(
            "document.addEventListener('securitypolicyviolation', (e) => console.log('violated', e.violatedDirective))"
        )
        await page.goto(fake.host)
        button = page.get_by_role("button", name="Chat")
        assert await button.bounding_box() == {"x": 1_204, "y": 724, "width": 56, "height": 56}
        await button.click()
        panel = await panel_of(page, fake)
        await fake.reply("It works **here** too.")
        await panel.locator(".bubble", has_text="It works here too.").wait_for()
        assert said == []


async def test_the_root_is_closed_to_the_page(browser: Browser, fake: Fake) -> None:
    async with looking(browser, opened=False) as page:
        await page.goto(fake.host)
        assert await page.locator("frontdesk-chat").count() == 1
        assert await page.evaluate(ROOT) is None
        await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await fake.heard("room.join")


async def test_a_hostile_style_sheet_moves_nothing(tab: Page, fake: Fake) -> None:
    fake.page["head"] = HOSTILE
    await tab.goto(fake.host)
    button = tab.locator("frontdesk-chat button")
    await button.wait_for()
    box = await button.bounding_box()
    assert box == {"x": 1_204, "y": 724, "width": 56, "height": 56}
    look = await button.evaluate(
        "(b) => { const s = getComputedStyle(b.getRootNode().host); "
        "return [s.opacity, s.filter, s.transform, s.position, s.display] }"
    )
    assert look == ["1", "none", "none", "fixed", "block"]
    await button.click()
    await panel_of(tab, fake)


async def test_the_launcher_says_what_it_is_and_escape_gives_the_focus_back(tab: Page, fake: Fake) -> None:
    await tab.goto(fake.host)
    launcher = tab.get_by_role("button", name="Chat")
    assert await launcher.get_attribute("aria-expanded") == "false"
    await launcher.focus()
    await tab.keyboard.press("Enter")
    panel = await panel_of(tab, fake)
    assert await launcher.get_attribute("aria-expanded") == "true"
    assert await tab.locator("iframe").get_attribute("title") == "Chat"
    assert await panel.evaluate("document.activeElement.id") == "input"
    await tab.keyboard.press("Escape")
    assert await launcher.get_attribute("aria-expanded") == "false"
    assert await tab.evaluate(f"{ROOT}.activeElement.tagName") == "BUTTON"
    await tab.locator("iframe").wait_for(state="hidden")


async def test_loaded_twice_it_is_there_once_and_it_survives_what_pages_do(tab: Page, fake: Fake) -> None:
    fake.page["head"] = f'<script async src="{fake.base}/widget.js?again" data-bot="demo"></script>'
    await tab.goto(fake.host, wait_until="networkidle")
    assert await tab.locator("frontdesk-chat").count() == 1
    await tab.evaluate("document.documentElement.replaceChild(document.createElement('body'), document.body)")
    assert await tab.locator("frontdesk-chat").count() == 1
    await tab.evaluate("document.querySelector('frontdesk-chat').remove()")
    await tab.get_by_role("button", name="Chat").wait_for()
    await tab.evaluate("history.pushState({}, '', '/other')")
    assert await tab.locator("frontdesk-chat").count() == 1


@pytest.mark.parametrize(
    ("attributes", "options", "left"),
    [
        ("", "", False),
        (' dir="rtl"', "", True),
        ("", ' data-position="left"', True),
        (' dir="rtl"', ' data-position="right"', False),
    ],
)
async def test_it_stands_on_the_side_where_a_line_ends(
    tab: Page, fake: Fake, attributes: str, options: str, left: bool
) -> None:
    fake.page |= {"attributes": attributes, "options": options, "lang": "ar" if attributes else "en"}
    panel = await opened(tab, fake)
    await tab.mouse.move(600, 20)
    await tab.wait_for_function(f"{ROOT}.getAnimations().length === 0")
    button = await tab.locator("frontdesk-chat button").bounding_box()
    frame = await tab.locator("iframe").bounding_box()
    assert button is not None
    assert frame is not None
    assert (button["x"] == 20) is left
    assert (frame["x"] == 20) is left
    assert await panel.evaluate("document.documentElement.dir") == ("rtl" if attributes else "ltr")


async def test_on_a_phone_it_covers_the_screen_follows_the_keyboard_and_holds_the_page(
    browser: Browser, fake: Fake
) -> None:
    async with looking(browser, viewport={"width": 390, "height": 844}) as page:
        await opened(page, fake)
        await page.wait_for_function(f"{ROOT}.getAnimations().length === 0")
        assert await page.locator("iframe").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
        assert not await page.locator("frontdesk-chat button").is_visible()
        assert await page.evaluate("getComputedStyle(document.documentElement).overflow") == "hidden"
        await page.evaluate(
            """() => {
                 Object.defineProperty(visualViewport, 'height', { value: 500 });
                 Object.defineProperty(visualViewport, 'offsetTop', { value: 40 });
                 visualViewport.dispatchEvent(new Event('resize'));
               }"""
        )
        assert await page.locator("iframe").bounding_box() == {"x": 0, "y": 40, "width": 390, "height": 500}
        await page.frame_locator("iframe").get_by_role("button", name="Close chat").click()
        await page.locator("frontdesk-chat button").wait_for()
        assert await page.evaluate("document.documentElement.style.overflow") == ""


async def test_it_is_not_printed_and_keeps_still_for_who_asks_for_that(tab: Page, fake: Fake) -> None:
    await tab.goto(fake.host)
    button = tab.locator("frontdesk-chat button")
    await button.wait_for()
    await tab.emulate_media(media="print")
    assert not await button.is_visible()
    await tab.emulate_media(media="screen", reduced_motion="reduce")
    await button.click()
    await tab.locator("iframe").wait_for()
    assert await tab.evaluate("document.getAnimations().length") == 0


async def test_the_page_has_an_api_that_works_before_the_script_is_there(tab: Page, fake: Fake) -> None:
    await tab.add_init_script(
        """window.Frontdesk = function () { (Frontdesk.q = Frontdesk.q || []).push(arguments) };
           window.seen = [];
           Frontdesk('on', 'ready', () => seen.push('ready'));
           Frontdesk('open');
           Frontdesk('on', 'close', () => seen.push('close'));
           Frontdesk('on', 'unread', (n) => n && seen.push(n));
           Frontdesk('no such thing');"""
    )
    await tab.goto(fake.host)
    panel = await panel_of(tab, fake)
    await tab.evaluate("Frontdesk.on('open', () => seen.push('open')); Frontdesk('open'); Frontdesk('close')")
    await fake.say("agent", "a secret between us", name="Grace")
    badge = tab.get_by_role("button", name="Chat, 1 unread")
    await badge.wait_for()
    await tab.evaluate("Frontdesk('toggle')")
    await tab.get_by_role("button", name="Chat", exact=True).wait_for()
    await panel.locator(".bubble", has_text="a secret between us").wait_for()
    assert await tab.evaluate("seen") == ["ready", "close", 1, "open"]
    await tab.evaluate("Frontdesk('shutdown')")
    assert await tab.locator("frontdesk-chat").count() == 0
    assert await tab.evaluate("'Frontdesk' in window") is False


async def test_the_pages_title_says_how_much_is_unread_and_is_the_pages_own_again(tab: Page, fake: Fake) -> None:
    await opened(tab, fake)
    await tab.evaluate("Frontdesk('close')")
    await fake.say("agent", "Are you there?", name="Grace")
    await expect(tab).to_have_title("(1) A shop")
    await fake.say("agent", "Hello?", name="Grace")
    await expect(tab).to_have_title("(2) A shop")
    await tab.evaluate("document.title = 'The cart'")  # a single-page app turned to another page
    await fake.say("agent", "Well then.", name="Grace")
    await expect(tab).to_have_title("(3) The cart")
    await tab.evaluate("Frontdesk('open')")
    await expect(tab).to_have_title("The cart")


async def test_a_title_that_counts_by_itself_is_left_alone_and_shutdown_gives_it_back(tab: Page, fake: Fake) -> None:
    await opened(tab, fake)
    await tab.evaluate("document.title = '(7) Mail'; Frontdesk('close')")
    await fake.say("agent", "Are you there?", name="Grace")
    await expect(tab).to_have_title("(1) (7) Mail")
    await tab.evaluate("Frontdesk('shutdown')")
    await expect(tab).to_have_title("(7) Mail")


async def test_after_shutdown_nothing_of_it_listens_to_the_page(tab: Page, fake: Fake) -> None:
    await tab.add_init_script(
        """window.kept = 0;
           for (const target of [EventTarget.prototype]) {
             const { addEventListener: add, removeEventListener: remove } = target;
             target.addEventListener = function (type, listener, options) {
               if (this === visualViewport || this === window.navigation) {
                 kept += 1;
                 options?.signal?.addEventListener('abort', () => { kept -= 1; });
               }
               return add.call(this, type, listener, options);
             };
           }"""
    )
    await opened(tab, fake)
    await tab.wait_for_function("kept === 3")
    await tab.evaluate("Frontdesk('shutdown')")
    assert await tab.evaluate("kept") == 0


async def test_what_is_asked_for_while_a_page_swaps_its_body_is_done_in_the_new_frame(tab: Page, fake: Fake) -> None:
    await opened(tab, fake)
    await tab.evaluate(
        """() => {
             document.querySelector('frontdesk-chat').remove();
             Frontdesk('send', 'Said in between');
           }"""
    )
    await panel_of(tab, fake)
    assert (await fake.heard("message.send"))[0]["text"] == "Said in between"
    assert len(await fake.heard("room.join")) == 2


async def test_nothing_that_is_said_reaches_the_page(tab: Page, fake: Fake) -> None:
    await tab.add_init_script(
        """window.heard = [];
           const { port1: { constructor: Port } } = new MessageChannel();
           const set = Object.getOwnPropertyDescriptor(Port.prototype, 'onmessage').set;
           Object.defineProperty(Port.prototype, 'onmessage', { set(listener) {
             set.call(this, (event) => { heard.push(event.data); listener(event); });
           } });
           addEventListener('message', ({ data }) => heard.push(data));"""
    )
    panel = await opened(tab, fake)
    await tab.evaluate("Frontdesk('close')")
    await fake.say("agent", "a secret between us", name="Grace")
    await tab.get_by_role("button", name="Chat, 1 unread").wait_for()
    heard: list[dict[str, Any]] = await tab.evaluate("heard")
    assert {message.get("type") or message["event"] for message in heard} <= {"ready", "unread", "close"}
    assert {key for message in heard for key in message} <= {"type", "event", "value", "color", "label"}
    assert panel.url == f"{fake.panel}&lang=en"


async def test_the_panel_listens_only_to_the_page_that_embeds_it_and_only_where_it_may_be(
    tab: Page, fake: Fake
) -> None:
    """A page that the policy lets frame the panel's document, and that is not on its list, gets no word from it."""
    fake.origins = [fake.base, fake.host.removesuffix("/host")]
    await tab.goto(f"{fake.base}/blank")
    script = """async ([src, origin, forged]) => {
      const frame = document.createElement('iframe');
      frame.src = src;
      document.body.append(frame);
      await new Promise((done) => { frame.onload = done; });
      const { port1, port2 } = new MessageChannel();
      const answer = new Promise((done) => {
        port1.onmessage = ({ data }) => done(data.type);
        setTimeout(done, 500, 'silence');
      });
      const hello = { frontdesk: forged ? 2 : 1, url: location.href, locale: 'en' };
      frame.contentWindow.postMessage(hello, origin, [port2]);
      return answer;
    }"""
    assert await tab.evaluate(script, [fake.panel, fake.base, False]) == "ready"
    assert await tab.evaluate(script, [fake.panel, fake.base, True]) == "silence"
    await tab.goto(fake.host.replace("/host", "/blank"))
    assert await tab.evaluate(script, [fake.panel, fake.base, False]) == "ready"
    async with served() as stranger:
        await tab.goto(f"{stranger.base}/blank")
        fake.origins = [stranger.base]
        assert await tab.evaluate(script, [fake.panel, fake.base, False]) == "ready"
        fake.origins, fake.framing = [fake.host], [stranger.base]
        assert await tab.evaluate(script, [fake.panel, fake.base, False]) == "silence"
