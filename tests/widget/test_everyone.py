"""The widget is for everyone: by keyboard, by voice, by touch, zoomed, in any colour, in both writing directions."""

import re
from functools import partial
from typing import Any

import pytest
from playwright.async_api import Browser, Frame, Page, Request

from engine import protocol as wire
from widget import assets

from .conftest import looking, opened, panel_of, write
from .fake import ROOM, Fake
from .states import STATES

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
ZOOMED = {"width": 320, "height": 256}  # 1280 × 1024 at 400 %
COLOURS = [f"#{r:02x}{g:02x}{b:02x}" for r in range(0, 256, 17) for g in range(0, 256, 17) for b in range(0, 256, 17)]
CONTRAST = """
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const luminance = (rgb) => rgb.map((v) => linear(v / 255))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const contrast = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const rgb = (text) => text.startsWith('#')
    ? [1, 3, 5].map((i) => parseInt((text.length === 4 ? text.replace(/\\w/g, '$&$&') : text).slice(i, i + 2), 16))
    : text.match(/[\\d.]+/g).slice(0, 3).map(Number);
"""
CENTRE = "(node) => { const { x, width } = node.getBoundingClientRect(); return (x + width / 2) / innerWidth; }"
ROOT = "document.querySelector('frontdesk-chat').shadowRoot"
CLOSING = f"""() => {{
  {ROOT}.querySelector('button').click();
  getComputedStyle({ROOT}.querySelector('.box')).opacity; // or the change is not begun yet
  return {ROOT}.getAnimations().length;
}}"""


# Dialog and focus ----------------------------------------------------------------------------------------------


async def test_the_chat_is_a_dialog_that_says_its_name_to_the_page(browser: Browser, fake: Fake) -> None:
    fake.page["lang"] = "de"
    async with looking(browser) as page:
        await opened(page, fake)
        dialog = page.get_by_role("dialog", name="Chat")
        await dialog.wait_for()
        assert await dialog.get_attribute("aria-modal") != "true", "beside it the page can be used"
        assert not await page.evaluate("document.body.inert")
        assert await page.locator("iframe").get_attribute("title") == assets.words("de")["panel"]["chat"]


async def test_on_a_phone_the_dialog_is_modal_and_the_page_behind_it_cannot_be_reached(
    browser: Browser, fake: Fake
) -> None:
    async with looking(browser, **PHONE) as page:
        panel = await opened(page, fake)
        dialog = page.get_by_role("dialog", name="Chat")
        assert await dialog.get_attribute("aria-modal") == "true"
        assert await page.evaluate("document.body.inert")
        await panel.locator("#close").click()
        await dialog.wait_for(state="hidden")
        assert not await page.evaluate("document.body.inert")
        await page.get_by_role("link", name="A link").focus()
        assert await page.evaluate("document.activeElement.localName") == "a"


async def test_by_keyboard_alone_one_opens_asks_leaves_and_is_back_where_one_was(browser: Browser, fake: Fake) -> None:
    async with looking(browser) as page:
        await page.goto(fake.host)
        await page.get_by_role("button", name="Chat").focus()
        await page.keyboard.press("Enter")
        panel = await panel_of(page, fake)
        await panel.locator("#input:focus").wait_for()
        await page.keyboard.type("Hello?")
        await page.keyboard.press("Enter")
        await panel.locator(".visitor.sent").wait_for()
        await page.keyboard.press("Shift+Tab")
        await panel.locator(".pill:focus, #scroll:focus").first.wait_for()
        await panel.locator("#menu").focus()
        await page.keyboard.press("Enter")
        await panel.locator("#actions").wait_for()
        await page.keyboard.press("Escape")
        await panel.locator("#menu:focus").wait_for()
        assert await panel.locator("#actions").is_hidden(), "the first Escape closes the menu alone"
        await page.keyboard.press("Escape")
        await page.get_by_role("dialog").wait_for(state="hidden")
        await page.wait_for_function(f"{ROOT}.activeElement?.localName === 'button'")
        assert await page.get_by_role("button", name="Chat").get_attribute("aria-expanded") == "false"


# Speech --------------------------------------------------------------------------------------------------------


async def test_a_streamed_answer_is_read_once_and_in_whole_sentences(browser: Browser, fake: Fake) -> None:
    async with looking(browser) as page:
        panel = await opened(page, fake)
        await panel.evaluate(
            """() => {
              window.heard = [];
              new MutationObserver((changes) => {
                for (const { addedNodes } of changes) for (const node of addedNodes) heard.push(node.textContent);
              }).observe(document.getElementById('polite'), { childList: true, characterData: true, subtree: true });
            }"""
        )
        await write(panel, "How long?")
        await panel.locator(".visitor.sent").wait_for()
        message = await fake.start()
        for piece in ("It takes **two", "** days. In", " winter it takes", " three."):
            await fake.piece(message, piece)
            await panel.locator(".bubble", has_text=piece.strip("* ").split()[-1].strip("*.")).wait_for()
        assert await panel.evaluate("heard") == [], "half a sentence was read"
        await fake.finish(message)
        await fake.rate(message.id, 1)
        await panel.locator(".rate [aria-pressed=true]").wait_for()
        assert await panel.evaluate("heard") == ["Juniper: It takes two days. In winter it takes three."]
        assert await panel.locator("#log").get_attribute("aria-live") == "off", "or it would be read a second time"


# Wishes of the system ------------------------------------------------------------------------------------------


async def test_who_wants_no_motion_sees_none(browser: Browser, fake: Fake) -> None:
    """Beside it, who does not mind: there the same moments move."""
    for wish, moves in (("reduce", False), ("no-preference", True)):
        async with looking(browser, reduced_motion=wish) as page:
            panel = await opened(page, fake)
            await fake.start()
            await panel.locator(".dots").last.wait_for()
            # In one step: whoever draws meanwhile puts other dots in their place.
            blinking = await panel.evaluate("[...document.querySelectorAll('.dots i')].at(-1).getAnimations().length")
            assert (blinking > 0) is moves
            await page.wait_for_function(f"{ROOT}.getAnimations().length === 0")  # it is open
            assert (await page.evaluate(CLOSING) > 0) is moves


async def test_with_forced_colours_everything_keeps_an_outline(browser: Browser, fake: Fake) -> None:
    async with looking(browser, forced_colors="active") as page:
        panel = await opened(page, fake)
        await write(panel, "How long?")
        await panel.locator(".visitor.sent").wait_for()
        await fake.reply("Two days.", offers=["And in winter?"])
        await panel.get_by_role("button", name="And in winter?").wait_for()
        for what in (".head", ".visitor .bubble", ".bot .bubble", "#send", ".composer", ".pill"):
            width = await panel.locator(what).first.evaluate(
                "(node) => parseFloat(getComputedStyle(node).borderTopWidth)"
            )
            assert width >= 1, f"{what} has lost its shape"
        launcher = page.get_by_role("button", name="Chat")
        assert await launcher.evaluate("(node) => parseFloat(getComputedStyle(node).borderTopWidth)") >= 1


async def test_light_and_dark_follow_the_system_while_it_changes(browser: Browser, fake: Fake) -> None:
    script = f"() => {{ {CONTRAST} return luminance(rgb(getComputedStyle(document.body).backgroundColor)); }}"
    async with looking(browser, color_scheme="light") as page:
        panel = await opened(page, fake)
        assert await panel.evaluate(script) > 0.5
        await page.emulate_media(color_scheme="dark")
        assert await panel.evaluate(script) < 0.05
    fake.page["options"] = ' data-theme="light"'
    async with looking(browser, color_scheme="dark") as page:
        assert await (await opened(page, fake)).evaluate(script) > 0.5, "the page's own wish comes first"


# Size and touch ------------------------------------------------------------------------------------------------


async def test_at_four_hundred_percent_one_can_still_read_and_write(browser: Browser, fake: Fake) -> None:
    for language in ("en", "de", "ar"):
        fake.page["lang"] = language
        async with looking(browser, viewport=ZOOMED) as page:
            panel = await opened(page, fake)
            await write(panel, "Hello")
            await panel.locator(".visitor.sent").wait_for()
            await fake.reply("It takes two days. In winter it takes three, and to the islands a week.")
            await panel.locator(".bubble", has_text="a week").wait_for()
            seen = await panel.locator("#scroll").bounding_box()
            box = await panel.locator("#input").bounding_box()
            assert seen is not None
            assert box is not None
            assert seen["height"] >= 100, language
            assert box["y"] + box["height"] <= ZOOMED["height"], language
            assert await panel.evaluate("document.documentElement.scrollWidth <= innerWidth"), language
            fake.messages.clear()
            fake.revision = 0


async def test_what_fingers_press_is_large_enough_in_every_state(browser: Browser, fake: Fake) -> None:
    """44 px; links inside a text are as large as the text."""
    small = """() => [...document.querySelectorAll('button, input, textarea, a, [tabindex]')]
      .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.closest('.bubble, .said'))
      .map((node) => [node.id || node.className || node.textContent, node.getBoundingClientRect()])
      .filter(([, { width, height }]) => Math.min(width, height) < 43.5)
      .map(([name, { width, height }]) => `${name}: ${width} × ${height}`)"""
    async with looking(browser, **PHONE) as page:
        panel = await opened(page, fake)
        found = {}
        for name, state in STATES.items():
            await state(panel, fake)
            found[name] = await panel.evaluate(small)
        assert {name: nodes for name, nodes in found.items() if nodes} == {}
        launcher = await page.get_by_role("button", name="Chat", include_hidden=True).evaluate(
            "(node) => parseFloat(getComputedStyle(node).width)"
        )
        assert launcher >= 44


async def test_on_a_phone_it_fills_what_the_keyboard_leaves(browser: Browser, fake: Fake) -> None:
    async with looking(browser, **PHONE) as page:
        panel = await opened(page, fake)
        await page.wait_for_function(f"{ROOT}.getAnimations().length === 0")
        assert await page.locator("iframe").bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 740}
        await page.set_viewport_size({"width": 360, "height": 380})  # as a keyboard would leave it
        await page.wait_for_function(f"{ROOT}.querySelector('iframe').clientHeight === 380")
        await panel.evaluate(
            "new Promise((done) => (function look() { innerHeight === 380 ? done() : requestAnimationFrame(look); })())"
        )
        frame = await page.locator("iframe").bounding_box()
        box = await panel.locator("#input").bounding_box()
        assert frame is not None
        assert box is not None
        assert frame["height"] == 380
        assert box["y"] + box["height"] <= 380, "what is written is seen"
        sheet = await page.evaluate(f"[...{ROOT}.adoptedStyleSheets[0].cssRules].map((rule) => rule.cssText).join('')")
        assert "safe-area-inset-top" in sheet
        assert "safe-area-inset-bottom" in sheet


@pytest.mark.parametrize("language", ["de", "fi", "el", "ru", "hu", "ar", "ja"])
@pytest.mark.parametrize("width", [320, 400])
async def test_no_word_of_ours_is_cut_off_however_long_it_is(
    browser: Browser, fake: Fake, language: str, width: int
) -> None:
    cut = """() => [...document.querySelectorAll('body *')]
      .filter((node) => node.checkVisibility({ visibilityProperty: true }))
      .filter((node) => !node.closest('.sr, textarea, svg, .avatar'))
      .filter((node) => node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).display !== 'inline')
      .map((node) => `${node.id || node.className || node.localName}: ${node.textContent.slice(0, 40)}`)"""
    fake.page |= {"lang": language, "attributes": f' dir="{assets.words(language)["dir"]}"'}
    async with looking(browser, viewport={"width": width, "height": 740}) as page:
        panel = await opened(page, fake)
        found = {}
        for name, state in STATES.items():
            await state(panel, fake)
            found[name] = await panel.evaluate(cut)
        assert {name: nodes for name, nodes in found.items() if nodes} == {}


# Right to left -------------------------------------------------------------------------------------------------


async def test_in_arabic_everything_is_mirrored(browser: Browser, fake: Fake) -> None:
    """The same places are measured in English: there they are on the other side."""
    for language, mirrored in (("ar", True), ("en", False)):
        fake.page |= {"lang": language, "attributes": ' dir="rtl"' if mirrored else ""}
        async with looking(browser) as page:
            panel = await opened(page, fake)
            assert await panel.locator("#input").evaluate("(node) => getComputedStyle(node).direction") == (
                "rtl" if mirrored else "ltr"
            ), "also the sentence that stands in for what is not written yet"
            await panel.locator("#menu").click()
            for what, at_end in ((".avatar", False), ("#menu", True), ("#send", True), ("#actions", True)):
                place = await panel.locator(what).evaluate(CENTRE)
                assert (place > 0.5) is (at_end is not mirrored), what
            corners = await panel.locator(".bot .bubble").first.evaluate(
                "(node) => ['Left', 'Right'].map((side) => getComputedStyle(node)[`borderBottom${side}Radius`])"
            )
            assert corners == (["18px", "6px"] if mirrored else ["6px", "18px"])
            assert (await page.evaluate(f"({CENTRE})({ROOT}.querySelector('button'))") > 0.5) is not mirrored


async def test_foreign_text_keeps_its_own_direction_and_turns_nothing_around(browser: Browser, fake: Fake) -> None:
    fake.page |= {"lang": "ar", "attributes": ' dir="rtl"'}
    async with looking(browser) as page:
        panel = await opened(page, fake)
        await write(panel, "Is it open?")
        await panel.locator(".visitor.sent").wait_for()
        await fake.reply(
            "نعم، انظر [https://shop.example/a?b=1](https://shop.example/a?b=1) الآن.\n\nOpen 9-17.\n\n`a.b()`"
        )
        await panel.locator(".bot .bubble", has_text="Open 9-17.").wait_for()
        style = (
            "(node) => { const { direction, unicodeBidi } = getComputedStyle(node); return [direction, unicodeBidi]; }"
        )
        assert await panel.locator(".bubble a").evaluate(style) == ["rtl", "isolate"], "an address does not mix in"
        assert await panel.locator(".bubble code").evaluate("(node) => getComputedStyle(node).unicodeBidi") == "isolate"
        assert (await panel.locator(".bubble p", has_text="Open 9-17.").evaluate(style))[0] == "ltr"
        assert (await panel.locator(".bubble p", has_text="نعم").evaluate(style))[0] == "rtl"
        assert (await panel.locator(".visitor .bubble").evaluate(style))[1] == "plaintext"
        await fake.claim("Grace")
        await panel.locator("#state", has_text="\u2068Grace\u2069").wait_for()
        await fake.say("agent", "שלום", name="Grace")
        label = panel.locator(".agent .by")
        assert await label.get_attribute("dir") == "auto"


# Colour and type -----------------------------------------------------------------------------------------------


async def test_whatever_colour_the_owner_chooses_everything_can_be_read(tab: Page, fake: Fake) -> None:
    """4,096 colours, light and dark: text 4.5:1, the ring of the focus 3:1 (WCAG 2.2)."""
    await tab.goto(f"{fake.base}/blank")
    script = f"""async ([url, colours]) => {{
      {CONTRAST}
      const {{ theme }} = await import(url);
      const grounds = {{ false: ['#ffffff', '#f4f5f7'], true: ['#13151a', '#1d2027', '#22262e'] }};
      const worst = {{ fill: 99, hover: 99, ink: 99, soft: 99, agent: 99, focus: 99 }};
      for (const dark of [false, true]) for (const colour of colours) {{
        const made = Object.fromEntries(Object.entries(theme(colour, dark)).map(([k, v]) => [k.slice(5), rgb(v)]));
        const text = rgb(dark ? '#eceef2' : '#171a21');
        const note = (name, value) => (worst[name] = Math.min(worst[name], value));
        note('fill', contrast(made['accent-text'], made.accent));
        note('hover', contrast(made['accent-text'], made['accent-hover']));
        note('soft', contrast(made['accent-ink'], made['accent-soft']));
        note('agent', contrast(text, made['accent-soft']));
        for (const ground of grounds[dark]) {{
          note('ink', contrast(made['accent-ink'], rgb(ground)));
          note('focus', contrast(made.focus, rgb(ground)));
        }}
      }}
      return worst;
    }}"""
    worst = await tab.evaluate(script, [f"{fake.base}/static/widget/colour.js", COLOURS])
    assert {name: ratio for name, ratio in worst.items() if ratio < (3 if name == "focus" else 4.5)} == {}


async def test_the_launchers_drawing_is_seen_on_any_colour(tab: Page, fake: Fake) -> None:
    """3:1, as a drawing needs (WCAG 2.2, 1.4.11)."""
    await tab.goto(fake.host)
    await tab.get_by_role("button", name="Chat").wait_for()
    script = f"""async (colours) => {{
      {CONTRAST}
      const {{ style }} = document.querySelector('frontdesk-chat');
      let worst = 99;
      for (const color of colours) {{
        await Frontdesk('update', {{ color }});
        worst = Math.min(worst, contrast(rgb(style.getPropertyValue('--color')), rgb(style.getPropertyValue('--ink'))));
      }}
      return worst;
    }}"""
    assert await tab.evaluate(script, COLOURS[::7]) >= 3


async def test_type_is_the_systems_the_pages_or_of_the_tag_and_never_loaded(browser: Browser, fake: Fake) -> None:
    own = "system-ui"
    for option, expected in (
        ("", own),
        (' data-font="Georgia, serif"', "Georgia, serif"),
        (' data-font="inherit"', "Verdana, sans-serif"),
        (' data-font="12px Georgia; color: red"', own),
        (' data-font="url(https://evil.example/f)"', own),
    ):
        fake.page |= {"options": option, "head": "<style>body{font-family:Verdana, sans-serif}</style>"}
        async with looking(browser) as page:
            requested: list[str] = []
            page.on("request", partial(_note, requested))
            panel = await opened(page, fake)
            family = await panel.evaluate("getComputedStyle(document.body).fontFamily")
            size = await panel.evaluate("getComputedStyle(document.body).fontSize")
            assert family.startswith(expected), option
            assert size == "15px", "a family that is none leaves the rest as it was"
            assert not [url for url in requested if not re.match(r"http://(127\.0\.0\.1|localhost):", url)]


def _note(urls: list[str], request: Request) -> None:
    urls.append(request.url)


async def test_who_writes_is_said_in_words_too(tab: Page, fake: Fake) -> None:
    panel: Frame = await opened(tab, fake)
    await fake.claim()
    await fake.tell(wire.TypingChanged(room=ROOM, author="agent", on=True, name="Grace"))
    await panel.locator(".agent .dots").wait_for()
    assert await panel.locator(".agent .bubble .sr").inner_text() == "Grace is writing"
