"""Gaps that are closed, and opened again: once, whoever else is at it, and only one's own (R10)."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import Database, new_id
from engine.models import AuditEvent
from engine.ports import Missed
from knowledge import closing, entries, gaps
from knowledge.changes import Owner
from knowledge.closing import Closed
from knowledge.entries import Draft, Invalid, NotFound
from knowledge.models import Entry, Gap
from tests.knowledge.conftest import Shop, draft, version_of

pytestmark = pytest.mark.anyio

ASKED = ["Do you rent plants?", "plant rental", "can I hire plants for a wedding", "Do you rent plants?"]


def owner(shop: Shop) -> Owner:
    return Owner(*shop.ids)


async def filed(database: Database, shop: Shop, *texts: str) -> list[str]:
    async with database.write() as session:
        await gaps.file_gaps(session, [Missed(*shop.ids, shop.room_id, new_id(), text) for text in texts or ASKED])
    async with database.read() as session:
        return [gap.id for gap in await gaps.listing(session, *shop.ids)]


async def stands(database: Database, *statuses: str) -> bool:
    async with database.read() as session:
        return sorted(await session.scalars(select(Gap.status))) == sorted(statuses)


async def entry_in(database: Database, shop: Shop, written: Draft) -> str:
    async with database.write() as session:
        return (await entries.add(session, *shop.ids, written)).id


async def alternatives(database: Database, entry_id: str) -> list[str]:
    async with database.read() as session:
        return await session.scalar(select(Entry.alternatives).where(Entry.id == entry_id)) or []


async def test_a_rated_gap_keeps_its_reason(database: Database, acme: Shop) -> None:
    rated = Missed(*acme.ids, acme.room_id, new_id(), "Is it free?", "rated")
    async with database.write() as session:
        await gaps.file_gaps(session, [rated, Missed(*acme.ids, acme.room_id, new_id(), "Is it blue?")])
    async with database.read() as session:
        found, total = await gaps.open_ones(session, *acme.ids)
    assert {(gap.text, gap.reason) for gap in found} == {("Is it free?", "rated"), ("Is it blue?", "unsure")}
    assert total == 2
    assert {gap.room_id for gap in found} == {acme.room_id}
    async with database.read() as session:
        newest, total = await gaps.open_ones(session, *acme.ids, limit=1)
    assert (len(newest), total) == (1, 2)


async def test_a_draft_answers_its_gaps_and_undo_opens_them_again(database: Database, acme: Shop) -> None:
    ids = await filed(database, acme)
    async with database.write() as session:
        done = await closing.draft(session, owner(acme), ids, draft("Do you rent plants?", "Yes.", "plant rental"))
    assert done.gaps == 4
    assert done.entry_id
    assert done.change_id
    assert await stands(database, *["answered"] * 4)
    async with database.write() as session:
        assert await closing.undo(session, owner(acme), done.change_id) == 4
    assert await stands(database, *["open"] * 4)
    async with database.read() as session:
        assert await entries.listing(session, *acme.ids) == []
    async with database.write() as session:
        assert await closing.undo(session, owner(acme), done.change_id) == 0


async def test_a_draft_with_a_fault_closes_nothing(database: Database, acme: Shop) -> None:
    ids = await filed(database, acme)
    async with database.write() as session:
        with pytest.raises(Invalid):
            await closing.draft(session, owner(acme), ids, draft("Do you rent plants?", " "))
    assert await stands(database, *["open"] * 4)


async def test_merging_adds_the_words_that_are_new_and_undo_takes_just_those_out(
    database: Database, acme: Shop
) -> None:
    entry_id = await entry_in(database, acme, draft("Can I rent plants?", "Yes.", "Plant rental!"))
    ids = await filed(database, acme)
    before = await version_of(database, acme)
    async with database.write() as session:
        done = await closing.merge(session, owner(acme), ids, entry_id)
    assert set(done.phrasings) == {"Do you rent plants?", "can I hire plants for a wedding"}
    assert await alternatives(database, entry_id) == ["Plant rental!", *done.phrasings]
    assert await version_of(database, acme) > before
    assert done.change_id
    async with database.write() as session:
        assert await closing.undo(session, owner(acme), done.change_id) == 4
    assert await alternatives(database, entry_id) == ["Plant rental!"]
    assert await stands(database, *["open"] * 4)


async def test_merging_many_adds_a_few_that_differ(database: Database, acme: Shop) -> None:
    entry_id = await entry_in(database, acme, draft("Do you rent plants?"))
    many = [f"Do you rent {kind} number {n}?" for kind in ("palms", "ferns", "cacti") for n in range(20)]
    ids = await filed(database, acme, *many, "x" * 600)
    async with database.write() as session:
        done = await closing.merge(session, owner(acme), ids, entry_id)
    assert done.gaps == 61
    assert len(done.phrasings) == closing.MOST_MERGED
    assert len({phrasing.split()[3] for phrasing in done.phrasings}) >= 2


async def test_dismissing_and_marking_are_taken_back_too(database: Database, acme: Shop) -> None:
    entry_id = await entry_in(database, acme, draft("Do you rent plants?"))
    ids = await filed(database, acme)
    async with database.write() as session:
        dismissed = await closing.dismiss(session, owner(acme), ids[:2])
        marked = await closing.mark_answered(session, owner(acme), ids, entry_id)
    assert (dismissed.gaps, marked.gaps) == (2, 2)
    assert await stands(database, "answered", "answered", "dismissed", "dismissed")
    for done in (dismissed, marked):
        assert done.change_id
        async with database.write() as session:
            assert await closing.undo(session, owner(acme), done.change_id) == 2
    assert await stands(database, *["open"] * 4)


Step = Callable[[AsyncSession, Owner, list[str], str], Awaitable[Closed]]


async def _drafted(session: AsyncSession, by: Owner, ids: list[str], entry_id: str) -> Closed:
    return await closing.draft(session, by, ids, draft("Do you rent plants at all?", "Yes."))


async def _dismissed(session: AsyncSession, by: Owner, ids: list[str], entry_id: str) -> Closed:
    return await closing.dismiss(session, by, ids)


STEPS: list[Step] = [_drafted, closing.merge, closing.mark_answered, _dismissed]


@pytest.mark.parametrize("step", STEPS)
async def test_a_step_done_twice_happens_once_and_is_logged_once(database: Database, acme: Shop, step: Step) -> None:
    entry_id = await entry_in(database, acme, draft("Can I rent plants?"))
    ids = await filed(database, acme)
    done: list[Closed] = []
    for _ in range(2):
        async with database.write() as session:
            done.append(await step(session, owner(acme), ids, entry_id))
    assert [one.gaps for one in done] == [4, 0]
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(AuditEvent)) == 1


async def test_of_many_owners_at_once_each_gap_goes_to_one(database: Database, acme: Shop) -> None:
    entry_id = await entry_in(database, acme, draft("Can I rent plants?"))
    ids = await filed(database, acme, *(f"Question {n}?" for n in range(30)))

    async def act(n: int) -> int:
        async with database.write() as session:
            step = STEPS[n % len(STEPS)]
            done = await step(session, owner(acme), ids[n : n + 20] if n % 2 else ids[::-1][n : n + 20], entry_id)
            return done.gaps

    moved = await asyncio.gather(*(act(n) for n in range(8)))
    async with database.read() as session:
        closed = await session.scalar(select(func.count()).select_from(Gap).where(Gap.status != "open"))
        logged = list(await session.scalars(select(AuditEvent.detail)))
    assert sum(moved) == closed
    assert sorted(id for detail in logged for id in detail["gaps"]) == sorted({i for d in logged for i in d["gaps"]})


@pytest.mark.parametrize("step", STEPS)
async def test_r10_nobody_closes_the_gaps_of_another_or_into_anothers_entry(
    database: Database, acme: Shop, rival: Shop, step: Step
) -> None:
    ours = await entry_in(database, acme, draft("Can I rent plants?"))
    theirs = await entry_in(database, rival, draft("Can I rent plants?"))
    ids = await filed(database, acme)
    async with database.write() as session:
        assert (await step(session, owner(rival), ids, theirs)).gaps == 0
    assert await stands(database, *["open"] * 4)
    if step in (closing.merge, closing.mark_answered):
        async with database.write() as session:
            with pytest.raises(NotFound):
                await step(session, owner(acme), ids, theirs)
    async with database.write() as session:
        done = await step(session, owner(acme), ids, ours)
    assert done.gaps == 4
    assert done.change_id
    async with database.write() as session:
        with pytest.raises(NotFound):
            await closing.undo(session, owner(rival), done.change_id)


async def test_undo_leaves_what_was_changed_since(database: Database, acme: Shop) -> None:
    entry_id = await entry_in(database, acme, draft("Can I rent plants?"))
    ids = await filed(database, acme)
    async with database.write() as session:
        done = await closing.merge(session, owner(acme), ids, entry_id)
        entry = await entries.entry_of(session, *acme.ids, entry_id)
        await entries.edit(session, entry, draft("Can I rent plants?", "Yes.", "renting", done.phrasings[0]))
    assert done.change_id
    async with database.write() as session:
        await closing.undo(session, owner(acme), done.change_id)
    assert await alternatives(database, entry_id) == ["renting"]
