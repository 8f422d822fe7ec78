"""What a process keeps of the domains it was asked about: mended entry by entry, learnt anew behind, within a bound."""

import asyncio
import random

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import Database, Unreachable
from engine.models import Domain
from knowledge import entries, port, ranking
from knowledge.judging import Judge
from knowledge.models import Entry, KnowledgeSettings
from knowledge.shelf import Shelf
from knowledge.shelves import Shelves
from tests.knowledge.conftest import Shop, draft, version_of

pytestmark = pytest.mark.anyio

TOPICS = (
    "delivery", "returns", "warranty", "payment", "invoices", "vouchers", "gift wrapping", "opening hours", "parking",
    "plant care", "watering", "repotting", "fertiliser", "pots", "seeds", "subscriptions", "newsletter", "privacy",
)  # fmt: skip
WAYS = ("How does {} work?", "Tell me about {}", "What do I need to know about {}?", "Is there anything on {}?")


async def shelf_of(shelves: Shelves, database: Database, shop: Shop) -> Shelf:
    return await shelves.get(database, *shop.ids, await version_of(database, shop))


async def add(database: Database, shop: Shop, *drafts: entries.Draft) -> list[str]:
    async with database.write() as session:
        return [(await entries.add(session, *shop.ids, one)).id for one in drafts]


def first(shelf: Shelf, question: str) -> str | None:
    found = ranking.rank(shelf.index, question).candidates
    return shelf.facts[found[0].id].question if found else None


async def test_a_change_of_any_kind_mends_what_is_there_instead_of_reading_everything(
    database: Database, acme: Shop
) -> None:
    kept, other = await add(database, acme, draft("How long does delivery take?"), draft("Do you ship cactuses?"))
    shelves = Shelves()
    before = await shelf_of(shelves, database, acme)
    assert before.index.stale == 0
    async with database.write() as session:
        await entries.add(session, *acme.ids, draft("Where do I park my zeppelin?"))
        await entries.edit(session, await entries.entry_of(session, *acme.ids, kept), draft("When will it arrive?"))
        await entries.remove(session, await entries.entry_of(session, *acme.ids, other))
    after = await shelf_of(shelves, database, acme)
    assert after.index.stale > 0  # mended
    assert first(after, "zeppelin") == "Where do I park my zeppelin?"
    assert set(after.facts) == {kept, *(i for i, fact in after.facts.items() if "zeppelin" in fact.question)}
    assert after.facts[kept].question == "When will it arrive?"
    await shelves.settled()
    learnt = await shelf_of(shelves, database, acme)
    assert learnt.index.stale == 0
    assert (first(learnt, "zeppelin"), learnt.facts) == ("Where do I park my zeppelin?", after.facts)


@pytest.mark.parametrize("seed", range(4))
async def test_after_any_changes_a_mended_shelf_knows_what_a_fresh_one_knows(
    database: Database, acme: Shop, seed: int
) -> None:
    chance = random.Random(seed)
    mended = Shelves()
    asked: list[str] = []
    for _ in range(12):
        async with database.write() as session:
            there = list(await session.scalars(select(Entry).where(Entry.domain_id == acme.domain_id)))
            for _ in range(chance.randint(1, 3)):
                await _change(session, acme, there, chance, asked)
        shelf = await shelf_of(mended, database, acme)
        fresh = await shelf_of(Shelves(), database, acme)
        assert shelf.facts == fresh.facts
        assert shelf.places == fresh.places
        assert shelf.popular == fresh.popular
        known = {fact.question for fact in fresh.facts.values()}
        for question in asked:
            if question in known:
                assert first(shelf, question) == question == first(fresh, question)
            else:  # nothing here answers it: what comes nearest may differ until everything is learnt anew
                assert first(shelf, question) in known | {None}
    await mended.settled()


async def _change(
    session: AsyncSession, acme: Shop, there: list[Entry], chance: random.Random, asked: list[str]
) -> None:
    topic = chance.choice(TOPICS)
    question = chance.choice(WAYS).format(topic)
    match chance.choice(["add", "add", "edit", "remove", "off", "on", "order"]):
        case "add":
            there.append(await entries.add(session, *acme.ids, draft(question, f"All about {topic}.")))
            asked.append(question)
        case "edit" if there:
            await entries.edit(session, chance.choice(there), draft(question, f"News about {topic}."))
            asked.append(question)
        case "remove" if there:
            await entries.remove(session, there.pop(chance.randrange(len(there))))
        case "off" | "on" as turned if there:
            entry = chance.choice(there)
            changed = entries.Draft(entry.question, entry.answer, active=turned == "on")
            await entries.edit(session, entry, changed)
        case "order" if there:
            await entries.reorder(session, *acme.ids, [chance.choice(there).id])


async def test_who_asks_for_an_older_version_gets_what_is_there(database: Database, acme: Shop) -> None:
    await add(database, acme, draft("How long does delivery take?"))
    shelves = Shelves()
    newest = await shelf_of(shelves, database, acme)
    assert newest.version > 0
    assert await shelves.get(database, *acme.ids, newest.version - 1) is newest


async def test_an_owners_caution_is_followed_from_the_next_question_on(database: Database, acme: Shop) -> None:
    await add(database, acme, draft("How long does delivery take?"))
    shelves = Shelves()
    assert (await shelf_of(shelves, database, acme)).used.caution == 50
    async with database.write() as session:
        await entries.bump(session, *acme.ids)
        session.add(KnowledgeSettings(domain_id=acme.domain_id, workspace_id=acme.workspace_id, caution=90))
    assert (await shelf_of(shelves, database, acme)).used.caution == 90


async def test_r10_a_pair_that_does_not_belong_together_has_an_empty_shelf(
    database: Database, acme: Shop, rival: Shop
) -> None:
    await add(database, acme, draft("How long does delivery take?"))
    shelves = Shelves()
    assert len((await shelf_of(shelves, database, acme)).facts) == 1
    foreign = await shelves.get(database, rival.workspace_id, acme.domain_id, 0)
    assert (foreign.facts, foreign.version) == ({}, 0)


async def test_the_shelves_keep_within_their_bytes_and_the_one_unused_for_longest_goes(
    database: Database, acme: Shop, rival: Shop
) -> None:
    texts = [draft(way.format(topic), "An answer. " * 200) for topic in TOPICS for way in WAYS]
    await add(database, acme, *texts)
    await add(database, rival, draft("Do you sell unicorns?"))
    one = await shelf_of(Shelves(), database, acme)
    assert one.nbytes > sum(len(text.answer) for text in texts)
    shelves = Shelves(most=one.nbytes + 1_000)
    big = await shelf_of(shelves, database, acme)
    assert shelves.held() <= shelves.most
    small = await shelf_of(shelves, database, rival)
    assert shelves.held() == small.nbytes  # the older one went
    again = await shelf_of(shelves, database, acme)
    assert again is not big
    assert again.facts == big.facts


async def test_questions_that_come_together_load_once(database: Database, acme: Shop) -> None:
    await add(database, acme, draft("How long does delivery take?"))
    shelves = Shelves()
    found = await asyncio.gather(*(shelf_of(shelves, database, acme) for _ in range(20)))
    assert len({id(shelf) for shelf in found}) == 1


async def test_what_leans_on_the_question_before_is_read_with_it(database: Database, acme: Shop) -> None:
    await add(
        database,
        acme,
        draft("What are your opening hours from Monday to Friday?", "Nine to six."),
        draft("What are your opening hours on Sunday?", "Closed on Sunday."),
        draft("Do you deliver on Sunday?", "No parcels on Sunday."),
        draft("How much is delivery?", "4.90 EUR"),
        draft("Can I return a plant?", "Within 30 days."),
    )
    ask = acme.ask("and on Sunday?", await version_of(database, acme))
    after_hours = await port.judged(database, ask, ["When are you open?", "Hello"])
    after_delivery = await port.judged(database, ask, ["How much is the delivery?"])
    assert after_hours.facts[0].question == "What are your opening hours on Sunday?"
    assert after_delivery.facts[0].question == "Do you deliver on Sunday?"
    alone = acme.ask("Can I return a plant?", ask.version)
    assert (await port.judged(database, alone, ["When are you open?"])).text == alone.text


async def test_a_database_that_is_away_breaks_nothing_that_is_there(database: Database, acme: Shop) -> None:
    await add(database, acme, draft("How long does delivery take?"))
    judge = Judge()
    ask = acme.ask("How long does delivery take?", await version_of(database, acme))
    assert (await judge.judged(database, ask)).confidence > 0.9
    gone = Database("sqlite+aiosqlite:////nowhere/at/all.sqlite")
    with pytest.raises(Unreachable):
        await judge.judged(gone, acme.ask(ask.text, ask.version + 1))
    async with database.write() as session:
        await session.execute(update(Domain).values(knowledge_version=ask.version + 1))
    assert (await judge.judged(database, acme.ask(ask.text, ask.version + 1))).confidence > 0.9
    await gone.dispose()
