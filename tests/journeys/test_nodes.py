"""R3, R5, R6, R19: two processes on one PostgreSQL and one Redis are one system."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import select, text

from engine import ledger, phrases
from engine.models import Message, Room, Workspace
from engine.ports import Agent
from knowledge import demo
from tests.journeys import audit
from tests.journeys.pair import STORY, WORDS, Pair, paired
from tests.journeys.shop import BETWEEN, SURE
from tests.journeys.tab import Tab
from tests.servers.postgres import Postgres
from tests.servers.process import Node
from tests.servers.redis import Redis
from tests.wire import Client, Frame, fresh_id


@pytest.fixture(scope="module")
async def the_pair(
    postgres_cluster: Postgres, redis_process: Redis, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Pair]:
    """One pair for the whole file: starting two processes for each test would take longer than the tests."""
    url = postgres_cluster.new_database()
    async with paired(url, redis_process.url, tmp_path_factory.mktemp("pair")) as pair:
        yield pair
    postgres_cluster.drop_database(url)


@pytest.fixture
async def pair(the_pair: Pair) -> AsyncIterator[Pair]:
    """The pair, its model quick again and with nothing asked; after each test the books are right."""
    the_pair.model.delay = 0.0
    the_pair.model.requests.clear()
    the_pair.model.asked.clear()
    yield the_pair
    await audit.at_rest(the_pair.shop.db)


async def watching(pair: Pair, node: Node, agent: Agent, room: str) -> Tab:
    """A desk on ``node`` that follows ``room``; to be entered."""
    cookie = await pair.shop.signed_in(agent)
    return Tab(lambda: Client(pair.shop.desk(node), origin=node.url, cookie=cookie), room=room)


async def begun(pair: Pair, tab: Tab, words: int = 5) -> Frame:
    """The answer that ``tab`` sees being written once a few words of it are there."""
    await tab.until(lambda: bool(tab.streaming) and len((tab.streaming or {})["text"].split()) >= words)
    assert tab.streaming is not None
    return tab.streaming


async def ended(tab: Tab, answer: Frame, state: str) -> Frame:
    """The answer as ``tab`` sees it once it is ended."""
    await tab.until(lambda: tab.replica.messages[answer["id"]]["state"] != "streaming")
    last = tab.replica.messages[answer["id"]]
    assert last["state"] == state, tab
    return last


async def spent_on(pair: Pair, answer: Frame) -> list[int]:
    """The amounts of the ledger's lines for one answer."""
    async with pair.shop.db.read() as session:
        lines = await ledger.statement(session, pair.shop.acme.workspace_id, limit=10_000)
    return [-line.amount for line in lines if line.reference == f"answer:{answer['id']}"]


async def test_visitor_and_agent_on_two_nodes_hand_off_claim_talk_and_see_each_other_type(pair: Pair) -> None:
    grace = pair.shop.acme.grace
    async with pair.visitor(pair.a) as ada, await pair.shop.agent(pair.b, grace) as desk:
        await desk.ask("desk.join")
        await ada.post(SURE[0])
        await ada.until(lambda: len(ada.texts("bot")) == 1 and ada.settled)
        await ada.say("person.request")
        line = await desk.until(lambda f: f["type"] == "desk.changed" and f["room"]["mode"] == "waiting")
        assert line["room"]["room"] == ada.room
        assert line["room"]["title"] == SURE[0]
        await ada.until(lambda: ada.replica.state["place"] == 1 and ada.replica.state["online"])

        assert (await desk.ask("room.claim", room=ada.room))["type"] == "ok"

        await ada.until(lambda: ada.replica.state["mode"] == "live")
        assert ada.replica.state["agent"]["name"] == "Grace"
        assert ada.room is not None
        async with await watching(pair, pair.b, grace, ada.room) as hers:
            await hers.until(lambda: hers.joined)
            await hers.say("typing.set", on=True)
            await ada.until(lambda: any(f["type"] == "typing.changed" and f["on"] for f in ada.transient))
            await hers.post("Good morning, this is Grace.")
            await ada.until(lambda: ada.texts("agent") == ["Good morning, this is Grace."])
            await ada.say("typing.set", on=True)
            await hers.until(lambda: any(f.get("author") == "visitor" and f["on"] for f in hers.transient))
            await ada.post("And this is Ada.")
            await hers.until(lambda: hers.texts("visitor")[-1:] == ["And this is Ada."])
            await ada.until(lambda: ada.settled)
            await hers.until(lambda: hers.settled)
            await hers.say("room.close")
            await ada.until(lambda: ada.replica.state["mode"] == "closed")
            await hers.until(lambda: hers.replica.have == ada.replica.have)
            assert hers.replica.transcript() == ada.replica.transcript()
            await audit.kept(pair.shop.db, [])


async def test_a_tab_that_joins_on_the_other_node_mid_answer_sees_the_text_so_far_and_the_rest(pair: Pair) -> None:
    pair.model.delay = 0.05
    async with pair.visitor(pair.a) as first:
        await first.post(BETWEEN[0])
        answer = await begun(pair, first)
        so_far = answer["text"]
        async with pair.visitor(pair.b, first.token) as second:
            await second.until(lambda: second.joined)
            assert second.streaming is not None
            assert second.streaming["text"].startswith(so_far)
            await begun(pair, second)
            done = await ended(second, answer, "complete")
            assert done["text"] == STORY
            deltas = [f for f in second.transient if f["type"] == "answer.delta"]
            assert deltas[0]["at"] >= len(so_far), "what was said before was said again"
            assert len(deltas) > 3, "the rest did not come as it was written"
            await ended(first, answer, "complete")
            assert second.replica.transcript() == first.replica.transcript()
    assert len(pair.model.requests) == 1


async def test_a_take_over_on_the_other_node_stops_the_stream_free_of_charge(pair: Pair) -> None:
    pair.model.delay = 0.05
    async with pair.visitor(pair.a) as ada, await pair.shop.agent(pair.b, pair.shop.acme.grace) as desk:
        await ada.post(BETWEEN[0])
        answer = await begun(pair, ada)

        assert (await desk.ask("room.claim", room=ada.room))["type"] == "ok"

        last = await ended(ada, answer, "stopped")
        assert STORY.startswith(last["text"].rstrip())
        assert len(last["text"].split()) >= 4, "what was delivered is kept"
        async with asyncio.timeout(5):
            await pair.model.requests[0].gone.wait()
        assert pair.model.requests[0].pieces < len(WORDS)
        said = len(ada.transient)
        await ada.post("Hello Grace?")
        await ada.until(lambda: ada.settled)
        assert ada.texts("bot") == [last["text"]], "the bot spoke while a person has the room"
        assert not [f for f in ada.transient[said:] if f["type"] == "answer.delta"]
        assert await spent_on(pair, answer) == [0]
        await desk.ask("room.close", room=ada.room)


async def test_a_stop_sent_to_the_other_node_ends_the_answer_and_keeps_what_was_delivered(pair: Pair) -> None:
    pair.model.delay = 0.2  # the other tab joins while it goes on, also on a busy machine
    async with pair.visitor(pair.a) as first:
        await first.post(BETWEEN[0])
        answer = await begun(pair, first)
        async with pair.visitor(pair.b, first.token) as second:
            await second.until(lambda: second.joined)

            await second.say("answer.stop")

            for tab in (first, second):
                last = await ended(tab, answer, "stopped")
                assert answer["text"].split()[:4] == last["text"].split()[:4]
                assert len(last["text"]) < len(STORY)
        async with asyncio.timeout(5):
            await pair.model.requests[0].gone.wait()
        assert await spent_on(pair, answer) == [1]
        await first.post(SURE[0])
        await first.until(lambda: len(first.texts("bot")) == 2 and first.settled)


async def test_of_five_agents_on_two_nodes_one_wins_the_room_and_four_are_told_who(pair: Pair) -> None:
    acme = pair.shop.acme
    agents = [acme.grace, acme.linus, *[await pair.shop.hired(name) for name in ("Alan", "Edsger", "Barbara")]]
    async with AsyncExitStack() as stack:
        ada = await stack.enter_async_context(pair.visitor(pair.a))
        await ada.post("I want to talk to a person")
        await ada.until(lambda: ada.replica.state.get("mode") == "waiting")
        desks = [
            await stack.enter_async_context(await pair.shop.agent((pair.a, pair.b)[number % 2], agent))
            for number, agent in enumerate(agents)
        ]

        told = await asyncio.gather(*[desk.ask("room.claim", room=ada.room) for desk in desks])

        assert Counter(frame["type"] for frame in told) == {"ok": 1, "error": 4}
        winner = agents[[frame["type"] for frame in told].index("ok")]
        losers = [frame for frame in told if frame["type"] == "error"]
        assert {frame["code"] for frame in losers} == {"claimed_by_other"}
        assert all(winner.name in frame["message"] for frame in losers)
        await ada.until(lambda: ada.replica.state["mode"] == "live")
        assert ada.replica.state["agent"]["name"] == winner.name
        assert sum("joined the chat" in text for text in ada.texts("system")) == 1
        for desk, frame in zip(desks, told, strict=True):
            if frame["type"] == "ok":
                await desk.ask("room.close", room=ada.room)


async def test_fifty_resends_of_one_message_over_two_nodes_are_one_row_one_model_call_one_charge(pair: Pair) -> None:
    async with AsyncExitStack() as stack:
        ada = await stack.enter_async_context(pair.visitor(pair.a))
        await ada.until(lambda: ada.joined)
        clients = [
            await stack.enter_async_context(pair.shop.visitor((pair.a, pair.b)[number % 2])) for number in range(50)
        ]
        for client in clients:
            await client.join(token=ada.token)
        client_id = fresh_id()

        acks = await asyncio.gather(*[client.send(BETWEEN[0], client_id=client_id) for client in clients])

        assert {(ack["type"], ack.get("revision"), ack.get("message_id")) for ack in acks} == {
            ("ok", 1, acks[0]["message_id"])
        }
        other = await clients[0].send("another text", client_id=client_id)
        assert (other["type"], other["code"]) == ("error", "conflict")
        await ada.until(lambda: ada.texts("bot") == [STORY])
        await ada.until(lambda: ada.settled)
    async with pair.shop.db.read() as session:
        stored = (await session.execute(select(Message).where(Message.room_id == ada.room))).scalars().all()
    assert Counter(message.author for message in stored) == {"visitor": 1, "bot": 1}
    assert len(pair.model.requests) == 1
    answer = next(m for m in ada.replica.transcript() if m["author"] == "bot")
    assert await spent_on(pair, answer) == [1]


async def test_a_hundred_questions_at_once_on_a_balance_of_fifty_spend_exactly_fifty(pair: Pair) -> None:
    globex, db = pair.shop.cast.globex, pair.shop.db
    async with db.write() as session:
        await demo.stock(session, globex.workspace_id, globex.domain_id)
        workspace = await session.get_one(Workspace, globex.workspace_id)
        before = workspace.balance - 50
        assert await ledger.hold(session, globex.workspace_id, before, "import:before")
        await ledger.settle(session, ledger.Charge(globex.workspace_id, "import:before", before))
    pair.model.delay = 0.002

    async def ask(number: int) -> Frame:
        node = (pair.a, pair.b)[number % 2]
        url = f"{node.url.replace('http', 'ws')}/v1/chat?bot={globex.key}"
        async with Client(url, origin=globex.origin) as visitor:
            await visitor.join()
            await visitor.say("message.send", client_id=fresh_id(), text=BETWEEN[number % len(BETWEEN)])
            finished: Frame = (await visitor.until("answer.finished", 60))["message"]
            return finished

    answers = await asyncio.gather(*[ask(number) for number in range(100)])

    modelled = [answer for answer in answers if answer["text"] == STORY]
    honest = [answer for answer in answers if answer["text"].startswith(phrases.say("no_credits"))]
    assert (len(modelled), len(honest)) == (50, 50)
    assert all(answer["person"] and answer["offers"] for answer in honest)
    assert len(pair.model.requests) == 50
    async with db.read() as session:
        workspace = await session.get_one(Workspace, globex.workspace_id)
        lines = await ledger.statement(session, globex.workspace_id, limit=1000)
    assert (workspace.balance, workspace.held) == (0, 0)
    assert Counter(line.amount for line in lines if line.reference != "import:before" and line.kind == "usage") == {
        -1: 50,
        0: 50,
    }


async def test_an_answer_of_a_frozen_node_is_failed_and_released_by_the_other_and_never_written_twice(
    pair: Pair,
) -> None:
    pair.model.delay = 0.1
    async with pair.visitor(pair.a) as first:
        await first.post(BETWEEN[0])
        answer = await begun(pair, first)
        async with pair.visitor(pair.b, first.token) as second:
            await second.until(lambda: second.joined)
            pair.a.pause()
            try:
                await second.until(lambda: second.replica.messages[answer["id"]]["state"] != "streaming", 60)
                failed = dict(second.replica.messages[answer["id"]])
                assert failed["state"] == "failed"
                assert STORY.startswith(failed["text"].rstrip())
                assert len(failed["text"].split()) >= 4, "what was delivered is kept"
                await second.post(SURE[0])
                await second.until(lambda: len(second.texts("bot")) == 2 and second.settled)
                await audit.at_rest(pair.shop.db)
            finally:
                pair.a.resume()
            upstream = pair.model.requests[0]
            await first.until(lambda: (first.settled and upstream.answered) or upstream.gone.is_set())
            async with pair.visitor(pair.a) as another:  # the node is well, and past whatever it had left to do
                await another.post(SURE[1])
                await another.until(lambda: len(another.texts("bot")) == 1 and another.settled)
            await first.until(lambda: first.replica.have == second.replica.have and first.settled)
            assert first.replica.messages[answer["id"]] == failed
            assert second.replica.messages[answer["id"]] == failed
            assert await spent_on(pair, answer) == [0]


async def test_a_node_frozen_inside_a_transaction_does_not_keep_a_room_from_the_other(pair: Pair) -> None:
    async with pair.visitor(pair.a) as first:
        await first.post(SURE[0])
        await first.until(lambda: len(first.texts("bot")) == 1 and first.settled)
        async with pair.visitor(pair.b, first.token) as second:
            await second.until(lambda: second.joined)
            async with pair.shop.db.write() as session:  # A now queues for the room's row, gets it, and is frozen
                await session.execute(select(Room.id).where(Room.id == first.room).with_for_update())
                await first.post(SURE[1])
                await _somebody_waits_for_a_row(pair)
                pair.a.pause()
            try:
                await second.post(SURE[2])
                await second.until(lambda: bool(second.acked), 60)
                await second.until(lambda: second.settled and len(second.texts("bot")) == 2)
            finally:
                pair.a.resume()
            await first.until(lambda: first.settled and len(first.texts("bot")) == 3)
            assert {error["code"] for error in first.errors + second.errors} <= {"unavailable"}


async def _somebody_waits_for_a_row(pair: Pair) -> None:
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(10):
        while True:
            async with pair.shop.db.read() as session:
                if await session.scalar(waits):
                    return
            await asyncio.sleep(0.01)
