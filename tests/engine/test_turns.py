"""A turn: the visitor's message, its committed ack, the streamed answer, its committed end."""

from pathlib import Path

import pytest

from tests.stage import staged

pytestmark = pytest.mark.anyio


async def test_a_sure_question_is_answered_with_the_entrys_own_text_for_0_credits(
    database_url: str, tmp_path: Path
) -> None:
    async with staged(database_url, tmp_path) as stage, stage.visitor() as ada:
        joined = await ada.join()
        assert (joined["revision"], joined["messages"]) == (0, [])
        ok = await ada.send("sure about delivery?")
        finished = await ada.until("answer.finished")
        assert ok["revision"] == 1
        assert finished["state"] == "complete"
        assert finished["credits"] == 0
