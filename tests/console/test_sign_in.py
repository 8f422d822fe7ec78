"""Signing in and out (R11): sessions, cookies, limits, forms from elsewhere, addresses to go on to."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from console.access import service
from console.access.models import Session
from engine.db import now
from engine.models import User
from tests.console.conftest import Site, cheap
from tests.console.visit import PASSWORD

pytestmark = pytest.mark.anyio

OWNER = "owner@acme.example"
HTTPS = {"PUBLIC_URL": "https://desk.example"}


async def sessions(site: Site) -> int:
    async with site.db.read() as session:
        return await session.scalar(select(func.count()).select_from(Session)) or 0


async def test_r11_the_right_password_opens_the_desk(site: Site) -> None:
    visit = site.visit()
    assert (await visit.get("/app/acme/live")).headers["location"] == "/auth/sign-in?next=/app/acme/live"
    answer = await visit.sign_in("Grace@ACME.example ", after="/app/acme/live")
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/acme/live")
    assert (await visit.get("/app/acme/live")).status_code == 200
    assert (await visit.get("/auth/sign-in")).status_code == 303
    assert (await visit.get("/dashboard")).headers["location"] == "/app/acme/"


async def test_r11_a_wrong_password_and_an_unknown_address_look_alike(site: Site) -> None:
    wrong = await site.visit().sign_in(OWNER, "wrong")
    unknown = await site.visit().sign_in("nobody@acme.example", "wrong")
    empty = await site.visit().sign_in("nobody@acme.example", "")
    assert wrong.status_code == unknown.status_code == empty.status_code == 401
    assert "do not belong together" in wrong.text
    assert wrong.headers.keys() == unknown.headers.keys()
    strip = {OWNER: "", "nobody@acme.example": ""}
    pages = [_without(answer.text, strip) for answer in (wrong, unknown, empty)]
    assert pages[0] == pages[1] == pages[2]
    assert await sessions(site) == 0


def _without(page: str, parts: dict[str, str]) -> str:
    for part in parts:
        page = page.replace(part, "")
    return re.sub(r'name="csrf" value="\w+"', "", page)


async def test_r11_an_unknown_address_costs_the_same_work(site: Site) -> None:
    passwords = cheap()
    stored = await passwords.hash(PASSWORD)
    assert await passwords.verify(stored, PASSWORD)
    assert not await passwords.verify(stored, "wrong")
    assert not await passwords.verify(None, PASSWORD)
    assert not await passwords.verify("no hash", PASSWORD)


async def test_what_no_database_takes_is_no_error(site: Site) -> None:
    answer = await site.visit().sign_in("nul\x00\ud800@acme.example".encode("utf-8", "replace").decode(), "\x00")
    assert answer.status_code == 401


@pytest.mark.parametrize("more_settings", [HTTPS])
async def test_r11_behind_https_the_cookie_is_secure_and_bound_to_this_host(site: Site) -> None:
    cookie = (await site.visit().sign_in(OWNER)).headers["set-cookie"]
    assert cookie.startswith("__Host-frontdesk_session=")
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}
    assert "domain" not in cookie.lower()


async def test_r11_the_cookie_is_for_no_script_and_no_other_site(site: Site) -> None:
    cookie = (await site.visit().sign_in(OWNER)).headers["set-cookie"]
    parts = {part.strip().lower() for part in cookie.split(";")}
    assert {"httponly", "samesite=lax", "path=/"} <= parts
    assert "secure" not in parts  # plain http on this machine


async def test_r11_signing_in_makes_a_new_session_and_ends_the_one_before(site: Site) -> None:
    visit = site.visit()
    await visit.sign_in(OWNER)
    first = visit.cookies[service.COOKIE]
    hidden = {"csrf": (await site.visit().fields("/auth/sign-in"))["csrf"]}
    assert hidden["csrf"]
    thief = site.visit()
    thief.cookies.set(service.COOKIE, first)
    assert (await thief.get("/app/acme/")).status_code == 200
    again = site.visit()
    fields = await again.fields("/auth/sign-in")
    again.cookies.set(service.COOKIE, first)
    answer = await again.post("/auth/sign-in", fields | {"email": OWNER, "password": PASSWORD})
    assert answer.status_code == 303
    assert first not in answer.headers["set-cookie"]
    assert (await thief.get("/app/acme/")).status_code == 303
    assert await sessions(site) == 1


async def test_a_session_that_was_made_up_is_none(site: Site) -> None:
    visit = site.visit()
    visit.cookies.set(service.COOKIE, "made-up")
    assert (await visit.get("/app/acme/")).status_code == 303


async def test_signing_out_ends_the_session_for_good(site: Site) -> None:
    visit = site.visit()
    await visit.sign_in(OWNER)
    kept = visit.cookies[service.COOKIE]
    assert (await visit.sign_out()).headers["location"] == "/auth/sign-in"
    assert service.COOKIE not in visit.cookies
    visit.cookies.set(service.COOKIE, kept)
    assert (await visit.get("/app/acme/")).status_code == 303
    assert await sessions(site) == 0


@pytest.mark.parametrize(
    "ended",
    [{"expires_at": timedelta(seconds=-1)}, {"seen_at": -service.IDLE}],
    ids=["too old", "idle for too long"],
)
async def test_a_session_ends_by_itself(site: Site, ended: dict[str, timedelta]) -> None:
    visit = site.visit()
    await visit.sign_in(OWNER)
    assert (await visit.get("/app/acme/")).status_code == 200
    async with site.db.write() as session:
        values: dict[str, Any] = {name: now() + by for name, by in ended.items()}
        await session.execute(update(Session).values(values))
    assert (await visit.get("/app/acme/")).status_code == 303
    await site.visit().sign_in(OWNER)
    assert await sessions(site) == 1  # the dead one was swept


async def test_a_page_is_a_sign_of_life(site: Site) -> None:
    visit = site.visit()
    await visit.sign_in(OWNER)
    old = now() - service.IDLE / 2
    async with site.db.write() as session:
        await session.execute(update(Session).values(seen_at=old))
    await visit.get("/app/acme/")
    async with site.db.read() as session:
        assert (await session.scalar(select(Session.seen_at)) or old) > now() - timedelta(minutes=1)


async def test_r11_a_new_password_ends_every_session_of_its_owner_alone(site: Site) -> None:
    here, there, other = site.visit(), site.visit(), site.visit()
    await here.sign_in(OWNER)
    await there.sign_in(OWNER)
    await other.sign_in("admin@acme.example")
    async with site.db.write() as session:
        owner = await service.user_by_address(session, OWNER)
        assert owner is not None
        await service.change_password(session, owner.id, await cheap().hash("another"))
    assert (await here.get("/app/acme/")).status_code == (await there.get("/app/acme/")).status_code == 303
    assert (await other.get("/app/acme/")).status_code == 200
    assert (await here.sign_in(OWNER)).status_code == 401
    assert (await here.sign_in(OWNER, "another")).status_code == 303


async def test_r11_a_password_changed_while_it_was_being_verified_opens_nothing(site: Site) -> None:
    async with site.db.read() as session:
        read_before = await service.user_by_address(session, OWNER)
    assert read_before is not None
    async with site.db.write() as session:
        await session.execute(update(User).where(User.id == read_before.id).values(password_hash="changed"))
    async with site.db.write() as session:
        assert await service.open_session(session, read_before, ip="", agent="") is None
    assert await sessions(site) == 0
