"""Many entries at once, each step taken back (R10: only one's own)."""

import asyncio

import pytest
from sqlalchemy import select, update

from engine.db import Database, new_id
from engine.ports import Missed
from knowledge import bulk, deletion, entries, gaps, port
from knowledge.changes import Owner
from knowledge.entries import Draft, Invalid, NotFound
from knowledge.models import Dismissal, Entry, Example, Gap, Removal
from tests.knowledge.conftest import Shop, draft, version_of

pytestmark = pytest.mark.anyio


async def stocked(database: Database, shop: Shop, *questions: str) -> list[str]:
    async with database.write() as session:
        return [(await entries.add(session, *shop.ids, draft(q))).id for q in questions or ("One", "Two", "Three")]


async def rows(database: Database) -> list[Entry]:
    async with database.read() as session:
        return list(await session.scalars(select(Entry).order_by(Entry.position, Entry.id)))


async def test_entries_are_turned_off_and_on_and_each_step_is_taken_back(database: Database, acme: Shop) -> None:
    ids, by = await stocked(database, acme), Owner(*acme.ids)
    async with database.write() as session:
        count, change_id = await bulk.turn(session, by, [*ids[:2], new_id()], on=False)
        assert await bulk.turn(session, by, ids[:2], on=False) == (0, None)
    assert (count, [entry.active for entry in await rows(database)]) == (2, [False, False, True])
    assert {e.version for e in await rows(database) if not e.active} == {await version_of(database, acme) - 1}
    assert change_id
    async with database.write() as session:
        assert await bulk.undo(session, by, change_id) == 2
        assert await bulk.undo(session, by, change_id) == 0
    assert all(entry.active for entry in await rows(database))


async def test_turning_on_publishes_no_draft_and_publishing_does(database: Database, acme: Shop) -> None:
    ids, by = await stocked(database, acme), Owner(*acme.ids)
    async with database.write() as session:
        await session.execute(update(Entry).where(Entry.id == ids[0]).values(draft=True, active=False))
    async with database.write() as session:
        assert await bulk.turn(session, by, ids, on=True) == (0, None)
        assert (await bulk.publish(session, by, ids))[0] == 1
    assert [(entry.draft, entry.active) for entry in await rows(database)] == [(False, True)] * 3


async def test_a_category_is_set_and_set_back_where_nobody_set_another_since(database: Database, acme: Shop) -> None:
    ids, by = await stocked(database, acme), Owner(*acme.ids)
    async with database.write() as session:
        _, change_id = await bulk.categorise(session, by, ids, " Care ")
        await bulk.categorise(session, by, ids[:1], "Other")
        with pytest.raises(Invalid):
            await bulk.categorise(session, by, ids, "x" * 101)
    assert [entry.category for entry in await rows(database)] == ["Other", "Care", "Care"]
    assert change_id
    async with database.write() as session:
        assert await bulk.undo(session, by, change_id) == 2
    assert [entry.category for entry in await rows(database)] == ["Other", "", ""]


async def test_what_was_deleted_comes_back_whole_with_its_ties(database: Database, acme: Shop) -> None:
    by, first, second = Owner(*acme.ids), Draft("Fern?", "Water it.", ("ferns",), "Care", "de", "/fern", False), "Pots?"
    async with database.write() as session:
        fern = await entries.add(session, *acme.ids, first, source="csv:1")
        pots = await entries.add(session, *acme.ids, draft(second))
        pair = sorted((fern.id, pots.id))
        session.add(Example(workspace_id=acme.workspace_id, domain_id=acme.domain_id, text="f?", entry_id=fern.id))
        session.add(Dismissal(first=pair[0], second=pair[1], workspace_id=acme.workspace_id))
        await gaps.file_gaps(session, [Missed(*acme.ids, acme.room_id, new_id(), "Fern??")])
        (gap,) = await gaps.listing(session, *acme.ids)
        await gaps.answer(session, *acme.ids, [gap.id], fern.id)
    before = {c.name: getattr(fern, c.name) for c in Entry.__table__.columns if c.name != "version"}
    async with database.write() as session:
        count, change_id = await deletion.remove(session, by, [fern.id])
    assert count == 1
    assert change_id
    async with database.read() as session:
        assert [r.entry_id for r in await session.scalars(select(Removal))] == [fern.id]
        assert await session.scalar(select(Example)) is None
    async with database.write() as session:
        assert await bulk.undo(session, by, change_id) == 1
        assert await bulk.undo(session, by, change_id) == 0
    async with database.read() as session:
        back = await entries.entry_of(session, *acme.ids, fern.id)
        assert {name: getattr(back, name) for name in before} == before
        assert back.version == await session.scalar(select(Entry.version).order_by(Entry.version.desc()).limit(1))
        assert await session.scalar(select(Removal)) is None
        assert [e.entry_id for e in await session.scalars(select(Example))] == [fern.id]
        assert await session.scalar(select(Gap.entry_id)) == fern.id
        assert await session.scalar(select(Dismissal.first)) == pair[0]


async def test_a_bot_forgets_what_is_deleted_and_knows_again_what_came_back(database: Database, acme: Shop) -> None:
    ids, by = await stocked(database, acme, "Do you repot ferns?", "Where are you?"), Owner(*acme.ids)

    async def knows() -> list[str]:
        recall = await port.recall(database, acme.ask("Do you repot ferns?", await version_of(database, acme)))
        return [fact.id for fact in recall.facts if fact.question == "Do you repot ferns?"]

    assert await knows() == ids[:1]
    async with database.write() as session:
        _, change_id = await deletion.remove(session, by, ids[:1])
    assert await knows() == []
    assert change_id
    async with database.write() as session:
        await bulk.undo(session, by, change_id)
    assert await knows() == ids[:1]


async def test_an_entry_is_put_in_its_place(database: Database, acme: Shop) -> None:
    ids, by = await stocked(database, acme, "a", "b", "c", "d"), Owner(*acme.ids)

    async def put(entry_id: str, place: int) -> tuple[int, str]:
        async with database.write() as session:
            at = (await bulk.place(session, by, entry_id, place)).place
        return at, "".join(entry.question for entry in await rows(database))

    assert await put(ids[3], 1) == (1, "dabc")
    assert await put(ids[0], 99) == (4, "dbca")
    assert await put(ids[1], -5) == (1, "bdca")
    assert await put(ids[1], 1) == (1, "bdca")


async def test_an_entry_goes_up_and_down_by_one_and_every_move_is_taken_back(database: Database, acme: Shop) -> None:
    ids, by = await stocked(database, acme, "a", "b", "c", "d"), Owner(*acme.ids)

    async def order() -> str:
        return "".join(entry.question for entry in await rows(database))

    async with database.write() as session:
        moved = await bulk.shift(session, by, ids[2], -1)
    assert (moved.place, await order()) == (2, "acbd")
    assert moved.change_id
    async with database.write() as session:
        stayed = await bulk.shift(session, by, ids[0], -1)
    assert (stayed.place, stayed.change_id) == (1, None)
    async with database.write() as session:
        assert await bulk.undo(session, by, moved.change_id) == 1
    assert await order() == "abcd"


async def test_some_are_put_first_in_the_order_they_had_and_go_back(database: Database, acme: Shop) -> None:
    ids, by = await stocked(database, acme, "a", "b", "c", "d", "e"), Owner(*acme.ids)
    async with database.write() as session:
        count, change_id = await bulk.put_first(session, by, [ids[4], ids[2]])
    assert count == 2
    assert change_id
    assert "".join(entry.question for entry in await rows(database)) == "ceabd"
    async with database.write() as session:
        assert await bulk.put_first(session, by, [ids[2], ids[4]]) == (0, None)
    async with database.write() as session:
        assert await bulk.undo(session, by, change_id) == 2
    assert "".join(entry.question for entry in await rows(database)) == "abcde"


async def test_everybody_who_moves_at_once_is_heard(database: Database, acme: Shop) -> None:
    ids = await stocked(database, acme, *"abcdef")

    async def put(entry_id: str, place: int) -> None:
        async with database.write() as session:
            await bulk.place(session, Owner(*acme.ids), entry_id, place)

    await asyncio.gather(*(put(entry_id, n) for n, entry_id in enumerate(ids)))
    assert [entry.position for entry in await rows(database)] == list(range(6))


async def test_r10_nobody_changes_the_entries_of_another(database: Database, acme: Shop, rival: Shop) -> None:
    ids, foreign = await stocked(database, acme), Owner(*rival.ids)
    async with database.write() as session:
        assert await bulk.turn(session, foreign, ids, on=False) == (0, None)
        assert await bulk.categorise(session, foreign, ids, "Ours") == (0, None)
        assert await deletion.remove(session, foreign, ids) == (0, None)
        with pytest.raises(NotFound):
            await bulk.place(session, foreign, ids[0], 1)
    async with database.write() as session:
        assert await bulk.put_first(session, foreign, ids) == (0, None)
        with pytest.raises(NotFound):
            await bulk.shift(session, foreign, ids[0], 1)
    async with database.write() as session:
        with pytest.raises(NotFound):
            await bulk.turn(session, Owner(rival.workspace_id, acme.domain_id), ids, on=False)
    async with database.write() as session:
        _, change_id = await deletion.remove(session, Owner(*acme.ids), ids)
    assert change_id
    async with database.write() as session:
        with pytest.raises(NotFound):
            await bulk.undo(session, foreign, change_id)
    assert await rows(database) == []
