"""A domain's labelled questions (R10: its own alone)."""

import pytest
from sqlalchemy import func, select, update

from engine.db import Database, new_id
from knowledge import examples
from knowledge.entries import Draft, Invalid, NotFound
from knowledge.labelled import Labelled
from knowledge.models import Entry, Example
from tests.knowledge.conftest import Shop, version_of
from tests.knowledge.labels import FAQ, stocked

pytestmark = pytest.mark.anyio


async def labelled(database: Database, shop: Shop) -> dict[str, tuple[str | None, str]]:
    async with database.read() as session:
        return {each.text: (each.entry_id, each.source) for each in await examples.listing(session, *shop.ids)}


async def test_a_question_is_labelled_and_labelled_again_the_last_word_counts(database: Database, acme: Shop) -> None:
    pay, hours, *_ = await stocked(database, acme)
    before = await version_of(database, acme)
    async with database.write() as session:
        await examples.add(session, *acme.ids, "  paypal \n please ", pay, source="chat")
        await examples.add(session, *acme.ids, "moon?", None, source="manual")
        await examples.add(session, *acme.ids, "paypal please", hours, source="manual")
    assert await labelled(database, acme) == {"paypal please": (hours, "manual"), "moon?": (None, "manual")}
    assert await version_of(database, acme) > before  # approved chats calibrate: every process must hear of them


@pytest.mark.parametrize("text", ["", "   ", "x" * 501])
async def test_what_is_no_question_is_refused_with_a_sentence(database: Database, acme: Shop, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        async with database.write() as session:
            await examples.add(session, *acme.ids, text, None, source="manual")
    assert "500 characters" in refused.value.faults["text"]


async def test_r10_a_foreign_entry_domain_or_example_is_not_there(database: Database, acme: Shop, rival: Shop) -> None:
    theirs = (await stocked(database, rival))[0]
    mine = (await stocked(database, acme))[0]
    crossed = (acme.workspace_id, rival.domain_id)
    for ids, entry_id in ((acme.ids, theirs), (crossed, None), (acme.ids, new_id())):
        with pytest.raises(NotFound):
            async with database.write() as session:
                await examples.add(session, *ids, "what?", entry_id, source="manual")
    async with database.write() as session:
        added = await examples.add(session, *acme.ids, "what?", mine, source="manual")
        assert not await examples.remove(session, *rival.ids, added.id)
        assert await examples.listing(session, *rival.ids) == []
        assert await examples.listing(session, *crossed) == []
    async with database.write() as session:
        assert await examples.remove(session, *acme.ids, added.id)
    assert await labelled(database, acme) == {}


async def test_a_run_holds_out_one_phrasing_of_entries_that_can_spare_it(database: Database, acme: Shop) -> None:
    ids = await stocked(database, acme)
    lonely, *_ = await stocked(database, acme, [Draft("Only two ways", "Yes.", ("of asking this",))])
    async with database.write() as session:
        await examples.add(session, *acme.ids, "moon?", None, source="manual")
        await examples.add(session, *acme.ids, "cards", ids[0], source="chat")
    async with database.read() as session:
        found = await examples.measured(session, *acme.ids)
    by_id = {document.id: document for document in found.documents}
    assert by_id[ids[0]].phrasings == (FAQ[0].question, FAQ[0].alternatives[0])
    assert len(by_id[lonely].phrasings) == 2
    assert Labelled("can i pay by card", (ids[0],)) in found.questions
    assert {Labelled("moon?"), Labelled("cards", (ids[0],))} < set(found.questions)
    assert len(found.questions) == len(FAQ) + 2


async def test_drafts_take_part_only_when_asked_for_and_ask_nothing_themselves(database: Database, acme: Shop) -> None:
    await stocked(database, acme)
    (draft_id, *_) = await stocked(database, acme, FAQ[:1], draft=True)
    (off, *_) = await stocked(database, acme, [Draft("Turned off", "Yes.")])
    async with database.write() as session:
        await session.execute(update(Entry).where(Entry.id == off).values(active=False))
    async with database.read() as session:
        without = await examples.measured(session, *acme.ids)
        with_it = await examples.measured(session, *acme.ids, with_drafts=[draft_id])
    assert draft_id not in {document.id for document in without.documents}
    assert {d.id for d in with_it.documents} - {d.id for d in without.documents} == {draft_id}
    assert with_it.questions == without.questions
    assert off not in {document.id for document in with_it.documents}


async def test_the_language_of_most_entries_is_that_of_the_run(database: Database, acme: Shop) -> None:
    await stocked(database, acme)
    async with database.write() as session:
        await session.execute(update(Entry).where(Entry.question != FAQ[0].question).values(locale="de"))
    async with database.read() as session:
        assert (await examples.measured(session, *acme.ids)).locale == "de"


async def test_a_file_labels_many_by_id_or_by_question_and_says_what_it_could_not(
    database: Database, acme: Shop, rival: Shop
) -> None:
    ids = await stocked(database, acme)
    theirs = (await stocked(database, rival))[0]
    wanted = [
        Labelled("cards", (ids[0],)),
        Labelled("sunday", ("when are you OPEN",)),
        Labelled("moon?"),
        Labelled("cards", (ids[1],)),
        Labelled("stolen", (theirs,)),
        Labelled("", ()),
    ]
    async with database.write() as session:
        done, faults = await examples.load(session, *acme.ids, wanted)
    assert done == 4
    assert len(faults) == 2
    assert "no entry" in faults[0]
    assert {text: entry for text, (entry, _) in (await labelled(database, acme)).items()} == {
        "cards": ids[1],
        "sunday": ids[1],
        "moon?": None,
    }
    async with database.read() as session:
        mine = select(func.count()).select_from(Example).where(Example.domain_id == rival.domain_id)
        assert await session.scalar(mine) == 0


async def test_an_entry_is_named_by_its_id_or_its_question_and_only_here(
    database: Database, acme: Shop, rival: Shop
) -> None:
    ids = await stocked(database, acme)
    async with database.read() as session:
        assert await examples.entry_named(session, *acme.ids, ids[0]) == ids[0]
        assert await examples.entry_named(session, *acme.ids, " how can i pay ") == ids[0]
        for shop, name in ((rival, ids[0]), (acme, "something else"), (acme, "")):
            with pytest.raises(NotFound):
                await examples.entry_named(session, *shop.ids, name)
