"""The page about who is given the chats that wait: what it keeps, what it refuses, and for whom it is."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from engine.models import AuditEvent, Member, Workspace
from tests.console.conftest import Owner, Site

pytestmark = pytest.mark.anyio
PAGE = "/app/acme/routing"


async def kept(site: Site) -> tuple[str, int]:
    async with site.db.read() as session:
        query = select(Workspace.routing, Workspace.answer_seconds).where(Workspace.slug == "acme")
        row = (await session.execute(query)).one()
        return row.routing, row.answer_seconds


async def share(site: Site, member_id: str) -> tuple[int, list[str], list[str]]:
    async with site.db.read() as session:
        found = await session.get_one(Member, member_id)
        return found.capacity, found.languages, found.domains


async def log(site: Site) -> list[str]:
    async with site.db.read() as session:
        return list(await session.scalars(select(AuditEvent.action).where(AuditEvent.action.like("routing.%"))))


async def test_the_rule_is_kept_with_one_line_in_the_log(owner: Owner) -> None:
    site = owner.site
    assert await kept(site) == ("queue", 120)
    for _ in range(2):
        answer = await owner.visit.post(PAGE, {"csrf": owner.csrf, "way": "even", "seconds": "45"})
        assert "Saved. It holds" in await owner.told(answer)
    assert (await kept(site), await log(site)) == (("even", 45), ["routing.rule"])
    page = (await owner.visit.get(PAGE)).text
    assert 'value="even" checked' in page
    assert 'value="45"' in page


@pytest.mark.parametrize(
    "fields",
    [
        {"way": "magic", "seconds": "45"},
        {"way": "even", "seconds": "14"},
        {"way": "even", "seconds": "3601"},
        {"way": "even", "seconds": "١٢٠"},
        {"way": "even", "seconds": ""},
        {},
    ],
)
async def test_what_makes_no_sense_is_refused_in_words(owner: Owner, fields: dict[str, str]) -> None:
    answer = await owner.visit.post(PAGE, {"csrf": owner.csrf, **fields})
    assert "Not saved." in await owner.told(answer)
    assert await kept(owner.site) == ("queue", 120)


async def test_a_member_is_given_chats_of_some_languages_and_sites(owner: Owner) -> None:
    site, grace = owner.site, owner.site.cast.acme.grace.member_id
    chosen: dict[str, Any] = {"languages": ["fr", "de"], "domains": [site.cast.acme.domain_id]}

    async def send(**fields: Any) -> httpx2.Response:
        data = {"csrf": owner.csrf, "member": grace, "capacity": "3", **chosen} | fields
        return await owner.visit.client.post(PAGE + "/member", data=data, headers={"origin": owner.visit.origin})

    assert "Saved for Grace." in await owner.told(await send())
    wanted = (3, ["de", "fr"], [site.cast.acme.domain_id])
    assert await share(site, grace) == wanted
    page = (await owner.visit.get(PAGE)).text
    assert "Languages: German, French" in page or "Languages: French, German" in page
    for wrong in ({"capacity": "51"}, {"languages": ["tlh"]}, {"domains": [site.cast.globex.domain_id]}):
        assert "Not saved." in await owner.told(await send(**wrong)), wrong
    for member in (site.cast.globex.grace.member_id, "f" * 32, ""):
        assert (await send(member=member)).status_code == 404
    assert (await share(site, grace), await log(site)) == (wanted, ["routing.share"])
    assert (await share(site, site.cast.globex.grace.member_id))[0] == 5


@pytest.mark.parametrize(
    ("email", "sees", "changes"),
    [
        ("admin@acme.example", 200, 303),
        ("grace@acme.example", 200, 403),
        ("marketer@acme.example", 403, 403),
        ("viewer@acme.example", 403, 403),
        ("grace@globex.example", 404, 404),
    ],
)
async def test_r10_the_desk_reads_it_and_who_leads_changes_it(site: Site, email: str, sees: int, changes: int) -> None:
    visit = site.visit()
    await visit.sign_in(email)
    assert (await visit.get(PAGE)).status_code == sees
    csrf = (await visit.fields("/auth/sign-out"))["csrf"]
    answer = await visit.post(PAGE, {"csrf": csrf, "way": "even", "seconds": "45"})
    assert answer.status_code == changes
    share_form = {"csrf": csrf, "member": site.cast.acme.grace.member_id, "capacity": "9"}
    assert (await visit.post(PAGE + "/member", share_form)).status_code == changes
    forged = await visit.post(PAGE, {"csrf": "x" * 32, "way": "queue", "seconds": "99"})
    assert forged.status_code in (403, 404)
    assert await kept(site) == (("even", 45) if changes == 303 else ("queue", 120))
