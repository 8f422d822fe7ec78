"""Imports begun, read by the job, and taken back: files become entries, once, with a report, for credits."""

import pytest
from sqlalchemy import func, select

from engine import pricing
from engine.db import Database
from engine.models import Hold, Job, LedgerEntry
from knowledge import entries, sources
from knowledge.models import Entry, Source, SourceFile
from knowledge.sheet import Unreadable
from knowledge.sources import NoCredits, Options
from tests.knowledge.conftest import Shop
from tests.knowledge.importing import CSV, balance, credit, look, questions, rewrite, upload, work

pytestmark = pytest.mark.anyio


async def test_a_file_of_rows_is_free_and_becomes_entries(database: Database, acme: Shop) -> None:
    source_id = await upload(database, acme, CSV)
    await work(database)
    source = await look(database, acme, source_id)
    assert (source.state, source.report["added"], source.report["refused"]) == ("done", 2, 0)
    assert await questions(database, acme) == ["Do you deliver?", "Do you pack?"]
    assert await balance(database, acme) == (0, 0)
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(SourceFile)) == 0


async def test_rows_with_faults_stay_out_with_their_reason_or_keep_all_out(database: Database, acme: Shop) -> None:
    bad = CSV + b",No question\nDo you deliver?,Again\n"
    kept = await upload(database, acme, bad)
    await work(database)
    report = (await look(database, acme, kept)).report
    assert (report["added"], report["refused"]) == (2, 2)
    assert {fault["row"] for fault in report["faults"]} == {4, 5}
    assert all(fault["sentence"] for fault in report["faults"])
    whole = await upload(database, acme, b"question,answer\nNew one?,Yes\n,Nothing\n", options=Options(keep_good=False))
    await work(database)
    assert (await look(database, acme, whole)).state == "failed"
    assert "New one?" not in await questions(database, acme)


async def test_review_first_brings_drafts_that_answer_nobody(database: Database, acme: Shop) -> None:
    await upload(database, acme, CSV, options=Options(review=True, category="Shop"))
    await work(database)
    async with database.read() as session:
        found = (await session.scalars(select(Entry))).all()
    assert [(entry.draft, entry.active, entry.category) for entry in found] == [(True, False, "Shop")] * 2


async def test_a_document_takes_credits_and_gives_them_back_when_it_gives_nothing(
    database: Database, acme: Shop
) -> None:
    text = b"# Delivery\n\n## How long does delivery take?\n\nTwo working days within the country.\n"
    with pytest.raises(NoCredits):
        await upload(database, acme, text, "help.md")
    assert await questions(database, acme) == []
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Source)) == 0
    await credit(database, acme, 25)
    await upload(database, acme, text, "help.md")
    assert await balance(database, acme) == (25, pricing.DOCUMENT)
    await work(database)
    assert await balance(database, acme) == (15, 0)
    again = await upload(database, acme, text, "help.md")  # says nothing new
    await work(database)
    assert (await look(database, acme, again)).state == "failed"
    assert await balance(database, acme) == (15, 0)
    async with database.read() as session:
        assert not (await session.scalars(select(Hold).where(Hold.state == "open"))).all()
        assert await session.scalar(select(func.sum(LedgerEntry.amount))) == 15


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n" + bytes(64), b"PK\x03\x04" + bytes(64), b""])
async def test_what_is_no_document_is_refused_before_anything_begins(
    database: Database, acme: Shop, data: bytes
) -> None:
    with pytest.raises(Unreadable):
        await upload(database, acme, data, "faq.csv")
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Job)) == 0


async def test_cancelled_it_stops_and_undone_it_is_gone_but_for_what_somebody_edited(
    database: Database, acme: Shop
) -> None:
    cancelled = await upload(database, acme, CSV)
    async with database.write() as session:
        await sources.cancel(session, await sources.source_of(session, *acme.ids, cancelled))
    assert (await look(database, acme, cancelled)).state == "cancelled", "at once, even if no process works"
    await work(database)
    assert (await look(database, acme, cancelled)).state == "cancelled"
    assert await questions(database, acme) == []
    async with database.write() as session:
        assert not await sources.cancel(session, await sources.source_of(session, *acme.ids, cancelled))
    source_id = await upload(database, acme, CSV)
    await work(database)
    await rewrite(database, "Do you pack?", "Yes, in straw.")
    async with database.write() as session:
        undone = await sources.undo(session, await sources.source_of(session, *acme.ids, source_id))
    assert (undone.removed, undone.kept) == (1, ("Do you pack?",))
    assert await questions(database, acme) == ["Do you pack?"]


async def test_r10_another_workspaces_import_is_not_there(database: Database, acme: Shop, rival: Shop) -> None:
    source_id = await upload(database, acme, CSV)
    async with database.read() as session:
        with pytest.raises(entries.NotFound):
            await sources.source_of(session, *rival.ids, source_id)
        with pytest.raises(entries.NotFound):
            await sources.source_of(session, rival.workspace_id, acme.domain_id, source_id)
    with pytest.raises(entries.NotFound):
        async with database.write() as session:
            await sources.upload(session, rival.workspace_id, acme.domain_id, None, "faq.csv", CSV, Options())
