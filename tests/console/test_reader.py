"""A reader of the Help tab, and the owner who sees what they said of an answer and how quick it all was."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import func, select, update

from engine.models import Bot, Room, Visitor
from knowledge import entries
from tests.console.conftest import Owner, Site
from tests.console.visit import QUESTION
from tests.servers.parts import free_port

pytestmark = pytest.mark.anyio


@pytest.fixture
def more_settings() -> dict[str, Any]:
    return {"PORT": free_port(), "STOP_SECONDS": 1}


async def test_what_a_reader_finds_says_and_measures_is_on_the_owners_pages(
    served: Site, owner: Owner, browser: Browser
) -> None:
    acme = served.cast.acme
    async with served.db.write() as session:
        await session.execute(update(Bot).where(Bot.id == acme.bot_id).values(help="first", vitals=100))
        await entries.add(session, acme.workspace_id, acme.domain_id, entries.Draft("How can I pay?", "By card."))
    context = await browser.new_context(base_url=served.settings.public_url)
    page = await context.new_page()
    async with page.expect_response("**/vitals.js"):
        await page.goto(f"/v1/panel?bot={acme.key}")
        await page.get_by_role("searchbox").fill("delivry tak")
        await page.get_by_role("heading", name="1 answer").wait_for()
        await page.get_by_role("button", name=QUESTION).click()
        await expect(page.locator(".topic strong")).to_have_text("2 days")
        await page.get_by_role("button", name="No", exact=True).click()
        await page.get_by_text("Thank you.").wait_for()
    async with served.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Visitor)) == 0
        assert await session.scalar(select(func.count()).select_from(Room)) == 0
    helped = await owner.see("/help")
    assert QUESTION in helped
    assert 'data-label="Did not help">1</td>' in helped
    await page.get_by_role("button", name="Ask about this").click()
    await expect(page.locator(".bot.complete strong").last).to_have_text("2 days")
    await page.goto("/healthz")
    await context.close()
    speed = ""
    async with asyncio.timeout(15):
        while "First word" not in speed:  # a beacon is on its way when its page is gone already
            speed = (await owner.visit.get("/app/acme/speed?device=desktop")).text
    assert 'data-label="Measured">1</td>' in speed
