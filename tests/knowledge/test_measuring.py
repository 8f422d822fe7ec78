"""Runs over a domain's labelled questions: when, of what, and what is kept of them (R10)."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import delete, update

from engine import jobs
from engine.db import Database, new_id, now
from engine.models import Domain, Job
from knowledge import bench, entries, examples, measuring
from knowledge.embeddings.embedding import Asker
from knowledge.evaluate import Outcome
from knowledge.models import Evaluation, KnowledgeSettings
from tests.knowledge.conftest import Shop, draft, version_of
from tests.knowledge.labels import Letters, asker, jobs_of, soon, stocked

pytestmark = pytest.mark.anyio


async def ask_for(database: Database, shop: Shop, reason: str = "change") -> None:
    async with database.write() as session:
        await measuring.ask_for(session, *shop.ids, reason)


async def run(
    database: Database, shop: Shop, reason: str = "manual", askers: dict[str, Asker] | None = None, **payload: Any
) -> None:
    work = measuring.handler(database, askers or {})
    given = {"workspace": shop.workspace_id, "domain": shop.domain_id, "reason": reason, "user": None}
    assert await work(given | payload) is None


async def history(database: Database, shop: Shop) -> list[Evaluation]:
    async with database.read() as session:
        return await measuring.history(session, *shop.ids)


async def test_many_changes_are_one_run_a_minute_after_the_last(database: Database, acme: Shop, rival: Shop) -> None:
    for _ in range(3):
        await ask_for(database, acme)
    await ask_for(database, rival)
    mine, theirs = await jobs_of(database, measuring.KIND)
    assert {mine.payload["domain"], theirs.payload["domain"]} == {acme.domain_id, rival.domain_id}
    async with database.write() as session:
        await session.execute(update(Job).values(run_at=now()))
    await ask_for(database, acme)
    found = {job.payload["domain"]: soon(job) for job in await jobs_of(database, measuring.KIND)}
    assert 50 < found[acme.domain_id] <= 60
    assert found[rival.domain_id] <= 0


async def test_changes_without_end_do_not_put_the_run_off_for_ever(database: Database, acme: Shop) -> None:
    await ask_for(database, acme)
    async with database.write() as session:
        await session.execute(update(Job).values(created_at=now() - measuring.PATIENCE))
    await ask_for(database, acme)
    (job,) = await jobs_of(database, measuring.KIND)
    assert soon(job) <= 0


async def test_a_change_during_a_run_brings_another_one(database: Database, acme: Shop) -> None:
    await ask_for(database, acme, "manual")
    async with database.write() as session:
        (claimed,) = await jobs.claim(session, now(), 10)
    assert claimed.kind == measuring.KIND
    await ask_for(database, acme, "manual")
    assert len(await jobs_of(database, measuring.KIND)) == 2


async def test_somebody_who_asks_sees_that_it_is_under_way_and_need_not_wait(
    database: Database, acme: Shop, rival: Shop
) -> None:
    await ask_for(database, acme, "change")
    async with database.read() as session:
        assert not await measuring.is_waiting(session, acme.domain_id)
    await ask_for(database, acme, "manual")
    async with database.read() as session:
        assert await measuring.is_waiting(session, acme.domain_id)
        assert not await measuring.is_waiting(session, rival.domain_id)
    assert min(soon(job) for job in await jobs_of(database, measuring.KIND)) <= 0


async def test_the_job_is_run_as_any_other_and_its_figures_are_kept(database: Database, acme: Shop) -> None:
    ids = await stocked(database, acme)
    async with database.write() as session:
        await examples.add(session, *acme.ids, "who won the world cup in 1998?", None, source="manual")
        await examples.add(session, *acme.ids, "how can i pay", ids[1], source="manual")
    await ask_for(database, acme, "manual")
    assert await jobs.run_due(database, {measuring.KIND: measuring.handler(database, {})}) == 1
    (found,) = await history(database, acme)
    assert (found.reason, found.version) == ("manual", await version_of(database, acme))
    counts = found.figures["counts"]
    assert (counts["in_scope"], counts["out_of_scope"], counts["refused"]) == (5, 1, 1)
    wrong = next(case for case in found.cases if case["text"] == "how can i pay")
    assert (wrong["expected_id"], wrong["came_id"]) == (ids[1], ids[0])
    assert (wrong["expected"], wrong["came"]) == ("When are you open?", "How can I pay?")


async def test_a_domain_without_labelled_questions_has_no_run(database: Database, acme: Shop) -> None:
    async with database.write() as session:
        await entries.add(session, *acme.ids, draft("Only one"))
    await run(database, acme)
    assert await history(database, acme) == []


async def test_what_did_not_change_is_not_measured_again_unless_somebody_asks(database: Database, acme: Shop) -> None:
    await stocked(database, acme)
    await run(database, acme, "change")
    await run(database, acme, "change")
    assert len(await history(database, acme)) == 1
    await run(database, acme, "manual")
    assert len(await history(database, acme)) == 2
    async with database.write() as session:
        await entries.bump(session, *acme.ids)
    await run(database, acme, "change")
    assert len(await history(database, acme)) == 3


async def test_r10_a_job_of_a_foreign_pair_or_of_a_domain_that_is_gone_does_nothing(
    database: Database, acme: Shop, rival: Shop
) -> None:
    await stocked(database, acme)
    await run(database, acme, workspace=rival.workspace_id)
    await run(database, acme, domain=new_id())
    assert await history(database, acme) == await history(database, rival) == []
    async with database.read() as session:
        assert await measuring.history(session, rival.workspace_id, acme.domain_id) == []


async def test_a_domain_that_goes_during_its_run_leaves_nothing(database: Database, acme: Shop) -> None:
    async with database.write() as session:
        await session.execute(delete(Domain).where(Domain.id == acme.domain_id))
    async with database.write() as session:
        assert await measuring.keep(session, *acme.ids, 1, [], reason="manual") is None


async def test_the_history_keeps_the_newest_runs(database: Database, acme: Shop, rival: Shop) -> None:
    async with database.write() as session:
        await measuring.keep(session, *rival.ids, 1, [], reason="manual")
        for version in range(measuring.KEPT + 3):
            assert await measuring.keep(session, *acme.ids, version, [], reason="manual")
    async with database.read() as session:
        found = await measuring.history(session, *acme.ids, limit=10_000)
        assert len(found) == measuring.KEPT
        assert max(run.version for run in found) == measuring.KEPT + 2
        assert len(await measuring.history(session, *rival.ids)) == 1


async def test_others_get_their_turn_while_a_run_goes_on(database: Database, acme: Shop) -> None:
    await stocked(database, acme)
    asked = await bench.gather(database, {}, *acme.ids)
    many = asked.measured.questions * 200
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(others())
    outcomes: list[Outcome] = await bench.judged(asked, many)
    beside.cancel()
    assert len(outcomes) == len(many)
    assert turns > 3


async def meaning(database: Database, shop: Shop) -> None:
    async with database.write() as session:
        session.add(KnowledgeSettings(domain_id=shop.domain_id, workspace_id=shop.workspace_id, embeddings="local"))


async def test_where_meaning_counts_questions_are_embedded_once_and_kept(database: Database, acme: Shop) -> None:
    ids = await stocked(database, acme)
    await meaning(database, acme)
    async with database.write() as session:
        await examples.add(session, *acme.ids, "paypal", ids[0], source="chat")
    maker = Letters()
    asked = await bench.gather(database, asker(maker), *acme.ids)
    assert sorted(maker.asked) == sorted(question.text for question in asked.measured.questions)
    again = await bench.gather(database, asker(maker), *acme.ids)
    assert len(maker.asked) == len(asked.measured.questions)
    assert again.known.keys() == asked.known.keys()


async def test_a_maker_that_fails_or_is_not_there_leaves_words_alone(database: Database, acme: Shop) -> None:
    await stocked(database, acme)
    await meaning(database, acme)
    for askers in (asker(Letters(broken=True)), {}):
        asked = await bench.gather(database, askers, *acme.ids)
        assert asked.known == {}
        assert len(await bench.judged(asked)) == len(asked.measured.questions)


async def test_the_owners_caution_is_that_of_the_run(database: Database, acme: Shop, rival: Shop) -> None:
    await stocked(database, acme)
    async with database.write() as session:
        session.add(KnowledgeSettings(domain_id=acme.domain_id, workspace_id=acme.workspace_id, caution=90))
    assert (await bench.gather(database, {}, *acme.ids)).caution == 90
    assert (await bench.gather(database, {}, rival.workspace_id, acme.domain_id)).caution == 50
