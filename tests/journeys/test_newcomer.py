"""What a newcomer does after ``./run``, in real browsers: ask, reload, go offline, be handed off, be answered."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select, update
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from engine.models import Bot, Domain, LedgerEntry, Message
from tests.doubles.openai import OpenAI
from tests.journeys.windows import ask, demo, opened, sign_in, window
from tests.serving import served

pytestmark = pytest.mark.anyio

GREETED = 1  # the greeting is drawn as one more complete row of the bot
BETWEEN = "is pothos toxic for cats"
SLOW_ANSWER = " ".join(f"word{ten}{one}." for ten in "abcd" for one in "abcdefghij")  # sentences without values


async def test_a_newcomer_asks_is_told_plainly_and_is_answered_by_a_person(browser: Browser, tmp_path: Path) -> None:
    async with (
        demo(tmp_path) as shop,
        window(browser, f"{shop.node.url}/demo") as ada,
        window(browser, "about:blank") as desk,
    ):
        await sign_in(desk, shop, "grace")
        await desk.goto(f"{shop.node.url}/app/demo/live")
        panel = await opened(ada)
        await ask(panel, "How long does delivery take?")
        await expect(panel.locator("#log").get_by_text("working days").first).to_be_visible()

        await ask(panel, "Do you sell unicorn saddles?")
        await expect(panel.locator("#log").get_by_text("I don't know the answer to that")).to_be_visible()
        await panel.locator("#log").get_by_role("button", name="Talk to a person").click()
        await expect(panel.locator("#log").get_by_text("You asked for a person")).to_be_visible()

        await desk.get_by_text("How long does delivery take?").first.click()
        await desk.get_by_role("button", name="Take this chat").click()
        await expect(panel.locator("#log").get_by_text("Grace joined the chat")).to_be_visible()
        await desk.get_by_label("Reply").fill("Hello Ada, no saddles, but planters.")
        await desk.get_by_label("Reply").press("Enter")
        await expect(panel.locator("#log").get_by_text("no saddles, but planters")).to_be_visible()
        await ask(panel, "Planters are fine, thank you!")
        await expect(desk.get_by_text("Planters are fine").last).to_be_visible()

        before = await panel.locator(".row .bubble").all_inner_texts()
        await ada.reload()
        panel = await opened(ada)
        await expect(panel.locator("#log").get_by_text("Planters are fine")).to_have_count(1)
        assert await panel.locator(".row .bubble").all_inner_texts() == before

        await desk.get_by_role("button", name="Close", exact=True).click()
        await expect(panel.locator("#log").get_by_text("Grace closed the chat")).to_be_visible()

        async with shop.db.read() as session:
            lines = (await session.execute(select(LedgerEntry.amount, LedgerEntry.detail))).all()
        assert sum(1 for _, detail in lines if detail.get("by") == "faq") == 1


async def test_a_page_reloaded_mid_answer_shows_it_once_and_whole_and_the_ledger_has_its_price(
    browser: Browser, tmp_path: Path
) -> None:
    async with (
        OpenAI(answer=SLOW_ANSWER, delay=0.08) as model,
        demo(tmp_path, OPENAI_API_KEY="test", OPENAI_BASE_URL=model.base_url) as shop,
        window(browser, f"{shop.node.url}/demo") as ada,
        window(browser, "about:blank") as owner,
    ):
        panel = await opened(ada)
        await ask(panel, BETWEEN)
        await expect(panel.locator("#log").get_by_text("wordad")).to_be_visible()
        assert "worddj" not in await panel.locator("#log").inner_text()
        await ada.reload()
        panel = await opened(ada)
        await expect(panel.locator("#log").get_by_text("wordad")).to_be_visible()
        await expect(panel.locator("#log").get_by_text(SLOW_ANSWER)).to_have_count(1, timeout=15_000)
        assert len(model.requests) == 1

        await sign_in(owner, shop, "olivia")
        await owner.goto(f"{shop.node.url}/app/demo/usage")
        await expect(owner.get_by_text("gpt-4.1-mini").first).to_be_visible()
        async with shop.db.read() as session:
            found = await session.execute(select(LedgerEntry.amount).where(LedgerEntry.kind == "usage"))
            stored = await session.execute(select(Message.text, Message.state).where(Message.author == "bot"))
        assert found.scalars().all() == [-1]
        assert stored.all() == [(SLOW_ANSWER, "complete")]


async def test_what_is_written_offline_is_sent_once_on_return(browser: Browser, tmp_path: Path) -> None:
    async with demo(tmp_path) as shop, window(browser, f"{shop.node.url}/demo") as ada:
        panel = await opened(ada)
        await ask(panel, "Is shipping free?")
        await expect(panel.locator(".row.bot.complete")).to_have_count(GREETED + 1)
        await ada.context.set_offline(True)
        await ask(panel, "How often should I water my plants?")
        await expect(panel.locator("#log").get_by_text("How often should I water my plants?").first).to_be_visible()
        await expect(panel.get_by_text(re.compile("offline", re.IGNORECASE)).first).to_be_visible()
        await ada.context.set_offline(False)
        await expect(panel.locator(".row.bot.complete")).to_have_count(GREETED + 2, timeout=20_000)
        async with shop.db.read() as session:
            written = await session.execute(select(Message.text).where(Message.author == "visitor"))
        assert written.scalars().all() == ["Is shipping free?", "How often should I water my plants?"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_the_tag_works_on_a_page_of_another_origin_and_its_visitor_is_known_again(
    browser: Browser, tmp_path: Path, host: str
) -> None:
    """``localhost`` and ``127.0.0.1`` are different sites, so there the panel's cookie is a third party's."""
    async with demo(tmp_path) as shop, served(_site(shop.node.url, tmp_path)) as address:
        origin = f"http://{host}:{address.rpartition(':')[2]}"
        async with shop.db.write() as session:
            await session.execute(update(Domain).values(allowed_origins=[origin]))
            key = (await session.execute(select(Bot.key))).scalar_one()
        async with window(browser, f"{origin}/?key={key}") as ada:
            panel = await opened(ada)
            await ask(panel, "Is shipping free?")
            await expect(panel.locator(".row.bot.complete")).to_have_count(GREETED + 1)
            await ada.reload()
            panel = await opened(ada)
            await expect(panel.locator(".row.bot.complete")).to_have_count(GREETED + 1)
            await expect(panel.locator("#log").get_by_text("Is shipping free?").first).to_be_visible()


async def test_a_site_that_is_not_registered_cannot_frame_the_panel(browser: Browser, tmp_path: Path) -> None:
    async with demo(tmp_path) as shop, served(_site(shop.node.url, tmp_path)) as address:
        async with shop.db.read() as session:
            key = (await session.execute(select(Bot.key))).scalar_one()
        async with window(browser, f"http://{address}/?key={key}") as ada:
            await ada.wait_for_function("() => typeof Frontdesk === 'function'")
            async with ada.expect_console_message(lambda said: "frame-ancestors" in said.text):
                await ada.evaluate("Frontdesk('open')")


def _site(frontdesk: str, folder: Path) -> Starlette:
    """Somebody's own page, with a policy that allows Frontdesk and nothing else."""

    async def page(request: Request) -> Response:
        tag = f'<script async src="{frontdesk}/widget.js" data-bot="{request.query_params["key"]}"></script>'
        policy = f"default-src 'none'; script-src {frontdesk}; frame-src {frontdesk}"
        body = f"<!doctype html><html lang=en><title>A site</title><h1>A site</h1>{tag}"
        return HTMLResponse(body, headers={"Content-Security-Policy": policy})

    return Starlette(routes=[Route("/", page)])
