"""R2, R3, R4 in real browsers: whatever happens to line and tabs, every tab ends with what the server has.

``SOAK_SEED`` and ``SOAK_EVENTS`` in the environment run it another way, or longer.
"""

import asyncio
import contextlib
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from console.access import service
from engine.db import Database
from engine.models import Bot, Member, Message, Room, User
from tests.doubles.openai import OpenAI
from tests.journeys import audit
from tests.journeys.browsing import Line, Visitor, by_a_line_that_holds
from tests.journeys.tab import Tab
from tests.servers.browser import turn
from tests.servers.parts import free_port
from tests.servers.process import Node
from tests.servers.proxy import Proxy
from tests.wire import Client

pytestmark = pytest.mark.anyio

EVENTS = int(os.environ.get("SOAK_EVENTS", "1000"))  # over all visitors
SEED = int(os.environ.get("SOAK_SEED", "20261126"))
VISITORS = 4
LONG = 60_000  # ms for what must come in the end, on a busy machine
STORY = " ".join(f"word{letter}." for letter in "abcdefghijklmnopqrstuvwx")  # a word every 20 ms: cuts fall into it

# What a tab shows of the conversation: whose message, its id at the server, and how it stands.
ROWS = """() => [...document.querySelectorAll('#log .row[data-id]')]
  .filter((row) => row.dataset.id !== 'greeting' && row.dataset.id !== 'typing')
  .map((row) => [row.classList[1], row.dataset.id, row.classList[2]])"""
UNDONE = "#log .row.streaming, #log .row.sending, #log .row.failed.visitor"
Row = list[str]


@dataclass(frozen=True, slots=True)
class Shop:
    db: Database
    line: Line
    address: str  # of the chat, over the line
    straight: str  # the server, without it
    agent: Callable[[], Client]  # a fresh socket of Grace's desk, straight


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    port = free_port()
    async with OpenAI(answer=STORY, delay=0.02) as model, Proxy("127.0.0.1", port) as proxy:
        origin = f"http://127.0.0.1:{proxy.port}"
        environment = {
            "PORT": str(port),
            "PUBLIC_URL": origin,
            "OPENAI_API_KEY": "test",
            "OPENAI_BASE_URL": model.base_url,
            "VISITOR_MESSAGES_PER_MINUTE": "100000",
            "VISITOR_MESSAGES_PER_DAY": "100000",
            "PULSE_SECONDS": "1",
        }
        async with Node(tmp_path, environment, ("serve", "--demo")) as node:
            db = Database(f"sqlite+aiosqlite:///{tmp_path / 'data' / 'frontdesk.db'}")
            async with db.write() as session:
                key = (await session.scalars(select(Bot.key))).one()
                grace = select(User).join(Member).where(User.name == "Grace")
                token = await service.open_session(session, (await session.scalars(grace)).one(), ip="", agent="test")
            desk, cookie = f"ws://127.0.0.1:{port}/v1/desk", f"{service.cookie_name(secure=False)}={token}"
            chat = f"{origin}/v1/panel?bot={key}"
            yield Shop(db, Line(proxy), chat, node.url, lambda: Client(desk, origin=origin, cookie=cookie))
            await db.dispose()


async def test_r4_after_a_thousand_cuts_sleeps_reloads_and_switches_every_tab_shows_what_the_server_has(
    shop: Shop, browser: Browser
) -> None:
    raised: list[str] = []
    async with contextlib.AsyncExitStack() as stack:
        visitors = []
        for number in range(VISITORS):
            context = await browser.new_context(
                viewport={"width": 420, "height": 700}, permissions=["local-network-access"]
            )
            stack.push_async_callback(context.close)
            context.on("weberror", lambda event: raised.append(event.error.stack or event.error.message))
            await by_a_line_that_holds(context, shop.straight)
            visitor = Visitor("abcd"[number], context, shop.address, random.Random(SEED + number))
            await visitor.open()
            await visitor.write(visitor.tabs[0])
            visitors.append(visitor)
        desk = asyncio.create_task(served_by_grace(shop, random.Random(SEED)))
        await asyncio.gather(*(live(visitor, shop.line) for visitor in visitors))
        desk.cancel()
        served = await desk
        shop.line.proxy.to_client.flow()
        shop.line.proxy.to_server.flow()
        for visitor in visitors:
            await agrees(visitor, shop)
    assert raised == [], f"seed {SEED}"
    done = sum((visitor.done for visitor in visitors), Counter())
    rest = await audit.at_rest(shop.db)
    print(f"seed {SEED}: {dict(done)}, {shop.line}, {served} chats taken, {rest}")
    assert done.total() == EVENTS // VISITORS * VISITORS
    for deed in ("write", "begin", "cut", "stall", "fall short", "reload", "sleep", "switch"):
        assert done[deed] > EVENTS // 50, f"{deed} was hardly tried"
    assert shop.line.hit > done["cut"], "most cuts hit several sockets"
    assert shop.line.torn > 0, "some cuts fell into answers"
    assert served > 0, "Grace took chats meanwhile"


async def live(visitor: Visitor, line: Line) -> None:
    for _ in range(EVENTS // VISITORS):
        await visitor.act(line)


async def served_by_grace(shop: Shop, chance: random.Random) -> int:
    """Now and then Grace takes a chat, says something, and gives it back to the bot; until cancelled. How often."""
    served = 0
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            async with shop.db.read() as session:
                rooms = (await session.scalars(select(Room.id))).all()
            if not rooms:
                await asyncio.sleep(0.1)
                continue
            async with Tab(shop.agent, room=chance.choice(rooms)) as grace:
                await grace.until(lambda: grace.joined)
                await grace.say("room.claim", ref="claim")
                await grace.until(lambda: grace.replica.state.get("mode") == "live")
                for _ in range(chance.randrange(1, 4)):
                    await grace.post(f"Grace says {chance.random()}")
                    await grace.until(lambda: not grace.pending)
                await grace.say("room.release", ref="release")
                await grace.until(lambda: grace.replica.state.get("mode") == "bot")
            served += 1
            await asyncio.sleep(chance.uniform(0.2, 1.0))  # the bot answers meanwhile
    return served


async def agrees(visitor: Visitor, shop: Shop) -> None:
    """Every tab, and one opened now, shows the same; it is what is stored; nothing was lost, doubled or moved."""
    fresh = await visitor.context.new_page()
    await visitor.load(fresh)
    said = f"seed {SEED}, visitor {visitor.name}: … {', '.join(visitor.log[-20:])}"
    for page in (fresh, *visitor.tabs):
        await expect(page.get_by_label("Your message")).to_have_value(visitor.draft)
    everything = [text for texts in visitor.sent.values() for text in texts]
    stored = await settled(shop.db, everything[0], len(everything))
    wanted = [[message.author, message.id, message.state] for message in stored]
    for page in (fresh, *visitor.tabs):
        shown = await standing(page, wanted)
        assert len(shown) >= min(len(wanted), 200), said
        assert shown == wanted[-len(shown) :], said
        assert len({row[1] for row in shown}) == len(shown), said
    written = [message.text for message in stored if message.author == "visitor"]
    assert sorted(written) == sorted(everything), said
    for texts in visitor.sent.values():
        assert [text for text in written if text in set(texts)] == texts, "a tab's messages keep their order"


async def standing(page: Page, wanted: list[Row]) -> list[Row]:
    """What the tab shows once it is connected, nothing in it is on its way any more and it ends as it should; after a
    minute, what it shows instead. Of a long conversation it may show the latest part."""
    await turn(page, hidden=False)
    await expect(page.locator('#state:not([data-dot="off"])')).to_be_visible(timeout=LONG)
    await expect(page.locator(UNDONE)).to_have_count(0, timeout=LONG)
    end = time.monotonic() + LONG / 1_000
    while True:
        shown: list[Row] = await page.evaluate(ROWS)
        whole = len(shown) >= min(len(wanted), 200)
        if (whole and shown == wanted[-len(shown) :]) or time.monotonic() > end:
            return shown
        await asyncio.sleep(0.1)


async def settled(db: Database, text: str, count: int) -> list[Message]:
    """The messages of the room in which ``text`` was said, once ``count`` of its visitor's are there and nothing is
    being written."""
    async with asyncio.timeout(LONG / 1_000):
        while True:
            async with db.read() as session:
                room = select(Message.room_id).where(Message.text == text).scalar_subquery()
                query = select(Message).where(Message.room_id == room).order_by(Message.position)
                found = list((await session.scalars(query)).all())
            mine = sum(message.author == "visitor" for message in found)
            if mine >= count and not any(message.state == "streaming" for message in found):
                return found
            await asyncio.sleep(0.1)
