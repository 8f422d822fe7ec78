import asyncio

import pytest

from engine.db import Database
from knowledge import entries
from knowledge.entries import Draft, Invalid, NotFound
from knowledge.models import Entry
from tests.knowledge.conftest import Shop, draft, version_of

pytestmark = pytest.mark.anyio


async def questions(database: Database, shop: Shop, search: str = "") -> list[str]:
    async with database.read() as session:
        return [entry.question for entry in await entries.listing(session, *shop.ids, search=search)]


async def add(database: Database, shop: Shop, *asked: str) -> list[Entry]:
    async with database.write() as session:
        return [await entries.add(session, *shop.ids, draft(question)) for question in asked]


async def test_entries_stand_in_the_order_they_were_added(database: Database, acme: Shop) -> None:
    await add(database, acme, "First?", "Second?", "Third?")
    assert await questions(database, acme) == ["First?", "Second?", "Third?"]


async def test_every_change_raises_the_knowledge_version(database: Database, acme: Shop) -> None:
    (entry,) = await add(database, acme, "First?")
    assert await version_of(database, acme) == 1
    async with database.write() as session:
        mine = await entries.entry_of(session, *acme.ids, entry.id)
        await entries.edit(session, mine, draft("Changed?"))
        await entries.reorder(session, *acme.ids, [entry.id])
        await entries.remove(session, mine)
    assert await version_of(database, acme) == 4
    assert await questions(database, acme) == []


async def test_a_change_rolled_back_leaves_the_version(database: Database, acme: Shop) -> None:
    async with database.write() as session:
        await entries.add(session, *acme.ids, draft("First?"))
        await session.rollback()
    assert await version_of(database, acme) == 0
    assert await questions(database, acme) == []


async def test_a_foreign_entry_and_an_absent_one_are_the_same_not_found(
    database: Database, acme: Shop, rival: Shop
) -> None:
    (entry,) = await add(database, acme, "Ours?")
    async with database.read() as session:
        assert (await entries.entry_of(session, *acme.ids, entry.id)).question == "Ours?"
        for ids in (rival.ids, (rival.workspace_id, acme.domain_id), (acme.workspace_id, rival.domain_id)):
            with pytest.raises(NotFound):
                await entries.entry_of(session, *ids, entry.id)
        with pytest.raises(NotFound):
            await entries.entry_of(session, *acme.ids, "0" * 32)


async def test_nothing_is_added_to_a_domain_of_another_workspace(database: Database, acme: Shop, rival: Shop) -> None:
    async with database.write() as session:
        with pytest.raises(NotFound):
            await entries.add(session, rival.workspace_id, acme.domain_id, draft("Mine now?"))
    assert await questions(database, acme) == []
    assert await version_of(database, acme) == 0


async def test_reordering_puts_the_named_first_and_refuses_foreign_ones(
    database: Database, acme: Shop, rival: Shop
) -> None:
    first, second, third = await add(database, acme, "A?", "B?", "C?")
    (foreign,) = await add(database, rival, "X?")
    async with database.write() as session:
        await entries.reorder(session, *acme.ids, [third.id, first.id])
    assert await questions(database, acme) == ["C?", "A?", "B?"]
    with pytest.raises(NotFound):
        async with database.write() as session:
            await entries.reorder(session, *acme.ids, [second.id, foreign.id])
    assert await questions(database, acme) == ["C?", "A?", "B?"]


async def test_two_adding_at_once_get_two_positions(database: Database, acme: Shop) -> None:
    await asyncio.gather(*(add(database, acme, f"Question {i}?") for i in range(5)))
    async with database.read() as session:
        positions = [entry.position for entry in await entries.listing(session, *acme.ids)]
    assert positions == [0, 1, 2, 3, 4]
    assert await version_of(database, acme) == 5


async def test_search_ignores_case_and_takes_wildcards_literally(database: Database, acme: Shop) -> None:
    await add(database, acme, "How much is DELIVERY?", "Do I get 10% off?", "Where are you?")
    assert await questions(database, acme, "delivery") == ["How much is DELIVERY?"]
    assert await questions(database, acme, "%") == ["Do I get 10% off?"]
    assert await questions(database, acme, "\0\ud800") == []


async def test_what_no_database_holds_is_cleaned_away_first(database: Database, acme: Shop) -> None:
    written = Draft("  Nul\0l\n and \ud800? ", "\0Answer\r\nline", ("", " twice", "twice ", "\0"))
    async with database.write() as session:
        await entries.add(session, *acme.ids, written)
    async with database.read() as session:
        (entry,) = await entries.listing(session, *acme.ids)
    assert (entry.question, entry.answer) == ("Null and \ufffd?", "Answer\nline")
    assert entry.alternatives == ["twice"]


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        (Draft("", "Answer"), "question"),
        (Draft("Q" * 501, "Answer"), "question"),
        (Draft("Q?", " \0 "), "answer"),
        (Draft("Q?", "A" * 20_001), "answer"),
        (Draft("Q?", "A", alternatives=("x" * 501,)), "alternatives"),
        (Draft("Q?", "A", alternatives=tuple(str(i) for i in range(201))), "alternatives"),
        (Draft("Q?", "A", category="c" * 101), "category"),
        (Draft("Q?", "A", locale="x" * 36), "locale"),
        (Draft("Q?", "A", url="javascript:alert(1)"), "url"),
    ],
)
def test_a_draft_that_cannot_be_kept_says_which_field_and_why(broken: Draft, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        entries.checked(broken)
    assert list(refused.value.faults) == [field]
    assert refused.value.faults[field].endswith(".")
