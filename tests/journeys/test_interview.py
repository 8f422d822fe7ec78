"""Filtered questions over the wire with the real knowledge: asked in their time, one at a time, never twice, never in
the way; filed under what was asked, on both databases."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from sqlalchemy import select

from engine import phrases
from engine.models import Room
from knowledge import entries, leads, port, questions
from knowledge.models import KnowledgeSettings, Lead, Reply
from knowledge.questions import Draft
from tests.stage import Stage, staged
from tests.wire import Client, Frame, Replica

pytestmark = pytest.mark.anyio
DELIVERY, RETURNS, PARKING = "How long does delivery take?", "Can I return it?", "Where do I park my car?"
ANSWERS = {DELIVERY: "Delivery takes 2 days.", RETURNS: "Within 30 days.", PARKING: "Behind the shop."}


@pytest.fixture
async def stage(database_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(database_url, tmp_path, knowledge=port) as stage:
        acme = stage.cast.acme
        async with stage.db.write() as session:
            for question, answer in ANSWERS.items():
                await entries.add(session, acme.workspace_id, acme.domain_id, entries.Draft(question, answer))
        yield stage


async def want(stage: Stage, *drafts: Draft, **settings: Any) -> list[str]:
    """Acme's owner wants to know this."""
    acme = stage.cast.acme
    async with stage.db.write() as session:
        added = [await questions.add(session, acme.workspace_id, acme.domain_id, draft) for draft in drafts]
        if settings:
            owner = {"domain_id": acme.domain_id, "workspace_id": acme.workspace_id}
            await session.merge(KnowledgeSettings(**owner, **settings))
        return [each.id for each in added]


@contextlib.asynccontextmanager
async def ada_at(stage: Stage) -> AsyncIterator[Client]:
    async with stage.visitor() as ada:
        await ada.join()
        yield ada


async def asks(ada: Client, text: str) -> Frame:
    """Ada's question, answered."""
    assert (await ada.send(text))["type"] == "ok"
    return await comes(ada, "answer.finished")


_met: WeakKeyDictionary[Client, Counter[str]] = WeakKeyDictionary()


async def comes(ada: Client, kind: str) -> Frame:
    """The next event of that kind which was not met yet, though it may have come before an ``ok``."""
    met = _met.setdefault(ada, Counter())
    met[kind] += 1
    while len(of(ada, kind)) < met[kind]:
        await ada.hear()
    return of(ada, kind)[met[kind] - 1]


def of(ada: Client, kind: str) -> list[Frame]:
    return [frame for frame in ada.heard if frame["type"] == kind]


async def filed(stage: Stage) -> list[tuple[str, str, str]]:
    async with stage.db.read() as session:
        found = await session.scalars(select(Reply).order_by(Reply.created_at))
        return [(reply.asked, reply.state, reply.value) for reply in found]


EMAIL = Draft("What is your e-mail address?", answer_kind="email", field="email")
SIZE = Draft("How large is your garden?", answer_kind="choice", choices=("Balcony", "Small", "Large"))


async def test_the_first_reply_asks_nothing_and_the_second_asks_one_question(stage: Stage) -> None:
    await want(stage, EMAIL, SIZE)
    async with ada_at(stage) as ada:
        await asks(ada, DELIVERY)
        await asks(ada, RETURNS)
        asked = await comes(ada, "question.asked")
        assert asked["message"]["text"] == EMAIL.text
        assert asked["state"]["question"]["kind"] == "email"
        before = [frame for frame in ada.heard if frame["revision" if "revision" in frame else "type"] is not None]
        assert [f["type"] for f in before].index("question.asked") > [f["type"] for f in before].index(
            "answer.finished"
        )
        assert len(of(ada, "question.asked")) == 1
        assert len(of(ada, "answer.finished")) == 2


async def test_who_got_no_answer_is_offered_help_and_not_asked_for_anything(stage: Stage) -> None:
    await want(stage, EMAIL)
    async with ada_at(stage) as ada:
        await asks(ada, DELIVERY)
        unsure = await asks(ada, "Do you sell unicorn saddles?")
        assert unsure["message"]["person"]
        await ada.ask("read.mark", revision=1)
        assert not of(ada, "question.asked")
        await asks(ada, RETURNS)
        assert (await comes(ada, "question.asked"))["question"]["text"] == EMAIL.text


async def test_an_owner_may_have_it_asked_in_the_first_reply(stage: Stage) -> None:
    await want(stage, Draft("Who are you?", moment="start"), ask_in_first_reply=True)
    async with ada_at(stage) as ada:
        await asks(ada, DELIVERY)
        assert (await comes(ada, "question.asked"))["question"]["text"] == "Who are you?"


async def test_what_is_typed_is_filed_under_the_question_and_the_next_one_follows(stage: Stage) -> None:
    await want(stage, EMAIL, SIZE)
    async with ada_at(stage) as ada:
        for text in (DELIVERY, RETURNS):
            await asks(ada, text)
        await comes(ada, "question.asked")
        await ada.send("sure, it is Ada@Example.org")
        closed = await comes(ada, "question.answered")
        assert (closed["outcome"], closed["state"]["question"]) == ("answered", None)
        following = await comes(ada, "question.asked")
        assert following["question"]["choices"] == ["Balcony", "Small", "Large"]
        await ada.send("the third one")
        await comes(ada, "question.answered")
        while not [frame for frame in of(ada, "message.created") if frame["message"]["text"] == phrases.say("more")]:
            await ada.hear()
        assert len(of(ada, "answer.finished")) == 2  # what was an answer was not answered as a question
    assert await filed(stage) == [(EMAIL.text, "answered", "Ada@example.org"), (SIZE.text, "answered", "Large")]


async def test_an_answer_that_also_asks_is_filed_and_answered(stage: Stage) -> None:
    await want(stage, EMAIL)
    async with ada_at(stage) as ada:
        for text in (DELIVERY, RETURNS):
            await asks(ada, text)
        await comes(ada, "question.asked")
        answer = await asks(ada, "ada@x.org, and where do I park my car?")
        assert answer["message"]["text"] == ANSWERS[PARKING]
    assert await filed(stage) == [(EMAIL.text, "answered", "ada@x.org")]


async def test_what_is_no_answer_is_said_and_the_question_stays_open(stage: Stage) -> None:
    await want(stage, EMAIL)
    async with ada_at(stage) as ada:
        for text in (DELIVERY, RETURNS):
            await asks(ada, text)
        await comes(ada, "question.asked")
        await ada.send("ada@home")
        said = [frame["message"] for frame in of(ada, "message.created") if frame["message"]["author"] == "bot"]
        assert "name@example.com" in said[-1]["text"]
        again = await ada.join()
        assert again["state"]["question"]["text"] == EMAIL.text
    assert await filed(stage) == [(EMAIL.text, "asked", "")]


@pytest.mark.parametrize(("most", "times"), [(1, 1), (3, 3)])
async def test_who_asks_on_instead_is_answered_and_is_asked_again_at_most_so_often(
    stage: Stage, most: int, times: int
) -> None:
    await want(stage, Draft(EMAIL.text, answer_kind="email", most_asks=most))
    async with ada_at(stage) as ada:
        for text in (DELIVERY, RETURNS, PARKING, DELIVERY, RETURNS, PARKING, DELIVERY):
            finished = await asks(ada, text)
            assert finished["message"]["text"] == ANSWERS[text]
        await ada.ask("read.mark", revision=1)
        assert len(of(ada, "question.asked")) == times
        assert of(ada, "question.answered")[-1]["outcome"] == "given_up"
    assert await filed(stage) == [(EMAIL.text, "given_up", "")]


@pytest.mark.parametrize("words", ["no thanks", "I'd rather not", "lieber nicht", None])
async def test_who_declines_is_left_alone(stage: Stage, words: str | None) -> None:
    (question_id,) = await want(stage, EMAIL)
    async with ada_at(stage) as ada:
        for text in (DELIVERY, RETURNS):
            await asks(ada, text)
        await comes(ada, "question.asked")
        if words is None:
            assert (await ada.ask("question.answer", question_id=question_id, value=None))["type"] == "ok"
        else:
            await ada.send(words)
            assert (await comes(ada, "question.answered"))["outcome"] == "declined"
        for text in (PARKING, DELIVERY):
            await asks(ada, text)
        await ada.ask("read.mark", revision=1)
        assert len(of(ada, "question.asked")) == 1
    assert await filed(stage) == [(EMAIL.text, "declined", "")]


async def test_one_that_matters_is_insisted_on_once_and_never_stands_in_the_way(stage: Stage) -> None:
    (question_id,) = await want(stage, Draft(EMAIL.text, answer_kind="email", required=True))
    async with ada_at(stage) as ada:
        for text in (DELIVERY, RETURNS):
            await asks(ada, text)
        await comes(ada, "question.asked")
        refused = await ada.ask("question.answer", question_id=question_id, value=None)
        assert (refused["type"], refused["code"]) == ("error", "invalid_answer")
        assert (await ada.ask("question.answer", question_id=question_id, value=None))["type"] == "ok"
        assert (await asks(ada, PARKING))["message"]["text"] == ANSWERS[PARKING]


async def test_a_control_answers_with_the_same_care_and_only_the_question_that_is_open(stage: Stage) -> None:
    question_id, other = await want(stage, SIZE, EMAIL)
    async with ada_at(stage) as ada:
        for text in (DELIVERY, RETURNS):
            await asks(ada, text)
        await comes(ada, "question.asked")
        for wrong, value in ((question_id, "Huge"), (other, "ada@x.org"), ("f" * 32, "Small")):
            refused = await ada.ask("question.answer", question_id=wrong, value=value)
            assert refused["code"] == ("invalid_answer" if wrong == question_id else "not_open")
        assert (await ada.ask("question.answer", question_id=question_id, value="Small"))["type"] == "ok"
        again = await ada.ask("question.answer", question_id=question_id, value="Large")
        assert again["code"] == "not_open"
    assert (await filed(stage))[0] == (SIZE.text, "answered", "Small")


async def test_r4_a_tab_that_slept_through_it_knows_the_question_and_every_tab_knows_it_is_closed(stage: Stage) -> None:
    (question_id,) = await want(stage, SIZE)
    async with ada_at(stage) as ada:
        token = ada.heard[0]["token"]
        for text in (DELIVERY, RETURNS):
            await asks(ada, text)
        await comes(ada, "question.asked")
        async with stage.visitor() as other:
            replica = Replica()
            replica.apply(await other.join(token=token))
            assert replica.state["question"]["id"] == question_id
            await ada.ask("question.answer", question_id=question_id, value="Small")
            while replica.state["question"] is not None:
                replica.apply(await other.hear())
            assert not replica.gap
            assert "Small" in [message["text"] for message in replica.transcript()]


async def test_a_condition_on_an_earlier_answer_decides(stage: Stage) -> None:
    (size,) = await want(stage, SIZE)
    condition = {"question": size, "is": "equals", "value": "Large"}
    await want(stage, Draft("Do you need a gardener?", condition=condition), Draft("Any pets?"))
    for answer, following in (("Large", "Do you need a gardener?"), ("Small", "Any pets?")):
        async with ada_at(stage) as ada:
            for text in (DELIVERY, RETURNS):
                await asks(ada, text)
            await comes(ada, "question.asked")
            await ada.send(answer)
            assert (await comes(ada, "question.asked"))["question"]["text"] == following


async def test_before_a_person_comes_it_is_asked_while_the_visitor_waits_and_holds_nothing_up(stage: Stage) -> None:
    await want(stage, Draft("What is your order number?", answer_kind="number", moment="before_hand_off"))
    async with ada_at(stage) as ada:
        await asks(ada, DELIVERY)
        await asks(ada, RETURNS)
        await ada.ask("person.request")
        assert (await comes(ada, "question.asked"))["state"]["mode"] == "waiting"
        await ada.send("it is 4711")
        closed = await comes(ada, "question.answered")
        assert (closed["outcome"], closed["state"]["mode"]) == ("answered", "waiting")
    assert await filed(stage) == [("What is your order number?", "answered", "4711")]


async def test_while_a_person_is_there_the_bot_asks_nothing_and_reads_nothing_as_an_answer(stage: Stage) -> None:
    await want(stage, EMAIL)
    async with ada_at(stage) as ada, stage.agent() as grace:
        for text in (DELIVERY, RETURNS):
            await asks(ada, text)
        asked = await comes(ada, "question.asked")
        await grace.ask("desk.join", after=0)
        assert (await grace.ask("room.claim", room=asked["room"]))["type"] == "ok"
        await comes(ada, "room.claimed")
        await ada.send("my address is ada@x.org")
        await comes(ada, "message.created")
        assert await filed(stage) == [(EMAIL.text, "asked", "")]
        await grace.ask("room.release", room=asked["room"])
        released = await comes(ada, "room.released")
        assert released["state"]["question"]["text"] == EMAIL.text  # still open, and answered now
        await ada.send("ada@x.org")
        assert (await comes(ada, "question.answered"))["outcome"] == "answered"


async def test_the_lead_is_filled_scored_with_reasons_and_keeps_what_was_agreed_to(stage: Stage) -> None:
    rules = ({"is": "equals", "value": "Large", "points": 30, "reason": "A large garden"},)
    consent = "By answering you agree that we write to you."
    size = Draft(SIZE.text, answer_kind="choice", choices=SIZE.choices, scores=rules)
    await want(stage, size, Draft(EMAIL.text, answer_kind="email", field="email", consent=consent))
    async with ada_at(stage) as ada:
        for text in (DELIVERY, RETURNS):
            await asks(ada, text)
        await comes(ada, "question.asked")
        await ada.send("large")
        asked = await comes(ada, "question.asked")
        assert asked["question"]["consent"] == consent
        await ada.send("ada@x.org")
        await comes(ada, "question.answered")
        room_id = asked["room"]
    acme, globex = stage.cast.acme, stage.cast.globex
    async with stage.db.read() as session:
        known = await leads.of_room(session, acme.workspace_id, room_id)
        foreign = await leads.of_room(session, globex.workspace_id, room_id)
    assert known.lead is not None
    assert (known.lead.email, known.lead.score) == ("ada@x.org", 30)
    assert [reason["reason"] for reason in known.lead.reasons] == ["A large garden"]
    assert [(agreed["text"], agreed["version"]) for agreed in known.lead.consents] == [(consent, 1)]
    assert [answer.value for answer in known.answers] == ["Large", "ada@x.org"]
    assert foreign == leads.Known(None, ())  # R10


async def test_a_rule_refuses_or_brings_a_person_before_any_answer_is_looked_for(stage: Stage) -> None:
    block = Draft("Medical", kind="block", patterns=("medical advice", "is it poisonous"), response="Ask a doctor.")
    route = Draft("Orders", kind="route", patterns=("cancel order",), response="A colleague does that.")
    await want(stage, block, route)
    async with ada_at(stage) as ada:
        refused = await asks(ada, "Can you give me some medical advice on delivery?")
        assert refused["message"]["text"] == "Ask a doctor."
        assert (await asks(ada, DELIVERY))["message"]["text"] == ANSWERS[DELIVERY]
        routed = await asks(ada, "Please cancel my orders")
        assert routed["message"]["text"] == "A colleague does that."
        assert (await comes(ada, "room.handed_off"))["reason"] == "route"


async def test_r10_another_domains_questions_are_never_asked_here(stage: Stage) -> None:
    globex = stage.cast.globex
    async with stage.db.write() as session:
        await questions.add(session, globex.workspace_id, globex.domain_id, Draft("Globex?", moment="start"))
    async with ada_at(stage) as ada:
        for text in (DELIVERY, RETURNS, PARKING):
            await asks(ada, text)
        await ada.ask("read.mark", revision=1)
        assert not of(ada, "question.asked")
    async with stage.db.read() as session:
        assert not (await session.scalars(select(Reply))).all()
        assert not (await session.scalars(select(Lead))).all()


async def test_a_question_that_the_owner_takes_away_while_it_is_open_is_let_go(stage: Stage) -> None:
    (question_id,) = await want(stage, EMAIL)
    acme = stage.cast.acme
    async with ada_at(stage) as ada:
        for text in (DELIVERY, RETURNS):
            await asks(ada, text)
        await comes(ada, "question.asked")
        async with stage.db.write() as session:
            gone = await questions.question_of(session, acme.workspace_id, acme.domain_id, question_id)
            await questions.remove(session, gone)
        assert (await asks(ada, PARKING))["message"]["text"] == ANSWERS[PARKING]
    async with stage.db.read() as session:
        assert (await session.scalars(select(Room.question))).all() == [None]
    assert await filed(stage) == [(EMAIL.text, "given_up", "")]


async def test_a_rule_comes_before_an_open_question_which_stays_open(stage: Stage) -> None:
    name = Draft("What is your name?", field="name")
    await want(stage, name, Draft("Medical", kind="block", patterns=("medical advice",), response="Ask a doctor."))
    async with ada_at(stage) as ada:
        for text in (DELIVERY, RETURNS):
            await asks(ada, text)
        await comes(ada, "question.asked")
        assert (await asks(ada, "I want medical advice"))["message"]["text"] == "Ask a doctor."
        assert await filed(stage) == [(name.text, "asked", "")]
        await ada.send("my name is Ada")
        assert (await comes(ada, "question.answered"))["outcome"] == "answered"
        assert len(of(ada, "question.asked")) == 1
    assert await filed(stage) == [(name.text, "answered", "Ada")]


async def test_r20_a_word_in_the_visitors_own_question_is_filed_nowhere(stage: Stage) -> None:
    day = Draft("When do you need it?", answer_kind="date", most_asks=5)
    await want(stage, day, SIZE, EMAIL)
    async with ada_at(stage) as ada:
        for text in (DELIVERY, RETURNS):
            await asks(ada, text)
        await comes(ada, "question.asked")
        await asks(ada, "Do you deliver a Large one to ada@x.org tomorrow?")
        assert await filed(stage) == [(day.text, "asked", "")]
        await asks(ada, PARKING)
        assert (await comes(ada, "question.asked"))["question"]["text"] == day.text  # the same one, once more
        async with stage.db.read() as session:
            assert not (await session.scalars(select(Lead))).all()
        await ada.send("tomorrow")  # and now it is an answer, to what is open and to nothing else
        assert (await comes(ada, "question.answered"))["outcome"] == "answered"
    assert [(text, state) for text, state, _ in await filed(stage)] == [(day.text, "answered"), (SIZE.text, "asked")]


async def test_a_chat_that_is_closed_takes_the_answer_and_asks_nothing(stage: Stage) -> None:
    (question_id, _) = await want(stage, SIZE, EMAIL)
    async with ada_at(stage) as ada, stage.agent() as grace:
        for text in (DELIVERY, RETURNS):
            await asks(ada, text)
        asked = await comes(ada, "question.asked")
        assert (await grace.ask("room.claim", room=asked["room"]))["type"] == "ok"
        assert (await grace.ask("room.close", room=asked["room"]))["type"] == "ok"
        assert (await ada.ask("question.answer", question_id=question_id, value="Small"))["type"] == "ok"
        state = (await ada.join())["state"]
        assert (state["mode"], state["question"]) == ("closed", None)
    assert await filed(stage) == [(SIZE.text, "answered", "Small")]


async def test_what_hung_on_the_answer_to_a_question_that_goes_is_switched_off(stage: Stage) -> None:
    (size,) = await want(stage, SIZE)
    condition = {"question": size, "is": "equals", "value": "Large"}
    await want(stage, Draft("Do you need a gardener?", condition=condition), EMAIL)
    acme = stage.cast.acme
    async with stage.db.write() as session:
        await questions.remove(session, await questions.question_of(session, acme.workspace_id, acme.domain_id, size))
        left = await questions.listing(session, acme.workspace_id, acme.domain_id)
        assert [(each.text, each.active, each.condition) for each in left] == [
            ("Do you need a gardener?", False, {}),
            (EMAIL.text, True, {}),
        ]


async def test_r14_hostile_values_are_refused_or_filed_as_they_are_and_break_nothing(stage: Stage) -> None:
    (question_id,) = await want(stage, Draft("Anything else?"))
    async with ada_at(stage) as ada:
        for text in (DELIVERY, RETURNS):
            await asks(ada, text)
        await comes(ada, "question.asked")
        hostile: tuple[tuple[Any, str], ...] = (
            ("\0\x01", "invalid_answer"),
            ("   ", "invalid_answer"),
            ("x" * 1_001, "bad_command"),
            (5, "bad_command"),
            ({"a": 1}, "bad_command"),
            ([], "bad_command"),
        )
        for value, code in hostile:
            assert (await ada.ask("question.answer", question_id=question_id, value=value))["code"] == code
        for wrong in ("", "../x", "x" * 65, None, 7):
            refused = await ada.ask("question.answer", question_id=wrong, value="yes")
            assert refused["code"] == "bad_command"
        assert await filed(stage) == [("Anything else?", "asked", "")]
        value = "<b>'; DROP TABLE replies;--</b> \ud800 🌿"
        assert (await ada.ask("question.answer", question_id=question_id, value=value))["type"] == "ok"
    assert await filed(stage) == [("Anything else?", "answered", "<b>'; DROP TABLE replies;--</b> \ufffd 🌿")]


async def test_two_tabs_that_answer_at_once_file_one_answer(stage: Stage) -> None:
    question_id, _ = await want(stage, SIZE, EMAIL)
    async with ada_at(stage) as ada, stage.visitor() as other:
        await other.join(token=ada.heard[0]["token"])
        for text in (DELIVERY, RETURNS):
            await asks(ada, text)
        await comes(ada, "question.asked")
        said = await asyncio.gather(
            *(
                tab.ask("question.answer", question_id=question_id, value=value)
                for tab, value in ((ada, "Small"), (other, "Large"))
            )
        )
        assert sorted(frame["type"] for frame in said) == ["error", "ok"]
        assert (await comes(ada, "question.asked"))["question"]["text"] == EMAIL.text
        await ada.ask("read.mark", revision=1)
        assert len(of(ada, "question.asked")) == 2
    won = "Small" if said[0]["type"] == "ok" else "Large"
    assert await filed(stage) == [(SIZE.text, "answered", won), (EMAIL.text, "asked", "")]
