"""Money: the sum of the lines is the balance, nothing is spent twice, and only what was delivered is charged."""

import asyncio
import random
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, event, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from engine import ledger, phrases, pricing
from engine.db import Database, new_id, now
from engine.ledger import Charge
from engine.models import LedgerEntry, Workspace
from engine.ports import Prompt, Provider, UpstreamFailed, Usage
from engine.providers import OpenAICompatible, Scripted
from tests.cast import gather
from tests.doubles.behaviours import ODD_USAGES
from tests.doubles.openai import OpenAI
from tests.engine import books
from tests.stage import staged
from tests.wire import Client, Frame

pytestmark = pytest.mark.anyio

AMOUNTS = st.integers(1, 120)
CREDITS = st.one_of(st.integers(-5, 130), st.sampled_from([-(10**20), 10**20]))


class Money(RuleBasedStateMachine):
    """The ledger of one workspace beside Python's integers."""

    run: Any
    db: Database

    def __init__(self) -> None:
        super().__init__()
        self.workspace = new_id()
        self.balance = 0
        self.open: dict[str, int] = {}
        self.granted: list[str] = []
        self.lines = 0

    holds = Bundle("holds")

    @initialize(amount=AMOUNTS)
    def opened(self, amount: int) -> None:
        async def work() -> None:
            async with self.db.write() as session:
                session.add(Workspace(id=self.workspace, slug=self.workspace, name="Money"))

        self.run(work())
        self.grant(amount)

    @rule(amount=AMOUNTS)
    def grant(self, amount: int) -> None:
        reference = f"grant {len(self.granted)}"
        assert self.within(lambda s: ledger.grant(s, self.workspace, amount, reference)) is True
        self.granted.append(reference)
        self.balance, self.lines = self.balance + amount, self.lines + 1

    @rule(amount=AMOUNTS)
    def grant_again(self, amount: int) -> None:
        assert self.within(lambda s: ledger.grant(s, self.workspace, amount, self.granted[0])) is False

    @rule(target=holds, amount=AMOUNTS)
    def hold(self, amount: int) -> Any:
        reference = new_id()
        free = self.balance - sum(self.open.values())
        held = self.within(lambda s: ledger.hold(s, self.workspace, amount, reference))
        assert held is (amount <= free)
        if not held:
            return multiple()
        self.open[reference] = amount
        return reference

    @rule(reference=holds, credits=CREDITS)
    def settle(self, reference: str, credits: int) -> None:
        held = self.open.pop(reference, None)
        expected = 0 if held is None else min(max(credits, 0), held)
        assert self.within(lambda s: ledger.settle(s, Charge(self.workspace, reference, credits))) == expected
        self.balance, self.lines = self.balance - expected, self.lines + (held is not None)

    @rule(reference=consumes(holds))
    def release(self, reference: str) -> None:
        held = self.open.pop(reference, None)
        assert self.within(lambda s: ledger.release(s, Charge(self.workspace, reference, 0))) is (held is not None)
        self.lines += held is not None

    @rule(reference=holds)
    def fail_halfway(self, reference: str) -> None:
        """A transaction that breaks after it settled leaves nothing behind."""

        async def work() -> None:
            async with self.db.write() as session:
                await ledger.settle(session, Charge(self.workspace, reference, 1))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            self.run(work())

    @rule()
    def expire(self) -> None:
        assert self.within(lambda s: ledger.expire(s, now())) == 0
        assert self.within(lambda s: ledger.expire(s, now() + timedelta(minutes=10, seconds=1))) == len(self.open)
        self.lines += len(self.open)
        self.open.clear()

    @invariant()
    def r5_r6_the_books_agree(self) -> None:
        account = self.run(books.account(self.db, self.workspace))
        account.check()
        assert (account.balance, account.held) == (self.balance, sum(self.open.values()))
        lines = self.within(lambda s: ledger.statement(s, self.workspace, limit=1_000))
        assert len(lines) == self.lines
        assert sum(line.amount for line in lines) == self.balance

    def teardown(self) -> None:
        self.expire()

    def within(self, work: Any) -> Any:
        async def transaction() -> Any:
            async with self.db.write() as session:
                return await work(session)

        return self.run(transaction())


def test_r5_r6_the_ledger_agrees_with_pythons_integers_whatever_is_done(database_url: str) -> None:
    with asyncio.Runner() as runner:

        def run(work: Coroutine[Any, Any, Any]) -> Any:
            return runner.run(work)

        db = Database(database_url)
        machine = type("MoneyOfThisDatabase", (Money,), {"run": staticmethod(run), "db": db})
        limits = settings(
            max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        )
        run_state_machine_as_test(machine, settings=limits)
        run(db.dispose())


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    db = Database(database_url)
    yield db
    await db.dispose()


async def test_r5_a_line_cannot_be_changed_or_removed(db: Database) -> None:
    acme = (await gather(db)).acme
    mine = LedgerEntry.workspace_id == acme.workspace_id
    for attempt in (update(LedgerEntry).where(mine).values(amount=1_000), delete(LedgerEntry).where(mine)):
        with pytest.raises(DBAPIError, match="append-only"):
            async with db.write() as session:
                await session.execute(attempt)
    (await books.account(db, acme.workspace_id)).check()


async def test_r5_no_statement_can_make_a_balance_negative_or_hold_more_than_there_is(db: Database) -> None:
    acme = (await gather(db)).acme
    mine = Workspace.id == acme.workspace_id
    for values in ({"balance": -1}, {"held": 101}, {"held": -1}):
        with pytest.raises(IntegrityError):
            async with db.write() as session:
                await session.execute(update(Workspace).where(mine).values(values))


async def test_r5_credits_are_integers_in_the_database_too(db: Database) -> None:
    acme = (await gather(db)).acme
    kind = "typeof(balance)" if db.is_sqlite else "pg_typeof(balance)::text"
    async with db.read() as session:
        found = await session.execute(text(f"SELECT {kind} FROM workspaces WHERE id = :id"), {"id": acme.workspace_id})
    assert found.scalar_one() in ("integer", "bigint")


async def test_r5_r6_of_100_spends_at_once_on_a_balance_of_50_exactly_50_go_through(db: Database) -> None:
    acme = (await gather(db, credits=50)).acme

    async def spend(number: int) -> int:
        async with db.write() as session:
            if not await ledger.hold(session, acme.workspace_id, 1, f"spend {number}"):
                return 0
        await asyncio.sleep(0)
        async with db.write() as session:
            return await ledger.settle(session, Charge(acme.workspace_id, f"spend {number}", 1))

    spent = await asyncio.gather(*(spend(number) for number in range(100)))
    money = await books.account(db, acme.workspace_id)
    money.check()
    assert sorted(spent) == [0] * 50 + [1] * 50
    assert (money.balance, money.held) == (0, 0)


async def test_r6_of_40_settles_of_one_hold_at_once_one_charges(db: Database) -> None:
    acme = (await gather(db, credits=50)).acme
    async with db.write() as session:
        assert await ledger.hold(session, acme.workspace_id, 5, "one")

    async def close(number: int) -> int:
        async with db.write() as session:
            if number % 2:
                return await ledger.settle(session, Charge(acme.workspace_id, "one", 3))
            return 100 * await ledger.release(session, Charge(acme.workspace_id, "one", 0))

    outcomes = await asyncio.gather(*(close(number) for number in range(40)))
    money = await books.account(db, acme.workspace_id)
    money.check()
    assert sorted(outcomes)[:-1] == [0] * 39
    assert (max(outcomes), money.balance) in ((3, 47), (100, 50))


async def test_r6_a_hold_that_outlived_its_answers_line_is_released_once_and_harms_no_other(db: Database) -> None:
    acme = (await gather(db, credits=50)).acme
    for reference in ("answer:a", "answer:b"):
        async with db.write() as session:
            assert await ledger.hold(session, acme.workspace_id, 5, reference)
    async with db.write() as session:  # the answer ended before its hold was known
        await ledger.note_free(session, [Charge(acme.workspace_id, "answer:a", 0)])
    async with db.write() as session:
        assert await ledger.expire(session, now() + timedelta(minutes=11)) == 2
    money = await books.account(db, acme.workspace_id)
    money.check()
    assert (money.balance, money.held) == (50, 0)


# Answers -------------------------------------------------------------------------------------------------------


async def between(ada: Client) -> Frame:
    assert (await ada.send("between you and me"))["type"] == "ok"
    return await ada.until("answer.finished")


async def test_r6_at_zero_credits_the_model_is_not_asked_and_the_visitor_gets_an_honest_answer(
    database_url: str, tmp_path: Path
) -> None:
    model = Scripted("Two days.")
    async with staged(database_url, tmp_path, provider=model, credits=0) as stage, stage.visitor() as ada:
        room_id = (await ada.join())["room"]
        finished = await between(ada)
        await ada.send("sure")
        sure = await ada.until("answer.finished")
        asked = await ada.ask("person.request")
        lines = await books.usage(stage.db, room_id)
    assert model.prompts == []
    assert finished["message"]["text"].startswith(phrases.say("no_credits"))
    assert (finished["state"], finished["message"]["person"], finished["credits"]) == ("complete", True, 0)
    assert (sure["state"], len(sure["sources"]), asked["type"]) == ("complete", 1, "ok")
    assert [line.amount for line in lines] == [0, 0]


async def test_r6_fifty_rooms_that_share_three_credits_make_three_calls(database_url: str, tmp_path: Path) -> None:
    gate = asyncio.Event()
    model = Scripted("Two days.", gate)
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(staged(database_url, tmp_path, provider=model, credits=3))
        visitors = [await stack.enter_async_context(stage.visitor()) for _ in range(50)]
        await asyncio.gather(*(each.join() for each in visitors))
        answers = [asyncio.create_task(between(each)) for each in visitors]
        await asyncio.wait(answers, return_when=asyncio.FIRST_COMPLETED)
        gate.set()
        finished = await asyncio.gather(*answers)
        money = await books.account(stage.db, stage.cast.acme.workspace_id)
    money.check()
    assert len(model.prompts) == sum(each["credits"] for each in finished) == 3
    assert (money.balance, money.held) == (0, 0)


async def test_r7_a_stopped_answer_is_charged_for_what_was_delivered_alone(database_url: str, tmp_path: Path) -> None:
    unheard = "word " * 4_000
    model = Scripted("Two days. ", asyncio.Event(), unheard, Usage(10**6, 10**6))
    async with (
        staged(database_url, tmp_path, provider=model, ANSWER_TOKENS=5_000) as stage,
        stage.visitor() as ada,
    ):
        room_id = (await ada.join())["room"]
        await ada.send("between you and me")
        await ada.until("answer.delta")
        assert (await books.account(stage.db, stage.cast.acme.workspace_id)).held == 5
        await ada.say("answer.stop")
        finished = await ada.until("answer.finished")
        (line,) = await books.usage(stage.db, room_id)
        money = await books.account(stage.db, stage.cast.acme.workspace_id)
    assert pricing.credits_for(model.model, 0, model.count(unheard)) == 5
    assert (finished["state"], finished["message"]["text"], finished["credits"]) == ("stopped", "Two days. ", 1)
    assert (line.amount, line.detail["counted"], line.detail["completion_tokens"]) == (-1, "here", 3)
    assert (money.balance, money.held) == (99, 0)


async def test_r7_an_answer_stopped_before_its_first_word_costs_nothing(database_url: str, tmp_path: Path) -> None:
    model = Scripted(asyncio.Event(), "Two days.")
    async with staged(database_url, tmp_path, provider=model) as stage, stage.visitor() as ada:
        room_id = (await ada.join())["room"]
        await ada.send("between you and me")
        await books.until(lambda: asked(model))
        await ada.say("answer.stop")
        finished = await ada.until("answer.finished")
        (line,) = await books.usage(stage.db, room_id)
        money = await books.account(stage.db, stage.cast.acme.workspace_id)
    assert (finished["state"], finished["message"]["text"], finished["credits"]) == ("stopped", "", 0)
    assert (line.amount, money.balance, money.held) == (0, 100, 0)


async def asked(model: Scripted) -> bool:
    return len(model.prompts) > 0


@pytest.mark.parametrize("steps", [(UpstreamFailed("refused"),), (" \n", UpstreamFailed("timeout")), ()])
async def test_r7_nothing_delivered_costs_nothing(database_url: str, tmp_path: Path, steps: tuple[Any, ...]) -> None:
    async with staged(database_url, tmp_path, provider=Scripted(*steps)) as stage, stage.visitor() as ada:
        room_id = (await ada.join())["room"]
        finished = await between(ada)
        (line,) = await books.usage(stage.db, room_id)
        money = await books.account(stage.db, stage.cast.acme.workspace_id)
    assert (finished["state"], finished["message"]["text"], finished["credits"]) == (
        "failed",
        phrases.say("upstream"),
        0,
    )
    assert (line.amount, money.balance, money.held) == (0, 100, 0)


async def test_r6_r7_whenever_an_answer_is_stopped_its_hold_ends_and_it_has_one_line(
    database_url: str, tmp_path: Path
) -> None:
    chance = random.Random(7)

    async def talk(ada: Client) -> None:
        await ada.send("between you and me")
        await asyncio.sleep(chance.uniform(0, 0.03))
        pause = 0.05
        while not any(frame["type"] == "answer.finished" for frame in ada.heard):
            await ada.say("answer.stop")
            await ada.quiet(pause)
            pause *= 2

    async with AsyncExitStack() as stack:
        model = Scripted("Two days. ", asyncio.Event())
        stage = await stack.enter_async_context(staged(database_url, tmp_path, provider=model))
        visitors = [await stack.enter_async_context(stage.visitor()) for _ in range(40)]
        joined = await asyncio.gather(*(each.join() for each in visitors))
        await asyncio.gather(*(talk(each) for each in visitors))
        lines = [await books.usage(stage.db, each["room"]) for each in joined]
        money = await books.account(stage.db, stage.cast.acme.workspace_id)
    money.check()
    assert money.held == 0
    assert {len(each) for each in lines} == {1}


async def test_a_stop_never_breaks_into_a_transaction(postgresql_url: str, tmp_path: Path) -> None:
    """A connection that is cut in the middle takes 2 s to close, and its row locks hold up the whole workspace."""
    async with (
        staged(postgresql_url, tmp_path, provider=Scripted("Two days.")) as stage,
        stage.visitor() as ada,
        stage.db.engine.connect() as other,
    ):
        broken: list[object] = []
        event.listen(stage.db.engine.sync_engine, "invalidate", lambda *about: broken.append(about))
        await ada.join()
        mine = {"id": stage.cast.acme.workspace_id}
        await other.execute(text("SELECT id FROM workspaces WHERE id = :id FOR NO KEY UPDATE"), mine)
        await ada.send("between you and me")
        await books.until(lambda: a_lock_is_waited_for(stage.db))
        for _ in range(3):
            assert (await ada.ask("answer.stop"))["type"] == "ok"
        await other.rollback()
        finished = await ada.until("answer.finished")
        money = await books.account(stage.db, stage.cast.acme.workspace_id)
    assert (finished["state"], finished["message"]["text"], finished["credits"]) == ("stopped", "", 0)
    assert (money.balance, money.held, broken) == (100, 0, [])


async def a_lock_is_waited_for(db: Database) -> bool:
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with db.read() as session:
        return bool((await session.execute(text(waits))).scalar_one())


@pytest.mark.parametrize("usage", [*ODD_USAGES, "ok"])
async def test_r7_a_usage_that_is_no_usage_is_clamped_or_counted_here(
    sqlite_url: str, tmp_path: Path, usage: str
) -> None:
    async with AsyncExitStack() as stack:
        double = await stack.enter_async_context(OpenAI(behave=usage, answer="Two days."))
        provider = Noting(OpenAICompatible(model="double", base_url=double.base_url))
        stage = await stack.enter_async_context(staged(sqlite_url, tmp_path, provider=provider, ANSWER_TOKENS=2_000))
        ada = await stack.enter_async_context(stage.visitor())
        room_id = (await ada.join())["room"]
        finished = await between(ada)
        (line,) = await books.usage(stage.db, room_id)
        money = await books.account(stage.db, stage.cast.acme.workspace_id)
    money.check()
    held = pricing.credits_for("double", provider.tokens, 2_000)
    assert held == 3
    assert (finished["state"], finished["message"]["text"]) == ("complete", "Two days.")
    assert finished["credits"] == -line.amount == (held if usage == "huge_usage" else 1)
    assert line.detail["counted"] == ("provider" if usage in ("ok", "huge_usage") else "here")
    assert (money.balance, money.held) == (100 + line.amount, 0)


class Noting:
    """A provider, and the size of the last prompt it was given."""

    def __init__(self, provider: Provider) -> None:
        self.model, self.count, self.aclose = provider.model, provider.count, provider.aclose
        self.tokens = 0
        self._provider = provider

    def stream(self, prompt: Prompt, *, max_tokens: int) -> Any:
        self.tokens = prompt.tokens
        return self._provider.stream(prompt, max_tokens=max_tokens)
