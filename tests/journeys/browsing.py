"""Visitors in real browsers who do what people and their networks do, in random order."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from playwright.async_api import BrowserContext, Page, Route

from tests.servers.browser import asleep, turn
from tests.servers.proxy import Proxy

MOST_TABS = 3
ASKED = (
    "How long does delivery take?",
    "is pothos toxic for cats",
    "Do you sell unicorn saddles?",
    "Is shipping free?",
)


@dataclass
class Line:
    """The wire between all browsers and the server. ``hit``: connections that were open when it was cut;
    ``torn``: cuts while the visitor who acted watched an answer being written."""

    proxy: Proxy = field(repr=False)
    hit: int = 0
    torn: int = 0

    async def cut(self, page: Page) -> None:
        self.torn += bool(await page.locator("#log .row.streaming").count())
        self.hit += self.proxy.connections
        self.proxy.cut()

    async def stall(self, chance: random.Random) -> None:
        """Half-open for a while: what is sent one way gets nowhere, and nobody is told."""
        way = chance.choice((self.proxy.to_client, self.proxy.to_server))
        way.stall()
        await asyncio.sleep(chance.uniform(0.05, 0.3))
        way.flow()

    async def fall_short(self, chance: random.Random) -> None:
        """The line breaks in the middle of whatever is said next."""
        self.proxy.to_client.cut_after(chance.randrange(1, 2_000))


@dataclass
class Visitor:
    """A browser with some tabs. ``sent``: what each tab sent, in its order; ``draft``: what was written last and not
    sent; ``done``: how often each deed was done; ``log``: the deeds with the number of their tab."""

    name: str
    context: BrowserContext
    address: str
    chance: random.Random
    tabs: list[Page] = field(default_factory=list)
    sent: dict[int, list[str]] = field(default_factory=dict)
    draft: str = ""
    count: int = 0
    done: Counter[str] = field(default_factory=Counter)
    log: list[str] = field(default_factory=list)

    async def act(self, line: Line) -> None:
        """One random thing happens to this visitor, or to the line of all."""
        page = self.chance.choice(self.tabs)
        deeds: dict[str, tuple[int, Callable[[], Awaitable[None]]]] = {
            "write": (26, lambda: self.write(page)),
            "begin": (10, lambda: self.begin(page)),
            "cut": (14, lambda: line.cut(page)),
            "stall": (6, lambda: line.stall(self.chance)),
            "fall short": (6, lambda: line.fall_short(self.chance)),
            "reload": (12, lambda: self.load(page)),
            "sleep": (10, lambda: self.sleep(page)),
            "switch": (8, lambda: self.look(page)),
            "open": (4, self.open),
            "close": (4, lambda: self.close(page)),
        }
        (name,) = self.chance.choices(list(deeds), [weight for weight, _ in deeds.values()])
        self.done[name] += 1
        self.log.append(f"{name} {self.tabs.index(page)}")
        await deeds[name][1]()

    async def open(self) -> None:
        if len(self.tabs) < MOST_TABS:
            page = await self.context.new_page()
            await self.load(page)
            self.tabs.append(page)

    async def close(self, page: Page) -> None:
        if len(self.tabs) > 1:
            self.tabs.remove(page)
            await page.close()

    async def load(self, page: Page) -> None:
        await page.goto(self.address, wait_until="domcontentloaded")

    async def look(self, page: Page) -> None:
        """This tab is in front, and all others behind it."""
        for each in self.tabs:
            await turn(each, hidden=each is not page)

    async def write(self, page: Page) -> None:
        await self.look(page)
        self.count += 1
        text = f"{self.chance.choice(ASKED)} ({self.name}{self.count})"
        box = page.get_by_label("Your message")
        await box.fill(text)
        await box.press("Enter")
        self.sent.setdefault(id(page), []).append(text)
        self.draft = ""

    async def begin(self, page: Page) -> None:
        """Something is written and not sent."""
        await self.look(page)
        self.count += 1
        self.draft = f"half a thought {self.name}{self.count}"
        await page.get_by_label("Your message").fill(self.draft)

    async def sleep(self, page: Page) -> None:
        """The laptop is shut over this tab, and opened."""
        async with asleep(page):
            await asyncio.sleep(self.chance.uniform(0.02, 0.3))


async def by_a_line_that_holds(context: BrowserContext, url: str) -> None:
    """Documents and scripts come straight from ``url``: what is proved is the conversation, not that browsers load
    pages over a line that breaks."""

    async def straight(route: Route) -> None:
        path = "/" + route.request.url.split("/", 3)[3]
        await route.fulfill(response=await route.fetch(url=url + path, max_retries=5))

    await context.route("**/v1/panel**", straight)
    await context.route("**/v1/panel/**", straight)
