"""The FAQ as the Help tab reads it: grouped, searched while typing, and what readers thought of it."""

from dataclasses import replace

import pytest

from engine.db import Database, new_id
from knowledge import entries, port, topics
from knowledge.shelves import Shelves
from tests.knowledge.conftest import Shop, draft, version_of

pytestmark = pytest.mark.anyio
FAQ = (
    ("How long does delivery take?", "Orders", "2 days, to most places."),
    ("How can I pay?", "Money", "By card."),
    ("Where do you deliver?", "Orders", "Within Europe."),
    ("What is your return policy?", "Money", "You have 30 days."),
)


async def stock(database: Database, shop: Shop) -> dict[str, str]:
    """FAQ in the shop; question → id."""
    found = {}
    async with database.write() as session:
        for question, category, answer in FAQ:
            written = replace(draft(question, answer), category=category)
            entry = await entries.add(session, *shop.ids, written)
            found[question] = entry.id
    return found


async def asked(database: Database, shop: Shop, text: str = "") -> list[str]:
    ask = shop.ask(text, await version_of(database, shop))
    found = await (topics.search(database, Shelves(), ask) if text else topics.listing(database, ask))
    return [topic.question for topic in found]


async def test_the_list_keeps_the_owners_order_and_each_category_together(database: Database, acme: Shop) -> None:
    await stock(database, acme)
    assert await asked(database, acme) == [FAQ[0][0], FAQ[2][0], FAQ[1][0], FAQ[3][0]]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("d", FAQ[0][0]),
        ("deliv", FAQ[2][0]),
        ("delivry take", FAQ[0][0]),
        ("retrun", FAQ[3][0]),
        ("retunr polcy", FAQ[3][0]),
        ("HOW CAN I PAY", FAQ[1][0]),
        ("orders", FAQ[0][0]),
    ],
)
async def test_half_a_word_a_wrong_letter_and_a_category_are_found(
    database: Database, acme: Shop, typed: str, first: str
) -> None:
    await stock(database, acme)
    assert (await asked(database, acme, typed))[0] == first


@pytest.mark.parametrize("typed", ["unicorns", "%", "_", "'; DROP TABLE entries; --", "\N{PILE OF POO}", "zzz " * 60])
async def test_what_nothing_is_about_finds_nothing(database: Database, acme: Shop, typed: str) -> None:
    await stock(database, acme)
    assert await asked(database, acme, typed) == []


async def test_r10_only_the_active_entries_of_this_domain_are_read(database: Database, acme: Shop, rival: Shop) -> None:
    ids = await stock(database, acme)
    theirs = await stock(database, rival)
    question = FAQ[0][0]
    async with database.write() as session:
        assert (await topics.one(session, acme.domain_id, ids[question])) is not None
        assert (await topics.one(session, acme.domain_id, theirs[question])) is None
        assert (await topics.one(session, acme.domain_id, "\0")) is None
        assert not await topics.mark_helpful(session, acme.domain_id, theirs[question], "v" * 32, True)
        hidden = await entries.entry_of(session, *acme.ids, ids[question])
        await entries.edit(session, hidden, replace(entries.draft_of(hidden), active=False))
    async with database.read() as session:
        assert (await topics.one(session, acme.domain_id, ids[question])) is None
    assert question not in await asked(database, acme)
    assert question not in await asked(database, acme, "delivery take")
    assert question in await asked(database, rival, "delivery take")
    crossed = replace(rival.ask("delivery", 1), workspace_id=acme.workspace_id)
    assert await topics.listing(database, crossed) == ()
    assert await port.topics(database, crossed) == ()


async def test_a_second_word_of_the_same_reader_replaces_the_first(database: Database, acme: Shop, rival: Shop) -> None:
    ids = await stock(database, acme)
    first, second = ids[FAQ[0][0]], ids[FAQ[1][0]]
    words = [(first, "a", False), (first, "b", True), (first, "a", True), (second, "a", False)]
    for entry_id, voter, good in words:
        async with database.write() as session:
            assert await port.mark_helpful(session, acme.domain_id, entry_id, voter * 32, good)
    async with database.read() as session:
        tallies = await topics.tallies(session, *acme.ids)
        assert await topics.tallies(session, *rival.ids) == []
        assert await topics.tallies(session, rival.workspace_id, acme.domain_id) == []
    assert [(each.entry_id, each.good, each.bad) for each in tallies] == [(second, 0, 1), (first, 2, 0)]


async def test_nobody_can_speak_on_an_entry_that_is_not_there(database: Database, acme: Shop) -> None:
    async with database.write() as session:
        assert not await port.mark_helpful(session, acme.domain_id, new_id(), "v" * 32, True)
