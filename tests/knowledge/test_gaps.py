import pytest

from engine.db import Database, new_id
from engine.ports import Missed
from knowledge import gaps
from tests.knowledge.conftest import Shop

pytestmark = pytest.mark.anyio


def missed(shop: Shop, text: str, message_id: str | None = None) -> Missed:
    return Missed(*shop.ids, shop.room_id, message_id or new_id(), text)


async def listed(database: Database, shop: Shop) -> list[str]:
    async with database.read() as session:
        return [gap.text for gap in await gaps.listing(session, *shop.ids)]


async def test_gaps_are_filed_together_and_listed_newest_first(database: Database, acme: Shop) -> None:
    async with database.write() as session:
        await gaps.file_gaps(session, [missed(acme, "One?")])
    async with database.write() as session:
        await gaps.file_gaps(session, [missed(acme, "Two?")])
        await gaps.file_gaps(session, [])
    assert await listed(database, acme) == ["Two?", "One?"]


async def test_a_message_is_filed_once_however_often_it_is_filed(database: Database, acme: Shop) -> None:
    message_id = new_id()
    twice = [missed(acme, "First", message_id), missed(acme, "Again", message_id)]
    async with database.write() as session:
        await gaps.file_gaps(session, twice)
    async with database.write() as session:
        await gaps.file_gaps(session, [missed(acme, "And again", message_id), missed(acme, "Other")])
    assert sorted(await listed(database, acme)) == ["First", "Other"]


async def test_another_workspaces_gaps_are_not_listed(database: Database, acme: Shop, rival: Shop) -> None:
    async with database.write() as session:
        await gaps.file_gaps(session, [missed(acme, "Ours?")])
    assert await listed(database, acme) == ["Ours?"]
    assert await listed(database, rival) == []
    async with database.read() as session:
        assert await gaps.listing(session, rival.workspace_id, acme.domain_id) == []


async def test_naughty_texts_are_filed_cleaned(database: Database, acme: Shop) -> None:
    async with database.write() as session:
        await gaps.file_gaps(session, [missed(acme, "nu\0ll \ud800 \U000e0041" + "x" * 9_000)])
    (text,) = await listed(database, acme)
    assert text.startswith("null \ufffd x")
    assert len(text) == gaps.LONGEST
