"""Where the owner asks for a consent first: nothing is taken before, what was agreed to is kept as it read."""

from typing import Any

import pytest
from sqlalchemy import func, select, update

from engine.models import Bot, Consent, Message, Room
from tests.stage import Stage

pytestmark = pytest.mark.anyio
TEXT = "We keep what you write for a year."


async def demand(stage: Stage, text: str = TEXT, version: int = 1, *, first: bool = True) -> None:
    async with stage.db.write() as session:
        mine = update(Bot).where(Bot.id == stage.cast.acme.bot_id)
        await session.execute(mine.values(consent=text, consent_version=version, consent_first=first))


async def consents(stage: Stage) -> list[tuple[int, str]]:
    async with stage.db.read() as session:
        rows = await session.execute(select(Consent.version, Consent.text).order_by(Consent.version))
        return [(version, text) for version, text in rows]


async def count(stage: Stage, table: Any) -> int:
    async with stage.db.read() as session:
        return (await session.execute(select(func.count()).select_from(table))).scalar_one()


async def test_nothing_is_taken_before_the_consent_and_everything_after_it(stage: Stage) -> None:
    await demand(stage)
    async with stage.visitor() as ada:
        assert (await ada.join())["state"]["agreed"] == 0
        refused = await ada.send("sure", client_id="early")
        assert (refused["code"], refused["client_id"], refused["message"]) == (
            "consent_needed", "early", "Please agree first."
        )  # fmt: skip
        assert (await ada.ask("person.request"))["code"] == "consent_needed"
        assert (await count(stage, Message), await count(stage, Room)) == (0, 0)
        for wrong in (2, 7):
            assert (await ada.ask("consent.give", version=wrong))["code"] == "consent_needed"
        assert (await ada.ask("consent.give", version=1))["type"] == "ok"
        assert (await ada.join())["state"]["agreed"] == 1
        assert (await ada.send("sure", client_id="early"))["type"] == "ok"
    assert await consents(stage) == [(1, TEXT)]


async def test_r2_the_same_consent_again_changes_nothing_and_it_holds_in_another_tab(stage: Stage) -> None:
    await demand(stage)
    async with stage.visitor() as ada:
        token = (await ada.join())["token"]
        first, again = [await ada.ask("consent.give", version=1) for _ in range(2)]
        assert first["revision"] == again["revision"]
        async with stage.visitor() as other:
            await other.join(token=token)
            assert (await other.send("sure"))["type"] == "ok"
    assert await consents(stage) == [(1, TEXT)]


async def test_another_text_is_asked_for_again_and_both_are_kept(stage: Stage) -> None:
    await demand(stage)
    async with stage.visitor() as ada:
        token = (await ada.join())["token"]
        await ada.ask("consent.give", version=1)
    await demand(stage, "Two years.", 2)
    async with stage.visitor() as ada:
        await ada.join(token=token)
        assert (await ada.send("sure"))["code"] == "consent_needed"
        await ada.ask("consent.give", version=2)
        assert (await ada.send("sure"))["type"] == "ok"
    assert await consents(stage) == [(1, TEXT), (2, "Two years.")]


async def test_where_it_is_not_asked_for_first_nobody_is_held_up(stage: Stage) -> None:
    await demand(stage, first=False)
    async with stage.visitor() as ada:
        await ada.join()
        assert (await ada.send("sure"))["type"] == "ok"
        assert (await ada.ask("consent.give", version=1))["code"] == "consent_needed"
    assert await consents(stage) == []


async def test_r10_one_visitors_consent_is_nobody_elses_and_an_empty_room_is_not_on_the_desk(stage: Stage) -> None:
    await demand(stage)
    async with stage.visitor() as ada, stage.visitor() as bob, stage.agent() as grace:
        await ada.join()
        await bob.join()
        await ada.ask("consent.give", version=1)
        assert (await bob.send("sure"))["code"] == "consent_needed"
        assert (await grace.ask("desk.join", after=0))["rooms"] == []
        await ada.send("sure")
        assert len((await grace.ask("desk.join", after=0))["rooms"]) == 1


@pytest.mark.parametrize("version", [0, -1, 2**31, "1", None])
async def test_r14_a_version_that_is_none_is_refused(stage: Stage, version: object) -> None:
    await demand(stage)
    async with stage.visitor() as ada:
        await ada.join()
        assert (await ada.ask("consent.give", version=version))["code"] == "bad_command"
