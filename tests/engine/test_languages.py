"""A visitor is spoken to in their own language: the owner's choice, else the page's, else the browser's."""

import json
import re
import string
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

import engine
from engine import doors, languages, phrases
from engine.languages import DEFAULT, LANGUAGES
from engine.models import Bot, Room
from engine.prompt import compose
from tests.stage import Stage

WORDS = Path(engine.__file__).parent / "words"
OURS = json.loads((WORDS / "en.json").read_text(encoding="utf-8"))


# Choosing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        (("de", "fr", "es"), "de"),  # the owner's choice comes first
        (("", "fr", "es"), "fr"),  # then the page's
        ((None, "", "es;q=0.5, it"), "it"),  # then the browser's, by its weights
        (("", "cy", "ja"), "ja"),  # a language we do not speak gives way
        (("", "cy", "tlh, *;q=0.1"), "en"),
        (("", "", "de;q=0, fr"), "fr"),  # what the browser refuses is not spoken
        (("", "DE_at", None), "de"),
        (("", "zh", None), "zh-Hans"),
        (("", "zh-TW", None), "zh-Hant"),
        (("", "zh-Hant-HK", None), "zh-Hant"),
        (("", "pt-BR", None), "pt"),
        (("", "no", None), "nb"),
        (("", "iw-IL", None), "he"),
    ],
)
def test_the_first_language_that_is_wished_for_and_spoken_is_chosen(
    wishes: tuple[str | None, ...], expected: str
) -> None:
    assert languages.chosen(*wishes) == expected


@given(st.lists(st.one_of(st.none(), st.text(max_size=80)), max_size=4))
def test_whatever_is_wished_for_some_language_is_spoken(wishes: list[str | None]) -> None:
    assert languages.chosen(*wishes) in LANGUAGES


# Words ---------------------------------------------------------------------------------------------------------


def test_there_are_words_for_each_language_and_no_others() -> None:
    assert {path.stem for path in WORDS.glob("*.json")} == set(LANGUAGES)
    assert len(LANGUAGES) >= 22


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_there_in_every_language_with_the_same_places(language: str) -> None:
    theirs = json.loads((WORDS / f"{language}.json").read_text(encoding="utf-8"))
    assert list(theirs) == list(OURS)
    for key, sentence in theirs.items():
        assert sentence.strip() == sentence != "", key
        assert _places(sentence) == _places(OURS[key]), key
    if language != DEFAULT:
        assert not [key for key in OURS if theirs[key] == OURS[key]], "left in English"


def test_a_name_of_the_other_direction_cannot_turn_a_sentence_around() -> None:
    assert phrases.say("joined", "en", name="Grace") == "Grace joined the chat."
    assert phrases.say("joined", "en", name="محمد") == "\u2068محمد\u2069 joined the chat."
    assert "\u2068Grace\u2069" in phrases.say("joined", "ar", name="Grace")
    assert "\u2068" not in phrases.say("joined", "ar", name="محمد")


def test_two_sentences_meet_as_their_script_has_it() -> None:
    assert ". " in phrases.unsure("unsure", ("A?", "B?"), "de")
    assert "。您" in phrases.unsure("unsure", ("A?",), "zh-Hans")


def _places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


# A conversation ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("locale", "language"), [("de-DE", "de"), ("ar", "ar"), ("ja-JP", "ja"), ("cy", "en")])
async def test_the_house_speaks_the_language_of_the_visitors_page(stage: Stage, locale: str, language: str) -> None:
    async with stage.visitor() as ada, stage.agent() as grace:
        room_id = (await ada.join(locale=locale))["room"]
        await ada.send("?!")
        finished = await ada.until("answer.finished")
        assert finished["message"]["text"].startswith(phrases.say("unsure", language))
        await grace.ask("desk.join")
        await ada.say("person.request")
        assert await _system(ada) == phrases.joined(phrases.say("asked", language), phrases.say("staffed", language))
        await grace.ask("room.claim", room=room_id)
        assert await _system(ada) == phrases.say("joined", language, name="Grace")
        await grace.ask("room.close", room=room_id)
        assert await _system(ada) == phrases.say("closed", language, name="Grace")
        refused = await ada.ask("message.send", client_id="c-long", text="x" * 4_001)
        assert refused["message"] == phrases.say("too_long", language, most=4_000, count=4_001)


async def test_what_the_owner_fixed_beats_page_and_browser(stage: Stage) -> None:
    async with stage.db.write() as session:
        await session.execute(update(Bot).where(Bot.key == stage.cast.acme.key).values(language="fr"))
    async with stage.visitor() as ada:
        room_id = (await ada.join(locale="de"))["room"]
        await ada.send("?!")
        finished = await ada.until("answer.finished")
        assert finished["message"]["text"].startswith(phrases.say("unsure", "fr"))
    async with stage.db.read() as session:
        room = await session.get_one(Room, room_id)
        assert room.language == "fr"
        assert (await doors.speaker(session, room.bot_id)).language == "fr"


async def test_who_comes_back_from_a_page_in_another_language_is_spoken_to_in_that(stage: Stage) -> None:
    async with stage.visitor() as ada:
        await ada.join(locale="de")
        await ada.send("?!")
        assert (await ada.until("answer.finished"))["message"]["text"].startswith(phrases.say("unsure", "de"))
        await ada.join(locale="fr")
        await ada.send("?!!")
        assert (await ada.until("answer.finished"))["message"]["text"].startswith(phrases.say("unsure", "fr"))


async def test_an_agents_own_errors_stay_in_the_desks_language(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.agent() as grace:
        room_id = (await ada.join(locale="de"))["room"]
        await ada.send("?!")
        refused = await grace.ask("message.send", room=room_id, client_id="c-1", text="Hallo")
        assert refused["message"] == "This chat is not yours just now. Claim it first."


def test_the_model_is_told_which_language_to_answer_in() -> None:
    told: dict[str, Any] = {"shop": "Acme", "bot": "Pip", "persona": "", "facts": (), "history": (), "question": "Hi"}
    told |= {"count": len, "budget": 9_000}
    (_, adapting), *_ = compose(language="German", **told).messages
    assert "Answer in the language of the visitor's last message (where it cannot be told, in German)" in adapting
    (_, fixed), *_ = compose(language="German", fixed=True, **told).messages
    assert "Answer in German, in at most" in fixed
    assert "visitor's last message" not in fixed


async def _system(client: Any) -> str:
    frame = await client.until(lambda f: f["type"] == "message.created" and f["message"]["author"] == "system")
    return str(frame["message"]["text"])


async def test_the_panels_document_comes_in_the_language_that_is_chosen_for_it(stage: Stage) -> None:
    panel = f"http://{stage.address}/v1/panel?bot={stage.cast.acme.key}"
    async with httpx2.AsyncClient(headers={"accept-language": "it, en;q=0.5"}) as http:
        assert '<html lang="it" dir="ltr">' in (await http.get(panel)).text
        assert '<html lang="he" dir="rtl">' in (await http.get(f"{panel}&lang=he-IL")).text
        assert '<html lang="it" dir="ltr">' in (await http.get(f"{panel}&lang=%00'%3E%22")).text
        async with stage.db.write() as session:
            await session.execute(update(Bot).where(Bot.key == stage.cast.acme.key).values(language="pl"))
        fixed = await http.get(f"{panel}&lang=he-IL")
        assert '<html lang="pl" dir="ltr">' in fixed.text
        part = re.search(r"/v1/panel/\w+/pl/", fixed.headers["content-security-policy"])
        assert part is not None
        found = await http.get(f"http://{stage.address}{part[0]}extra.js")
        assert "Pomocne" in found.text
        strange = part[0].replace("/pl/", "/xx/")
        assert (await http.get(f"http://{stage.address}{strange}extra.js")).status_code == 404
