"""R10: every page about a domain's knowledge, walked with the wrong person, the wrong domain, the wrong form."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from starlette.routing import Route

from console import flash
from engine.db import Base, new_id
from engine.models import AuditEvent, Domain
from tests.console.conftest import Site
from tests.console.visit import Visit

pytestmark = pytest.mark.anyio
UNKNOWN = "f" * 32


def addresses(site: Site, method: str, domain_id: str, slug: str = "acme") -> Iterator[str]:
    """Every address below a domain's knowledge that takes ``method``, its other ids unknown ones."""
    for route in site.app.routes:
        if isinstance(route, Route) and "{domain_id}" in route.path and method in (route.methods or ()):
            path = route.path.replace("{slug}", slug).replace("{domain_id}", domain_id)
            yield re.sub(r"\{\w+(:\w+)?\}", UNKNOWN, path)


async def signed_in(site: Site, email: str) -> Visit:
    visit = site.visit()
    assert (await visit.sign_in(email)).status_code == 303
    return visit


async def csrf(visit: Visit) -> str:
    return (await visit.fields("/auth/sign-out"))["csrf"]


async def rows(site: Site) -> dict[str, int]:
    async with site.db.read() as session:
        kept = [table for table in Base.metadata.sorted_tables if "session" not in table.name]
        return {table.name: await session.scalar(select(func.count()).select_from(table)) or 0 for table in kept}


async def test_there_are_pages_to_walk(site: Site) -> None:
    acme = site.cast.acme
    assert len(list(addresses(site, "GET", acme.domain_id))) >= 8
    assert len(list(addresses(site, "POST", acme.domain_id))) >= 12


async def test_r10_nobody_reads_or_changes_anything(site: Site) -> None:
    nobody = site.visit()
    before = await rows(site)
    for path in addresses(site, "GET", site.cast.acme.domain_id):
        answer = await nobody.get(path)
        assert (answer.status_code, answer.headers.get("location", "")[:13]) == (303, "/auth/sign-in"), path
    for path in addresses(site, "POST", site.cast.acme.domain_id):
        answer = await nobody.post(path, {"csrf": "guess"})
        assert answer.status_code == 303, path
    assert await rows(site) == before


@pytest.mark.parametrize("whose", ["workspace", "domain"])
async def test_r10_a_foreign_workspace_or_domain_is_the_same_404_as_one_that_is_not_there(
    site: Site, whose: str
) -> None:
    owner = await signed_in(site, "owner@acme.example")
    token = await csrf(owner)
    slug, domain_id = ("globex", site.cast.globex.domain_id) if whose == "workspace" else ("acme", UNKNOWN)
    foreign = site.cast.globex.domain_id
    before = await rows(site)
    for path in (*addresses(site, "GET", domain_id, slug), *addresses(site, "GET", foreign)):
        assert (await owner.get(path)).status_code == 404, path
    for path in (*addresses(site, "POST", domain_id, slug), *addresses(site, "POST", foreign)):
        assert (await owner.post(path, {"csrf": token})).status_code == 404, path
    assert await rows(site) == before


@pytest.mark.parametrize("role", ["viewer", "marketer", "grace"])
async def test_who_may_only_read_reads_and_changes_nothing(site: Site, role: str) -> None:
    reader = await signed_in(site, f"{role}@acme.example")
    token = await csrf(reader)
    before = await rows(site)
    base = f"/app/acme/knowledge/{site.cast.acme.domain_id}"
    assert (await reader.get(base)).status_code == 200
    for path in addresses(site, "GET", site.cast.acme.domain_id):
        assert (await reader.get(path)).status_code in (200, 302, 303, 403, 404), path
    for path in addresses(site, "POST", site.cast.acme.domain_id):
        assert (await reader.post(path, {"csrf": token})).status_code == 403, path
    assert await rows(site) == before


async def test_an_owners_form_without_its_token_or_from_elsewhere_changes_nothing(site: Site) -> None:
    owner = await signed_in(site, "owner@acme.example")
    token = await csrf(owner)
    before = await rows(site)
    for path in addresses(site, "POST", site.cast.acme.domain_id):
        assert (await owner.post(path, {"csrf": "guess"})).status_code == 403, path
        sent = await owner.post(path, {"csrf": token}, origin="https://elsewhere.example")
        assert sent.status_code == 403, path
    assert await rows(site) == before


async def test_ids_that_are_not_there_are_404_for_an_owner_too(site: Site) -> None:
    owner = await signed_in(site, "owner@acme.example")
    for path in addresses(site, "GET", site.cast.acme.domain_id):
        if UNKNOWN in path:
            assert (await owner.get(path)).status_code == 404, path


async def test_the_landing_leads_to_the_first_domain_and_a_second_one_can_be_chosen(site: Site) -> None:
    acme = site.cast.acme
    async with site.db.write() as session:
        second = Domain(id=new_id(), workspace_id=acme.workspace_id, name="second.example", allowed_origins=[])
        session.add(second)
    owner = await signed_in(site, "owner@acme.example")
    landed = await owner.get("/app/acme/knowledge")
    assert (landed.status_code, landed.headers["location"]) == (303, f"/app/acme/knowledge/{acme.domain_id}")
    page = (await owner.get(landed.headers["location"])).text
    assert f'href="/app/acme/knowledge/{second.id}"' in page
    assert "second.example" in (await owner.get(f"/app/acme/knowledge/{second.id}")).text


async def test_words_that_are_not_ours_are_never_said(site: Site) -> None:
    owner = await signed_in(site, "owner@acme.example")
    base = f"/app/acme/knowledge/{site.cast.acme.domain_id}"
    for forged in ("e30.abc", "eyJ0ZXh0IjoiQnV5IGdvbGQifQ==.0", "%00", "x" * 3_000):
        owner.cookies.set(flash.COOKIE, forged)
        answer = await owner.get(base)
        assert (answer.status_code, 'class="notice' in answer.text) == (200, False)


async def test_no_page_left_an_audit_row_by_being_read(site: Site) -> None:
    owner = await signed_in(site, "owner@acme.example")
    for path in addresses(site, "GET", site.cast.acme.domain_id):
        await owner.get(path)
    async with site.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(AuditEvent)) == 0
