"""One speaker at a time: who asks for a person gets the queue, who claims gets the room, and nobody is left waiting."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from engine import phrases
from engine.models import Member, User
from engine.ports import Agent, Prompt, Usage
from engine.providers import Scripted
from engine.tokens import Counter
from tests.doubles.knowledge import OpenDesk
from tests.engine import books
from tests.stage import Stage, staged
from tests.wire import Client, Frame

pytestmark = pytest.mark.anyio


async def open_room(ada: Client) -> str:
    """A room with one question answered."""
    joined = await ada.join()
    await ada.send("sure")
    await ada.until("answer.finished")
    return str(joined["room"])


async def hire(stage: Stage, name: str) -> str:
    """One more agent of acme's; the name under which their desk opens."""
    acme = stage.cast.acme
    async with stage.db.write() as session:
        user = User(email=f"{len(stage.oracle.asked)}-{random.random()}@acme.example", name=name, password_hash="none")
        session.add(user)
        await session.flush()
        member = Member(workspace_id=acme.workspace_id, user_id=user.id, role="agent")
        session.add(member)
    desk = stage.engine.desk
    assert isinstance(desk, OpenDesk)
    desk.agents[f"{member.id}@acme"] = Agent(acme.workspace_id, member.id, name)
    return member.id


def types(frames: list[Frame]) -> list[str]:
    return [frame["type"] for frame in frames if frame["type"] not in ("pulse", "presence.changed")]


# Asking for a person -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["button", "words"])
async def test_who_asks_for_a_person_waits_in_the_queue_and_is_told_so(stage: Stage, way: str) -> None:
    async with stage.visitor() as ada:
        room_id = await open_room(ada)
        if way == "button":
            ok = await ada.ask("person.request")
        else:
            ok = await ada.send("Can I talk to a human, please?")
        assert ok["type"] == "ok"
        heard = ada.heard + await ada.quiet(0.1)
        handed = next(frame for frame in heard if frame["type"] == "room.handed_off")
        assert (handed["reason"], handed["place"], handed["state"]["mode"]) == ("asked", 1, "waiting")
        assert handed["state"]["online"] is False
        said = next(
            f["message"] for f in heard if f["type"] == "message.created" and f["message"]["author"] == "system"
        )
        assert "Nobody is at the desk right now" in said["text"]
        assert (await books.room(stage.db, room_id)).mode == "waiting"
        head = max(frame["revision"] for frame in heard if isinstance(frame.get("revision"), int))
        again = await ada.ask("person.request")
        assert again["revision"] == head, "asking twice changes nothing"


async def test_a_person_can_be_asked_for_before_anything_was_said(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.agent() as grace:
        await grace.ask("desk.join")
        room_id = (await ada.join())["room"]
        await ada.ask("person.request")
        assert (await grace.until("desk.changed"))["room"]["room"] == room_id
        rejoined = await ada.join()
        assert (rejoined["mode"], rejoined["state"]["online"]) == ("waiting", True)
        assert "Somebody will be with you shortly" in rejoined["messages"][-1]["text"]


async def test_while_a_room_waits_or_is_live_the_bot_is_silent(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.agent() as grace:
        room_id = await open_room(ada)
        await ada.ask("person.request")
        mark, asked = len(ada.heard), len(stage.oracle.asked)
        assert (await ada.send("sure, anybody?"))["type"] == "ok"
        assert (await grace.ask("room.claim", room=room_id))["type"] == "ok"
        assert (await ada.send("sure and now?"))["type"] == "ok"
        await ada.quiet(0.2)
        assert not [frame for frame in ada.heard[mark:] if frame["type"].startswith("answer.")]
        assert len(stage.oracle.asked) == asked
        assert (await grace.ask("room.release", room=room_id))["type"] == "ok"
        await ada.send("sure, back?")
        assert (await ada.until("answer.finished"))["state"] == "complete"


async def test_the_queue_tells_each_their_place_and_moves_up(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.visitor() as bob, stage.agent() as grace:
        rooms = []
        for each, place in ((ada, 1), (bob, 2)):
            rooms.append(await open_room(each))
            await each.say("person.request")
            assert (await each.until("room.handed_off"))["place"] == place
        assert (await bob.join())["state"]["place"] == 2
        await grace.ask("desk.join")
        told = await bob.until(lambda f: f["type"] == "presence.changed" and f["online"])
        assert told["place"] == 2
        await grace.ask("room.claim", room=rooms[0])
        assert (await bob.until(lambda f: f["type"] == "presence.changed" and f["place"] == 1))["online"] is True
        assert (await bob.join())["state"]["place"] == 1


# Claiming ------------------------------------------------------------------------------------------------------


async def test_of_five_agents_who_claim_at_once_one_wins_and_four_are_told_who(stage: Stage) -> None:
    async with AsyncExitStack() as stack:
        names = {await hire(stage, name): name for name in ("Ann", "Ben", "Cleo", "Dan", "Eve")}
        agents = {each: await stack.enter_async_context(stage.agent(each)) for each in names}
        for _ in range(8):
            async with stage.visitor() as ada:
                room_id = await open_room(ada)
                await ada.ask("person.request")
                told = await asyncio.gather(*(agent.ask("room.claim", room=room_id) for agent in agents.values()))
                won = [each for each, frame in zip(agents, told, strict=True) if frame["type"] == "ok"]
                refused = [(frame["code"], frame["message"]) for frame in told if frame["type"] == "error"]
                claimed = await ada.until("room.claimed")
                await ada.quiet(0.02)
                row = await books.room(stage.db, room_id)
                assert len(won) == 1
                assert refused == [("claimed_by_other", f"{names[won[0]]} has this chat already.")] * 4
                assert (row.mode, row.member_id, claimed["agent"]["id"]) == ("live", won[0], won[0])
                assert types(ada.heard).count("room.claimed") == 1


async def test_two_agents_of_one_name_are_two_agents(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.agent() as grace, stage.agent(await hire(stage, "Grace")) as other:
        room_id = await open_room(ada)
        assert (await grace.ask("room.claim", room=room_id))["type"] == "ok"
        assert (await grace.ask("room.claim", room=room_id))["type"] == "ok", "hers already"
        assert (await other.ask("room.claim", room=room_id))["code"] == "claimed_by_other"


async def test_only_the_agent_who_has_the_room_may_speak_release_and_close(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.agent() as grace, stage.agent("linus") as linus:
        room_id = await open_room(ada)
        assert (await grace.send("Hello", room=room_id))["code"] == "not_yours"
        await grace.ask("room.claim", room=room_id)
        before = (await books.room(stage.db, room_id)).revision
        for refused in (
            await linus.send("Hello", room=room_id),
            await linus.ask("room.release", room=room_id),
            await linus.ask("room.close", room=room_id),
        ):
            assert refused["code"] == "not_yours"
        assert (await books.room(stage.db, room_id)).revision == before
        assert (await grace.send("Hello, I am Grace.", room=room_id))["type"] == "ok"
        said = await ada.until(lambda f: f["type"] == "message.created" and f["message"]["author"] == "agent")
        assert (said["message"]["name"], said["message"]["text"]) == ("Grace", "Hello, I am Grace.")
        assert (await grace.ask("room.close", room=room_id))["type"] == "ok"
        assert (await linus.ask("room.claim", room=room_id))["code"] == "not_claimable"


# Taking over while an answer streams ---------------------------------------------------------------------------


class Endless:
    """A model that goes on and on."""

    model = "endless"

    def __init__(self) -> None:
        self.count = Counter()
        self.speaking = 0

    async def stream(self, prompt: Prompt, *, max_tokens: int) -> AsyncGenerator[str | Usage]:
        self.speaking += 1
        try:
            while True:
                yield "and so on "
                await asyncio.sleep(0.005)
        finally:
            self.speaking -= 1

    async def aclose(self) -> None: ...


async def test_r6_from_a_takeover_on_the_bot_is_silent_and_its_hold_is_released(
    database_url: str, tmp_path: Path
) -> None:
    chance, model = random.Random(3), Endless()

    async def talk(stage: Stage, ada: Client, agent: Client, turn: asyncio.Lock) -> None:
        room_id = (await ada.join())["room"]
        await ada.send("between you and me")
        await asyncio.sleep(chance.uniform(0, 0.15))
        async with turn:
            assert (await agent.ask("room.claim", room=room_id))["type"] == "ok"
        await ada.quiet(0.3)
        frames = types(ada.heard)
        after = frames[frames.index("room.claimed") + 1 :]
        assert after == ["message.created"], "the line that says who came, and nothing else"
        delivered = "".join(frame["text"] for frame in ada.heard if frame["type"] == "answer.delta")
        finished = next(frame for frame in ada.heard if frame["type"] == "answer.finished")
        assert (finished["state"], finished["credits"]) == ("stopped", 0)
        assert delivered.startswith(finished["message"]["text"])
        rows = await books.messages(stage.db, room_id)
        assert [(row.author, row.state) for row in rows] == [
            ("visitor", "sent"),
            ("bot", "stopped"),
            ("system", "sent"),
        ]
        assert rows[1].text == finished["message"]["text"]
        assert [line.amount for line in await books.usage(stage.db, room_id)] == [0]

    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(staged(database_url, tmp_path, provider=model, credits=1_000))
        agents = [await stack.enter_async_context(stage.agent(name)) for name in ("grace", "linus")]
        turns = [asyncio.Lock() for _ in agents]
        visitors = [await stack.enter_async_context(stage.visitor()) for _ in range(50)]
        async with asyncio.TaskGroup() as group:
            for number, ada in enumerate(visitors):
                group.create_task(talk(stage, ada, agents[number % 2], turns[number % 2]))
        money = await books.account(stage.db, stage.cast.acme.workspace_id)
        money.check()
        assert (money.balance, money.held, model.speaking) == (1_000, 0, 0)


async def test_a_takeover_keeps_what_was_said_and_drops_what_was_asked_meanwhile(
    database_url: str, tmp_path: Path
) -> None:
    model = Scripted("Two days. ", asyncio.Event(), "Or so.")
    async with (
        staged(database_url, tmp_path, provider=model) as stage,
        stage.visitor() as ada,
        stage.agent() as grace,
    ):
        room_id = (await ada.join())["room"]
        await ada.send("between you and me")
        await ada.until("answer.delta")
        await ada.send("sure too")
        await grace.ask("room.claim", room=room_id)
        assert (await ada.until("answer.finished"))["message"]["text"] == "Two days. "
        await ada.until("room.claimed")
        await ada.quiet(0.2)
        assert not [f for f in ada.heard if f["type"] == "answer.finished" and f["state"] != "stopped"]
        assert (await books.room(stage.db, room_id)).asked is None


# Leases --------------------------------------------------------------------------------------------------------


async def test_an_agent_who_is_gone_loses_the_room_to_the_queue_and_an_unserved_queue_gives_it_back_to_the_bot(
    database_url: str, tmp_path: Path
) -> None:
    async with (
        staged(database_url, tmp_path, AGENT_GONE_SECONDS=0.3, QUEUE_SECONDS=0.3) as stage,
        stage.visitor() as ada,
    ):
        room_id = await open_room(ada)
        async with stage.agent() as grace:
            assert (await grace.ask("room.claim", room=room_id))["type"] == "ok"
        await ada.until("room.claimed")
        handed = await ada.until("room.handed_off")
        assert (handed["reason"], handed["state"]["agent"]) == ("agent_gone", None)
        word = await ada.until("message.created")
        assert word["message"]["text"].startswith("Your agent has lost the connection")
        released = await ada.until("room.released")
        assert released["state"]["mode"] == "bot"
        assert (await ada.until("message.created"))["message"]["text"] == phrases.say("nobody_free")
        await ada.send("sure, still there?")
        assert (await ada.until("answer.finished"))["type"] == "answer.finished"


async def test_an_agent_who_is_there_keeps_the_room(database_url: str, tmp_path: Path) -> None:
    async with (
        staged(database_url, tmp_path, AGENT_GONE_SECONDS=30) as stage,
        stage.visitor() as ada,
        stage.agent() as grace,
    ):
        room_id = await open_room(ada)
        await grace.ask("room.claim", room=room_id)
        first = (await books.room(stage.db, room_id)).lease
        await stage.streams.present([stage.cast.acme.grace.member_id])
        renewed = (await books.room(stage.db, room_id)).lease
        assert renewed > first
        assert await stage.streams.lapse({"room": room_id}) == renewed
        assert (await books.room(stage.db, room_id)).mode == "live"


# Other workspaces ----------------------------------------------------------------------------------------------

COMMANDS: list[tuple[str, Frame]] = [
    ("room.watch", {"after": 0}),
    ("room.claim", {}),
    ("room.release", {}),
    ("room.close", {}),
    ("message.send", {"client_id": "theirs", "text": "Hello"}),
    ("read.mark", {"revision": 1}),
    ("typing.set", {"on": True}),
]


async def test_r10_a_foreign_agent_is_told_the_same_as_of_a_room_that_is_not_there(stage: Stage) -> None:
    async with stage.agent() as grace, stage.agent(company=stage.cast.globex) as rival:
        for mode in ("bot", "waiting", "live", "closed"):
            async with stage.visitor() as ada:
                await forbidden(stage, mode, ada, grace, rival)


async def forbidden(stage: Stage, mode: str, ada: Client, grace: Client, rival: Client) -> None:
    room_id = await open_room(ada)
    if mode != "bot":
        await ada.ask("person.request")
    if mode in ("live", "closed"):
        await grace.ask("room.claim", room=room_id)
    if mode == "closed":
        await grace.ask("room.close", room=room_id)
    await ada.quiet(0.05)
    before, mark = await books.room(stage.db, room_id), len(ada.heard)
    assert before.mode == mode
    for command, fields in COMMANDS:
        for each in (room_id, "f" * 32):
            told = await reply(rival, command, room=each, **fields)
            assert told == [("error", "not_found", "There is no such conversation here.")], (command, each)
    assert (await rival.ask("desk.join"))["rooms"] == []
    after = await books.room(stage.db, room_id)
    assert (after.revision, after.mode, after.member_id) == (before.revision, before.mode, before.member_id)
    await ada.quiet(0.05)
    assert types(ada.heard[mark:]) == []


async def reply(agent: Client, command: str, **fields: object) -> list[tuple[object, ...]]:
    """What a command is answered with, if at all."""
    mark = len(agent.heard)
    await agent.say(command, ref="it", **fields)
    await agent.ask("desk.join")
    return [(f["type"], f.get("code"), f.get("message")) for f in agent.heard[mark:] if f.get("ref") == "it"]
