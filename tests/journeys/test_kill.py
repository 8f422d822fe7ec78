"""R1, R2, R5, R6: the real process is killed again and again in the middle of 200 chats; nothing acknowledged is
lost or doubled, and the books are right."""

import asyncio
import os
import random
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.doubles.openai import OpenAI
from tests.journeys import audit
from tests.journeys.shop import BETWEEN, SURE, Shop, opened
from tests.journeys.tab import Tab
from tests.servers.postgres import Postgres
from tests.servers.process import Node

CHATS, AT_ONCE, MESSAGES, KILLS = 200, 100, 2, 4
MINUTES = 2.0


@pytest.fixture(params=["sqlite", "postgresql"])
def durable_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database that keeps what it acknowledged."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'frontdesk.db'}"
        return
    postgres: Postgres = request.getfixturevalue("durable_postgres")
    yield postgres.new_database()


class Crowd:
    """200 visitors, half of them at a time, each with a few questions, impatient or not, as ``chance`` has it."""

    def __init__(self, shop: Shop, node: Node, chance: random.Random) -> None:
        self.shop, self.node, self.chance = shop, node, chance
        self.tabs: list[Tab] = []
        self.places = asyncio.Semaphore(AT_ONCE)

    @property
    def acked(self) -> int:
        return sum(len(tab.acked) for tab in self.tabs)

    @property
    def writing(self) -> bool:
        return any(tab.streaming for tab in self.tabs)

    async def chat(self, number: int) -> None:
        async with self.places, Tab(lambda: self.shop.visitor(self.node)) as tab:
            self.tabs.append(tab)
            for _ in range(MESSAGES):
                client_id = await tab.post(self.chance.choice(self.chance.choice((SURE, BETWEEN))))
                await tab.until(lambda posted=client_id: posted in tab.acked, 60)  # type: ignore[misc]
                if self.chance.random() < 0.7:
                    await tab.until(lambda: tab.settled, 60)
            await tab.until(lambda: tab.settled, 60)

    async def killed(self) -> int:
        """Kills of the process, each at a random count of acknowledged messages while an answer is on its way."""
        kills = 0
        marks = sorted(self.chance.sample(range(20, CHATS * MESSAGES - 60), KILLS))
        for mark in marks:
            while self.acked < mark or not self.writing:
                await asyncio.sleep(self.chance.uniform(0.001, 0.02))
            await self.node.restart()
            kills += 1
        return kills


async def test_whatever_was_acknowledged_survives_kill_9_once_and_the_books_are_right(
    durable_url: str, tmp_path: Path
) -> None:
    seed = int(os.environ.get("KILL_SEED", random.randrange(2**32)))
    print(f"KILL_SEED={seed}")
    async with AsyncExitStack() as stack:
        shop = await stack.enter_async_context(opened(durable_url))
        model = await stack.enter_async_context(OpenAI(delay=0.02))
        settings = shop.environment(
            OPENAI_BASE_URL=model.base_url, OPENAI_API_KEY="k", ANSWER_LEASE_SECONDS=4, PULSE_SECONDS=2
        )
        node = await stack.enter_async_context(Node(tmp_path / "node", settings))
        crowd = Crowd(shop, node, random.Random(seed))
        async with asyncio.timeout(MINUTES * 60), asyncio.TaskGroup() as group:
            killer = group.create_task(crowd.killed())
            for number in range(CHATS):
                group.create_task(crowd.chat(number))

        assert killer.result() == KILLS
        rest = await audit.at_rest(shop.db)
        await audit.kept(shop.db, crowd.tabs)
        assert crowd.acked == CHATS * MESSAGES
        assert rest.answers["failed"], "no answer was cut: the kills proved nothing"
        assert rest.answers["complete"] > CHATS / 2
        assert rest.spent, "no model was paid"
        assert not [tab.errors for tab in crowd.tabs if tab.errors]
