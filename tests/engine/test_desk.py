"""What agents do at the desk besides talking: notes, passing on, putting aside; and who is given what waits."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.db import now
from engine.handoff import DUE, LAPSE
from engine.models import Job, Member, Room, Stint, Workspace
from tests.engine import books
from tests.stage import Stage
from tests.wire import Client

pytestmark = pytest.mark.anyio


async def waits(ada: Client) -> str:
    """A room whose visitor asked for a person."""
    room_id = str((await ada.join())["room"])
    await ada.ask("person.request")
    return room_id


async def at_desk(*desks: Client) -> None:
    for desk in desks:
        await desk.ask("desk.join", after=0)


def line(room_id: str, **values: Any) -> Any:
    """A desk line of that room with those values."""
    return lambda f: (
        f["type"] == "desk.changed" and f["room"]["room"] == room_id and values.items() <= f["room"].items()
    )


async def stints(stage: Stage, room_id: str) -> list[tuple[str | None, bool, str, str]]:
    async with stage.db.read() as session:
        found = await session.scalars(select(Stint).where(Stint.room_id == room_id).order_by(Stint.claimed_at))
        return [(each.member_id, each.answered_at is not None, each.ending, each.tag) for each in found]


async def evenly(stage: Stage, **member: Any) -> None:
    """Acme's chats are given evenly; its agents have these values."""
    workspace_id = stage.cast.acme.workspace_id
    async with stage.db.write() as session:
        await session.execute(update(Workspace).where(Workspace.id == workspace_id).values(routing="even"))
        if member:
            await session.execute(update(Member).where(Member.workspace_id == workspace_id).values(**member))


async def bring_forward(stage: Stage, room_id: str, kind: str, **columns: Any) -> None:
    """Let that job be due, and the room's columns be what they will be then."""
    async with stage.db.write() as session:
        if columns:
            await session.execute(update(Room).where(Room.id == room_id).values(**columns))
        jobs = (await session.scalars(select(Job).where(Job.kind == kind, Job.state == "ready"))).all()
        for job in jobs:
            if job.payload == {"room": room_id}:
                job.run_at = now() - timedelta(seconds=1)


def past() -> Any:
    return now() - timedelta(seconds=1)


# Notes ---------------------------------------------------------------------------------------------------------


async def test_a_note_is_heard_by_agents_alone_and_calls_whom_it_mentions(stage: Stage) -> None:
    acme = stage.cast.acme
    async with stage.visitor() as ada, stage.agent() as grace, stage.agent("linus") as linus:
        await at_desk(grace, linus)
        room_id = await waits(ada)
        await ada.quiet(0.1)
        head = (await books.room(stage.db, room_id)).revision
        sent: dict[str, Any] = {"room": room_id, "client_id": "n-1", "text": "Regular customer.\x00 Be kind."}
        assert (await grace.ask("note.send", **sent, mentions=[acme.linus.member_id]))["type"] == "ok"
        told = await linus.until(line(room_id, notes=1))
        assert told["room"]["called"] == [acme.linus.member_id]
        await linus.say("notes.read", room=room_id)
        (note,) = (await linus.until("notes.listed"))["notes"]
        assert (note["text"], note["name"], note["position"]) == ("Regular customer. Be kind.", "Grace", head)
        await linus.ask("room.watch", room=room_id, after=0)
        assert (await grace.until(line(room_id, called=[])))["room"]["notes"] == 1, "who was called has looked"
        assert "Be kind" not in json.dumps(await ada.quiet(0.3)) + json.dumps(await ada.join())
        assert (await books.room(stage.db, room_id)).revision == head, "the visitor's count does not move"


async def test_r2_a_note_that_is_sent_again_is_there_once(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.agent() as grace:
        await at_desk(grace)
        room_id = await waits(ada)
        sent: dict[str, Any] = {"room": room_id, "client_id": "n-1", "text": "Once."}
        assert [(await grace.ask("note.send", **sent))["type"] for _ in range(2)] == ["ok", "ok"]
        assert (await grace.ask("note.send", **sent | {"text": "Another."}))["code"] == "conflict"
        await grace.say("notes.read", room=room_id)
        assert [note["text"] for note in (await grace.until("notes.listed"))["notes"]] == ["Once."]
        for text in ("", "x" * 4_001):
            assert (await grace.ask("note.send", **sent | {"client_id": "n-2", "text": text}))["code"] == "bad_note"


async def test_r10_nobody_of_another_workspace_reads_writes_passes_on_or_is_called(stage: Stage) -> None:
    acme, globex = stage.cast.acme, stage.cast.globex
    async with stage.visitor() as ada, stage.agent() as grace, stage.agent("grace", globex) as stranger:
        await at_desk(grace, stranger)
        room_id = await waits(ada)
        mentions = [globex.grace.member_id]
        await grace.ask("note.send", room=room_id, client_id="n-1", text="Ours.", mentions=mentions)
        await grace.say("notes.read", room=room_id)
        assert (await grace.until("notes.listed"))["notes"][0]["mentions"] == []
        soon = (now() + timedelta(hours=1)).isoformat()
        commands: list[tuple[str, dict[str, Any]]] = [
            ("notes.read", {}),
            ("note.send", {"client_id": "n-2", "text": "Theirs."}),
            ("room.assign", {"member": acme.grace.member_id}),
            ("room.assign", {"member": globex.grace.member_id}),
            ("room.snooze", {"until": soon}),
            ("room.close", {"tag": "mine"}),
        ]
        before = await books.room(stage.db, room_id)
        for type, fields in commands:
            assert (await stranger.ask(type, room=room_id, **fields))["code"] == "not_found"
            assert (await stranger.ask(type, room="f" * 32, **fields))["code"] == "not_found"
        after = await books.room(stage.db, room_id)
        assert (after.mode, after.desk_revision) == (before.mode, before.desk_revision)
        foreign = await grace.ask("room.assign", room=room_id, member=globex.grace.member_id)
        assert foreign["code"] == "not_found"


# Passing on ----------------------------------------------------------------------------------------------------


async def test_a_chat_is_passed_on_with_a_note_and_the_visitor_is_told_who_is_there(stage: Stage) -> None:
    acme = stage.cast.acme
    async with stage.visitor() as ada, stage.agent() as grace, stage.agent("linus") as linus:
        await at_desk(grace, linus)
        room_id = await waits(ada)
        await grace.ask("room.claim", room=room_id)
        await grace.send("One moment.", room=room_id)
        member = acme.linus.member_id
        passed = await grace.ask("room.assign", room=room_id, member=member, note="Wants a refund.")
        assert passed["type"] == "ok"
        told = await linus.until(line(room_id, mode="live", notes=1))
        assert (told["room"]["agent"]["name"], told["room"]["called"]) == ("Linus", [member])
        await ada.until(lambda f: f["type"] == "room.claimed" and f["agent"]["name"] == "Linus")
        said = await ada.until(lambda f: f["type"] == "message.created" and f["message"]["author"] == "system")
        assert said["message"]["text"] == "Grace passed you on to Linus."
        assert (await grace.send("Still me?", room=room_id))["code"] == "not_yours"
        assert (await linus.send("Hello, Linus here.", room=room_id))["type"] == "ok"
        assert (await linus.ask("room.close", room=room_id, tag="Refund"))["type"] == "ok"
        assert (await grace.until(line(room_id, mode="closed")))["room"]["tag"] == "Refund"
        assert await stints(stage, room_id) == [
            (acme.grace.member_id, True, "passed_on", ""), (member, True, "closed", "Refund"),
        ]  # fmt: skip
        assert "refund" not in json.dumps(ada.heard).lower()


async def test_g61_nobody_is_given_a_chat_who_is_not_there_or_away(stage: Stage) -> None:
    acme = stage.cast.acme
    async with stage.visitor() as ada, stage.agent() as grace:
        await at_desk(grace)
        room_id = await waits(ada)
        await grace.ask("room.claim", room=room_id)
        to_linus: dict[str, Any] = {"room": room_id, "member": acme.linus.member_id}
        refused = await grace.ask("room.assign", **to_linus)
        assert (refused["code"], "Linus is away or not at the desk" in refused["message"]) == ("not_here", True)
        async with stage.agent("linus") as linus:
            await at_desk(linus)
            await linus.ask("away.set", on=True)
            here = await grace.until(lambda f: f["type"] == "colleagues.changed" and len(f["colleagues"]) == 2)
            here = await grace.until("colleagues.changed") if not here["colleagues"][1]["away"] else here
            assert [(each["name"], each["away"]) for each in here["colleagues"]] == [("Grace", False), ("Linus", True)]
            assert (await grace.ask("room.assign", **to_linus))["code"] == "not_here"
            await linus.ask("away.set", on=False)
            assert (await grace.ask("room.assign", **to_linus))["type"] == "ok"
            assert (await grace.ask("room.assign", **to_linus))["code"] == "not_claimable"
            mine: dict[str, Any] = {"room": room_id, "member": acme.grace.member_id}
            assert (await grace.ask("room.assign", **mine))["code"] == "not_yours", "it is Linus's now"


async def test_whoever_passes_on_a_chat_with_the_bot_ends_the_answer_that_is_being_written(stage: Stage) -> None:
    acme = stage.cast.acme
    async with stage.visitor() as ada, stage.agent() as grace, stage.agent("linus") as linus:
        await at_desk(grace, linus)
        room_id = str((await ada.join())["room"])
        await ada.send("sure")
        await ada.until("answer.finished")
        assert (await grace.ask("room.assign", room=room_id, member=acme.linus.member_id))["type"] == "ok"
        mark = len(ada.heard)
        await ada.send("sure, and now?")
        await ada.quiet(0.3)
        assert not [frame for frame in ada.heard[mark:] if frame["type"].startswith("answer.")]


# Putting aside -------------------------------------------------------------------------------------------------


async def snoozed(ada: Client, grace: Client) -> str:
    room_id = await waits(ada)
    await grace.ask("room.claim", room=room_id)
    until = (now() + timedelta(hours=2)).isoformat()
    assert (await grace.ask("room.snooze", room=room_id, until=until))["type"] == "ok"
    told = await grace.until(lambda f: f["type"] == "desk.changed" and f["room"]["snoozed_until"])
    assert told["room"]["mode"] == "live"
    return room_id


async def test_a_chat_that_is_put_aside_comes_back_when_the_visitor_writes(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.agent() as grace:
        await at_desk(grace)
        room_id = await snoozed(ada, grace)
        assert "Grace will come back to this here." in json.dumps(await ada.join())
        mark = len(ada.heard)
        await ada.send("sure, one more thing")
        await grace.until(line(room_id, mode="live", snoozed_until=None))
        await ada.quiet(0.2)
        assert not [frame for frame in ada.heard[mark:] if frame["type"].startswith("answer.")], "the bot is silent"


async def test_a_chat_that_is_put_aside_comes_back_when_its_time_has_come_and_is_not_lost_without_its_agent(
    stage: Stage,
) -> None:
    async with stage.visitor() as ada, stage.agent() as grace:
        await at_desk(grace)
        room_id = await snoozed(ada, grace)
        await stage.streams.present([stage.cast.acme.grace.member_id])
        assert (await books.room(stage.db, room_id)).snoozed_until is not None, "being there does not wake it"
        await bring_forward(stage, room_id, LAPSE, lease=past())
        await grace.until(line(room_id, mode="live", snoozed_until=None))
        await bring_forward(stage, room_id, LAPSE, lease=past())
        await grace.until(line(room_id, mode="waiting"))


@pytest.mark.parametrize("until", [timedelta(seconds=-5), timedelta(days=91)])
async def test_only_a_time_to_come_can_be_chosen(stage: Stage, until: timedelta) -> None:
    async with stage.visitor() as ada, stage.agent() as grace:
        await at_desk(grace)
        room_id = await waits(ada)
        at = (now() + until).isoformat()
        assert (await grace.ask("room.snooze", room=room_id, until=at))["code"] == "not_yours"
        await grace.ask("room.claim", room=room_id)
        assert (await grace.ask("room.snooze", room=room_id, until=at))["code"] == "bad_time"


async def test_who_is_away_is_not_said_to_be_there(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.agent() as grace:
        await at_desk(grace)
        await grace.ask("away.set", on=True)
        await waits(ada)
        joined = await ada.join()
        assert joined["state"]["online"] is False
        assert "Nobody is at the desk right now" in json.dumps(joined["messages"])
        await grace.ask("away.set", on=False)
        await ada.until(lambda f: f["type"] == "presence.changed" and f["online"])


# Giving --------------------------------------------------------------------------------------------------------


async def test_chats_are_given_to_who_has_the_fewest_and_in_turn(stage: Stage) -> None:
    await evenly(stage)
    async with stage.agent() as grace, stage.agent("linus") as linus:
        await at_desk(grace, linus)
        given = []
        for _ in range(4):
            async with stage.visitor() as ada:
                room = await books.room(stage.db, await waits(ada))
                assert room.mode == "live"
                given.append(room.member_id)
        acme = stage.cast.acme
        assert sorted(map(str, given)) == sorted([acme.grace.member_id, acme.linus.member_id] * 2)
        assert given[:2] == given[2:], "in turn"


async def test_a_chat_that_is_given_at_once_finds_the_bot_silent(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the owner wants something asked before a person comes."""

    async def due(oracle: Any, session: Any, whose: Any, moment: str) -> Any:
        return {"id": "q", "text": "Your order number?", "kind": "text"} if moment == "hand_off" else None

    monkeypatch.setattr(type(stage.oracle), "next_question", due)
    async with stage.visitor() as ada, stage.agent() as grace:
        await at_desk(grace)
        await waits(ada)
        assert "Your order number?" in json.dumps(await ada.join()), "who waits is asked"
        await evenly(stage)
        async with stage.visitor() as bob:
            room = await books.room(stage.db, await waits(bob))
            assert (room.mode, room.question) == ("live", None)
            assert "Your order number?" not in json.dumps(bob.heard)


async def test_a_capacity_is_never_exceeded_also_by_many_at_once(stage: Stage) -> None:
    await evenly(stage, capacity=2)
    async with stage.agent() as grace, stage.agent("linus") as linus:
        await at_desk(grace, linus)
        visitors = [stage.visitor() for _ in range(8)]
        for each in visitors:
            await each.__aenter__()
        rooms = await asyncio.gather(*[waits(each) for each in visitors])
        found = [await books.room(stage.db, room_id) for room_id in rooms]
        assert sorted(room.mode for room in found) == ["live"] * 4 + ["waiting"] * 4
        holders = [room.member_id for room in found if room.member_id]
        assert {holders.count(each) for each in set(holders)} == {2}
        mine = next(room.id for room in found if room.member_id == stage.cast.acme.grace.member_id)
        await grace.ask("room.close", room=mine)
        await stage.streams.deal()
        again = [await books.room(stage.db, room_id) for room_id in rooms]
        assert sorted(room.mode for room in again) == ["closed"] + ["live"] * 4 + ["waiting"] * 3
        for each in visitors:
            await each.__aexit__(None, None, None)


async def test_chats_go_to_who_speaks_the_language_and_knows_the_domain(stage: Stage) -> None:
    acme = stage.cast.acme
    await evenly(stage, languages=["de"], domains=[acme.domain_id])
    async with stage.db.write() as session:
        linus = update(Member).where(Member.id == acme.linus.member_id)
        await session.execute(linus.values(languages=["fr", "en"], domains=["elsewhere"]))
    async with stage.agent() as grace, stage.agent("linus") as linus_desk, stage.visitor() as ada:
        await at_desk(grace, linus_desk)
        room_id = await waits(ada)
        assert (await books.room(stage.db, room_id)).mode == "waiting", "Grace has no English, Linus not this domain"
        async with stage.db.write() as session:
            await session.execute(linus.values(domains=[]))
        await stage.streams.deal()
        assert (await books.room(stage.db, room_id)).member_id == acme.linus.member_id


async def test_who_does_not_answer_in_time_loses_the_chat_to_the_next_and_is_set_away(stage: Stage) -> None:
    await evenly(stage)
    acme = stage.cast.acme
    async with stage.agent() as grace, stage.visitor() as ada:
        await at_desk(grace)
        room_id = await waits(ada)
        async with stage.agent("linus") as linus:
            await at_desk(linus)
            await bring_forward(stage, room_id, DUE, due=past())
            told = await linus.until(line(room_id, mode="live"))
            while told["room"]["agent"]["id"] != acme.linus.member_id:
                told = await linus.until(line(room_id, mode="live"))
            assert "That is taking too long" in json.dumps(await ada.join())
            assert (await linus.send("Here I am.", room=room_id))["type"] == "ok"
            await bring_forward(stage, room_id, DUE)
            await ada.quiet(1.5)
            assert (await books.room(stage.db, room_id)).member_id == acme.linus.member_id, "who answered keeps it"
        assert [each[2] for each in await stints(stage, room_id)] == ["unanswered", ""]
        async with stage.db.read() as session:
            away = await session.scalar(select(Member.away).where(Member.id == acme.grace.member_id))
        assert away is True


async def test_with_nobody_else_there_an_unanswered_chat_waits_and_does_not_go_round_in_circles(stage: Stage) -> None:
    await evenly(stage)
    async with stage.agent() as grace, stage.visitor() as ada:
        await at_desk(grace)
        room_id = await waits(ada)
        await bring_forward(stage, room_id, DUE, due=past())
        await grace.until(line(room_id, mode="waiting"))
        await stage.streams.deal()
        assert (await books.room(stage.db, room_id)).mode == "waiting"
        await grace.ask("away.set", on=False)
        await stage.streams.deal()
        assert (await books.room(stage.db, room_id)).mode == "live"
