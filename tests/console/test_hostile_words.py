"""R13: whatever anybody wrote anywhere is shown as text, on every page that we serve: nothing of it runs, nothing of it
is fetched, nothing of it becomes an element. The database is full of it, column by column, also those of tomorrow."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select, update

from engine.models import Bot, Message
from knowledge import demo, questions
from tests.console import hostile
from tests.console.conftest import Site
from tests.console.screen import fill_in, take, visitor
from tests.console.visit import QUESTION
from tests.servers.parts import free_port

pytestmark = pytest.mark.anyio
MOST = 150  # pages: the console's, each kind of link followed a few times

# Elements that no page of ours makes from somebody's words, attributes that run something, addresses that lead astray.
FOUND = """(evil) => [...document.querySelectorAll('*')].filter((node) =>
  ['OBJECT', 'EMBED', 'BASE', 'MATH', 'VIDEO', 'TEMPLATE', 'FRAME', 'USE'].includes(node.tagName.toUpperCase())
  || (node.tagName === 'IFRAME' && !node.src.startsWith(location.origin))
  || (node.tagName === 'SCRIPT' && node.textContent.includes('window.ran') && node.type !== 'application/json')
  || (node.tagName === 'STYLE' && node.textContent.includes(evil))
  || (node.tagName === 'META' && node.httpEquiv === 'refresh' && node.content.includes(evil))
  || (node.tagName === 'IMG' && new URL(node.src, location).origin !== location.origin)
  || [...node.attributes].some(({ name, value }) => name.startsWith('on')
    || (['href', 'src', 'action', 'formaction', 'data', 'xlink:href'].includes(name)
      && !/^(https?:|mailto:|\\/|#|\\?|\\.|[\\w-]+$|$)/i.test(value)))
).map((node) => node.outerHTML.slice(0, 200))"""


HREFS = "(all) => all.map((a) => a.getAttribute('href'))"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'hostile.sqlite'}"


@pytest.fixture
def more_settings() -> dict[str, object]:
    return {"PORT": free_port(), "STOP_SECONDS": 1}


class Watched:
    """A browser context that takes down whatever a page does that no words should make it do."""

    def __init__(self, context: BrowserContext, own: str) -> None:
        self.context, self._own = context, own
        self.faults: list[str] = []
        context.on("request", lambda asked: self._asked(asked.url))
        context.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))
        context.on("weberror", lambda event: self.faults.append(f"raised: {event.error.message}"))
        context.on("console", lambda said: self._said(said.text))

    def _asked(self, url: str) -> None:
        if urlsplit(url).netloc != self._own and not url.startswith(("data:", "blob:")):
            self.faults.append(f"fetched: {url}")

    def _said(self, text: str) -> None:
        if "Content Security Policy" in text or "Refused" in text:
            self.faults.append(f"policy: {text}")

    async def look(self, page: Page) -> None:
        """Raises where words became more than words on ``page`` or in a frame of it."""
        for frame in page.frames:
            assert await frame.evaluate("window.ran") is None, frame.url
            assert await frame.evaluate(FOUND, hostile.EVIL) == [], frame.url
        assert self.faults == [], page.url


@pytest.fixture
async def watched(served: Site, browser: Browser) -> AsyncIterator[Watched]:
    context = await browser.new_context(base_url=served.settings.public_url)
    yield Watched(context, urlsplit(served.settings.public_url).netloc)
    await context.close()


async def furnished(site: Site) -> None:
    """A workspace in use: a FAQ, filtered questions of each kind, and a conversation with answers and gaps."""
    acme = site.cast.acme
    async with site.db.write() as session:
        await demo.stock(session, acme.workspace_id, acme.domain_id)
        for draft in (
            questions.Draft("What for?", answer_kind="choice", choices=("Home", "Office"), after_replies=1),
            questions.Draft("Eating plants", kind="block", patterns=("can I eat",), response="Please do not."),
        ):
            await questions.add(session, acme.workspace_id, acme.domain_id, draft)


async def test_r13_no_page_of_the_console_makes_more_of_words_than_words(served: Site, watched: Watched) -> None:
    await furnished(served)
    async with visitor(served, QUESTION, "Do you sell unicorns?", "I want to talk to a person"):
        page = await watched.context.new_page()
        await fill_in(page, "owner", "/app/acme/")
        async with served.db.write() as session:
            poisoned = await hostile.poison(session)
        assert {"entries.answer", "messages.text", "bots.name", "users.name", "workspaces.name"} <= set(poisoned)
        seen = await crawled(page, watched, "/app/acme/")
        assert len(seen) > 12
        assert any(hostile.CORPUS[0] in text for text in seen.values()), "the words themselves are shown"
        await page.goto("/app/acme/live")
        await take(page)
        await expect(page.locator(".bubble").first).to_be_visible()
        await watched.look(page)


async def crawled(page: Page, watched: Watched, start: str) -> dict[str, str]:
    """Follow every link of ours from ``start``, a few of each shape; path → what is to be read there."""
    seen: dict[str, str] = {}
    shapes: dict[str, int] = {}
    waiting = [start]
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        answer = await page.goto(path)
        assert answer is not None
        assert answer.status in {200, 403, 404}, path
        await watched.look(page)
        seen[path] = await page.locator("body").inner_text()
        for href in await page.locator("a[href]:visible").evaluate_all(HREFS):
            to = urlsplit(urljoin(page.url, href))
            way = to.path + (f"?{to.query}" if to.query else "")
            shape = "/".join("*" if len(part) == 32 else part for part in to.path.split("/"))
            ours = f"{to.scheme}://{to.netloc}" == served_at(page) and to.path.startswith(start)
            if (
                ours
                and way not in seen
                and way not in waiting
                and not is_download(to.path)
                and shapes.get(shape, 0) < 3
            ):
                shapes[shape] = shapes.get(shape, 0) + 1
                waiting.append(way)
    return seen


def served_at(page: Page) -> str:
    at = urlsplit(page.url)
    return f"{at.scheme}://{at.netloc}"


def is_download(path: str) -> bool:
    return "export" in path or path.endswith((".csv", ".json"))


async def test_r13_the_panel_makes_no_more_of_words_than_words(served: Site, watched: Watched) -> None:
    await furnished(served)
    acme = served.cast.acme
    page = await watched.context.new_page()
    await page.goto(f"/v1/panel?bot={acme.key}")
    await page.get_by_label("Your message").fill(QUESTION)
    await page.get_by_label("Your message").press("Enter")
    await page.locator(".bot .bubble", has_text="2 days").wait_for()
    async with served.db.write() as session:
        await hostile.poison(session)
        await session.execute(update(Message).where(Message.author == "bot").values(sources=sources()))
        await session.execute(update(Bot).values(suggestions=list(hostile.CORPUS)))
        said = (await session.execute(select(Message.text).where(Message.author == "visitor"))).scalars().all()
    assert said == [hostile.ALL]
    await page.evaluate("localStorage.clear()")
    await page.reload()
    await page.locator(".visitor .bubble", has_text=hostile.CORPUS[0]).wait_for()
    await page.locator(".bot .bubble", has_text="window.ran").first.wait_for()
    await watched.look(page)
    links = await page.locator("a[href]").evaluate_all("(all) => all.map((a) => [a.href, a.rel])")
    assert links
    for href, rel in links:
        assert href.startswith(("http://", "https://", "mailto:")), href
        assert {"noopener", "nofollow"} <= set(rel.split()), href


def sources() -> list[dict[str, str]]:
    return [{"id": f"s{n}", "title": each, "url": each} for n, each in enumerate(hostile.CORPUS)]
