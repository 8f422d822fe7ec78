"""A conversation with a person, rated when it has ended: once, changeable for a while, told to both sides."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from engine import scores
from engine.db import now
from engine.models import Score
from tests.stage import Stage
from tests.wire import Client, Frame

pytestmark = pytest.mark.anyio


async def served_by(ada: Client, grace: Client, *, leave: str | None = "room.close") -> str:
    """A conversation in which grace wrote a word and which she left; the room."""
    room_id = str((await ada.join())["room"])
    await ada.send("sure")
    await ada.until("answer.finished")
    await grace.ask("desk.join", after=0)
    await grace.ask("room.watch", room=room_id, after=0)
    assert (await grace.ask("room.claim", room=room_id))["type"] == "ok"
    assert (await grace.send("Hello Ada", room=room_id))["type"] == "ok"
    if leave:
        assert (await grace.ask(leave, room=room_id))["type"] == "ok"
        await ada.until("room.closed" if leave == "room.close" else "room.released")
    return room_id


async def stored(stage: Stage) -> list[Score]:
    async with stage.db.read() as session:
        return list(await session.scalars(select(Score).order_by(Score.ended)))


async def state_of(ada: Client) -> Frame:
    state: Frame = (await ada.join())["state"]
    return state


@pytest.mark.parametrize("leave", ["room.close", "room.release"])
async def test_a_conversation_that_ended_is_rated_and_both_sides_hear_of_it(stage: Stage, leave: str) -> None:
    async with stage.visitor() as ada, stage.agent() as grace:
        await served_by(ada, grace, leave=leave)
        assert (await state_of(ada))["ended"]
        ok = await ada.ask("room.rate", score=4, comment="  Quick\r\nand kind \0")
        assert ok["type"] == "ok"
        heard = await grace.until("room.rated")
        assert (heard["revision"], heard["state"]["score"]) == (ok["revision"], 4)
        assert (await state_of(ada))["score"] == 4
    (score,) = await stored(stage)
    assert (score.score, score.comment, score.member_id) == (4, "Quick\nand kind", stage.cast.acme.grace.member_id)


async def test_r2_the_same_rating_again_changes_nothing_and_another_word_counts_for_a_day(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.agent() as grace:
        await served_by(ada, grace)
        first, again = [await ada.ask("room.rate", score=2) for _ in range(2)]
        assert again["revision"] == first["revision"]
        assert (await ada.ask("room.rate", score=5, comment="On second thought"))["type"] == "ok"
        async with stage.db.write() as session:
            await session.execute(update(Score).values(created_at=now() - scores.CHANGE - timedelta(seconds=1)))
        late = await ada.ask("room.rate", score=1)
        assert (late["type"], late["code"]) == ("error", "rating_kept")
    assert [(score.score, score.comment) for score in await stored(stage)] == [(5, "On second thought")]


async def test_nothing_is_rated_before_a_person_was_there_or_while_they_are(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.agent() as grace:
        await ada.join()
        assert (await ada.ask("room.rate", score=5))["code"] == "no_rating"
        await served_by(ada, grace, leave=None)
        assert (await ada.ask("room.rate", score=5))["code"] == "no_rating"
    assert await stored(stage) == []


@pytest.mark.parametrize("score", [0, 6, -1, 4.5, "5", None, True, 10**30])
async def test_r14_only_whole_scores_from_1_to_5_are_taken(stage: Stage, score: object) -> None:
    async with stage.visitor() as ada, stage.agent() as grace:
        await served_by(ada, grace)
        await ada.say("room.rate", score=score)
        assert (await ada.until("error"))["code"] in ("bad_command", "bad_json")
        assert (await ada.ask("room.rate", score=3, comment="x" * 1_001))["code"] == "bad_command"
    assert await stored(stage) == []


async def test_the_next_conversation_with_a_person_has_a_rating_of_its_own(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.agent() as grace:
        room_id = await served_by(ada, grace, leave="room.release")
        await ada.ask("room.rate", score=1)
        await ada.ask("person.request")
        assert (await state_of(ada))["ended"] is None
        assert (await ada.ask("room.rate", score=5))["code"] == "no_rating"
        await grace.ask("room.claim", room=room_id)
        await grace.ask("room.close", room=room_id)
        assert (await state_of(ada))["score"] is None
        await ada.ask("room.rate", score=5)
    assert [score.score for score in await stored(stage)] == [1, 5]


async def test_r10_a_rating_is_of_the_visitors_own_room_alone(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.visitor() as bob, stage.agent() as grace:
        await served_by(ada, grace)
        await bob.join()
        assert (await bob.ask("room.rate", score=1, room="x"))["code"] == "no_rating"
        assert (await state_of(ada))["score"] is None
