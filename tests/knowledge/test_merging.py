"""Two entries become one, or both stay; and each is taken back whole, on one's own entries only (R10)."""

import pytest
from sqlalchemy import select

from engine.db import Database, new_id
from engine.ports import Missed
from knowledge import bulk, entries, examples, gaps, merging, port
from knowledge.changes import Owner
from knowledge.entries import Draft, NotFound
from knowledge.models import Dismissal, Entry, Example, Gap
from tests.knowledge.conftest import Shop, draft, version_of

pytestmark = pytest.mark.anyio


def owner(shop: Shop) -> Owner:
    return Owner(*shop.ids)


async def added(database: Database, shop: Shop, written: Draft) -> str:
    async with database.write() as session:
        return (await entries.add(session, *shop.ids, written)).id


async def entry_of(database: Database, entry_id: str) -> Entry | None:
    async with database.read() as session:
        return await session.get(Entry, entry_id)


async def two(database: Database, shop: Shop) -> tuple[str, str]:
    first = await added(database, shop, draft("How long can I return it?", "30 days.", "return period"))
    second = await added(database, shop, draft("What is the return period?", "14 days.", "Return period?", "send back"))
    return first, second


async def answered(database: Database, shop: Shop, text: str) -> list[str]:
    recall = await port.recall(database, shop.ask(text, await version_of(database, shop)))
    return [fact.answer for fact in recall.facts]


async def test_the_words_of_the_one_that_goes_are_phrasings_of_the_one_that_stays(
    database: Database, acme: Shop
) -> None:
    keep, drop = await two(database, acme)
    async with database.write() as session:
        await merging.merge(session, owner(acme), keep, drop)
    kept = await entry_of(database, keep)
    assert kept is not None
    assert (kept.answer, await entry_of(database, drop)) == ("30 days.", None)
    assert kept.alternatives == ["return period", "What is the return period?", "send back"]
    assert await answered(database, acme, "What is the return period?") == ["30 days."]


async def test_what_was_tied_to_the_one_goes_to_the_other_and_undo_brings_all_of_it_back(
    database: Database, acme: Shop
) -> None:
    keep, drop = await two(database, acme)
    async with database.write() as session:
        await gaps.file_gaps(session, [Missed(*acme.ids, acme.room_id, new_id(), "period?")])
        (gap_id,) = [gap.id for gap in await gaps.listing(session, *acme.ids)]
        await gaps.answer(session, *acme.ids, [gap_id], drop)
        await examples.add(session, *acme.ids, "how many days to return", drop, source="manual")
    before = [await entry_of(database, id) for id in (keep, drop)]

    async def tied() -> tuple[str | None, str | None]:
        async with database.read() as session:
            gap, example = await session.get_one(Gap, gap_id), (await session.scalars(select(Example))).one()
        return gap.entry_id, example.entry_id

    async with database.write() as session:
        change_id = await merging.merge(session, owner(acme), keep, drop)
    assert await tied() == (keep, keep)
    async with database.write() as session:
        assert await merging.undo(session, owner(acme), change_id)
    assert await tied() == (drop, drop)
    after = [await entry_of(database, id) for id in (keep, drop)]
    for was, now in zip(before, after, strict=True):
        assert was is not None
        assert now is not None
        assert entries.draft_of(was) == entries.draft_of(now)
    assert await answered(database, acme, "What is the return period?") == ["14 days."]
    async with database.write() as session:
        assert not await merging.undo(session, owner(acme), change_id)


async def test_a_draft_that_is_kept_answers_where_the_other_did_and_is_a_draft_again_after_undo(
    database: Database, acme: Shop
) -> None:
    keep, drop = await two(database, acme)
    async with database.write() as session:
        kept = await entries.entry_of(session, *acme.ids, keep)
        kept.draft, kept.active = True, False
    async with database.write() as session:
        change_id = await merging.merge(session, owner(acme), keep, drop)
    assert await answered(database, acme, "What is the return period?") == ["30 days."]
    async with database.write() as session:
        assert await merging.undo(session, owner(acme), change_id)
    kept_now = await entry_of(database, keep)
    assert kept_now is not None
    assert (kept_now.draft, kept_now.active, kept_now.alternatives) == (True, False, ["return period"])


async def test_what_was_changed_since_is_not_taken_back(database: Database, acme: Shop) -> None:
    keep, drop = await two(database, acme)
    async with database.write() as session:
        change_id = await merging.merge(session, owner(acme), keep, drop)
    async with database.write() as session:
        kept = await entries.entry_of(session, *acme.ids, keep)
        await entries.edit(session, kept, draft("How long can I return it?", "60 days.", "send back", "mine"))
    async with database.write() as session:
        assert await merging.undo(session, owner(acme), change_id)
    kept_now = await entry_of(database, keep)
    assert kept_now is not None
    assert (kept_now.answer, kept_now.alternatives) == ("60 days.", ["mine"])


async def test_both_are_right_is_kept_once_and_taken_back(database: Database, acme: Shop) -> None:
    one, other = await two(database, acme)

    async def settled() -> list[tuple[str, str]]:
        async with database.read() as session:
            return [(each.first, each.second) for each in await session.scalars(select(Dismissal))]

    async with database.write() as session:
        await merging.settle(session, owner(acme), other, one)
        change_id = await merging.settle(session, owner(acme), one, other)
    assert await settled() == [tuple(sorted((one, other)))]
    async with database.write() as session:
        assert await merging.undo(session, owner(acme), change_id)
        assert not await merging.undo(session, owner(acme), change_id)
    assert await settled() == []


async def test_r10_entries_of_another_are_neither_merged_nor_settled_nor_given_back(
    database: Database, acme: Shop, rival: Shop
) -> None:
    keep, drop = await two(database, acme)
    theirs = await added(database, rival, draft("What is the return period?", "Never."))
    for one, other in ((keep, theirs), (theirs, drop), (keep, keep)):
        async with database.write() as session:
            with pytest.raises(NotFound):
                await merging.merge(session, owner(acme), one, other)
    async with database.write() as session:
        with pytest.raises(NotFound):
            await merging.settle(session, owner(acme), keep, theirs)
        change_id = await merging.merge(session, owner(acme), keep, drop)
    async with database.write() as session:
        with pytest.raises(NotFound):
            await merging.undo(session, owner(rival), change_id)
        with pytest.raises(NotFound):
            await bulk.undo(session, owner(acme), change_id)
    assert await entry_of(database, theirs) is not None
