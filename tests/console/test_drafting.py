"""The pages on which a model helps an owner to write, without JavaScript: asked for, shown, chosen, paid for once."""

import html
import json
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx2
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser
from sqlalchemy import select

from engine.db import new_id
from engine.models import LedgerEntry, Room, Visitor
from knowledge.models import Entry, Gap, Source
from tests.console.conftest import Site
from tests.console.screen import fill_in
from tests.console.visit import ANSWER, QUESTION, Visit
from tests.doubles.openai import OpenAI
from tests.engine.books import account, until
from tests.servers.parts import free_port

pytestmark = pytest.mark.anyio
TEXT = "# Help\n\n## Opening hours\n\nWe are open from 9 to 18 on weekdays. On Sundays we are closed.\n"


@pytest.fixture
async def double() -> AsyncIterator[OpenAI]:
    async with OpenAI() as double:
        yield double


@pytest.fixture
def more_settings(double: OpenAI) -> dict[str, Any]:
    model = {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": double.base_url, "OPENAI_MODEL": "double"}
    return {"PORT": free_port(), "STOP_SECONDS": 1, **model}


class Person:
    """Somebody signed in, at the pages of acme's one domain."""

    def __init__(self, served: Site, visit: Visit, csrf: str) -> None:
        self.served, self.visit, self.csrf = served, visit, csrf
        self.base = f"/app/acme/knowledge/{served.cast.acme.domain_id}"

    async def see(self, path: str = "") -> str:
        answer = await self.visit.get(self.base + path)
        assert answer.status_code == 200, path
        return answer.text

    async def send(self, path: str, **fields: str) -> httpx2.Response:
        return await self.visit.post(self.base + path, {"csrf": self.csrf, **fields})

    async def led(self, answer: httpx2.Response) -> tuple[str, str]:
        """The address that a change leads to, and its page."""
        assert answer.status_code == 303, answer.text[:300]
        return answer.headers["location"], (await self.visit.get(answer.headers["location"])).text


async def person(served: Site, name: str = "owner@acme.example") -> Person:
    visit = served.visit()
    await visit.sign_in(name)
    return Person(served, visit, (await visit.fields("/auth/sign-out"))["csrf"])


@pytest.fixture
async def owner(served: Site) -> Person:
    return await person(served)


async def the_entry(served: Site) -> Entry:
    async with served.db.read() as session:
        return (await session.scalars(select(Entry).where(Entry.question == QUESTION))).one()


async def gap(served: Site, text: str) -> str:
    acme = served.cast.acme
    ids = {"workspace_id": acme.workspace_id, "domain_id": acme.domain_id}
    async with served.db.write() as session:
        visitor = Visitor(id=new_id(), **ids)
        session.add(visitor)
        await session.flush()
        room = Room(id=new_id(), bot_id=acme.bot_id, visitor_id=visitor.id, **ids)
        session.add(room)
        await session.flush()
        filed = Gap(room_id=room.id, message_id=new_id(), text=text, **ids)
        session.add(filed)
        await session.flush()
        return filed.id


async def spent(served: Site) -> list[int]:
    """What the model's use cost, by line; R5 and R6 hold."""
    workspace_id = served.cast.acme.workspace_id
    (await account(served.db, workspace_id)).check()
    async with served.db.read() as session:
        mine = (LedgerEntry.workspace_id == workspace_id, LedgerEntry.kind == "usage")
        found = await session.scalars(select(LedgerEntry).where(*mine))
        return [-line.amount for line in found if line.detail.get("by") == "draft"]


async def test_phrasings_are_suggested_shown_again_for_nothing_and_added_when_ticked(
    served: Site, owner: Person, double: OpenAI
) -> None:
    double.answer = json.dumps({"phrasings": ["when will it be delivered", "delivery duration <b>"]})
    entry = await the_entry(served)
    form = await owner.see(f"/entries/{entry.id}")
    assert "Suggest phrasings" in form
    assert "Usually 1 credit, never more than 5" in form
    there, shown = await owner.led(await owner.send(f"/entries/{entry.id}/suggestions"))
    assert "when will it be delivered" in shown
    assert "delivery duration &lt;b&gt;" in shown
    assert "checked" not in shown
    for _ in range(2):
        assert (await owner.visit.get(there)).status_code == 200
    assert (await spent(served), len(double.requests)) == ([1], 1)
    assert (await the_entry(served)).alternatives == []
    path = there.removeprefix(owner.base)
    _, said = await owner.led(await owner.send(path))
    assert "Tick those" in said
    _, said = await owner.led(await owner.send(path, phrasing="when will it be delivered"))
    assert "1 phrasing is added." in said
    assert (await the_entry(served)).alternatives == ["when will it be delivered"]
    usage = (await owner.visit.get("/app/acme/usage")).text
    assert f"Phrasings suggested by the model for: {QUESTION}" in html.unescape(usage)


async def test_an_answer_to_a_gap_is_drafted_and_saved_by_the_owner_alone(
    served: Site, owner: Person, double: OpenAI
) -> None:
    double.answer = json.dumps({"known": True, "answer": "Delivery takes 2 days."})
    gap_id = await gap(served, "how many days until my delivery comes")
    assert "Draft with the model (about 1 credit)" in await owner.see("/gaps")
    there, shown = await owner.led(await owner.send("/gaps/drafted", gaps=gap_id))
    assert "Delivery takes 2 days." in shown
    assert QUESTION in shown
    await owner.visit.get(there)
    assert (await spent(served), len(double.requests)) == ([1], 1)
    async with served.db.read() as session:
        assert (await session.get_one(Gap, gap_id)).status == "open"
    asked = {"question": "How many days?", "answer": "Delivery takes 2 days.", "active": "on", "gaps": gap_id}
    await owner.led(await owner.send("/entries/new", **asked))
    async with served.db.read() as session:
        assert (await session.get_one(Gap, gap_id)).status == "answered"


async def test_what_the_entries_do_not_hold_is_said_with_those_that_come_nearest(
    served: Site, owner: Person, double: OpenAI
) -> None:
    double.answer = json.dumps({"known": False, "answer": ""})
    _, shown = await owner.led(await owner.send("/gaps/drafted", gaps=await gap(served, "delivery to the moon?")))
    assert "Your entries do not hold this" in shown
    assert QUESTION in shown


async def test_an_import_is_written_by_the_model_where_its_form_says_so(
    served: Site, owner: Person, double: OpenAI
) -> None:
    page = await owner.see("/import")
    assert page.count("Let the model write the questions") == 2
    assert "usually 1 credit more, never more than 5" in page
    sent = {"csrf": owner.csrf, "model": "on"}
    file = {"file": ("help.md", TEXT.encode(), "text/markdown")}
    origin = {"origin": owner.visit.origin}
    answer = await owner.visit.client.post(owner.base + "/import/file", data=sent, files=file, headers=origin)
    where, _ = await owner.led(answer)

    async def done() -> Mapping[str, Any] | None:
        async with served.db.read() as session:
            source = await session.get_one(Source, where.rpartition("/")[2])
        told: Mapping[str, Any] | None = source.report.get("model")
        return told if told and told["state"] == "done" else None

    told = await until(done)
    assert told["written"] == 1
    shown = (await owner.visit.get(where)).text
    assert "1 of 1 entry has questions from the model." in re.sub(r"\s+", " ", shown)
    async with served.db.read() as session:
        entry = (await session.scalars(select(Entry).where(Entry.source_id == where.rpartition("/")[2]))).one()
    assert entry.question == "can you tell me: opening hours?"
    assert "Opening hours" in entry.alternatives
    assert (entry.answer, len(double.requests)) == ("We are open from 9 to 18 on weekdays.", 1)
    usage = (await owner.visit.get("/app/acme/usage")).text
    assert "Questions written by the model for: help.md" in usage
    assert "Read into entries: help.md" in usage


async def test_a_dead_model_is_a_plain_word_on_the_page(served: Site, owner: Person, double: OpenAI) -> None:
    double.behave = "401"
    entry = await the_entry(served)
    there, said = await owner.led(await owner.send(f"/entries/{entry.id}/suggestions"))
    assert there.endswith(f"/entries/{entry.id}")
    assert "The model could not be reached." in said
    assert await spent(served) == [0]


async def test_r15_asking_by_hand_has_a_rate(served: Site, owner: Person, double: OpenAI) -> None:
    entry = await the_entry(served)
    double.behave = "401"
    said = ""
    for _ in range(21):
        _, said = await owner.led(await owner.send(f"/entries/{entry.id}/suggestions"))
    assert "too often" in said
    assert len(double.requests) == 20


@pytest.mark.parametrize(("name", "status"), [("viewer", 403), ("agent", 403), ("owner", 303)])
async def test_only_who_may_edit_may_ask(served: Site, name: str, status: int) -> None:
    email = "grace@acme.example" if name == "agent" else f"{name}@acme.example"
    mine = await person(served, email)
    entry = await the_entry(served)
    assert (await mine.send(f"/entries/{entry.id}/suggestions")).status_code == status
    gap_id = await gap(served, "how many days until my delivery comes")
    assert (await mine.send("/gaps/drafted", gaps=gap_id)).status_code == status
    assert ("Suggest phrasings" in await mine.see(f"/entries/{entry.id}")) == (status == 303)


async def test_r10_what_is_not_of_this_domain_is_not_there_and_a_form_without_its_token_is_refused(
    served: Site, owner: Person, double: OpenAI
) -> None:
    entry = await the_entry(served)
    there, _ = await owner.led(await owner.send(f"/entries/{entry.id}/suggestions"))
    asked = len(double.requests)
    path = there.removeprefix(owner.base)
    foreign = f"/app/acme/knowledge/{served.cast.globex.domain_id}"
    for answer in (
        await owner.visit.get(foreign + path),
        await owner.visit.post(foreign + path, {"csrf": owner.csrf, "phrasing": "x"}),
        await owner.visit.post(f"{foreign}/entries/{entry.id}/suggestions", {"csrf": owner.csrf}),
        await owner.send(f"/entries/{new_id()}/suggestions"),
        await owner.send("/gaps/drafted", gaps=new_id()),
        await owner.send(f"/import/{new_id()}/stop-writing"),
        await owner.visit.get(f"{owner.base}/gaps/drafted/{path.rpartition('/')[2]}"),
        await owner.visit.get(f"{owner.base}/entries/{new_id()}/suggestions/{path.rpartition('/')[2]}"),
    ):
        assert answer.status_code == 404
    assert (await owner.visit.post(f"{owner.base}/entries/{entry.id}/suggestions", {})).status_code == 403
    assert len(double.requests) == asked


@pytest.mark.parametrize("more_settings", [{"PORT": 0, "STOP_SECONDS": 1}])
async def test_without_a_model_nothing_of_it_is_offered_and_what_is_sent_all_the_same_says_why(site: Site) -> None:
    async with site.db.write() as session:
        acme = site.cast.acme
        entry = Entry(workspace_id=acme.workspace_id, domain_id=acme.domain_id, question=QUESTION, answer=ANSWER)
        session.add(entry)
    mine = await person(site)
    assert "Let the model" not in await mine.see("/import")
    assert "Suggest phrasings" not in await mine.see(f"/entries/{entry.id}")
    await gap(site, "how many days until my delivery comes")
    assert "with the model" not in await mine.see("/gaps")
    _, said = await mine.led(await mine.send(f"/entries/{entry.id}/suggestions"))
    assert "OPENAI_API_KEY is not set" in said


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_of_it_has_a_fault_that_axe_finds_or_is_wider_than_the_screen(
    served: Site, owner: Person, browser: Browser, width: int, scheme: str
) -> None:
    entry = await the_entry(served)
    suggested, _ = await owner.led(await owner.send(f"/entries/{entry.id}/suggestions"))
    drafted, _ = await owner.led(await owner.send("/gaps/drafted", gaps=await gap(served, "delivery how long")))
    await gap(served, "delivery to the moon")
    source_id = await written(served)
    context = await browser.new_context(
        base_url=served.settings.public_url,
        viewport={"width": width, "height": 844},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = await context.new_page()
    await fill_in(page, "owner", "/app/acme/")
    shown = (f"{owner.base}/entries/{entry.id}", suggested, f"{owner.base}/gaps", drafted, f"{owner.base}/import")
    for path in (*shown, f"{owner.base}/import/{source_id}", "/app/acme/usage"):
        await page.goto(path)
        found = await Axe().run(page)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    await context.close()


async def written(served: Site) -> str:
    """An import for which the model wrote some, and stopped."""
    acme = served.cast.acme
    notes = [{"title": "Delivery", "sentence": "The model's answer held a price that is not in the text."}]
    told = {"state": "stopped", "total": 14, "done": 8, "written": 7, "reason": "There are no credits left."}
    async with served.db.write() as session:
        source = Source(workspace_id=acme.workspace_id, domain_id=acme.domain_id, kind="markdown", name="help.md")
        source.state, source.report = "done", {"added": 14, "refused": 0, "model": told | {"notes": notes}}
        session.add(source)
        await session.flush()
        return source.id
