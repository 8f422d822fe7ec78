"""Search at the desk: every hit once, nothing of others, bounded, in every case and script; and its box."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import expect
from sqlalchemy import select, update

from console.live import search
from engine.db import now
from engine.models import Message, Note
from tests.console.conftest import Site
from tests.console.screen import SignIn, visitor
from tests.console.test_canned import signed_in
from tests.console.visit import Visit
from tests.servers.parts import free_port
from tests.wire import Client

pytestmark = pytest.mark.anyio


@pytest.fixture
def more_settings() -> dict[str, object]:
    return {"PORT": free_port(), "STOP_SECONDS": 1}


async def found(visit: Visit, text: str, slug: str = "acme") -> list[str]:
    answer = await visit.client.get(f"/app/{slug}/live/search", params={"q": text})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return [each["excerpt"] for each in answer.json()["found"]]


@pytest.mark.parametrize(
    ("said", "wanted", "hit"),
    [
        ("Where is my Parcel, please?", "parcel WHERE", True),
        ("Where is my Parcel, please?", "parcel lost", False),
        ("Schöne Äpfel", "äpfel", True),
        ("где моя ПОСЫЛКА", "посылка", True),
        ("荷物はどこですか", "どこ", True),
        ("100 % wool", "100 %", True),
        ("100 wool", "%", False),
        ("snake_case", "e_c", True),
        ("snakeXcase", "e_c", False),
        ("a\\b", "\\", True),
    ],
)
async def test_all_words_in_any_case_and_no_wildcards(served: Site, said: str, wanted: str, hit: bool) -> None:
    grace = await signed_in(served, "grace@acme.example")
    async with visitor(served, said):
        assert (said in await found(grace, wanted)) is hit


async def test_r10_only_the_workspaces_own_rooms_and_notes_are_found(served: Site) -> None:
    globex = served.cast.globex
    address = f"ws://127.0.0.1:{served.settings.PORT}/v1/chat?bot={globex.key}"
    async with Client(address, origin=globex.origin) as bob, visitor(served, "our zebra") as ada:
        await bob.join()
        await bob.send("their zebra")
        room = (await ada.join())["room"]
        async with served.db.write() as session:
            kept = Note(
                workspace_id=served.cast.acme.workspace_id, room_id=room, name="Grace", client_id="n", text="a giraffe",
                mentions=[], position=1,
            )  # fmt: skip
            session.add(kept)
        grace = await signed_in(served, "grace@acme.example")
        stranger = await signed_in(served, "grace@globex.example")
        assert await found(grace, "zebra") == ["our zebra"]
        assert await found(stranger, "zebra", "globex") == ["their zebra"]
        assert await found(grace, "giraffe") == ["a giraffe"]
        assert await found(stranger, "giraffe", "globex") == []
        assert (await stranger.get("/app/acme/live/search?q=zebra")).status_code == 404
        viewer = await signed_in(served, "viewer@acme.example")
        assert (await viewer.get("/app/acme/live/search?q=zebra")).status_code == 403
        assert await found(grace, " ") == []
        assert await found(grace, "x" * 5_000) == []


async def test_pages_have_every_room_once_newest_hit_first(served: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PAGE", 2)
    grace = await signed_in(served, "grace@acme.example")
    rooms = []
    for n in range(5):
        async with visitor(served, f"needle {n}", f"needle again {n}") as ada:
            rooms.append((await ada.join())["room"])
    at = now()
    async with served.db.write() as session:
        for n, room in enumerate(rooms):
            moment = at + timedelta(seconds=n // 2)  # some at the same moment
            await session.execute(update(Message).where(Message.room_id == room).values(created_at=moment))
    seen: list[str] = []
    more: str | None = ""
    while more is not None:
        answer = await grace.client.get("/app/acme/live/search", params={"q": "needle", "after": more})
        page = answer.json()
        seen += [each["room"] for each in page["found"]]
        more = page["more"]
    assert sorted(seen) == sorted(rooms)
    assert seen[0] == rooms[4]
    assert {*seen[1:3]} == {rooms[2], rooms[3]}
    async with served.db.read() as session:
        assert await session.scalar(select(Message.text).limit(1))
    for wrong in ("x", "2026-01-01 room", "2026-13-01T00:00:00+00:00 r"):
        assert (
            await grace.client.get("/app/acme/live/search", params={"q": "needle", "after": wrong})
        ).status_code == 200


def test_an_excerpt_is_short_and_has_the_word() -> None:
    word = re.compile("needle", re.IGNORECASE)
    for text in (
        "needle",
        "hay " * 200 + "Needle" + " hay" * 200,
        "hay " * 200 + "needle",
        "hay " * 300,
        "a\n\n needle",
    ):
        cut = search.excerpt(text, word)
        assert len(cut) <= search.EXCERPT
        assert ("needle" in cut.lower()) is ("needle" in text.lower())
        assert "\n" not in cut


async def test_at_the_desk_what_is_found_opens_and_escape_brings_the_lists_back(served: Site, sign_in: SignIn) -> None:
    async with visitor(served, "<b>I lost</b> my parcel"), visitor(served, "I want to talk to a person"):
        grace = await sign_in("grace")
        await expect(grace.locator(".waiting a")).to_have_count(1)
        await grace.keyboard.press("s")
        box = grace.get_by_role("searchbox", name="Search all chats")
        await expect(box).to_be_focused()
        await box.press_sequentially("PARCEL lost")
        line = grace.locator(".found a")
        await expect(line).to_have_count(1)
        await expect(line.locator("mark")).to_have_text(["lost", "parcel"])
        await expect(line.locator(".preview")).to_contain_text("Visitor: <b>I lost</b> my parcel")
        await expect(grace.locator(".waiting a")).to_be_hidden()
        await line.click()
        await expect(grace.locator(".visitor .bubble")).to_have_text("<b>I lost</b> my parcel")
        await box.fill("unicorn")
        await expect(grace.locator(".found")).to_contain_text("Nothing found")
        await grace.context.set_offline(True)
        await box.fill("unicorns")
        await expect(grace.locator(".found")).to_contain_text("could not be reached")
        await grace.context.set_offline(False)
        await box.press("Escape")
        await expect(box).to_have_value("")
        await expect(grace.locator(".waiting a")).to_be_visible()
