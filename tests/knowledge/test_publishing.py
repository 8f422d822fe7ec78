"""Drafts become entries; where the owner wants it, only if the labelled questions fare no worse (R10)."""

from typing import Any

import pytest
from sqlalchemy import select

from engine.db import Database
from engine.models import AuditEvent
from knowledge import examples, measuring, port, publishing
from knowledge.changes import Owner
from knowledge.entries import Draft
from knowledge.judging import Judge
from knowledge.models import KnowledgeSettings
from tests.knowledge.conftest import Shop
from tests.knowledge.labels import FAQ, is_active, stocked

pytestmark = pytest.mark.anyio

HARMLESS = Draft("Where is your shop?", "In Main Street.", ("your address",))
THIEF = Draft(
    "How can I pay with bitcoin?", "Not at all.", ("can i pay by card here", "how can i pay", "payment methods")
)


async def checked(database: Database, shop: Shop, *, check: bool = True) -> list[str]:
    """A stocked shop with labelled questions; ``check``: publishing looks at them."""
    ids = await stocked(database, shop)
    async with database.write() as session:
        session.add(KnowledgeSettings(domain_id=shop.domain_id, workspace_id=shop.workspace_id, publish_check=check))
        await examples.add(session, *shop.ids, "how can i pay?", ids[0], source="chat")
        await examples.add(session, *shop.ids, "opening hours on monday", ids[1], source="chat")
    return ids


async def audited(database: Database) -> dict[str, Any]:
    async with database.read() as session:
        return {each.action: each.detail for each in await session.scalars(select(AuditEvent))}


async def test_drafts_that_do_no_harm_are_published(database: Database, acme: Shop) -> None:
    await checked(database, acme)
    (draft_id,) = await stocked(database, acme, [HARMLESS], draft=True)
    done = await publishing.publish(database, Owner(*acme.ids), [draft_id])
    assert (done.refused, done.count) == (False, 1)
    assert await is_active(database, draft_id)


async def test_drafts_that_take_questions_from_others_stay_drafts_and_the_cases_are_named(
    database: Database, acme: Shop
) -> None:
    ids = await checked(database, acme)
    (draft_id,) = await stocked(database, acme, [THIEF], draft=True)
    done = await publishing.publish(database, Owner(*acme.ids), None)
    assert (done.refused, done.count) == (True, 0)
    assert done.after.right < done.before.right or done.after.wrong > done.before.wrong
    assert "how can i pay?" in {case.text for case in done.cases}
    case = next(case for case in done.cases if case.text == "how can i pay?")
    assert (case.expected_id, case.expected) == (ids[0], FAQ[0].question)
    assert not await is_active(database, draft_id)


async def test_without_the_check_the_same_drafts_are_published(database: Database, acme: Shop) -> None:
    await checked(database, acme, check=False)
    (draft_id,) = await stocked(database, acme, [THIEF], draft=True)
    assert (await publishing.publish(database, Owner(*acme.ids), None)).count == 1
    assert await is_active(database, draft_id)


async def test_publishing_anyway_passes_over_the_check_and_is_audited(database: Database, acme: Shop) -> None:
    await checked(database, acme)
    (draft_id,) = await stocked(database, acme, [THIEF], draft=True)
    done = await publishing.publish(database, Owner(*acme.ids), [draft_id], anyway=True)
    assert (done.refused, done.count) == (False, 1)
    assert await is_active(database, draft_id)
    assert (await audited(database))[publishing.ANYWAY]["count"] == 1


async def test_publishing_as_usual_says_nothing_of_passing_over(database: Database, acme: Shop) -> None:
    await checked(database, acme)
    await stocked(database, acme, [HARMLESS], draft=True)
    await publishing.publish(database, Owner(*acme.ids), None)
    assert publishing.ANYWAY not in await audited(database)


async def test_the_run_before_publishing_is_in_the_history_under_its_reason(database: Database, acme: Shop) -> None:
    await checked(database, acme)
    await stocked(database, acme, [THIEF], draft=True)
    await publishing.publish(database, Owner(*acme.ids), None)
    async with database.read() as session:
        (run,) = await measuring.history(session, *acme.ids)
    assert run.reason == "publish"
    assert run.figures["wrong"] > 0


async def test_no_labelled_questions_no_check(database: Database, acme: Shop) -> None:
    async with database.write() as session:
        session.add(KnowledgeSettings(domain_id=acme.domain_id, workspace_id=acme.workspace_id, publish_check=True))
    (draft_id,) = await stocked(database, acme, [HARMLESS], draft=True)
    assert (await publishing.publish(database, Owner(*acme.ids), None)).count == 1
    assert await is_active(database, draft_id)


async def test_r10_a_foreign_draft_and_what_is_no_draft_are_passed_over(
    database: Database, acme: Shop, rival: Shop
) -> None:
    ids = await checked(database, acme)
    (theirs,) = await stocked(database, rival, [HARMLESS], draft=True)
    done = await publishing.publish(database, Owner(*acme.ids), [theirs, *ids])
    assert (done.count, done.refused) == (0, False)
    assert not await is_active(database, theirs)
    crossed = Owner(acme.workspace_id, rival.domain_id)
    assert (await publishing.publish(database, crossed, None)).count == 0
    assert not await is_active(database, theirs)


async def test_the_check_sees_what_the_bot_then_does(database: Database, acme: Shop) -> None:
    ids = await checked(database, acme, check=False)
    port.judge = Judge()
    before = await port.judged(database, acme.ask("how can i pay", 0))
    assert before.facts[0].id == ids[0]
    (draft_id,) = await stocked(database, acme, [THIEF], draft=True)
    await publishing.publish(database, Owner(*acme.ids), None)
    after = await port.judged(database, acme.ask("how can i pay", 10**6))
    assert draft_id in {fact.id for fact in after.facts[:2]}
