"""The pages for everybody: no fault that axe finds, no page wider than a phone, and no script needed to read."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from knowledge import entries
from knowledge.entries import Draft
from tests.console.conftest import Site
from tests.console.screen import fill_in, reply, take, visitor
from tests.console.visit import QUESTION
from tests.servers.parts import free_port

pytestmark = pytest.mark.anyio
KNOWLEDGE = (
    "",
    "/entries/new",
    "/import",
    "/questions",
    "/questions/new",
    "/questions/new?kind=route",
    "/questions/answers",
    "/gaps",
    "/gaps/disagreeing",
    "/help",
    "/hours",
    "/language",
    "/playground?text=Do+you+sell+unicorns",
    "/evaluation",
    "/tuning",
)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: what is new here is the page; the wire below it is proved on both databases elsewhere."""
    return f"sqlite+aiosqlite:///{tmp_path / 'desk.sqlite'}"


@pytest.fixture
def more_settings() -> dict[str, object]:
    mail: dict[str, object] = {"SMTP_URL": "smtp://mx.acme.example", "MAIL_FROM": "chat@acme.example"}
    return mail | {"PORT": free_port(), "STOP_SECONDS": 1, "PULSE_SECONDS": 1}


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_has_a_fault_that_axe_finds_or_is_wider_than_the_screen(
    served: Site, browser: Browser, width: int, scheme: str
) -> None:
    async with visitor(served, QUESTION, "Do you sell unicorns?", "I want to talk to a person"):
        context = await browser.new_context(
            base_url=served.settings.public_url,
            viewport={"width": width, "height": 844},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        page = await context.new_page()
        await page.goto("/auth/sign-in")
        await faultless(page)
        await fill_in(page, "owner", "/app/acme/")
        for path in (
            "/app/acme/",
            "/app/acme/usage",
            "/app/acme/mail",
            "/app/acme/ratings",
            "/app/acme/routing",
            "/app/acme/times",
            "/app/acme/canned",
            "/app/acme/speed",
            "/nothing",
            "/app/acme/live",
        ):
            await page.goto(path)
            await faultless(page)
        knowledge = f"/app/acme/knowledge/{served.cast.acme.domain_id}"
        for path in KNOWLEDGE:
            answer = await page.goto(knowledge + path)
            assert answer is not None
            assert answer.status == 200, path
            await faultless(page)
        await page.goto("/app/acme/live")
        await take(page)
        await reply(page, "Hello")
        await expect(page.locator(".agent .bubble")).to_have_count(1)
        await faultless(page)
        await page.get_by_role("button", name="Note", exact=True).click()
        await reply(page, "Between us, @Grace", label="Note")
        await expect(page.locator(".note .bubble")).to_have_count(1)
        await faultless(page)
        await page.evaluate("document.activeElement.blur()")
        for key in ("?", "p", "z"):
            await page.keyboard.press(key)
            await expect(page.get_by_role("dialog")).to_be_visible()
            await faultless(page)
            await page.keyboard.press("Escape")
            await expect(page.get_by_role("dialog")).to_have_count(0)
            await page.evaluate("document.activeElement.blur()")
        if await page.get_by_role("button", name="Visitor").is_visible():
            await page.get_by_role("button", name="Visitor").click()
            await expect(page.get_by_role("complementary")).to_be_visible()
            await faultless(page)
        await context.close()


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_of_a_step_has_a_fault_either(served: Site, browser: Browser, width: int, scheme: str) -> None:
    acme = served.cast.acme
    async with served.db.write() as session:
        await entries.add(session, acme.workspace_id, acme.domain_id, Draft(f"{QUESTION}?", "It takes 9 days."))
        waits = await entries.add(session, acme.workspace_id, acme.domain_id, Draft("Do you sell pots?", "Yes."))
        waits.draft, waits.active = True, False
    async with visitor(served, QUESTION, "Do you sell unicorns?"):
        context = await browser.new_context(
            base_url=served.settings.public_url,
            viewport={"width": width, "height": 844},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        page = await context.new_page()
        base = f"/app/acme/knowledge/{acme.domain_id}"
        await fill_in(page, "owner", f"{base}/gaps/disagreeing")
        await expect(page.get_by_role("button", name="Keep this answer")).to_have_count(2)
        await faultless(page)
        await page.goto(f"{base}/gaps")
        await page.get_by_role("button", name=re.compile("Add to .* …")).first.click()
        await expect(page.get_by_role("heading", name="Add to an entry")).to_be_visible()
        await faultless(page)
        await page.goto(f"{base}/entries/new")
        await page.locator("#question").fill(QUESTION)
        await page.locator("#answer").fill("It takes **9 days**.")
        await expect(page.locator("#twin")).to_be_visible()
        await faultless(page)
        await page.goto(f"{base}/tuning")
        await page.get_by_label("Caution", exact=True).focus()
        await page.keyboard.press("Home")
        await faultless(page)
        await context.close()


async def faultless(page: Page) -> None:
    found = await Axe().run(page)
    assert found.violations_count == 0, f"{page.url}: {found.generate_report()}"
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


async def test_signing_in_and_reading_need_no_script(served: Site, browser: Browser) -> None:
    context = await browser.new_context(base_url=served.settings.public_url, java_script_enabled=False)
    page = await context.new_page()
    await fill_in(page, "owner", "/app/acme/usage")
    await expect(page.get_by_role("heading", name="Usage")).to_be_visible()
    await page.goto("/app/acme/live")
    await expect(page.get_by_text("needs JavaScript")).to_be_visible()
    await page.locator("summary").click()
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url(re.compile("/auth/sign-in$"))
    await context.close()
