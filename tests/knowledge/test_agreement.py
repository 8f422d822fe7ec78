"""Entries that ask the same: compared once a version, whoever asks; and nobody waits for long."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from engine.db import Database
from knowledge import entries, merging
from knowledge.agreement import Agreement
from knowledge.changes import Owner
from knowledge.models import Entry
from tests.knowledge.conftest import Shop, draft

pytestmark = pytest.mark.anyio


async def stocked(database: Database, shop: Shop) -> None:
    async with database.write() as session:
        for question, answer in (
            ("When do you open?", "At 8:00."),
            ("When do you open", "At 9:00."),
            ("Do you rent plants?", "Yes."),
            ("do you rent plants", "Yes."),
        ):
            await entries.add(session, *shop.ids, draft(question, answer))


async def test_pairs_that_disagree_come_before_pairs_that_say_the_same(database: Database, acme: Shop) -> None:
    await stocked(database, acme)
    agreement = Agreement()
    found = await agreement.found(database, *acme.ids)
    assert [twins.disagree for twins in found.twins] == [True, False]
    assert (found.stale, found.compared, found.total) == (False, 4, 4)
    assert agreement.disagreeing(*acme.ids) == 1


async def test_a_pair_that_was_settled_is_left_out_and_comes_back_with_undo(database: Database, acme: Shop) -> None:
    await stocked(database, acme)
    agreement, owner = Agreement(), Owner(*acme.ids)
    first = (await agreement.found(database, *acme.ids)).twins[0]
    async with database.write() as session:
        change_id = await merging.settle(session, owner, first.first, first.second)
    assert [twins.disagree for twins in (await agreement.found(database, *acme.ids)).twins] == [False]
    # Another process, or this one after a change, compares without the pair; undo brings it back there too.
    fresh = Agreement()
    assert len((await fresh.found(database, *acme.ids)).twins) == 1
    async with database.write() as session:
        assert await merging.undo(session, owner, change_id)
    for each in (agreement, fresh):
        assert len((await each.found(database, *acme.ids)).twins) == 2


async def test_entries_that_are_off_are_not_compared_and_drafts_are(database: Database, acme: Shop) -> None:
    await stocked(database, acme)
    async with database.write() as session:
        found = {each.question: each for each in await session.scalars(select(Entry))}
        found["When do you open"].active, found["When do you open"].draft = False, True
        found["do you rent plants"].active = False
    twins = (await Agreement().found(database, *acme.ids)).twins
    assert [each.disagree for each in twins] == [True]


class Slow(Agreement):
    """Waits for nobody."""

    def __init__(self) -> None:
        super().__init__(patience=0.0)
        self.compared = 0

    async def _compare(self, *asked: Any) -> Any:
        self.compared += 1
        return await super()._compare(*asked)

    async def settled(self) -> None:
        while at_work := [*self._at_work.values()]:
            await asyncio.wait(at_work)


async def test_who_will_not_wait_is_told_what_was_found_before_and_later_what_is(
    database: Database, acme: Shop
) -> None:
    agreement = Slow()
    await stocked(database, acme)
    first = await agreement.found(database, *acme.ids)
    assert (first.stale, first.twins) == (True, ())
    await agreement.settled()
    assert len((await agreement.found(database, *acme.ids)).twins) == 2
    async with database.write() as session:
        await entries.add(session, *acme.ids, draft("When do you open??", "At 10:00."))
    then = await agreement.found(database, *acme.ids)
    assert (then.stale, len(then.twins)) == (True, 2)
    await agreement.settled()
    now = await agreement.found(database, *acme.ids)
    assert (now.stale, len(now.twins)) == (False, 4)


async def test_however_many_ask_the_entries_are_compared_once_a_version(database: Database, acme: Shop) -> None:
    await stocked(database, acme)
    agreement = Slow()
    await asyncio.gather(*(agreement.found(database, *acme.ids) for _ in range(5)))
    await agreement.settled()
    assert not (await agreement.found(database, *acme.ids)).stale
    assert agreement.compared == 1


async def test_r10_another_workspace_finds_nothing(database: Database, acme: Shop, rival: Shop) -> None:
    await stocked(database, acme)
    assert len((await Agreement().found(database, *acme.ids)).twins) == 2
    assert (await Agreement().found(database, rival.workspace_id, acme.domain_id)).twins == ()
    assert (await Agreement().found(database, *rival.ids)).total == 0
