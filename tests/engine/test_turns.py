"""A turn: the visitor's message, its committed ack, the streamed answer, its committed end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from engine import phrases
from engine.ports import Usage
from engine.providers import Scripted
from tests.doubles.knowledge import FACT
from tests.engine import books
from tests.stage import Stage, staged
from tests.wire import Client, Frame

pytestmark = pytest.mark.anyio


async def answer(client: Client, text: str) -> Frame:
    """Ask, and hear the answer's end."""
    assert (await client.send(text))["type"] == "ok"
    return await client.until("answer.finished")


async def test_a_sure_question_is_answered_with_the_entrys_own_text_for_0_credits(stage: Stage) -> None:
    async with stage.visitor() as ada:
        joined = await ada.join()
        assert (joined["revision"], joined["messages"]) == (0, [])
        ok = await ada.send("sure about delivery?")
        finished = await ada.until("answer.finished")
    assert ok["revision"] == 1
    assert [frame["type"] for frame in ada.heard if frame["type"] not in ("pulse", "ok")] == [
        "room.joined",
        "message.created",
        "answer.started",
        "answer.delta",
        "answer.finished",
    ]
    assert (finished["state"], finished["credits"]) == ("complete", 0)
    assert finished["message"]["text"] == FACT.answer
    assert finished["sources"] == [{"id": FACT.id, "title": FACT.question, "url": None}]
    (line,) = await books.usage(stage.db, joined["room"])
    assert (line.kind, line.amount, line.detail["by"], line.detail["entries"]) == ("usage", 0, "faq", [FACT.id])


async def test_a_question_in_between_is_answered_by_the_model_from_the_facts_for_a_credit(
    database_url: str, tmp_path: Path
) -> None:
    model = Scripted("Two ", "days. 🌿", Usage(3_000, 50))
    async with staged(database_url, tmp_path, provider=model) as stage, stage.visitor() as ada:
        room_id = (await ada.join())["room"]
        finished = await answer(ada, "between us, how long?")
        (line,) = await books.usage(stage.db, room_id)
        money = await books.account(stage.db, stage.cast.acme.workspace_id)
    money.check()
    assert finished["message"]["text"] == "Two days. 🌿"
    assert (finished["state"], finished["credits"], line.amount, money.balance, money.held) == (
        "complete",
        1,
        -1,
        99,
        0,
    )
    assert [source["id"] for source in finished["sources"]] == [FACT.id]
    assert line.detail["prompt_tokens"] == 3_000
    assert line.detail["model"] == "scripted"
    (prompt,) = model.prompts
    assert FACT.answer in prompt.messages[0][1]
    assert prompt.messages[-1] == ("user", "between us, how long?")


async def test_an_unsure_answer_says_so_offers_the_nearest_and_a_person_and_files_a_gap(stage: Stage) -> None:
    async with stage.visitor() as ada:
        room_id = (await ada.join())["room"]
        finished = await answer(ada, "what is the meaning of life?")
    message = finished["message"]
    assert message["text"].startswith(phrases.say("unsure"))
    assert (message["offers"], message["person"], message["sources"]) == ([FACT.question], True, [])
    assert [(gap.room_id, gap.text) for gap in stage.oracle.gaps] == [(room_id, "what is the meaning of life?")]
    (line,) = await books.usage(stage.db, room_id)
    assert (line.amount, line.detail["by"]) == (0, "none")


async def test_without_a_model_a_question_in_between_is_answered_honestly(stage: Stage) -> None:
    async with stage.visitor() as ada:
        await ada.join()
        finished = await answer(ada, "between us")
    assert finished["message"]["text"].startswith(phrases.say("not_sure_which"))
    assert finished["credits"] == 0


async def test_the_third_unsure_answer_in_a_row_asks_a_person_in(stage: Stage) -> None:
    async with stage.visitor() as ada:
        await ada.join()
        for question in ("what?", "why?", "sure thing", "who?", "where?"):
            await answer(ada, question)
        assert not [frame for frame in ada.heard if frame["type"] == "room.handed_off"]
        await answer(ada, "when?")
        handed = await ada.until("room.handed_off")
        assert (handed["reason"], handed["state"]["mode"]) == ("unsure", "waiting")
        assert (await ada.until("message.created"))["message"]["author"] == "system"


async def test_r1_the_ack_carries_the_revision_and_leaves_only_after_the_commit(stage: Stage) -> None:
    async with stage.visitor() as ada:
        room_id = (await ada.join())["room"]
        await answer(ada, "sure")
        have = max(message["revision"] for message in (await ada.join())["messages"])
        async with commits_held_up(stage):
            await ada.say("message.send", ref="r", client_id="held", text="sure again")
            assert not [frame for frame in await ada.quiet(0.3) if frame["type"] in ("ok", "message.created")]
        ok = await ada.until("ok")
        async with elsewhere(stage) as connection:
            stored = await connection.execute(
                text("SELECT position FROM messages WHERE room_id = :room AND client_id = 'held'"), {"room": room_id}
            )
            assert stored.scalar_one() == ok["revision"] == have + 1


async def test_what_is_asked_while_an_answer_streams_is_answered_afterwards(database_url: str, tmp_path: Path) -> None:
    gate = asyncio.Event()
    model = Scripted("Here you are. ", gate, "That is all.", Usage(10, 2))
    async with staged(database_url, tmp_path, provider=model) as stage, stage.visitor() as ada:
        room_id = (await ada.join())["room"]
        await ada.send("between one")
        await ada.until("answer.delta")
        assert (await ada.send("sure two"))["type"] == "ok"
        assert (await ada.send("and three"))["type"] == "ok"
        gate.set()
        first, second = await ada.until("answer.finished"), await ada.until("answer.finished")
        assert first["message"]["text"] == "Here you are. That is all."
        assert second["message"]["text"] == FACT.answer
        assert [ask.text for ask in stage.oracle.asked] == ["between one", "sure two\nand three"]
        assert [message.author for message in await books.messages(stage.db, room_id)] == [
            "visitor",
            "bot",
            "visitor",
            "visitor",
            "bot",
        ]
        lines = await books.usage(stage.db, room_id)
    assert sorted(line.amount for line in lines) == [-1, 0]


async def test_the_model_is_shown_what_was_said_before_and_the_question_once(database_url: str, tmp_path: Path) -> None:
    model = Scripted("Yes.")
    async with staged(database_url, tmp_path, provider=model) as stage, stage.visitor() as ada:
        await ada.join()
        await answer(ada, "sure about delivery?")
        await answer(ada, "between times, and on Sundays?")
    assert model.prompts[0].messages[1:] == (
        ("user", "sure about delivery?"),
        ("assistant", FACT.answer),
        ("user", "between times, and on Sundays?"),
    )


async def test_a_closed_room_opens_again_on_the_visitors_word(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.agent() as grace:
        room_id = (await ada.join())["room"]
        await answer(ada, "sure")
        assert (await grace.ask("room.claim", room=room_id))["type"] == "ok"
        assert (await grace.ask("room.close", room=room_id))["type"] == "ok"
        assert (await ada.until("room.closed"))["state"]["mode"] == "closed"
        finished = await answer(ada, "sure once more")
        assert finished["message"]["text"] == FACT.answer
        assert [frame["state"]["mode"] for frame in ada.heard if frame["type"] == "room.opened"] == ["bot"]


async def test_every_answer_leaves_exactly_one_line(database_url: str, tmp_path: Path) -> None:
    async with staged(database_url, tmp_path, provider=Scripted("Yes.", Usage(5, 5))) as stage, stage.visitor() as ada:
        room_id = (await ada.join())["room"]
        for question in ("sure", "between", "what?", "sure", "between"):
            await answer(ada, question)
        answers = [message.id for message in await books.messages(stage.db, room_id) if message.author == "bot"]
        lines = await books.usage(stage.db, room_id)
        (await books.account(stage.db, stage.cast.acme.workspace_id)).check()
    assert sorted(line.reference for line in lines) == sorted(f"answer:{answer_id}" for answer_id in answers)


@asynccontextmanager
async def elsewhere(stage: Stage) -> AsyncIterator[AsyncConnection]:
    """A connection that is none of the engine's."""
    engine = create_async_engine(stage.engine.settings.database_url, poolclass=NullPool)
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


@asynccontextmanager
async def commits_held_up(stage: Stage) -> AsyncIterator[None]:
    """While inside, no commit that stores a message comes to its end: PostgreSQL waits in the commit itself, for a
    lock that a deferred trigger takes; on SQLite, which has none, another writer is at work."""
    async with elsewhere(stage) as connection:
        if stage.db.is_sqlite:
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield
            await connection.rollback()
            return
        for statement in (
            "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END $$",
            "CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON messages DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION wait()",
        ):
            await connection.exec_driver_sql(statement)
        await connection.commit()
        await connection.exec_driver_sql("SELECT pg_advisory_xact_lock(1)")
        yield
        await connection.rollback()
