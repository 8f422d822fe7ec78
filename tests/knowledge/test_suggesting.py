"""A model suggests phrasings and drafts answers: paid for once, kept to be chosen from, and only from what is known."""

import json

import pytest
from sqlalchemy import select

from engine.db import Database, new_id
from engine.models import Hold, LedgerEntry
from engine.providers import OpenAICompatible, Timeouts
from knowledge import consulting, entries, suggesting
from knowledge.changes import Owner
from knowledge.entries import NotFound
from knowledge.models import Gap
from knowledge.suggesting import NO_PHRASINGS, NOTHING_NEAR
from tests.doubles.openai import OpenAI
from tests.knowledge.conftest import Shop, draft
from tests.knowledge.uploads import balance, credit, listed

pytestmark = pytest.mark.anyio
HASTY = Timeouts(connect=0.3, first=0.2, between=0.2, total=0.3, tail=0.05)
RETURNS = draft("Can I return a plant?", "You may send a plant back within 30 days of delivery.", "Sending plants back")
HOURS = draft("When are you open?", "We are open from 9 to 18 on weekdays.")


@pytest.fixture
async def owner(database: Database, acme: Shop) -> Owner:
    """Acme's, with two entries and 50 credits."""
    await credit(database, acme, 50)
    async with database.write() as session:
        for one in (RETURNS, HOURS):
            await entries.add(session, *acme.ids, one)
    return Owner(*acme.ids)


async def entry_id(database: Database, shop: Shop) -> str:
    return (await listed(database, shop))[0].id


async def gaps(database: Database, shop: Shop, *texts: str) -> list[str]:
    ids = []
    async with database.write() as session:
        for text in texts:
            gap = Gap(workspace_id=shop.workspace_id, domain_id=shop.domain_id, room_id=shop.room_id, text=text)
            gap.message_id = new_id()
            session.add(gap)
            await session.flush()
            ids.append(gap.id)
    return ids


async def lines(database: Database, shop: Shop) -> list[LedgerEntry]:
    """The model's lines; the sum of all is the balance and nothing is held (R5, R6)."""
    async with database.read() as session:
        found = list(await session.scalars(select(LedgerEntry).where(LedgerEntry.workspace_id == shop.workspace_id)))
        assert not (await session.scalars(select(Hold).where(Hold.state == "open"))).all()
    assert await balance(database, shop) == (sum(line.amount for line in found), 0)
    return [line for line in found if line.kind == "usage"]


def offered(*texts: str) -> str:
    return json.dumps({"phrasings": texts})


async def test_suggested_phrasings_are_saved_only_when_they_are_chosen(
    database: Database, acme: Shop, owner: Owner, double: OpenAI, model: OpenAICompatible
) -> None:
    double.answer = offered("how do i send a plant back", "return policy", "when are you open")
    mine = await entry_id(database, acme)
    found = await suggesting.phrasings(database, model, owner, mine)
    assert found.change_id is not None
    assert (await listed(database, acme))[0].alternatives == ["Sending plants back"]
    async with database.write() as session:
        _, shown = await suggesting.suggested(session, owner, mine, found.change_id)
        assert shown == ["how do i send a plant back", "return policy"]  # the third is another entry's question
        chosen = ["return policy", "something nobody suggested"]
        assert await suggesting.take(session, owner, mine, found.change_id, chosen) == 1
        _, left = await suggesting.suggested(session, owner, mine, found.change_id)
        assert left == ["how do i send a plant back"]
        assert await suggesting.take(session, owner, mine, found.change_id, chosen) == 0
    assert (await listed(database, acme))[0].alternatives == ["Sending plants back", "return policy"]


async def test_r5_r6_r7_a_suggestion_is_one_line_with_its_name(
    database: Database, acme: Shop, owner: Owner, model: OpenAICompatible
) -> None:
    found = await suggesting.phrasings(database, model, owner, await entry_id(database, acme))
    assert found.change_id is not None
    (line,) = await lines(database, acme)
    assert (line.amount, line.detail["task"], line.detail["name"]) == (-1, "phrasings", RETURNS.question)


@pytest.mark.parametrize("answer", ["No.", offered(), offered("Sending plants back", "do you deliver to Austria?")])
async def test_r7_nothing_new_costs_nothing(
    database: Database, acme: Shop, owner: Owner, double: OpenAI, model: OpenAICompatible, answer: str
) -> None:
    double.answer = answer
    found = await suggesting.phrasings(database, model, owner, await entry_id(database, acme))
    assert (found.change_id, found.reason) == (None, NO_PHRASINGS)
    assert [line.amount for line in await lines(database, acme)] == [0]


async def test_r6_without_credits_the_model_is_not_asked(
    database: Database, rival: Shop, double: OpenAI, model: OpenAICompatible
) -> None:
    async with database.write() as session:
        mine = await entries.add(session, *rival.ids, RETURNS)
    gap_ids = await gaps(database, rival, "may i send back a plant")
    found = await suggesting.phrasings(database, model, Owner(*rival.ids), mine.id)
    assert (found.change_id, found.reason) == (None, consulting.NO_CREDITS)
    found = await suggesting.answer(database, model, Owner(*rival.ids), gap_ids)
    assert (found.change_id, found.reason) == (None, consulting.NO_CREDITS)
    assert double.requests == []
    assert await lines(database, rival) == []


@pytest.mark.parametrize("behave", ["hang", "cut", "html", "500"])
async def test_r8_a_dead_model_is_a_plain_word_and_costs_nothing(
    database: Database, acme: Shop, owner: Owner, double: OpenAI, behave: str
) -> None:
    double.behave = behave
    hasty = OpenAICompatible(model="double", base_url=double.base_url, timeouts=HASTY)
    found = await suggesting.phrasings(database, hasty, owner, await entry_id(database, acme), seconds=0.5)
    assert (found.change_id, found.reason) == (None, consulting.DOWN)
    gap_ids = await gaps(database, acme, "may i send back a plant")
    found = await suggesting.answer(database, hasty, owner, gap_ids, seconds=0.5)
    assert (found.change_id, found.reason) == (None, consulting.DOWN)
    await hasty.aclose()
    assert [line.amount for line in await lines(database, acme)] == [0, 0]


async def test_an_answer_to_a_gap_is_drafted_from_the_nearest_entries_alone(
    database: Database, acme: Shop, owner: Owner, double: OpenAI, model: OpenAICompatible
) -> None:
    double.answer = json.dumps({"known": True, "answer": "You may send a plant back within 30 days of delivery."})
    ids = await gaps(database, acme, "may i send back a plant", "plant back?")
    found = await suggesting.answer(database, model, owner, ids)
    assert found.change_id is not None
    async with database.read() as session:
        drafted = await suggesting.drafted(session, owner, found.change_id)
    assert (drafted.gaps, drafted.asked) == (tuple(ids), ("may i send back a plant", "plant back?"))
    assert drafted.text == "You may send a plant back within 30 days of delivery."
    assert [question for _, question in drafted.entries] == [RETURNS.question]
    told = json.loads(double.requests[0].body["messages"][-1]["content"])
    assert told["question"] == "may i send back a plant"
    assert told["entries"][0]["question"] == RETURNS.question
    (line,) = await lines(database, acme)
    assert (line.amount, line.detail["task"]) == (-1, "answer")
    assert len(await listed(database, acme)) == 2  # nothing answers a visitor yet


async def test_what_the_knowledge_does_not_hold_is_said(
    database: Database, acme: Shop, owner: Owner, double: OpenAI, model: OpenAICompatible
) -> None:
    double.answer = json.dumps({"known": False, "answer": ""})
    found = await suggesting.answer(database, model, owner, await gaps(database, acme, "do you return my plant call"))
    assert found.change_id is not None
    async with database.read() as session:
        drafted = await suggesting.drafted(session, owner, found.change_id)
    assert drafted.text == ""
    assert drafted.entries


async def test_an_answer_that_the_entries_do_not_support_is_not_shown_and_costs_nothing(
    database: Database, acme: Shop, owner: Owner, double: OpenAI, model: OpenAICompatible
) -> None:
    double.answer = json.dumps({"known": True, "answer": "You may send a plant back within 90 days of delivery."})
    found = await suggesting.answer(database, model, owner, await gaps(database, acme, "may i send back a plant"))
    assert found.change_id is None
    assert "length of time" in found.reason
    assert [line.amount for line in await lines(database, acme)] == [0]


async def test_where_nothing_is_near_the_model_is_not_asked(
    database: Database, acme: Shop, owner: Owner, double: OpenAI, model: OpenAICompatible
) -> None:
    found = await suggesting.answer(database, model, owner, await gaps(database, acme, "quantum chromodynamics"))
    assert (found.change_id, found.reason) == (None, NOTHING_NEAR)
    assert double.requests == []
    assert await lines(database, acme) == []


async def test_r10_what_is_another_shops_is_not_there(
    database: Database, acme: Shop, rival: Shop, owner: Owner, double: OpenAI, model: OpenAICompatible
) -> None:
    mine = await entry_id(database, acme)
    ids = await gaps(database, acme, "may i send back a plant")
    phrasings = await suggesting.phrasings(database, model, owner, mine)
    answer = await suggesting.answer(database, model, owner, ids)
    assert phrasings.change_id is not None
    assert answer.change_id is not None
    asked = len(double.requests)
    await credit(database, rival, 50)
    theirs = Owner(*rival.ids)
    with pytest.raises(NotFound):
        await suggesting.phrasings(database, model, theirs, mine)
    with pytest.raises(NotFound):
        await suggesting.answer(database, model, theirs, ids)
    async with database.write() as session:
        own = await entries.add(session, *rival.ids, HOURS)
        for entry in (mine, own.id):
            with pytest.raises(NotFound):
                await suggesting.suggested(session, theirs, entry, phrasings.change_id)
            with pytest.raises(NotFound):
                await suggesting.take(session, theirs, entry, phrasings.change_id, ["x"])
        with pytest.raises(NotFound):
            await suggesting.drafted(session, theirs, answer.change_id)
        other = (await entries.listing(session, *acme.ids))[1]
        with pytest.raises(NotFound):  # of another entry of the same shop
            await suggesting.suggested(session, owner, other.id, phrasings.change_id)
        with pytest.raises(NotFound):  # another kind of change
            await suggesting.drafted(session, owner, phrasings.change_id)
    assert len(double.requests) == asked


async def test_r20_only_the_shops_own_entries_are_shown_to_the_model(
    database: Database, acme: Shop, rival: Shop, owner: Owner, double: OpenAI, model: OpenAICompatible
) -> None:
    async with database.write() as session:
        await entries.add(session, *rival.ids, draft("May I send back a plant?", "SECRET of the rival."))
    await suggesting.answer(database, model, owner, await gaps(database, acme, "may i send back a plant"))
    assert len(double.requests) == 1
    assert "SECRET" not in json.dumps(double.requests[0].body)


async def test_gaps_that_somebody_closed_are_not_drafted_for(
    database: Database, acme: Shop, owner: Owner, double: OpenAI, model: OpenAICompatible
) -> None:
    ids = await gaps(database, acme, "may i send back a plant")
    async with database.write() as session:
        (await session.get_one(Gap, ids[0])).status = "dismissed"
    with pytest.raises(NotFound):
        await suggesting.answer(database, model, owner, ids)
    assert double.requests == []
