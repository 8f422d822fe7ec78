"""The widget speaks 27 languages, one of which travels: all its words in each, plurals as the language has them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

import widget
from engine.languages import LANGUAGES
from widget import assets

from .conftest import looking, opened, panel_of
from .fake import Fake

HERE = Path(widget.__file__).parent
OURS: dict[str, Any] = assets.words("en")
SECTIONS = [name for name in OURS if name != "dir"]


# The words -----------------------------------------------------------------------------------------------------


def test_there_are_words_for_each_language_the_engine_chooses_from() -> None:
    assert {path.stem for path in (HERE / "words").glob("*.json")} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_there_with_the_same_places(language: str) -> None:
    theirs = assets.words(language)
    assert theirs["dir"] == LANGUAGES[language].direction
    assert list(theirs) == list(OURS)
    for section in SECTIONS:
        assert list(theirs[section]) == list(OURS[section])
        for key, word in theirs[section].items():
            assert isinstance(word, dict) == isinstance(OURS[section][key], dict), key
            for form in _forms(word):
                assert form.strip() == form != "", key
            assert _places(word) == _places(OURS[section][key]), key


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_no_sentence_is_left_in_english(language: str) -> None:
    theirs = assets.words(language)
    same = {
        (section, key)
        for section in SECTIONS
        for key, word in theirs[section].items()
        if word == OURS[section][key] and " " in str(word)
    }
    assert same == set()


async def test_each_language_has_the_plural_forms_that_it_needs_and_no_others(tab: Page) -> None:
    await tab.goto("about:blank")
    for language in LANGUAGES:
        script = "(tag) => new Intl.PluralRules(tag).resolvedOptions().pluralCategories"
        needed = set(await tab.evaluate(script, language))
        words = assets.words(language)
        found = [word for section in SECTIONS for word in words[section].values() if isinstance(word, dict)]
        assert found
        assert all(set(word) == needed for word in found), language


def test_each_word_is_said_somewhere() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("*.js"))
    page = (HERE / "panel.html").read_text(encoding="utf-8")
    for section in SECTIONS:
        for key in OURS[section]:
            said = re.search(rf"(?i:words)\??\.{key}\b|(?:say|phrase)\('{key}'", source)
            assert said or f"{{{{ {key} }}}}" in page, f"{section}.{key} is nowhere"


def _forms(word: str | dict[str, str]) -> list[str]:
    return list(word.values()) if isinstance(word, dict) else [word]


def _places(word: str | dict[str, str]) -> set[str]:
    """The places of a sentence; a plural form for one or two may say its number in words."""
    return set(re.findall(r"{(\w+)}", word["other"] if isinstance(word, dict) else word))


# What travels --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_every_language_the_panel_and_its_parts_keep_within_their_budgets(language: str) -> None:
    for name, (_, _, squeezed) in assets.sizes(language).items():
        assert squeezed <= (assets.BUDGETS.get(name) or assets.PART)[1], name


def test_only_one_language_travels_and_the_policy_is_the_same_for_all() -> None:
    bot = {"key": "demo", "name": "Pip", "origins": [], "parts": "/"}
    german, arabic = assets.panel(bot, "de"), assets.panel(bot, "ar")
    assert (german.script_src, german.style_src) == (arabic.script_src, arabic.style_src)
    body = german.body.decode()
    assert '<html lang="de" dir="ltr">' in body
    assert '<html lang="ar" dir="rtl">' in arabic.body.decode()
    assert "{{" not in body
    for language in ("en", "ar", "fr"):
        others = assets.words(language)
        assert others["panel"]["offlineLong"] not in body
        assert others["page"]["write"] not in body
    part = assets.parts("de")["extra.js"].decode()
    assert "Möchte ich nicht sagen" in part
    assert "Rather not say" not in part


# A panel -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "browser_locale", "spoken"),
    [
        ("de-AT", "fr-FR", "de"),
        ("", "fr-FR", "fr"),
        ("cy", "ja-JP", "ja"),
        ("cy", "mi-NZ", "en"),
        ("zh-TW", "en", "zh-Hant"),
    ],
)
async def test_the_page_is_followed_and_the_browser_where_the_page_says_nothing(
    browser: Browser, fake: Fake, lang: str, browser_locale: str, spoken: str
) -> None:
    fake.page["lang"] = lang
    async with looking(browser, locale=browser_locale) as page:
        await page.goto(fake.host)
        await page.get_by_role("button", name="Chat").click()
        panel = await panel_of(page, fake)
        assert await panel.evaluate("document.documentElement.lang") == spoken
        words = assets.words(spoken)
        assert await panel.locator("#state").inner_text() == words["panel"]["ready"]
        assert await panel.locator("#input").get_attribute("placeholder") == words["page"]["write"]
        await page.get_by_role("button", name=words["panel"]["chat"], exact=True).wait_for()
        assert await page.locator("iframe").get_attribute("title") == words["panel"]["chat"]
        await fake.heard("room.join")
        assert fake.commands[0]["locale"] == (lang or browser_locale)


async def test_the_launcher_counts_in_the_language_of_the_page(browser: Browser, fake: Fake) -> None:
    fake.page["lang"] = "pl"
    async with looking(browser) as page:
        await opened(page, fake)
        await page.get_by_role("button", name="Czat", exact=True).click()
        for count, name in ((1, "Czat, 1 nieprzeczytana wiadomość"), (2, "Czat, 2 nieprzeczytane wiadomości")):
            await fake.say("bot", f"Message {count}")
            await page.get_by_role("button", name=name, exact=True).wait_for()
        for count in range(3, 6):
            await fake.say("bot", f"Message {count}")
        await page.get_by_role("button", name="Czat, 5 nieprzeczytanych wiadomości", exact=True).wait_for()


async def test_until_the_panel_is_there_the_tag_may_name_the_launcher(tab: Page, fake: Fake) -> None:
    fake.page |= {"lang": "ar", "options": ' data-label="دردشة"'}
    await tab.goto(fake.host)
    await tab.get_by_role("button", name="دردشة", exact=True).wait_for()


async def test_counts_days_and_controls_speak_it_too(browser: Browser, fake: Fake) -> None:
    fake.page["lang"] = "uk"
    words = assets.words("uk")
    async with looking(browser) as page:
        panel = await opened(page, fake)
        await panel.locator("#input").fill("x" * 4_003)
        await panel.get_by_text("3 знаки зайві").wait_for()
        await panel.locator("#input").fill("x" * 3_979)
        await panel.get_by_text("залишився 21 знак", exact=True).wait_for()
        await panel.locator("#input").fill("Привіт")
        await panel.locator("#input").press("Enter")
        await panel.locator(".visitor.sent").wait_for()
        await fake.reply("Так.")
        await panel.get_by_role("button", name=words["extra"]["good"], exact=True).wait_for()
        await fake.wait_in_queue(2)
        await panel.get_by_text("Ви в черзі, номер 2").wait_for()


async def test_a_name_of_another_script_does_not_turn_a_sentence_around(browser: Browser, fake: Fake) -> None:
    """Beside it a name of the same script, which needs no marks."""
    for lang, name, shown in (
        ("en", "محمد", "\u2068محمد\u2069 is here"),
        ("en", "Grace", "Grace is here"),
        ("ar", "Grace", "\u2068Grace\u2069 معك الآن"),
        ("ar", "محمد", "محمد معك الآن"),
    ):
        fake.page["lang"] = lang
        async with looking(browser) as page:
            panel = await opened(page, fake)
            await fake.claim(name)
            await expect(panel.locator("#state")).to_have_text(shown)
            await fake.back()


async def test_yesterday_is_said_in_the_language_and_dates_as_the_readers_country_writes_them(
    browser: Browser, fake: Fake
) -> None:
    script = """async ([url, iso]) => {
      const { day } = await import(url);
      return [day(Date.now() - 86400000), day(iso, new Date('2026-11-26T12:00'))];
    }"""
    for tag, locale, expected in (
        ("en", "en-GB", ["Yesterday", "Tuesday 3 November"]),
        ("en", "en-US", ["Yesterday", "Tuesday, November 3"]),
        ("de", "en-US", ["Gestern", "Dienstag, 3. November"]),
        ("ja", "en-US", ["昨日", "11月3日火曜日"]),
    ):
        async with looking(browser, locale=locale) as page:
            await page.goto(f"{fake.base}/blank")
            await page.evaluate("(tag) => document.documentElement.lang = tag", tag)
            found = await page.evaluate(script, [f"{fake.base}/static/widget/words.js", "2026-11-03T12:00"])
            assert found == expected


async def test_the_conversation_goes_on_in_right_to_left(browser: Browser, fake: Fake) -> None:
    fake.page |= {"lang": "fa", "attributes": ' dir="rtl"'}
    async with looking(browser) as page:
        panel = await opened(page, fake)
        await panel.locator("#input").fill("سلام")
        await panel.locator("#input").press("Enter")
        await panel.locator(".visitor.sent").wait_for()
        await fake.reply("Two days.")
        await panel.locator(".bubble", has_text="Two days.").wait_for()
        mine = await panel.locator(".visitor .bubble").bounding_box()
        theirs = await panel.locator(".bot .bubble").last.bounding_box()
        assert mine is not None
        assert theirs is not None
        assert mine["x"] < theirs["x"], "the visitor's own words stand where lines end: on the left"


async def test_the_words_of_a_part_are_embedded_as_data(fake: Fake) -> None:
    for language in LANGUAGES:
        part = assets.parts(language)["extra.js"].decode()
        found = re.search(r"=(\{\"go\".*?\})", part)
        assert found is not None
        assert json.loads(found[1]) == assets.words(language)["extra"]
