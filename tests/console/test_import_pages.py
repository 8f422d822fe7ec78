"""An import on its page: followed, stopped, looked at again, and taken back; without JavaScript."""

import re
from collections.abc import AsyncIterator

import pytest

from knowledge import sources
from knowledge.models import Source
from tests.console.conftest import Site
from tests.console.importing import Imports, three, work
from tests.console.visit import Visit
from tests.doubles.site import Site as Web
from tests.doubles.site import site as web_site

pytestmark = pytest.mark.anyio


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    async with web_site() as web:
        yield web


@pytest.fixture
async def imports(site: Site, web: Web) -> Imports:
    return await three(site, web)


class Person:
    """Somebody signed in, at acme's imports."""

    def __init__(self, site: Site, visit: Visit, csrf: str) -> None:
        self.site, self.visit, self.csrf = site, visit, csrf
        self.base = f"/app/acme/knowledge/{site.cast.acme.domain_id}/import"

    async def see(self, path: str = "") -> str:
        answer = await self.visit.get(self.base + path)
        assert answer.status_code == 200, path
        return answer.text

    async def step(self, source_id: str, step: str) -> str:
        """What the page says after it."""
        answer = await self.visit.post(f"{self.base}/{source_id}", {"csrf": self.csrf, "step": step})
        assert answer.status_code == 303, answer.text[:300]
        return (await self.visit.get(answer.headers["location"])).text

    async def row(self, source_id: str) -> Source:
        acme = self.site.cast.acme
        async with self.site.db.read() as session:
            return await sources.source_of(session, acme.workspace_id, acme.domain_id, source_id)


async def person(site: Site, name: str) -> Person:
    visit = site.visit()
    await visit.sign_in(f"{name}@acme.example")
    return Person(site, visit, (await visit.fields("/auth/sign-out"))["csrf"])


@pytest.fixture
async def owner(site: Site) -> Person:
    return await person(site, "owner")


async def test_the_report_says_page_by_page_what_came_of_it(owner: Person, imports: Imports) -> None:
    page = await owner.see(f"/{imports.weekly}")
    assert "Returns and refunds" in page
    assert "robots.txt asks us not to read" in page
    assert "The server answered 404." in page
    assert "asks to sign in" in page
    assert "Entries now" in page
    only = await owner.see(f"/{imports.weekly}?state=failed")
    assert "robots.txt" in only
    assert "Returns and refunds" not in only
    assert "Returns and refunds" in await owner.see(f"/{imports.weekly}?state=<script>&page=99999999")
    assert "robots.txt" in await owner.see(f"/{imports.weekly}/report.csv")


async def test_a_site_is_followed_and_no_more_from_its_page(owner: Person, imports: Imports, web: Web) -> None:
    assert "Every week, next" in re.sub(r"\s+", " ", await owner.see())
    page = await owner.see(f"/{imports.weekly}")
    assert "next on" in page
    assert "Stop looking every week" in page
    assert "not looked at by itself any more" in await owner.step(imports.weekly, "unfollow")
    assert (await owner.row(imports.weekly)).next_at is None
    assert "Every week, next" not in re.sub(r"\s+", " ", await owner.see())
    assert "looked at again every week" in await owner.step(imports.weekly, "follow")
    assert (await owner.row(imports.weekly)).next_at is not None


async def test_an_import_under_way_is_stopped_at_once_and_keeps_what_it_has(
    owner: Person, imports: Imports, web: Web
) -> None:
    page = await owner.see(f"/{imports.running}")
    assert "1 of 2" in page
    assert "data-follow" in page
    assert "It stopped" in await owner.step(imports.running, "cancel")
    assert (await owner.row(imports.running)).state == "cancelled"
    page = await owner.step(imports.running, "cancel")
    assert "over already" in page
    assert "data-follow" not in page
    assert "Undo" in page


async def test_an_import_is_looked_at_again_and_taken_back(owner: Person, imports: Imports, web: Web) -> None:
    assert "looked at again" in await owner.step(imports.done, "again")
    assert "cannot be looked at again now" in await owner.step(imports.done, "again")
    del web.pages["/robots.txt"]
    await work(owner.site, web)
    assert "looked at 2 times" in await owner.see(f"/{imports.done}")
    assert "entries are gone" in await owner.step(imports.done, "undo")
    page = await owner.see(f"/{imports.done}")
    assert "Look again every week" not in page
    assert "were not undone" in await owner.step(imports.done, "follow")


async def test_who_may_not_edit_sees_the_report_and_changes_nothing(
    site: Site, imports: Imports, owner: Person
) -> None:
    viewer = await person(site, "viewer")
    page = await viewer.see(f"/{imports.weekly}")
    assert "Stop looking every week" not in page
    for step in ("unfollow", "cancel", "undo", "again"):
        answer = await viewer.visit.post(f"{viewer.base}/{imports.weekly}", {"csrf": viewer.csrf, "step": step})
        assert answer.status_code in (403, 404)
    assert (await owner.row(imports.weekly)).next_at is not None


async def test_r10_an_import_of_another_domain_is_not_there(site: Site, imports: Imports, owner: Person) -> None:
    foreign = f"/app/acme/knowledge/{site.cast.globex.domain_id}/import/{imports.weekly}"
    assert (await owner.visit.get(foreign)).status_code == 404
    assert (await owner.visit.get(f"{owner.base}/{'0' * 32}")).status_code == 404
    assert (await owner.visit.get(f"{owner.base}/{imports.weekly}")).status_code == 200
