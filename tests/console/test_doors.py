"""Who may see what (R10): foreign and absent are the same, and roles open what is theirs."""

import pytest
from sqlalchemy import select

from console.access import port, service
from engine.models import Bot, User
from tests.console.conftest import Site

pytestmark = pytest.mark.anyio

PAGES = ("/app/{}/", "/app/{}", "/app/{}/live", "/app/{}/usage", "/app/{}/nothing")


@pytest.mark.parametrize("page", PAGES)
async def test_r10_a_foreign_workspace_and_one_that_is_not_there_are_the_same(site: Site, page: str) -> None:
    visit = site.visit()
    await visit.sign_in("owner@acme.example")
    foreign, absent = await visit.get(page.format("globex")), await visit.get(page.format("initech"))
    assert foreign.status_code == absent.status_code == 404
    assert foreign.text == absent.text
    assert foreign.headers == absent.headers
    if not page.endswith("nothing"):
        assert (await visit.get(page.format("acme"))).status_code == 200


@pytest.mark.parametrize("slug", ["globex", "initech"])
async def test_r10_signed_out_both_lead_to_the_sign_in(site: Site, slug: str) -> None:
    answer = await site.visit().get(f"/app/{slug}/live")
    assert answer.headers["location"] == f"/auth/sign-in?next=/app/{slug}/live"


async def test_r10_no_page_of_a_member_shows_anything_of_another_workspace(site: Site) -> None:
    async with site.db.read() as session:
        keys = dict((await session.execute(select(Bot.key, Bot.workspace_id))).all())
    assert set(keys) == {"key-of-acme", "key-of-globex"}
    visit = site.visit()
    await visit.sign_in("owner@acme.example")
    for page in PAGES[:-1]:
        shown = (await visit.get(page.format("acme"))).text
        assert "globex" not in shown.lower()
    assert "key-of-acme" in (await visit.get("/app/acme/")).text


@pytest.mark.parametrize(
    ("who", "live", "usage"),
    [("owner", 200, 200), ("admin", 200, 200), ("grace", 200, 403), ("marketer", 403, 403), ("viewer", 403, 403)],
)
async def test_a_role_opens_what_is_its_own(site: Site, who: str, live: int, usage: int) -> None:
    visit = site.visit()
    await visit.sign_in(f"{who}@acme.example")
    overview = await visit.get("/app/acme/")
    assert overview.status_code == 200
    for page, status in (("live", live), ("usage", usage)):
        assert (await visit.get(f"/app/acme/{page}")).status_code == status
        assert (f'href="/app/acme/{page}"' in overview.text) is (status == 200)


async def test_somebody_without_a_workspace_is_told_so(site: Site) -> None:
    async with site.db.write() as session:
        session.add(User(email="alone@acme.example", name="Alone", password_hash=await _hash(site)))
    visit = site.visit()
    assert (await visit.sign_in("alone@acme.example")).status_code == 303
    assert (await visit.get("/dashboard")).status_code == 404


async def _hash(site: Site) -> str:
    async with site.db.read() as session:
        return (await session.scalars(select(User.password_hash).limit(1))).one()


@pytest.mark.parametrize(
    ("who", "workspace", "found"),
    [
        ("grace", "acme", True),
        ("grace", None, True),
        ("owner", "acme", True),
        ("grace", "globex", False),
        ("grace", "initech", False),
        ("viewer", "acme", False),
        ("viewer", None, False),
        (None, "acme", False),
    ],
)
async def test_r10_a_desk_socket_belongs_to_a_member_who_may_use_that_desk(
    site: Site, who: str | None, workspace: str | None, found: bool
) -> None:
    visit = site.visit()
    if who:
        await visit.sign_in(f"{who}@acme.example")
    agent = await port.agent(site.db, dict(visit.cookies), workspace)
    assert (agent is not None) is found
    if agent is not None:
        assert agent.workspace_id == site.cast.acme.workspace_id
        assert agent.name == ("Grace" if who == "grace" else "Owner")


async def test_r11_a_desk_socket_of_an_ended_session_is_nobodys(site: Site) -> None:
    visit = site.visit()
    await visit.sign_in("grace@acme.example")
    kept = {service.COOKIE: visit.cookies[service.COOKIE]}
    assert await port.agent(site.db, kept, "acme") is not None
    await visit.sign_out()
    assert await port.agent(site.db, kept, "acme") is None
