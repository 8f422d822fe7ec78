"""Canned replies: whose they are, who may change them, and what is refused."""

from typing import Any

import pytest
from sqlalchemy import select

from console.canned import service
from engine.models import AuditEvent, Canned
from tests.console.conftest import Site
from tests.console.visit import Visit

pytestmark = pytest.mark.anyio
PAGE = "/app/acme/canned"


async def signed_in(site: Site, email: str) -> Visit:
    visit = site.visit()
    await visit.sign_in(email)
    return visit


async def send(visit: Visit, path: str = "", **fields: str) -> Any:
    csrf = (await visit.fields("/auth/sign-out"))["csrf"]
    return await visit.post(PAGE + path, {"csrf": csrf, **fields})


async def listed(visit: Visit) -> list[tuple[str, str, bool]]:
    answer = await visit.get(PAGE + ".json")
    assert answer.headers["cache-control"] == "no-store"
    return [(each["shortcut"], each["text"], each["mine"]) for each in answer.json()["canned"]]


async def ids(site: Site) -> dict[str, str]:
    async with site.db.read() as session:
        return {each.text: each.id for each in await session.scalars(select(Canned))}


async def test_everybody_has_their_own_and_the_workspaces(site: Site) -> None:
    owner, grace, linus = [await signed_in(site, f"{name}@acme.example") for name in ("owner", "grace", "linus")]
    assert (await send(owner, shortcut="/Refund", text="We refund it.", shared="on")).status_code == 303
    assert (await send(grace, shortcut="refund", text="I refund it.")).status_code == 303
    assert (await send(grace, shortcut="grüße", text="Viele Grüße,\n{agent} 🌱")).status_code == 303
    assert await listed(grace) == [
        ("grüße", "Viele Grüße,\n{agent} 🌱", True),
        ("refund", "I refund it.", True),
        ("refund", "We refund it.", False),
    ]
    assert await listed(linus) == [("refund", "We refund it.", False)]
    page = (await grace.get(PAGE)).text
    assert page.count('aria-label="Change /') == 2, "the workspace's is not hers to change"
    known = await ids(site)
    assert (await send(grace, id=known["I refund it."], shortcut="back", text="Back it goes.")).status_code == 303
    assert (await send(grace, "/delete", id=known["Viele Grüße,\n{agent} 🌱"])).status_code == 303
    assert await listed(grace) == [("back", "Back it goes.", True), ("refund", "We refund it.", False)]
    async with site.db.read() as session:
        log = await session.scalars(select(AuditEvent.action).order_by(AuditEvent.created_at))
        assert list(log) == ["canned.add", "canned.add", "canned.add", "canned.change", "canned.delete"]


async def test_r10_nobody_changes_what_is_not_theirs(site: Site) -> None:
    owner, grace, linus = [await signed_in(site, f"{name}@acme.example") for name in ("owner", "grace", "linus")]
    stranger = await signed_in(site, "grace@globex.example")
    await send(owner, shortcut="ours", text="Everybody's.", shared="on")
    await send(grace, shortcut="mine", text="Grace's.")
    known = await ids(site)
    ours, mine = known["Everybody's."], known["Grace's."]
    assert (await send(grace, shortcut="all", text="x", shared="on")).status_code == 403
    assert (await send(grace, id=ours, shortcut="ours", text="x")).status_code == 403
    assert (await send(grace, "/delete", id=ours)).status_code == 403
    for visit in (linus, owner, stranger):
        assert (await send(visit, id=mine, shortcut="mine", text="x")).status_code == 404
        assert (await send(visit, "/delete", id=mine)).status_code == 404
        assert (await visit.get(f"{PAGE}?edit={mine}")).status_code == 404
    assert (await stranger.get(PAGE + ".json")).status_code == 404
    for role in ("viewer", "marketer"):
        visit = await signed_in(site, f"{role}@acme.example")
        assert (await visit.get(PAGE)).status_code == 403
        assert (await send(visit, shortcut="x", text="x")).status_code == 403
    forged = await grace.post(PAGE, {"csrf": "x" * 32, "shortcut": "x", "text": "x"})
    assert forged.status_code == 403
    assert await ids(site) == known


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"shortcut": "two words", "text": "x"}, "A shortcut is one word"),
        ({"shortcut": "", "text": "x"}, "A shortcut is one word"),
        ({"shortcut": "x" * 41, "text": "x"}, "A shortcut is one word"),
        ({"shortcut": "ok", "text": " \x00 "}, "1 to 4,000 characters"),
        ({"shortcut": "ok", "text": "y" * 4_001}, "1 to 4,000 characters"),
        ({"shortcut": "TAKEN", "text": "kept <b>"}, "/taken is there already"),
    ],
)
async def test_what_is_refused_is_said_and_what_was_typed_is_still_there(
    site: Site, fields: dict[str, str], said: str
) -> None:
    grace = await signed_in(site, "grace@acme.example")
    await send(grace, shortcut="taken", text="First.")
    answer = await send(grace, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert "First." in answer.text
    if "kept" in fields["text"]:
        assert "kept &lt;b&gt;</textarea>" in answer.text
    assert len(await listed(grace)) == 1


async def test_there_is_an_end_to_how_many(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST", 2)
    grace = await signed_in(site, "grace@acme.example")
    answers = [await send(grace, shortcut=f"n{n}", text="x") for n in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 422]
    assert "There are 2 already" in answers[2].text
