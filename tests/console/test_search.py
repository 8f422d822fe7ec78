"""Search over transcripts at the desk: the same on both databases, of this workspace alone, page by page."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from console.live import search
from console.live.words import EXCERPT, LONGEST, WORDS, excerpt
from engine.db import new_id, now
from engine.models import Message, Note, Room, Visitor
from tests.cast import Company
from tests.console.conftest import Owner, Site
from tests.console.visit import Visit

pytestmark = pytest.mark.anyio
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
PATH = "/app/acme/live/search"
Said = tuple[str, str]  # author ("note" for a private one) and text


async def room(site: Site, company: Company, *said: Said | str, minute: int = 0, step: int = 1) -> str:
    """A room in which this was said, by the visitor unless it says otherwise: the first at ``minute``, then one each
    ``step`` minutes."""
    owner = {"workspace_id": company.workspace_id, "domain_id": company.domain_id}
    visitor_id, room_id = new_id(), new_id()
    values: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for n, each in enumerate(said):
        author, text = each if isinstance(each, tuple) else ("visitor", each)
        common = {"id": new_id(), "room_id": room_id, "text": text, "position": n + 1}
        common["created_at"] = AT + timedelta(minutes=minute + n * step)
        if author == "note":
            note = {"workspace_id": company.workspace_id, "name": "Grace", "client_id": new_id(), "mentions": []}
            notes.append({**common, **note})
        else:
            values.append({**common, "revision": n + 1, "author": author})
    at = AT + timedelta(minutes=minute + len(said) * step)
    facts = {"id": room_id, "bot_id": company.bot_id, "visitor_id": visitor_id, "revision": len(said)}
    async with site.db.write() as session:
        await session.execute(insert(Visitor).values(id=visitor_id, **owner))
        await session.execute(insert(Room).values(**facts, **owner, updated_at=at))
        for table, rows in ((Message, values), (Note, notes)):
            if rows:
                await session.execute(insert(table), rows)
    return room_id


async def look(visit: Visit, q: str, **more: str) -> dict[str, Any]:
    answer = await visit.client.get(PATH, params={"q": q, **more})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


async def rooms(visit: Visit, q: str) -> list[str]:
    return [each["room"] for each in (await look(visit, q))["found"]]


async def pages(visit: Visit, q: str) -> list[list[str]]:
    """The rooms of every page, one after the other."""
    answer = await look(visit, q)
    found = [[each["room"] for each in answer["found"]]]
    while answer["more"]:
        answer = await look(visit, q, before=answer["more"])
        found.append([each["room"] for each in answer["found"]])
    return found


async def test_r10_what_was_said_or_noted_here_is_found_and_never_what_was_at_a_rivals(owner: Owner) -> None:
    site, acme, globex = owner.site, owner.site.cast.acme, owner.site.cast.globex
    said = await room(site, acme, "Hello there", ("bot", "The *parcel* is blue"), ("agent", "Bye"))
    noted = await room(site, acme, "My order", ("note", "Parcel was lost"), minute=10)
    for n in range(search.PAGE + 1):  # they would fill a page
        await room(site, globex, "A parcel of globex", ("note", "parcel"), minute=20 + n)
    assert await look(owner.visit, "parcel") == {
        "found": [
            {"room": noted, "title": "My order", "excerpt": "Parcel was lost", "author": "note",
             "at": "2026-03-01T12:11:00+00:00"},
            {"room": said, "title": "Hello there", "excerpt": "The *parcel* is blue", "author": "bot",
             "at": "2026-03-01T12:01:00+00:00"},
        ],
        "more": None,
    }  # fmt: skip
    rival = site.visit()
    await rival.sign_in("grace@globex.example")
    assert (await rival.get(f"{PATH}?q=parcel")).status_code == 404


async def test_r10_a_note_that_names_a_foreign_workspaces_room_is_not_found(owner: Owner) -> None:
    site, acme, globex = owner.site, owner.site.cast.acme, owner.site.cast.globex
    ours = await room(site, acme, "Hello", ("note", "unicorn"))
    assert await rooms(owner.visit, "unicorn") == [ours]
    async with site.db.write() as session:
        await session.execute(update(Note).values(workspace_id=globex.workspace_id))
    assert await rooms(owner.visit, "unicorn") == []


async def test_all_words_must_be_in_one_message_in_any_order(owner: Owner) -> None:
    site, acme = owner.site, owner.site.cast.acme
    both = await room(site, acme, "blue then red")
    await room(site, acme, "only red", "only blue")
    assert await rooms(owner.visit, "  red\n BLUE ") == [both]
    assert len(await rooms(owner.visit, "red")) == 2
    assert await rooms(owner.visit, "blue red green") == []


@pytest.mark.parametrize(
    ("text", "q"),
    [
        ("MÜNCHEN", "münchen"),
        ("münchen", "MÜnChEn"),
        ("Große Straße", "STRASSE"),
        ("STRASSE", "straße"),
        ("ΟΔΟΣ", "οδος"),
        ("ПРИВЕТ, мир", "Привет МИР"),
        ("ÇOCUK", "çocuk"),
        ("cafe\u0301 noir", "CAFÉ"),
        ("配送は何日", "何日"),
        ("Fun 🎉 time", "🎉"),
    ],
)
async def test_upper_and_lower_case_are_the_same_in_every_script(owner: Owner, text: str, q: str) -> None:
    one = await room(owner.site, owner.site.cast.acme, text)
    await room(owner.site, owner.site.cast.acme, "Something else")
    assert await rooms(owner.visit, q) == [one]


@pytest.mark.parametrize("mark", ["%", "_", "\\", "50%", "a_b", "'", '"', "[a]", "*", "?", ".", "--"])
async def test_marks_are_letters_like_others(owner: Owner, mark: str) -> None:
    one = await room(owner.site, owner.site.cast.acme, f"x{mark}y")
    await room(owner.site, owner.site.cast.acme, "x 50 aab y")
    assert await rooms(owner.visit, mark) == [one]


async def test_a_room_is_there_once_at_its_newest_hit(owner: Owner) -> None:
    site, acme = owner.site, owner.site.cast.acme
    twice = await room(site, acme, "kiwi one", "no", "kiwi two", ("note", "no"), step=10)
    between = await room(site, acme, "kiwi", minute=15)
    found = (await look(owner.visit, "kiwi"))["found"]
    assert [(each["room"], each["excerpt"]) for each in found] == [(twice, "kiwi two"), (between, "kiwi")]


async def test_a_room_full_of_hits_hides_no_other(owner: Owner) -> None:
    site, acme = owner.site, owner.site.cast.acme
    older = await room(site, acme, "pear")
    full = await room(site, acme, *["pear"] * 1_200, minute=5, step=0)
    assert await rooms(owner.visit, "pear") == [full, older]


async def test_what_the_system_says_and_what_is_empty_is_not_looked_at(owner: Owner) -> None:
    await room(owner.site, owner.site.cast.acme, ("system", "Grace took the chat"), "")
    assert await rooms(owner.visit, "grace") == []


@pytest.mark.parametrize("count", [20, 21, 47])
async def test_pages_together_are_all_without_doubles(owner: Owner, count: int) -> None:
    site, acme = owner.site, owner.site.cast.acme
    made = [await room(site, acme, "pear", "pear again", minute=n // 5) for n in range(count)]  # five at each time
    found = await pages(owner.visit, "pear")
    assert [len(page) for page in found[:-1]] == [search.PAGE] * (len(found) - 1)
    assert len(found) == -(-count // search.PAGE)
    flat = [each for page in found for each in page]
    assert len(flat) == count
    assert set(flat) == set(made)
    minutes = {room_id: n // 5 for n, room_id in enumerate(made)}
    assert [minutes[each] for each in flat] == sorted((minutes[each] for each in flat), reverse=True)


async def test_a_room_that_speaks_again_between_two_pages_is_on_none_twice(owner: Owner) -> None:
    site, acme = owner.site, owner.site.cast.acme
    made = [await room(site, acme, "pear", minute=n) for n in range(25)]
    first = await look(owner.visit, "pear")
    seen = [each["room"] for each in first["found"]]
    assert seen == made[:4:-1]
    again = {"id": new_id(), "position": 2, "revision": 2, "author": "visitor", "text": "pear", "created_at": now()}
    async with site.db.write() as session:
        await session.execute(insert(Message).values(room_id=seen[5], **again))
    second = await look(owner.visit, "pear", before=first["more"])
    assert [each["room"] for each in second["found"]] == made[4::-1]


async def test_an_empty_query_finds_nothing(owner: Owner) -> None:
    await room(owner.site, owner.site.cast.acme, "anything")
    for q in ("", "   ", "\x00\x07", "\U000e0041"):
        assert await look(owner.visit, q) == {"found": [], "more": None}
    assert (await owner.visit.get(PATH)).json() == {"found": [], "more": None}


async def test_r14_what_is_too_long_is_cut_and_what_is_strange_is_cleaned(owner: Owner) -> None:
    site, acme = owner.site, owner.site.cast.acme
    ten = " ".join(f"w{n}" for n in range(WORDS))
    one = await room(site, acme, ten)
    assert await rooms(owner.visit, f"{ten} w-eleven") == [one]
    assert await rooms(owner.visit, "w0 x-second") == []
    long = await room(site, acme, "y" * LONGEST)
    assert await rooms(owner.visit, "y" * 5_000) == [long]
    assert await rooms(owner.visit, "w0\x00 \x1b") == [one]
    for raw in ("%FF%FE", "%ED%A0%80", "%00", "%"):
        assert (await owner.visit.get(f"{PATH}?q={raw}")).status_code == 200


@pytest.mark.parametrize("before", ["x", "1-2", "-", "1-" + "g" * 32, "9" * 18 + "-" + "0" * 32, "1-" + "a" * 33])
async def test_a_cursor_that_is_none_is_refused(owner: Owner, before: str) -> None:
    answer = await owner.visit.client.get(PATH, params={"q": "a", "before": before})
    assert answer.status_code == 400


async def test_a_room_that_is_none_may_be_in_a_cursor(owner: Owner) -> None:
    one = await room(owner.site, owner.site.cast.acme, "plum")
    found = await look(owner.visit, "plum", before=f"{'9' * 17}-{'0' * 32}")
    assert [each["room"] for each in found["found"]] == [one]


async def test_older_rooms_and_older_texts_are_outside_the_window(site: Site) -> None:
    acme = site.cast.acme

    async def found(word: str, window: search.Window) -> list[str]:
        async with site.db.read() as session:
            answer = await search.find(session, acme.workspace_id, [word], window=window)
        return [each["room"] for each in answer["found"]]

    old, mid, new = [await room(site, acme, "fig", minute=n) for n in range(3)]
    assert await found("fig", search.Window()) == [new, mid, old]
    assert await found("fig", search.Window(rooms=2)) == [new, mid]
    assert await found("fig", search.Window(texts=1)) == [new]
    long = await room(site, acme, "date", "no", ("note", "no"), "no", minute=9)
    assert await found("date", search.Window(depth=4)) == [long]
    assert await found("date", search.Window(depth=3)) == []


async def test_more_rows_than_one_piece_are_looked_through(owner: Owner) -> None:
    site, acme = owner.site, owner.site.cast.acme
    texts = ["needle", *["hay"] * (search.PIECE // 2)]
    made = [await room(site, acme, *texts, minute=n, step=0) for n in range(3)]
    assert await rooms(owner.visit, "needle") == made[::-1]


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("admin", 200), ("marketer", 403), ("viewer", 403)])
async def test_who_may_use_the_desk_may_search(site: Site, role: str, status: int) -> None:
    visit = site.visit()
    assert (await visit.get(f"{PATH}?q=a")).status_code == 303
    await visit.sign_in(f"{role}@acme.example")
    assert (await visit.get(f"{PATH}?q=a")).status_code == status
    assert (await visit.get("/app/globex/live/search?q=a")).status_code == 404
    assert (await visit.get("/app/nobody/live/search?q=a")).status_code == 404


async def test_an_agent_may_search(site: Site) -> None:
    visit = site.visit()
    await visit.sign_in("grace@acme.example")
    assert (await visit.get(f"{PATH}?q=a")).status_code == 200


LONG = "lorem ipsum dolor " * 40


@pytest.mark.parametrize(
    ("text", "words", "has"),
    [
        ("short", ["short"], "short"),
        ("a\n\n  b\tc", ["b"], "a b c"),
        (LONG + "Treffer" + LONG, ["treffer"], "Treffer"),
        ("ß" * 300 + " Treffer " + "ß" * 300, ["treffer"], "Treffer"),
        (LONG + "Größe", ["grösse"], "Größe"),
        ("Treffer " + LONG, ["treffer", "lorem"], "Treffer lorem"),
        (LONG, ["absent"], "lorem"),
        ("z" * 4_000, ["z" * 200], "z" * 100),
    ],
)
def test_an_excerpt_is_short_on_one_line_and_has_the_first_hit(text: str, words: Sequence[str], has: str) -> None:
    cut = excerpt(text, words)
    assert has in cut
    assert len(cut) <= EXCERPT
    assert cut == " ".join(cut.split())
    body = cut.strip("…")
    assert body in " ".join(text.split())
    assert cut.startswith("…") == (not " ".join(text.split()).startswith(body))
