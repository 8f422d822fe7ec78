"""Resume (R3, R4): whatever happens and wherever a client is cut off, it comes back to what everybody else sees."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import rooms
from engine.ports import Prompt, Usage
from engine.tokens import Counter
from tests.engine import books
from tests.engine.follower import Follower
from tests.stage import Stage, staged
from tests.wire import Frame, Replica

pytestmark = pytest.mark.anyio

PIECES = ("Gladly! ", "Delivery takes two days. ", "Two days 🌿! ", "That is **2 days**.\n", "Only two days.")
MESSAGE = (
    "id",
    "author",
    "text",
    "state",
    "revision",
    "position",
    "client_id",
    "name",
    "sources",
    "offers",
    "person",
    "rating",
)
STEPS = [
    *("sure", "between", "between", "what", "human please"),
    *("person", "claim", "claim by linus", "reply", "release", "close", "stop"),
    *("piece", "piece", "piece", "read", "read by agent"),
    *("cut", "rejoin", "rejoin", "check", "rate good", "rate bad"),
]


class Gated:
    """A model that says one piece, a sentence, for each time it is let."""

    model = "gated"

    def __init__(self) -> None:
        self.count = Counter()
        self.gate = asyncio.Semaphore(0)

    async def stream(self, prompt: Prompt, *, max_tokens: int) -> AsyncGenerator[str | Usage]:
        for piece in PIECES:
            await self.gate.acquire()
            yield piece
        yield Usage(10, 5)

    async def aclose(self) -> None: ...


@dataclass(slots=True)
class Play:
    """A conversation: ada writes, grace and linus watch, and bob's tab of the same visitor is cut off and returns."""

    stage: Stage
    model: Gated
    ada: Follower
    agents: dict[str, Follower]
    room: str
    clients: AsyncExitStack
    replica: Replica = field(default_factory=Replica)
    stale: Follower | None = None
    said: int = 0

    async def step(self, step: str) -> None:
        grace, linus = self.agents["grace"], self.agents["linus"]
        match step:
            case "sure" | "between" | "what" | "human please":
                self.said += 1
                text = step if step == "human please" else f"{step} {self.said}"
                assert (await self.ada.send(text))["type"] == "ok"
            case "person":
                await self.ada.ask("person.request")
            case "claim":
                await grace.ask("room.claim", room=self.room)
            case "claim by linus":
                await linus.ask("room.claim", room=self.room)
            case "reply":
                for agent in (grace, linus):
                    await agent.send("How can I help?", room=self.room)
            case "release" | "close":
                for agent in (grace, linus):
                    await agent.ask(f"room.{step}", room=self.room)
            case "stop":
                await self.ada.ask("answer.stop")
            case "rate good" | "rate bad":
                for message in self.ada.replica.transcript():
                    await self.ada.ask("answer.rate", message_id=message["id"], good=step == "rate good")
            case "piece":
                self.model.gate.release()
            case "read":
                await self.ada.say("read.mark", revision=self.ada.replica.have)
            case "read by agent":
                await grace.say("read.mark", room=self.room, revision=grace.replica.have)
            case "cut":
                await self.cut()
            case "rejoin":
                await self.rejoin()
            case "check":
                await self.check()

    async def cut(self) -> None:
        if self.stale is not None:
            await self.stale.__aexit__(None, None, None)
            self.stale = None

    async def rejoin(self) -> None:
        await self.cut()
        self.stale = await self.another(self.replica)

    async def another(self, replica: Replica) -> Follower:
        follower = Follower(self.stage.visitor(), replica=replica, token=self.ada.token)
        return await self.clients.enter_async_context(follower)

    async def check(self) -> None:
        """On its return the stale client sees what a fresh one and one that never left see, also mid-answer."""
        await self.rejoin()
        assert self.stale is not None
        stale = self.stale
        fresh = await self.another(Replica())

        async def same() -> bool:
            return view(stale.replica) == view(fresh.replica) == view(self.ada.replica)

        await books.until(same, 5)

    async def end(self) -> None:
        """Let every answer end, then hold all that anybody saw against the rows."""
        while (await books.room(self.stage.db, self.room)).answer_id is not None:
            self.model.gate.release()
            await asyncio.sleep(0.002)
        await self.rejoin()
        assert self.stale is not None
        everybody = [self.ada, *self.agents.values(), self.stale, await self.another(Replica())]
        row, stored = await self.agreed(everybody)
        # Each revision is carried by exactly one change; on PostgreSQL two may overtake each other on their way.
        await self.ada.when(lambda: len(self.ada.live) >= row.revision or None)
        assert sorted(frame["revision"] for frame in self.ada.live) == list(range(1, row.revision + 1))
        ids = [message["client_id"] for message in stored if message["client_id"]]
        assert len(ids) == len(set(ids))

    async def agreed(self, everybody: list[Any]) -> tuple[Any, list[dict[str, Any]]]:
        """The room's row and its messages, once everybody sees what they hold. Something may still be on its way: only
        what stays apart for 5 s is a fault."""
        deadline = asyncio.get_running_loop().time() + 5
        while True:
            row = await books.room(self.stage.db, self.room)
            stored = [rows_view(message) for message in await books.messages(self.stage.db, self.room)]
            try:
                for each in everybody:
                    compare(view(each.replica), row, stored)
            except AssertionError:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(0.02)
            else:
                return row, stored


def compare(seen: dict[str, Any], row: Any, stored: list[dict[str, Any]]) -> None:
    assert seen["messages"] == stored
    assert seen["revision"] == row.revision
    assert (seen["state"]["mode"], (seen["state"]["agent"] or {}).get("id")) == (row.mode, row.member_id)
    assert (seen["state"]["read_visitor"], seen["state"]["read_agent"]) == (row.read_visitor, row.read_agent)


def shows(replica: Replica, text: str) -> bool | None:
    """Whether the last message reads so."""
    return replica.transcript()[-1]["text"] == text or None


def view(replica: Replica) -> dict[str, Any]:
    """What a client shows, without what is no part of the room's own state."""
    state = {name: value for name, value in replica.state.items() if name not in ("place", "online")}
    messages = [{name: message[name] for name in MESSAGE} for message in replica.transcript()]
    return {"revision": replica.have, "state": state, "messages": messages}


def rows_view(message: Any) -> Frame:
    return {name: getattr(message, name) for name in MESSAGE}


@pytest.fixture
async def play(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[Stage, Gated]]:
    """No pulse comes within a test: what it would mend must not be broken in the first place."""
    model = Gated()
    async with staged(database_url, tmp_path, provider=model, credits=100_000, PULSE_SECONDS=3_600) as stage:
        yield stage, model


@given(steps=st.lists(st.sampled_from(STEPS), min_size=4, max_size=16))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
async def test_r3_r4_a_stale_client_comes_back_to_what_a_fresh_one_sees(
    play: tuple[Stage, Gated], steps: list[str]
) -> None:
    stage, model = play
    async with AsyncExitStack() as clients:
        ada = await clients.enter_async_context(Follower(stage.visitor()))
        assert (await ada.send("sure hello"))["type"] == "ok"
        agents = {
            name: await clients.enter_async_context(Follower(stage.agent(name), room=ada.room))
            for name in ("grace", "linus")
        }
        acted = Play(stage, model, ada, agents, ada.room, clients)
        for step in steps:
            await acted.step(step)
        await acted.end()


async def test_r4_a_tab_that_comes_back_at_any_piece_of_an_answer_shows_what_was_delivered_so_far(
    play: tuple[Stage, Gated],
) -> None:
    stage, model = play
    async with AsyncExitStack() as clients:
        ada = await clients.enter_async_context(Follower(stage.visitor()))
        tab = await clients.enter_async_context(Follower(stage.visitor(), token=ada.token))
        agents = {"grace": tab, "linus": tab}
        for cut in range(len(PIECES)):
            for back in range(cut, len(PIECES)):
                acted = Play(stage, model, ada, agents, ada.room, clients)
                acted.said = 10 * cut + back
                model.gate = asyncio.Semaphore(0)
                await acted.step("between")
                for piece in range(back):
                    if piece == cut:
                        await acted.check()
                        await acted.cut()
                    await acted.step("piece")
                    await ada.when(partial(shows, ada.replica, "".join(PIECES[: piece + 1])))
                await acted.check()
                await acted.end()


async def test_r4_a_position_that_the_room_never_had_is_answered_with_a_reset(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.visitor() as tab:
        token = (await ada.join())["token"]
        ahead = await tab.join(after=7, token=token)
        assert (ahead["reset"], ahead["revision"], ahead["messages"]) == (True, 0, [])
        await ada.send("sure")
        await ada.until("answer.finished")
        known, unknown = await tab.join(after=3), await tab.join(after=99)
        assert (known["reset"], known["messages"]) == (False, [])
        assert (unknown["reset"], unknown["revision"], len(unknown["messages"])) == (True, 3, 2)


async def test_r4_a_long_absence_is_made_up_for_in_several_frames(play: tuple[Stage, Gated]) -> None:
    stage, _ = play
    async with Follower(stage.visitor()) as ada, stage.agent() as grace:
        await ada.send("sure first")
        await ada.when(lambda: ada.replica.have == 3 or None)
        async with Follower(stage.visitor(), token=ada.token) as tab:
            left_behind = tab.replica
        assert (await grace.ask("room.claim", room=ada.room))["type"] == "ok"
        for number in range(450):
            await ada.say("message.send", client_id=f"n{number}", text=f"number {number}")
        await ada.when(lambda: sum(frame["type"] == "ok" for frame in ada.frames) == 451 or None, 60)
        rows = [rows_view(message) for message in await books.messages(stage.db, ada.room)]
        assert (left_behind.have, len(rows)) == (3, 453)
        async with Follower(stage.visitor(), token=ada.token, replica=left_behind) as tab:
            await tab.when(lambda: view(tab.replica) == view(ada.replica) or None)
            frames = [frame for frame in tab.frames if frame["type"] == "room.joined"]
            assert view(tab.replica)["messages"] == rows
        assert [len(frame["messages"]) for frame in frames] == [200, 200, 51]
        assert [frame["more"] for frame in frames] == [False, False, False]
        async with Follower(stage.visitor(), token=ada.token) as fresh:
            (first,) = [frame for frame in fresh.frames if frame["type"] == "room.joined"]
            assert first["more"] is True
            assert view(fresh.replica)["messages"] == rows[-200:]


async def test_r4_messages_too_long_for_one_frame_come_in_several(play: tuple[Stage, Gated]) -> None:
    stage, _ = play
    async with Follower(stage.visitor()) as ada, stage.agent() as grace:
        await ada.send("sure")
        await grace.ask("room.claim", room=ada.room)
        for number in range(80):
            assert (await ada.send(f"{number} " + "é" * 3_990))["type"] == "ok"
        late = Replica(have=1)
        async with Follower(stage.visitor(), token=ada.token, replica=late) as tab:
            await tab.when(lambda: tab.replica.have == ada.replica.have or None)
            sizes = [len(str(frame)) for frame in tab.frames if frame["type"] == "room.joined"]
        assert len(sizes) == 2
        assert max(sizes) < 300_000
        assert [m["text"] for m in late.transcript()] == [m["text"] for m in ada.replica.transcript()][1:]


async def test_r4_a_lost_last_event_is_noticed_by_the_pulse(database_url: str, tmp_path: Path) -> None:
    async with staged(database_url, tmp_path, PULSE_SECONDS=0.1) as stage, stage.agent() as grace:
        desk = await grace.ask("desk.join", after=0)
        async with Follower(stage.visitor()) as ada:
            await ada.send("sure")
            await ada.when(lambda: ada.replica.have == 3 or None)
            async with stage.db.write() as session:  # committed, and nobody is told
                row = (await rooms.lock(session, [ada.room]))[ada.room]
                row.say("The hint of this was lost.")
                row.tell_desk = True
                await rooms.save(session, [row])
            await ada.when(lambda: ada.replica.have == 4 or None, 3)
            assert ada.replica.transcript()[-1]["text"] == "The hint of this was lost."
            pulse = await grace.until(lambda f: f["type"] == "desk.pulse" and f["revision"] > desk["revision"], 3)
            (line,) = (await grace.ask("desk.join", after=desk["revision"]))["rooms"]
            assert (line["room"], line["revision"], line["preview"]) == (
                ada.room,
                4,
                view(ada.replica)["messages"][1]["text"],
            )
            assert pulse["revision"] == desk["revision"] + 1


async def test_r3_two_tabs_that_write_at_once_see_one_order(stage: Stage) -> None:
    async with (
        Follower(stage.visitor()) as ada,
        Follower(stage.visitor(), token=ada.token) as tab,
        stage.agent() as grace,
    ):
        await ada.send("sure")
        await ada.when(lambda: ada.replica.have == 3 or None)
        await grace.ask("room.claim", room=ada.room)
        await asyncio.gather(*(each.send(f"{name} {n}") for n in range(40) for name, each in (("a", ada), ("b", tab))))
        for each in (ada, tab):
            await each.when(lambda each=each: each.replica.have == 85 or None)  # type: ignore[misc]
        stored = [rows_view(message) for message in await books.messages(stage.db, ada.room)]
        assert view(ada.replica)["messages"] == view(tab.replica)["messages"] == stored
        assert [message["position"] for message in stored] == [1, 2, *range(5, 86)]
