import asyncio

import pytest
from sqlalchemy import event

import knowledge.port
from engine.db import Database, new_id
from engine.ports import Ask, Band, Knowledge, Missed
from knowledge import entries, gaps, port
from tests.knowledge.conftest import Shop, draft, version_of

pytestmark = pytest.mark.anyio

FITS: Knowledge = knowledge.port  # mypy proves that the module is the engine's Knowledge
HOURS = draft("What are your opening hours?", "Nine to six.", "When are you open?", "What time do you close?")
PARKING = draft("Where can I park?", "Behind the shop.", "Is there parking?")
RETURNS = draft("Can I return an item?", "Within 30 days.", "What is your return policy?")


async def teach(database: Database, shop: Shop, *drafts: entries.Draft) -> list[str]:
    async with database.write() as session:
        return [(await entries.add(session, *shop.ids, one)).id for one in drafts]


async def test_a_known_question_is_sure_and_brings_the_owners_answer(database: Database, acme: Shop) -> None:
    hours, _, _ = await teach(database, acme, HOURS, PARKING, RETURNS)
    recall = await port.recall(database, acme.ask("what are your opening hours", await version_of(database, acme)))
    assert recall.band is Band.SURE
    assert [(fact.id, fact.answer) for fact in recall.facts] == [(hours, "Nine to six.")]
    assert HOURS.question not in recall.nearest


async def test_a_foreign_question_is_unsure_and_offers_the_first_entries(database: Database, acme: Shop) -> None:
    await teach(database, acme, HOURS, PARKING, RETURNS, draft("Last?"))
    recall = await port.recall(database, acme.ask("xyzzy plugh", await version_of(database, acme)))
    assert (recall.band, recall.facts) == (Band.UNSURE, ())
    assert recall.nearest == (HOURS.question, PARKING.question, RETURNS.question)


async def test_a_doubtful_question_brings_facts_for_the_model_best_first(database: Database, acme: Shop) -> None:
    same = "Do you ship to Canada?"
    await teach(database, acme, draft(same, "Yes."), draft(same, "No."), HOURS, PARKING)
    recall = await port.recall(database, acme.ask(same, await version_of(database, acme)))
    assert recall.band is Band.BETWEEN
    assert {fact.answer for fact in recall.facts[:2]} == {"Yes.", "No."}
    assert 2 <= len(recall.facts) <= 5
    assert [fact.score for fact in recall.facts] == sorted((f.score for f in recall.facts), reverse=True)


async def test_a_domain_that_knows_nothing_is_unsure_and_offers_nothing(database: Database, acme: Shop) -> None:
    recall = await port.recall(database, acme.ask("What are your opening hours?", 0))
    assert (recall.band, recall.facts, recall.nearest) == (Band.UNSURE, (), ())


async def test_a_change_takes_effect_on_the_next_question(database: Database, acme: Shop) -> None:
    (entry_id,) = await teach(database, acme, HOURS)
    question = HOURS.question
    before = await port.recall(database, acme.ask(question, await version_of(database, acme)))
    assert before.facts[0].answer == "Nine to six."
    async with database.write() as session:
        entry = await entries.entry_of(session, *acme.ids, entry_id)
        await entries.edit(session, entry, draft(question, "Ten to four."))
    after = await port.recall(database, acme.ask(question, await version_of(database, acme)))
    assert after.facts[0].answer == "Ten to four."
    async with database.write() as session:
        await entries.remove(session, await entries.entry_of(session, *acme.ids, entry_id))
    gone = await port.recall(database, acme.ask(question, await version_of(database, acme)))
    assert gone.facts == ()


async def test_an_entry_switched_off_is_not_recalled(database: Database, acme: Shop) -> None:
    off = entries.Draft(HOURS.question, HOURS.answer, active=False)
    await teach(database, acme, off, PARKING)
    recall = await port.recall(database, acme.ask(HOURS.question, await version_of(database, acme)))
    assert all(fact.question != HOURS.question for fact in recall.facts)
    assert recall.nearest == (PARKING.question,)


async def test_the_same_words_bring_each_domain_its_own_entry(database: Database, acme: Shop, rival: Shop) -> None:
    (ours,) = await teach(database, acme, draft(HOURS.question, "Acme: nine to six."))
    (theirs,) = await teach(database, rival, draft(HOURS.question, "Rival: never."))
    for shop, entry_id in ((acme, ours), (rival, theirs)):
        recall = await port.recall(database, shop.ask(HOURS.question, await version_of(database, shop)))
        assert [fact.id for fact in recall.facts] == [entry_id]


async def test_a_domain_asked_for_under_another_workspace_knows_nothing(
    database: Database, acme: Shop, rival: Shop
) -> None:
    await teach(database, acme, HOURS)
    assert (await port.recall(database, acme.ask(HOURS.question, 1))).band is Band.SURE
    recall = await port.recall(database, Ask(rival.workspace_id, acme.domain_id, 1, HOURS.question))
    assert (recall.facts, recall.nearest) == ((), ())


async def test_a_kept_index_newer_than_the_question_serves_it(database: Database, acme: Shop) -> None:
    await teach(database, acme, HOURS)
    await port.recall(database, acme.ask(HOURS.question, 1))
    reads = count_reads(database)
    assert (await port.recall(database, acme.ask(HOURS.question, 0))).band is Band.SURE
    assert (await port.recall(database, acme.ask(HOURS.question, 1))).band is Band.SURE
    assert reads == []


async def test_many_waiting_for_one_domain_load_it_once(database: Database, acme: Shop) -> None:
    many = [draft(f"Question about topic {i}?", "Yes.", f"What of topic {i}?") for i in range(30)]
    await teach(database, acme, *many)
    reads = count_reads(database)
    version = await version_of(database, acme)
    reads.clear()
    asks = [acme.ask(f"what of topic {i}", version) for i in range(30)]
    recalls = await asyncio.gather(*(port.recall(database, ask) for ask in asks))
    assert [recall.facts[0].question for recall in recalls] == [one.question for one in many]
    assert len([statement for statement in reads if "FROM entries" in statement]) == 1


async def test_one_who_stops_waiting_does_not_stop_the_others(database: Database, acme: Shop) -> None:
    await teach(database, acme, HOURS)
    version = await version_of(database, acme)
    first = asyncio.create_task(port.recall(database, acme.ask(HOURS.question, version)))
    await asyncio.sleep(0)
    second = asyncio.create_task(port.recall(database, acme.ask(HOURS.question, version)))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).band is Band.SURE
    with pytest.raises(asyncio.CancelledError):
        await first


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "a" * 50_000, "\u202e\u200d", "👩\u200d👧", "?"])
async def test_naughty_questions_are_unsure_and_never_raise(database: Database, acme: Shop, text: str) -> None:
    await teach(database, acme, HOURS, PARKING)
    recall = await port.recall(database, acme.ask(text, await version_of(database, acme)))
    assert (recall.band, recall.facts) == (Band.UNSURE, ())


async def test_what_was_missed_is_filed_as_a_gap(database: Database, acme: Shop) -> None:
    async with database.write() as session:
        await port.file_gaps(session, [Missed(*acme.ids, acme.room_id, new_id(), "Do you sell laptops?")])
    async with database.read() as session:
        assert [gap.text for gap in await gaps.listing(session, *acme.ids)] == ["Do you sell laptops?"]


def count_reads(database: Database) -> list[str]:
    """The statements that readers send from now on."""
    sent: list[str] = []
    readers = database._readers.sync_engine
    event.listen(readers, "before_cursor_execute", lambda conn, cursor, statement, *rest: sent.append(statement))
    return sent
