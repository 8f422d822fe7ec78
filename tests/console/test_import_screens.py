"""The pages of imports for everybody: no fault that axe finds, and no page wider than a phone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from knowledge import sources
from tests.console.conftest import Site
from tests.console.importing import Imports, three
from tests.console.screen import fill_in
from tests.doubles.site import site as web_site
from tests.servers.parts import free_port

pytestmark = pytest.mark.anyio


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: what is new here is the page."""
    return f"sqlite+aiosqlite:///{tmp_path / 'desk.sqlite'}"


@pytest.fixture
def more_settings() -> dict[str, object]:
    return {"PORT": free_port(), "STOP_SECONDS": 1, "PULSE_SECONDS": 1}


@pytest.fixture
async def imports(site: Site) -> AsyncIterator[Imports]:
    async with web_site() as web:
        yield await three(site, web)


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_an_import_under_way_one_with_a_report_and_a_weekly_one_are_readable_everywhere(
    imports: Imports, served: Site, browser: Browser, width: int, scheme: str
) -> None:
    context = await browser.new_context(
        base_url=served.settings.public_url,
        viewport={"width": width, "height": 844},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = await context.new_page()
    base = f"/app/acme/knowledge/{served.cast.acme.domain_id}/import"
    await fill_in(page, "owner", base)
    shown = (imports.running, imports.done, imports.weekly, f"{imports.weekly}?state=failed")
    for path in ("", *(f"/{one}" for one in shown)):
        await page.goto(base + path)
        found = await Axe().run(page)
        assert found.violations_count == 0, f"{page.url}: {found.generate_report()}"
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    await context.close()


async def test_a_page_follows_the_import_without_being_loaded_again(
    imports: Imports, served: Site, browser: Browser
) -> None:
    acme = served.cast.acme
    context = await browser.new_context(base_url=served.settings.public_url)
    page = await context.new_page()
    raised: list[str] = []
    context.on("weberror", lambda event: raised.append(event.error.message))
    await fill_in(page, "owner", f"/app/acme/knowledge/{acme.domain_id}/import/{imports.running}")
    await expect(page.locator(".lead .badge")).to_have_text("Reading")
    await page.evaluate("window.stays = true")
    async with served.db.write() as session:
        source = await sources.source_of(session, acme.workspace_id, acme.domain_id, imports.running)
        await sources.finish(session, source, "done")
    await expect(page.locator(".lead .badge")).to_have_text("Done", timeout=20_000)
    assert await page.evaluate("window.stays")
    await expect(page.get_by_role("button", name="Undo")).to_be_visible()
    assert not raised
    await context.close()
