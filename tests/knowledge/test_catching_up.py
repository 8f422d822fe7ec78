"""Vectors come by a job: computed once, kept, taken in by every process, of one model at a time."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select, update

from engine import jobs
from engine.db import Database, now
from engine.models import Job
from knowledge import entries
from knowledge.embeddings import catching_up
from knowledge.embeddings.embedding import Asker
from knowledge.embeddings.endpoint import Endpoint
from knowledge.judging import Judge, Judged
from knowledge.models import Embedding, KnowledgeSettings
from knowledge.shelves import Shelves
from tests.doubles.embeddings import Embeddings, endpoint
from tests.knowledge.conftest import Shop, draft, version_of

pytestmark = pytest.mark.anyio
STROLLER, DOG, MONEY = "Where is the stroller parking?", "May I bring my dog?", "Do you take money?"


_open: list[Asker] = []


@pytest.fixture
async def double() -> AsyncIterator[Embeddings]:
    async with endpoint() as double:
        yield double
        while _open:
            await _open.pop().aclose()


def judge_with(double: Embeddings, model: str = "double") -> Judge:
    """A process of its own, whose client is closed with the double."""
    client = Asker(lambda: Endpoint(model=model, base_url=double.base_url), patience=5.0)
    _open.append(client)
    return Judge(Shelves(askers={"endpoint": client}))


async def choose(database: Database, shop: Shop, embeddings: str) -> None:
    async with database.write() as session:
        await entries.bump(session, *shop.ids)
        settings = KnowledgeSettings(domain_id=shop.domain_id, workspace_id=shop.workspace_id, embeddings=embeddings)
        await session.merge(settings)


async def stock(database: Database, shop: Shop) -> None:
    async with database.write() as session:
        for question in (STROLLER, DOG, MONEY, "When do you open?", "What about gift wrapping?"):
            await entries.add(session, *shop.ids, draft(question))


async def ask(judge: Judge, database: Database, shop: Shop, text: str) -> Judged:
    return await judge.judged(database, shop.ask(text, await version_of(database, shop)))


async def work(database: Database, judge: Judge) -> None:
    """Until no job is due."""
    handlers = {catching_up.KIND: catching_up.handler(database, judge.shelves.askers)}
    while await jobs.run_due(database, handlers):
        pass


async def vectors_kept(database: Database) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(Embedding)) or 0


async def test_meaning_counts_once_the_job_has_computed_it(database: Database, acme: Shop, double: Embeddings) -> None:
    await stock(database, acme)
    await choose(database, acme, "endpoint")
    judge = judge_with(double)
    before = await ask(judge, database, acme, "buggy")
    assert (before.semantic, double.asked) == (False, [])  # words alone, at once
    await work(database, judge)
    assert await vectors_kept(database) == 5
    after = await ask(judge, database, acme, "my buggy parking")
    assert (after.semantic, after.facts[0].question) == (True, STROLLER)


async def test_what_was_computed_is_never_computed_again(database: Database, acme: Shop, double: Embeddings) -> None:
    await stock(database, acme)
    await choose(database, acme, "endpoint")
    judge = judge_with(double)
    await ask(judge, database, acme, "dog")
    await work(database, judge)
    first = sum(map(len, double.asked))
    async with database.write() as session:
        entry = await entries.add(session, *acme.ids, draft("Is there a pram for rent?"))
        await entries.edit(session, entry, draft("Is there a pram for rent?", "Another answer."))
    await ask(judge, database, acme, "dog")
    await work(database, judge)
    texts = [text for asked in double.asked for text in asked]
    assert texts[first:].count("Is there a pram for rent?") == 1
    assert not {STROLLER, DOG, MONEY} & set(texts[first:])


async def test_more_than_a_page_is_worked_through_and_each_text_computed_once(
    database: Database, acme: Shop, double: Embeddings
) -> None:
    count = catching_up.PAGE + 30
    async with database.write() as session:
        for number in range(count):
            await entries.add(session, *acme.ids, draft(f"Question {number}?"))
    await choose(database, acme, "endpoint")
    judge = judge_with(double)
    await ask(judge, database, acme, "dog")
    await work(database, judge)
    texts = [text for asked in double.asked for text in asked]
    assert (len(texts), len(set(texts)), await vectors_kept(database)) == (count, count, count)
    assert max(map(len, double.asked)) == catching_up.SLICE


async def test_what_comes_in_behind_while_the_job_goes_on_is_not_forgotten(
    database: Database, acme: Shop, double: Embeddings
) -> None:
    async with database.write() as session:
        for number in range(catching_up.SLICE * 2):
            await entries.add(session, *acme.ids, draft(f"Question {number}?"))
    await choose(database, acme, "endpoint")
    judge = judge_with(double)
    await ask(judge, database, acme, "dog")
    handlers = {catching_up.KIND: catching_up.handler(database, judge.shelves.askers)}
    for _ in range(3):
        await jobs.run_due(database, handlers)
        async with database.write() as session:
            for number in range(8):
                await entries.add(session, *acme.ids, draft(f"Late {await vectors_kept(database)} {number}?"))
    while await jobs.run_due(database, handlers):
        pass
    assert await vectors_kept(database) == catching_up.SLICE * 2 + 24


async def test_another_process_takes_them_in_with_its_next_question(
    database: Database, acme: Shop, double: Embeddings
) -> None:
    await stock(database, acme)
    await choose(database, acme, "endpoint")
    here, there = judge_with(double), judge_with(double)
    assert not (await ask(here, database, acme, "hound")).semantic
    assert not (await ask(there, database, acme, "hound")).semantic
    await work(database, here)
    assert (await ask(there, database, acme, "my hound")).facts[0].question == DOG


async def test_a_dead_endpoint_means_words_alone_and_the_job_tries_again_later(
    database: Database, acme: Shop, double: Embeddings
) -> None:
    await stock(database, acme)
    await choose(database, acme, "endpoint")
    judge = judge_with(double)
    double.behave = "500"
    assert (await ask(judge, database, acme, DOG)).facts[0].question == DOG
    await work(database, judge)
    async with database.read() as session:
        job = (await session.execute(select(Job).where(Job.kind == catching_up.KIND))).scalar_one()
    assert (job.state, job.run_at > now()) == ("ready", True)
    double.behave = "ok"
    async with database.write() as session:
        await session.execute(update(Job).values(run_at=now()))
    await work(database, judge)
    assert (await ask(judge, database, acme, "my puppy")).semantic
    double.behave = "500"
    answered = await ask(judge, database, acme, "May I bring my dog")
    assert (answered.semantic, answered.facts[0].question) == (False, DOG)


async def test_a_new_model_is_taken_when_it_is_whole_and_never_mixed_with_the_old(
    database: Database, acme: Shop, double: Embeddings
) -> None:
    await stock(database, acme)
    await choose(database, acme, "endpoint")
    old = judge_with(double, "old")
    await ask(old, database, acme, DOG)
    await work(database, old)
    assert (await ask(old, database, acme, "my puppy")).semantic
    new = judge_with(double, "new")
    assert not (await ask(new, database, acme, "my puppy")).semantic
    await work(database, new)
    assert (await ask(new, database, acme, "my puppy")).facts[0].question == DOG
    assert await vectors_kept(database) == 10


async def test_r10_vectors_belong_to_their_workspace(
    database: Database, acme: Shop, rival: Shop, double: Embeddings
) -> None:
    for shop in (acme, rival):
        await stock(database, shop)
        await choose(database, shop, "endpoint")
    judge = judge_with(double)
    await ask(judge, database, acme, DOG)
    await work(database, judge)
    async with database.read() as session:
        owners = set(await session.scalars(select(Embedding.workspace_id)))
    assert owners == {acme.workspace_id}
    assert not (await ask(judge, database, rival, "my puppy")).semantic


async def test_turned_off_again_words_alone_decide(database: Database, acme: Shop, double: Embeddings) -> None:
    await stock(database, acme)
    await choose(database, acme, "endpoint")
    judge = judge_with(double)
    await ask(judge, database, acme, DOG)
    await work(database, judge)
    await choose(database, acme, "off")
    asked = len(double.asked)
    assert not (await ask(judge, database, acme, "my puppy")).semantic
    assert len(double.asked) == asked


async def test_a_domain_that_asks_for_what_is_not_there_is_served_by_words(database: Database, acme: Shop) -> None:
    await stock(database, acme)
    await choose(database, acme, "local")
    judge = Judge()
    assert (await ask(judge, database, acme, DOG)).facts[0].question == DOG
