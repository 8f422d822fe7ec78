"""Who writes what is answered already is told; who asks something else is left in peace."""

import pytest

from engine.db import Database
from knowledge import duplicates, entries
from knowledge.changes import Owner
from tests.knowledge.conftest import Shop, draft

pytestmark = pytest.mark.anyio


async def stocked(database: Database, shop: Shop) -> str:
    async with database.write() as session:
        entry = await entries.add(
            session, *shop.ids, draft("How much is delivery?", "$5.", "what are the shipping costs", "Lieferkosten")
        )
        await entries.add(session, *shop.ids, draft("Can I return plants?", "Yes."))
        return entry.id


@pytest.mark.parametrize(
    "question", ["How much is delivery?", "how much is delivery", "How much does delivery cost?", "shipping costs?"]
)
async def test_a_question_that_an_entry_asks_in_any_of_its_wordings_has_a_twin(
    database: Database, acme: Shop, question: str
) -> None:
    entry_id = await stocked(database, acme)
    twin = await duplicates.twin(database, Owner(*acme.ids), question)
    assert twin is not None
    assert (twin.id, twin.question) == (entry_id, "How much is delivery?")
    assert await duplicates.twin(database, Owner(*acme.ids), question, but=entry_id) is None


@pytest.mark.parametrize(
    "question", ["", "   ", "How much is express delivery?", "How long is delivery?", "Can I return pots?", "Unicorns?"]
)
async def test_another_question_has_none(database: Database, acme: Shop, question: str) -> None:
    await stocked(database, acme)
    assert await duplicates.twin(database, Owner(*acme.ids), question) is None


async def test_r10_an_entry_of_another_is_no_twin(database: Database, acme: Shop, rival: Shop) -> None:
    await stocked(database, acme)
    assert await duplicates.twin(database, Owner(*rival.ids), "How much is delivery?") is None
    crossed = Owner(rival.workspace_id, acme.domain_id)
    assert await duplicates.twin(database, crossed, "How much is delivery?") is None
