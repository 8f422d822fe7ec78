"""A new conversation in the same room: the old one stays readable, the bot begins anew, nothing is lost."""

from pathlib import Path

import pytest

from engine.providers import Scripted
from tests.engine.test_scores import served_by
from tests.stage import Stage, staged
from tests.wire import Client

pytestmark = pytest.mark.anyio


async def asked(ada: Client, text: str) -> None:
    assert (await ada.send(text))["type"] == "ok"
    await ada.until("answer.finished")


async def test_a_restart_is_told_and_what_was_said_before_stays(stage: Stage) -> None:
    async with stage.visitor() as ada:
        await ada.join()
        await asked(ada, "sure")
        before = (await ada.join())["messages"]
        ok = await ada.ask("room.restart")
        assert ok["type"] == "ok"
        joined = await ada.join()
        assert joined["messages"][: len(before)] == before
        assert joined["messages"][-1]["text"] == "A new conversation begins here."
        assert before[-1]["position"] < joined["state"]["episode"] < joined["messages"][-1]["position"]
        await asked(ada, "sure")


async def test_r2_a_second_restart_without_a_word_between_changes_nothing(stage: Stage) -> None:
    async with stage.visitor() as ada:
        await ada.join()
        assert (await ada.ask("room.restart"))["type"] == "ok"  # nothing was said at all
        await asked(ada, "sure")
        first, again = [await ada.ask("room.restart") for _ in range(2)]
        assert (first["type"], again["revision"]) == ("ok", first["revision"])


async def test_the_model_is_shown_nothing_of_the_conversation_before(database_url: str, tmp_path: Path) -> None:
    model = Scripted("Delivery takes 2 days.")
    async with staged(database_url, tmp_path, provider=model) as stage, stage.visitor() as ada:
        await ada.join()
        await asked(ada, "between my secret garden and me")
        await asked(ada, "between us")
        assert any("secret garden" in text for _, text in model.prompts[-1].messages)
        await ada.ask("room.restart")
        await asked(ada, "between us again")
        assert not any("secret garden" in text for _, text in model.prompts[-1].messages)


async def test_a_closed_room_opens_by_it_and_a_rating_is_over(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.agent() as grace:
        await served_by(ada, grace)
        assert (await ada.ask("room.restart"))["type"] == "ok"
        state = (await ada.join())["state"]
        assert (state["mode"], state["ended"]) == ("bot", None)


@pytest.mark.parametrize("waiting", [True, False])
async def test_nobody_restarts_away_from_a_person_who_was_called_or_is_there(stage: Stage, waiting: bool) -> None:
    async with stage.visitor() as ada, stage.agent() as grace:
        if waiting:
            await ada.join()
            await ada.ask("person.request")
        else:
            await served_by(ada, grace, leave=None)
        refused = await ada.ask("room.restart")
        assert (refused["type"], refused["code"]) == ("error", "person_here")
        assert (await ada.join())["state"]["episode"] == 0
