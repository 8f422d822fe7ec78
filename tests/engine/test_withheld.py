"""What a model makes up (R20) reaches no frame, no draft, no row, no desk and no bill; something true stands there."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from engine import phrases
from engine.ports import Fact, Provider, UpstreamFailed, Usage
from engine.providers import OpenAICompatible, Scripted
from tests.doubles.knowledge import FACT
from tests.doubles.openai import OpenAI
from tests.engine import books
from tests.stage import Stage, staged
from tests.wire import Client, Frame

pytestmark = pytest.mark.anyio

TRUE = ("Delivery takes two days. ", "Gladly! ")
PLANTED = ("It costs €9.99 with Klarna. ", "I've cancelled your order. ", "See https://evil.example/pay now.\n")
MARKS = ("9.99", "Klarna", "cancelled", "evil.example")
RETURNS = Fact("f" * 32, "Can I return an item?", "Yes, within **30 days**, at no cost.", 0.9, "https://acme.example/r")

Speaks = Callable[[Sequence[str]], AbstractAsyncContextManager[Provider]]


@asynccontextmanager
async def scripted(pieces: Sequence[str]) -> AsyncIterator[Provider]:
    yield Scripted(*pieces, Usage(10, 1_000))


@asynccontextmanager
async def over_http(pieces: Sequence[str]) -> AsyncIterator[Provider]:
    async with OpenAI(answer="".join(pieces), delay=0.002) as double:
        yield OpenAICompatible(model="double", api_key="none", base_url=double.base_url)


@asynccontextmanager
async def on_stage(
    database_url: str,
    folder: Path,
    *pieces: str | asyncio.Event | Usage | UpstreamFailed,
    facts: tuple[Fact, ...] = (FACT, RETURNS),
) -> AsyncIterator[Stage]:
    async with staged(database_url, folder, provider=Scripted(*pieces)) as stage:
        stage.oracle.facts = facts
        yield stage


async def asked(ada: Client, text: str = "between us, what of delivery?") -> Frame:
    assert (await ada.send(text))["type"] == "ok"
    return await ada.until("answer.finished")


@pytest.mark.parametrize("speaks", [scripted, over_http])
async def test_r20_a_planted_falsehood_reaches_nobody_and_nothing(
    database_url: str, tmp_path: Path, speaks: Speaks
) -> None:
    said = [TRUE[0], PLANTED[0], TRUE[1], *PLANTED[1:]]
    async with AsyncExitStack() as stack:
        provider = await stack.enter_async_context(speaks(said))
        stage = await stack.enter_async_context(staged(database_url, tmp_path, provider=provider))
        ada, tab, grace = [
            await stack.enter_async_context(each) for each in (stage.visitor(), stage.visitor(), stage.agent())
        ]
        joined = await ada.join()
        await tab.join(token=joined["token"])
        await grace.ask("desk.join", after=0)
        drafts = await stack.enter_async_context(drafted(stage))
        finished = await asked(ada)
        await tab.until("answer.finished")
        await grace.ask("room.watch", room=joined["room"], after=0)
        async with stage.visitor() as late:
            await late.join(token=joined["token"])
            heard = [ada.heard, tab.heard, grace.heard, late.heard]
        rows = [row.text for row in await books.messages(stage.db, joined["room"])]
        lines = [line.detail for line in await books.usage(stage.db, joined["room"])]
    assert any(draft.startswith(TRUE[0]) for draft in drafts)
    everything = json.dumps([heard, rows, lines, drafts], ensure_ascii=False)
    assert TRUE[0].strip() in everything
    assert [mark for mark in MARKS if mark in everything] == []
    assert finished["state"] == "withheld"
    assert finished["message"]["text"].startswith("Delivery takes two days. Gladly!")
    assert lines[0]["withheld"] == 3


@asynccontextmanager
async def drafted(stage: Stage) -> AsyncIterator[list[str]]:
    """Every draft that is on the bus while entered, looked at whenever anything else happens."""
    seen: list[str] = []

    async def watch() -> None:
        while True:
            for room_id in {live.begun.room_id for live in stage.streams.live.values()}:
                draft = await stage.engine.bus.draft(room_id)
                if draft is not None and draft.text not in seen:
                    seen.append(draft.text)
            await asyncio.sleep(0)

    task = asyncio.create_task(watch())
    yield seen
    task.cancel()


async def test_r7_what_is_withheld_is_not_charged_and_is_counted_in_the_line(database_url: str, tmp_path: Path) -> None:
    said = (TRUE[0], *PLANTED, Usage(10, 10_000))
    async with on_stage(database_url, tmp_path, *said) as stage, stage.visitor() as ada:
        room_id = (await ada.join())["room"]
        finished = await asked(ada)
        (line,) = await books.usage(stage.db, room_id)
        money = await books.account(stage.db, stage.cast.acme.workspace_id)
    money.check()
    assert (finished["credits"], line.amount, money.held) == (1, -1, 0)
    assert (line.detail["withheld"], line.detail["counted"]) == (3, "here")
    assert line.detail["completion_tokens"] < 20  # of what was delivered; the model claimed ten thousand
    assert line.detail["ended"] == "withheld"


async def test_r7_with_nothing_of_the_model_delivered_nothing_is_charged_and_the_entry_speaks(
    database_url: str, tmp_path: Path
) -> None:
    said = ("Delivery takes 9 days.", Usage(10, 10))
    async with on_stage(database_url, tmp_path, *said) as stage, stage.visitor() as ada:
        room_id = (await ada.join())["room"]
        finished = await asked(ada)
        (line,) = await books.usage(stage.db, room_id)
        money = await books.account(stage.db, stage.cast.acme.workspace_id)
    money.check()
    message = finished["message"]
    assert (message["text"], message["state"], message["person"]) == (FACT.answer, "withheld", False)
    assert [source["id"] for source in finished["sources"]] == [FACT.id]
    assert (finished["credits"], line.amount, money.balance, money.held) == (0, 0, 100, 0)
    assert [(gap.text, gap.reason) for gap in stage.oracle.gaps] == [("between us, what of delivery?", "unsure")]


async def test_r20_where_no_entry_speaks_of_it_the_bot_does_not_know_and_offers_a_person(
    database_url: str, tmp_path: Path
) -> None:
    async with on_stage(database_url, tmp_path, "Ask Klarna.") as stage, stage.visitor() as ada:
        await ada.join()
        finished = await asked(ada)
        for _ in range(2):
            await asked(ada)
        handed = await ada.until("room.handed_off")
    message = finished["message"]
    assert message["text"] == phrases.unsure("not_sure_which", (FACT.question,))
    assert (message["person"], message["offers"], message["sources"]) == (True, [FACT.question], [])
    assert handed["reason"] == "unsure"  # three times in a row


async def test_several_falsehoods_are_replaced_once_and_behind_all_else(sqlite_url: str, tmp_path: Path) -> None:
    said = (
        "So:\n",
        "- Delivery takes 9 days\n",
        "- Returns take 30 days\n",
        "- Pay with Klarna\n",
        "\nGladly!",
    )
    async with on_stage(sqlite_url, tmp_path, *said) as stage, stage.visitor() as ada:
        await ada.join()
        finished = await asked(ada)
    assert finished["message"]["text"] == f"So:\n- Returns take 30 days\n\nGladly!\n\n{FACT.answer}"
    assert sorted(source["id"] for source in finished["sources"]) == [FACT.id, RETURNS.id]


async def test_what_was_said_already_is_not_said_again_in_its_place(sqlite_url: str, tmp_path: Path) -> None:
    said = (f"{FACT.answer} ", "Delivery takes 9 days by Klarna.")
    async with on_stage(sqlite_url, tmp_path, *said) as stage, stage.visitor() as ada:
        await ada.join()
        finished = await asked(ada)
    assert finished["message"]["text"] == f"{FACT.answer} \n\n{phrases.say('uncertain')}"
    assert finished["message"]["person"] is True


async def test_only_the_entries_that_support_what_was_said_are_its_sources(sqlite_url: str, tmp_path: Path) -> None:
    async with on_stage(sqlite_url, tmp_path, "You can return it within thirty days.") as stage, stage.visitor() as ada:
        await ada.join()
        finished = await asked(ada)
    assert finished["sources"] == [{"id": RETURNS.id, "title": RETURNS.question, "url": RETURNS.url}]
    assert (finished["state"], stage.oracle.gaps) == ("complete", [])


async def test_a_stop_keeps_what_was_delivered_and_nothing_is_put_in_the_place_of_the_rest(
    database_url: str, tmp_path: Path
) -> None:
    said = (TRUE[0], PLANTED[0], "Half a sent", asyncio.Event())
    async with on_stage(database_url, tmp_path, *said) as stage, stage.visitor() as ada:
        room_id = (await ada.join())["room"]
        await ada.send("between us")
        await ada.until("answer.delta")
        await ada.say("answer.stop")
        finished = await ada.until("answer.finished")
        (line,) = await books.usage(stage.db, room_id)
    assert (finished["message"]["text"], finished["state"]) == (TRUE[0], "stopped")
    assert (line.amount, finished["credits"], line.detail["ended"]) == (-1, 1, "stopped")


@pytest.mark.parametrize(("torn", "shown"), [("You can always as", "You can always "), ("It is 2 da", "")])
async def test_r8_a_sentence_that_was_cut_off_is_shown_only_where_no_value_can_be_cut_with_it(
    sqlite_url: str, tmp_path: Path, torn: str, shown: str
) -> None:
    said = (TRUE[0], PLANTED[0], torn, UpstreamFailed("timeout"))
    async with on_stage(sqlite_url, tmp_path, *said) as stage, stage.visitor() as ada:
        await ada.join()
        finished = await asked(ada)
    assert (finished["message"]["text"], finished["state"]) == (TRUE[0] + shown, "failed")
    assert (finished["message"]["person"], finished["credits"]) == (True, 1)
