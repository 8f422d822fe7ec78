"""A resend is harmless (R2): one row, one model call, one charge, the same ack."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from engine.providers import OpenAICompatible
from tests.doubles.openai import OpenAI
from tests.engine import books
from tests.stage import Stage, staged
from tests.wire import Client, Frame

pytestmark = pytest.mark.anyio

SOCKETS, SENDS = 5, 10


async def test_r2_one_client_id_sent_50_times_at_once_is_one_row_one_model_call_and_one_charge(
    database_url: str, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        double = await stack.enter_async_context(OpenAI(answer="Two days."))
        provider = OpenAICompatible(model="double", base_url=double.base_url)
        stage = await stack.enter_async_context(staged(database_url, tmp_path, provider=provider))
        tabs = [await stack.enter_async_context(stage.visitor()) for _ in range(SOCKETS)]
        joined = await tabs[0].join()
        for tab in tabs[1:]:
            assert (await tab.join(token=joined["token"]))["room"] == joined["room"]
        for tab in tabs * SENDS:  # nobody waits for an ack
            await tab.say("message.send", client_id="the-one", text="between two")
        oks = await asyncio.gather(*(one_tabs_acks(tab) for tab in tabs))
        acks = [ack for acks in oks for ack in acks]
        await books.until(lambda: answered(stage, joined["room"]))
        rows = await books.messages(stage.db, joined["room"])
        lines = await books.usage(stage.db, joined["room"])
        money = await books.account(stage.db, stage.cast.acme.workspace_id)
    assert len(acks) == SOCKETS * SENDS
    assert all(ack == acks[0] for ack in acks)
    assert (acks[0]["type"], acks[0]["revision"], acks[0]["client_id"]) == ("ok", 1, "the-one")
    assert [(row.author, row.id == acks[0]["message_id"]) for row in rows] == [("visitor", True), ("bot", False)]
    assert len(double.requests) == 1
    assert [line.amount for line in lines] == [-1]
    assert (money.balance, money.held) == (99, 0)


async def one_tabs_acks(tab: Client) -> list[Frame]:
    return [await tab.until("ok") for _ in range(SENDS)]


async def answered(stage: Stage, room_id: str) -> bool:
    row = await books.room(stage.db, room_id)
    return row is not None and row.answer_id is None


async def test_r2_a_resend_after_a_lost_connection_is_acknowledged_as_before(stage: Stage) -> None:
    async with stage.visitor() as ada:
        token = (await ada.join())["token"]
        first = await ada.send("sure", client_id="again")
        await ada.until("answer.finished")
    async with stage.visitor() as ada:
        joined = await ada.join(token=token)
        second = await ada.send("  sure\r\n", client_id="again")  # the same text once it is cleaned
        third = await ada.send("sure", client_id="fresh")
    assert (second["revision"], second["message_id"]) == (first["revision"], first["message_id"])
    assert third["revision"] == joined["revision"] + 1


async def test_r2_the_same_id_with_another_text_is_a_conflict(stage: Stage) -> None:
    async with stage.visitor() as ada:
        room_id = (await ada.join())["room"]
        assert (await ada.send("sure", client_id="mine"))["type"] == "ok"
        refused = await ada.send("sure?", client_id="mine")
        assert (refused["type"], refused["code"], refused["client_id"]) == ("error", "conflict", "mine")
        assert [row.text for row in await books.messages(stage.db, room_id) if row.author == "visitor"] == ["sure"]


async def test_r2_an_agent_does_not_meet_a_visitors_id_and_may_resend_too(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.agent() as grace:
        room_id = (await ada.join())["room"]
        await ada.send("sure", client_id="shared")
        await ada.until("answer.finished")
        await grace.ask("room.claim", room=room_id)
        assert (await grace.send("sure", room=room_id, client_id="shared"))["code"] == "conflict"
        first = await grace.send("Hello", room=room_id, client_id="hers")
        assert await grace.ask("room.release", room=room_id)
        again = await grace.send("Hello", room=room_id, client_id="hers")  # stored while the room was hers
        assert (again["revision"], again["message_id"]) == (first["revision"], first["message_id"])
        assert (await grace.send("Hello?", room=room_id, client_id="new"))["code"] == "not_yours"


async def test_r2_the_same_id_in_another_room_is_another_message(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.visitor() as bob:
        rooms = [(await each.join())["room"] for each in (ada, bob)]
        acks = await asyncio.gather(ada.send("sure a", client_id="same"), bob.send("sure b", client_id="same"))
        assert rooms[0] != rooms[1]
        assert [ack["type"] for ack in acks] == ["ok", "ok"]
        assert acks[0]["message_id"] != acks[1]["message_id"]
