"""Two processes of the product on one PostgreSQL and one Redis, and the model they both ask."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.doubles.openai import OpenAI
from tests.journeys.shop import Shop, opened
from tests.journeys.tab import Tab
from tests.servers.process import Node

WORDS = [f"word{ten}{one}. " for ten in "abcdef" for one in "abcdefghij"]  # sentences, and no value in any of them
STORY = "".join(WORDS).strip()  # what the model answers


@dataclass(frozen=True, slots=True)
class Pair:
    """``a`` and ``b`` serve the same ``shop``; ``model`` says STORY, as slowly as its ``delay`` has it."""

    shop: Shop
    a: Node
    b: Node
    model: OpenAI

    def visitor(self, node: Node, token: str | None = None) -> Tab:
        return Tab(lambda: self.shop.visitor(node), token=token)


@contextlib.asynccontextmanager
async def paired(database_url: str, redis_url: str, folder: Path, **settings: Any) -> AsyncIterator[Pair]:
    """Both ready. The database must be empty."""
    async with contextlib.AsyncExitStack() as stack:
        shop = await stack.enter_async_context(opened(database_url))
        model = await stack.enter_async_context(OpenAI(answer=STORY))
        asked = {"OPENAI_BASE_URL": model.base_url, "OPENAI_API_KEY": "k", "OPENAI_MODEL": "gpt-4.1-mini"}
        own = {"REDIS_URL": redis_url, "ANSWER_LEASE_SECONDS": 5, "STOP_SECONDS": 5}
        environment = shop.environment(**asked | own | settings)
        nodes = [Node(folder / name, environment) for name in ("a", "b")]
        async with asyncio.TaskGroup() as group:  # together: each takes a second of a core
            entering = [group.create_task(_started(stack, node)) for node in nodes]
        a, b = (task.result() for task in entering)
        yield Pair(shop, a, b, model)


async def _started(stack: contextlib.AsyncExitStack, node: Node) -> Node:
    return await stack.enter_async_context(node)
