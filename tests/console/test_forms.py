"""Forms from elsewhere (R12), and where a sign-in may lead on to."""

import pytest
from sqlalchemy import func, select

from console.access.models import Session
from tests.console.conftest import Site
from tests.console.visit import PASSWORD

pytestmark = pytest.mark.anyio

OWNER = "owner@acme.example"


async def sessions(site: Site) -> int:
    async with site.db.read() as session:
        return await session.scalar(select(func.count()).select_from(Session)) or 0


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:8001", "http://127.0.0.1:8000.evil.example"]
)
async def test_r12_a_form_from_another_origin_is_refused(site: Site, origin: str) -> None:
    visit = site.visit()
    fields = await visit.fields("/auth/sign-in") | {"email": OWNER, "password": PASSWORD}
    assert (await visit.post("/auth/sign-in", fields, origin=origin)).status_code == 403
    assert await sessions(site) == 0
    assert (await visit.post("/auth/sign-in", fields)).status_code == 303


async def test_r12_a_sign_in_without_its_token_is_refused(site: Site) -> None:
    visit, other = site.visit(), site.visit()
    form = {"email": OWNER, "password": PASSWORD}
    own = await visit.fields("/auth/sign-in")
    foreign = await other.fields("/auth/sign-in")
    for csrf in ({}, {"csrf": ""}, {"csrf": foreign["csrf"]}, {"csrf": own["csrf"] + "x"}, {"csrf": "\u00e9"}):
        refused = await visit.post("/auth/sign-in", form | csrf)
        assert refused.status_code == 403
        assert "Load the page again" in refused.text
    cookieless = await site.visit().post("/auth/sign-in", form | {"csrf": own["csrf"]})
    assert cookieless.status_code == 403
    assert await sessions(site) == 0
    assert (await visit.post("/auth/sign-in", form | {"csrf": own["csrf"]})).status_code == 303


async def test_r12_a_sign_out_without_its_token_is_refused(site: Site) -> None:
    visit, other = site.visit(), site.visit()
    await visit.sign_in(OWNER)
    await other.sign_in(OWNER)
    for fields in ({}, await other.fields("/auth/sign-out"), await site.visit().fields("/auth/sign-in")):
        assert (await visit.post("/auth/sign-out", fields)).status_code == 403
    assert await sessions(site) == 2
    assert (await visit.sign_out()).status_code == 303
    assert await sessions(site) == 1


@pytest.mark.parametrize(
    "after",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "app/acme",
        "/@evil.example:80//x\u2028",
        "/%0d%0aSet-Cookie:x=1",
        "http:evil.example",
        "",
        "\x00/app/acme/",
    ],
)
async def test_an_address_elsewhere_is_no_place_to_go_on_to(site: Site, after: str) -> None:
    assert (await site.visit().sign_in(OWNER, after=after)).headers["location"] == "/dashboard"


@pytest.mark.parametrize("after", ["/app/acme/usage?before=12-ab", "/app/acme/live?room=0a1b", "/", "/dashboard"])
async def test_a_page_of_ours_is_one(site: Site, after: str) -> None:
    assert (await site.visit().sign_in(OWNER, after=after)).headers["location"] == after
