"""What an owner does on the pages of a domain's knowledge, without JavaScript."""

import re

import httpx2
import pytest
from sqlalchemy import func, select

from engine.models import AuditEvent
from knowledge import entries, sources
from knowledge.models import Entry, Example, KnowledgeSettings, Question, Source
from tests.console.conftest import Owner
from tests.console.filing import add

pytestmark = pytest.mark.anyio


async def test_an_entry_is_written_shown_and_changed_and_every_change_is_in_the_log(owner: Owner) -> None:
    entry_id = await add(owner, "Do you deliver?", "Yes, **everywhere**.", alternatives="Is there delivery?\nShipping?")
    assert "Do you deliver?" in await owner.see()
    shown = await owner.see(f"/entries/{entry_id}")
    assert "<strong>everywhere</strong>" in shown
    version = re.search(r'name="version" value="(\d+)"', shown)
    assert version is not None
    changed = {"question": "Do you ship?", "answer": "No.", "version": version[1]}
    assert "is saved" in await owner.told(await owner.send(f"/entries/{entry_id}", changed))
    stale = await owner.send(f"/entries/{entry_id}", changed | {"answer": "Perhaps."})
    assert (stale.status_code, "Somebody else changed" in stale.text, "Perhaps." in stale.text) == (409, True, True)
    async with owner.site.db.read() as session:
        actions = (await session.scalars(select(AuditEvent.action).order_by(AuditEvent.created_at))).all()
        entry = await session.get_one(Entry, entry_id)
    assert actions == ["entries.add", "entries.edit"]
    assert (entry.question, entry.active) == ("Do you ship?", False)


async def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(owner: Owner) -> None:
    refused = await owner.send("/entries/new", {"question": "", "answer": "Kept <script>alert(1)</script>"})
    assert refused.status_code == 422
    assert "Write what a visitor would ask" in refused.text
    assert "Kept &lt;script&gt;" in refused.text


async def test_ticked_entries_are_deleted_and_come_back(owner: Owner) -> None:
    entry_id = await add(owner, "Do you deliver?")
    await add(owner, "Do you pack?")
    page = await owner.told(await owner.send("/entries", {"entry": entry_id, "step": "delete"}))
    assert "1 entry is deleted" in page
    assert "Do you deliver?" not in page
    change = re.search(r'name="change" value="(\w+)"', page)
    assert change is not None
    assert "Do you deliver?" in await owner.told(await owner.send("/entries/undo", {"change": change[1]}))
    assert "nothing to undo" in await owner.told(await owner.send("/entries/undo", {"change": change[1]}))


async def test_the_list_is_searched_filtered_and_exported_so_that_no_spreadsheet_runs_it(owner: Owner) -> None:
    await add(owner, "=cmd|calc", "Danger", category="Odd")
    await add(owner, "Do you pack?", "Yes")
    assert "Do you pack?" not in await owner.see("?category=Odd")
    assert "Nothing found" in await owner.see("?search=unicorn")
    csv = await owner.see("/entries/export.csv")
    assert "'=cmd|calc" in csv
    assert '"question": "=cmd|calc"' in await owner.see("/entries/export.json")


async def test_drafts_are_published_unless_the_labelled_questions_would_fare_worse(owner: Owner) -> None:
    acme = owner.site.cast.acme
    wanted = await add(owner, "How long does delivery take?", "Two days.")
    await add(owner, "Can I return a plant?", "Within 30 days.")
    label = {"text": "how long does the delivery take", "entry": wanted}
    await owner.told(await owner.send("/evaluation/examples", label))
    tuned = {"caution": "50", "country": "US", "embeddings": "off", "publish_check": "on"}
    await owner.told(await owner.send("/tuning", tuned))
    async with owner.site.db.write() as session:
        twin = await entries.add(
            session, acme.workspace_id, acme.domain_id, entries.Draft("How long does the delivery take", "Never.")
        )
        twin.draft, twin.active = True, False
    refused = await owner.send("/entries", {"step": "publish_all"})
    assert "fare worse" in refused.text
    assert "how long does the delivery take" in refused.text
    assert "1 draft is published" in await owner.told(await owner.send("/entries", {"step": "publish_anyway"}))


async def test_a_question_is_written_ordered_and_removed(owner: Owner) -> None:
    bad = await owner.send(
        "/questions/new", {"kind": "ask", "text": "Size?", "answer_kind": "choice", "choices": "One"}
    )
    assert (bad.status_code, "2 to 20 choices" in bad.text) == (422, True)
    good = {
        "kind": "ask", "text": "Size?", "answer_kind": "choice", "choices": "Small\nLarge", "moment": "start",
        "after_replies": "1", "most_asks": "2", "active": "on",
        "is0": "equals", "value0": "Large", "points0": "30", "reason0": "Large",
    }  # fmt: skip
    await owner.told(await owner.send("/questions/new", good))
    rule = {
        "kind": "block",
        "text": "Doctor",
        "patterns": "medical advice",
        "response": "Ask a doctor.",
        "active": "on",
    }
    assert "Refuses: medical advice" in await owner.told(await owner.send("/questions/new", rule))
    async with owner.site.db.read() as session:
        found = {each.text: each for each in await session.scalars(select(Question))}
    assert found["Size?"].scores == [{"is": "equals", "value": "Large", "points": 30, "reason": "Large"}]
    await owner.told(await owner.send(f"/questions/{found['Doctor'].id}/step", {"step": "up"}))
    page = await owner.see("/questions")
    assert page.index("Doctor") < page.index("Size?")
    await owner.told(await owner.send(f"/questions/{found['Doctor'].id}/step", {"step": "delete"}))
    assert "Doctor" not in await owner.see("/questions")


async def test_a_file_is_uploaded_within_its_bound_and_what_is_none_is_refused_with_a_reason(owner: Owner) -> None:
    async def upload(name: str, data: bytes) -> httpx2.Response:
        return await owner.visit.client.post(
            f"{owner.base}/import/file",
            data={"csrf": owner.csrf},
            files={"file": (name, data)},
            headers={"origin": owner.visit.origin},
        )

    begun = await upload("<b>faq</b>.csv", b"question,answer\nDo you deliver?,Yes\n")
    page = await owner.told(begun)
    assert "&lt;b&gt;faq&lt;/b&gt;.csv" in page
    assert "picture" in await owner.told(await upload("cat.png", b"\x89PNG\r\n\x1a\n" + bytes(100)))
    large = await upload("large.csv", b"a" * (sources.LARGEST + 100_000))
    assert large.status_code == 413
    almost = await upload("large.csv", b"question,answer\n" + b"a" * (sources.LARGEST - 100))
    assert almost.status_code == 303  # R14: 5 MB pass here, and here alone
    async with owner.site.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Source)) == 2


async def test_an_address_that_is_none_is_refused_at_once_and_others_begin(owner: Owner) -> None:
    async def read(url: str, way: str = "url") -> str:
        return await owner.told(await owner.send("/import/address", {"url": url, "way": way}))

    assert "not a web address" in await read("javascript:alert(1)")
    assert "name or password" in await read("https://ada:secret@shop.example/")
    assert "Choose what to read" in await read("https://shop.example/", way="everything")
    assert "is being read" in await read("https://shop.example/help")
    async with owner.site.db.read() as session:
        assert (await session.scalars(select(Source.url))).all() == ["https://shop.example/help"]


async def test_caution_is_shown_in_words_and_kept_within_its_bounds(owner: Owner) -> None:
    assert "from the FAQ when it is at least 72 in 100 sure" in await owner.see("/tuning")
    wrong = {"caution": "1000", "country": "US", "embeddings": "off"}
    assert "from 0 to 100" in await owner.told(await owner.send("/tuning", wrong))
    assert "two letters" in await owner.told(await owner.send("/tuning", wrong | {"caution": "80", "country": "USA"}))
    await owner.told(await owner.send("/tuning", {"caution": "80", "country": "de", "embeddings": "local"}))
    async with owner.site.db.read() as session:
        settings = await session.get_one(KnowledgeSettings, owner.site.cast.acme.domain_id)
    assert (settings.caution, settings.country, settings.embeddings) == (80, "DE", "local")


async def test_a_question_is_labelled_and_forgotten(owner: Owner) -> None:
    entry_id = await add(owner, "Do you deliver?")
    await owner.told(await owner.send("/evaluation/examples", {"text": "got delivery?", "entry": entry_id}))
    await owner.told(await owner.send("/evaluation/examples", {"text": "got unicorns?"}))
    foreign = await owner.send("/evaluation/examples", {"text": "x", "entry": "f" * 32})
    assert foreign.status_code == 404
    async with owner.site.db.read() as session:
        found = {each.text: each for each in await session.scalars(select(Example))}
    assert {text: each.entry_id for text, each in found.items()} == {"got delivery?": entry_id, "got unicorns?": None}
    await owner.told(await owner.send(f"/evaluation/examples/{found['got unicorns?'].id}", {}))
    assert "got unicorns?" not in await owner.see("/evaluation")


async def test_the_playground_says_what_it_would_do_and_why(owner: Owner) -> None:
    await add(owner, "How long does delivery take?", "Two days.")
    assert "answers at once" in await owner.see("/playground?text=How+long+does+delivery+take")
    assert "does not know" in await owner.see("/playground?text=unicorns")
