"""A rating: the visitor's own word on an answer of their own room, stored once and told to everybody there."""

import asyncio
from pathlib import Path

import pytest

from engine.models import Message
from engine.providers import Scripted
from tests.engine import books
from tests.engine.follower import Follower
from tests.stage import Stage, staged
from tests.wire import Client, Frame

pytestmark = pytest.mark.anyio


async def answered(ada: Client, text: str = "sure about delivery?") -> Frame:
    """A finished answer to ``text``."""
    assert (await ada.send(text))["type"] == "ok"
    message: Frame = (await ada.until("answer.finished"))["message"]
    return message


async def stored(stage: Stage, room_id: str) -> list[Message]:
    return [message for message in await books.messages(stage.db, room_id) if message.author == "bot"]


async def test_r3_a_rating_is_a_change_of_its_own_that_both_sides_of_the_room_hear_of(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.agent() as grace:
        room_id = (await ada.join())["room"]
        message = await answered(ada)
        assert message["rating"] is None
        await grace.ask("desk.join", after=0)
        await grace.ask("room.watch", room=room_id, after=0)
        ok = await ada.ask("answer.rate", message_id=message["id"], good=True)
        assert (ok["type"], ok["revision"], ok["message_id"]) == ("ok", 4, message["id"])
        heard = await grace.until("message.changed")
        assert (heard["revision"], heard["message"]["revision"], heard["message"]["rating"]) == (4, 4, 1)
        assert heard["message"]["text"] == message["text"]
    assert [(row.rating, row.revision, row.position) for row in await stored(stage, room_id)] == [(1, 4, 2)]
    assert stage.oracle.gaps == []


async def test_r2_the_same_word_again_changes_nothing_and_another_word_counts(stage: Stage) -> None:
    async with stage.visitor() as ada:
        room_id = (await ada.join())["room"]
        message = await answered(ada)
        first, again = [await ada.ask("answer.rate", message_id=message["id"], good=False) for _ in range(2)]
        assert (first["revision"], again["revision"]) == (4, 4)
        other = await ada.ask("answer.rate", message_id=message["id"], good=True)
        assert other["revision"] == 5
        changed = [
            frame["revision"] for frame in [*ada.heard, *await ada.quiet(0.1)] if frame["type"] == "message.changed"
        ]
    assert changed == [4, 5]
    assert [row.rating for row in await stored(stage, room_id)] == [1]


async def test_a_bad_word_files_the_question_it_was_about_as_a_gap(stage: Stage) -> None:
    async with stage.visitor() as ada:
        room_id = (await ada.join())["room"]
        await answered(ada, "sure of the first?")
        message = await answered(ada, "sure of the second?")
        await answered(ada, "sure of the third?")
        await ada.ask("answer.rate", message_id=message["id"], good=False)
    assert [(gap.room_id, gap.message_id, gap.text, gap.reason) for gap in stage.oracle.gaps] == [
        (room_id, message["id"], "sure of the second?", "rated")
    ]


async def test_r10_only_an_answer_of_the_visitors_own_room_can_be_rated(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.visitor() as bob, stage.visitor(stage.cast.globex) as rival:
        room_id = (await ada.join())["room"]
        theirs = await answered(ada)
        asked = next(frame["message"]["id"] for frame in ada.heard if frame["type"] == "message.created")
        for other in (bob, rival):
            await other.join()
            absent = await other.ask("answer.rate", message_id=theirs["id"], good=False)  # before a room of their own
            assert (absent["type"], absent["code"]) == ("error", "not_found")
            await answered(other)
            foreign = await other.ask("answer.rate", message_id=theirs["id"], good=False)
            unknown = await other.ask("answer.rate", message_id="0" * 32, good=False)
            assert foreign["code"] == unknown["code"] == "not_found"
            assert foreign["message"] == unknown["message"]
        assert (await ada.ask("answer.rate", message_id=asked, good=False))["code"] == "not_found"
        assert (await ada.ask("answer.rate", message_id=theirs["id"], good=True))["type"] == "ok"
    assert [row.rating for row in await stored(stage, room_id)] == [1]
    assert stage.oracle.gaps == []


async def test_an_answer_that_is_still_written_cannot_be_rated(database_url: str, tmp_path: Path) -> None:
    gate = asyncio.Event()
    model = Scripted("Two days. ", gate, "Gladly.")
    async with staged(database_url, tmp_path, provider=model) as stage, stage.visitor() as ada:
        room_id = (await ada.join())["room"]
        await ada.send("between us")
        delta = await ada.until("answer.delta")
        early = await ada.ask("answer.rate", message_id=delta["message_id"], good=True)
        assert early["code"] == "unfinished"
        gate.set()
        await ada.until("answer.finished")
        assert (await ada.ask("answer.rate", message_id=delta["message_id"], good=True))["type"] == "ok"
        assert [row.rating for row in await stored(stage, room_id)] == [1]


async def test_r4_a_tab_that_was_away_learns_of_the_rating(stage: Stage) -> None:
    async with Follower(stage.visitor()) as ada:
        await ada.send("sure")
        await ada.when(lambda: ada.replica.have == 3 or None)
        async with Follower(stage.visitor(), token=ada.token) as tab:
            left_behind = tab.replica
        answer = ada.replica.transcript()[-1]
        assert (await ada.ask("answer.rate", message_id=answer["id"], good=False))["type"] == "ok"
        async with Follower(stage.visitor(), token=ada.token, replica=left_behind) as tab:
            assert (tab.replica.have, tab.replica.transcript()[-1]["rating"]) == (4, -1)


async def test_r14_a_rating_needs_an_id_and_a_word(stage: Stage) -> None:
    async with stage.visitor() as ada:
        await ada.join()
        for fields in (
            {"message_id": "m"},
            {"good": True},
            {"message_id": "m", "good": "yes"},
            {"message_id": "", "good": True},
        ):
            assert (await ada.ask("answer.rate", **fields))["code"] == "bad_command"


async def test_r15_ratings_are_limited_like_messages(sqlite_url: str, tmp_path: Path) -> None:
    async with staged(sqlite_url, tmp_path, VISITOR_MESSAGES_PER_MINUTE=3) as stage, stage.visitor() as ada:
        await ada.join()
        message = await answered(ada)
        said = [await ada.ask("answer.rate", message_id=message["id"], good=number % 2 == 0) for number in range(4)]
    assert [frame["type"] for frame in said[:3]] == ["ok"] * 3
    assert (said[3]["code"], said[3]["retry_after"] > 0) == ("rate_limited", True)
