"""A shop whose database real processes serve: the cast, the demo's FAQ, and questions of each kind."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from console.access import service
from engine.db import Database
from engine.models import Domain, Member, User
from engine.ports import Agent, Ask, Band
from knowledge import demo, port
from tests import schema
from tests.cast import Cast, Company, gather
from tests.servers.process import Node
from tests.wire import Client

SURE = (
    "How long does delivery take?",
    "Is shipping free?",
    "Where do you deliver?",
    "How often should I water my plants?",
)
BETWEEN = (
    "do you have a coupon",
    "what about wrapping",
    "how much water does a fern need",
    "my plant has yellow leaves after repotting",
)


@dataclass(frozen=True, slots=True)
class Shop:
    """``db`` sees what the processes stored, straight. Visitors come to acme."""

    db: Database
    cast: Cast

    @property
    def acme(self) -> Company:
        return self.cast.acme

    def environment(self, **settings: Any) -> dict[str, str]:
        """The settings of a process on this database; names in upper case."""
        url = self.db.url.render_as_string(hide_password=False)
        own = {
            "DATABASE_URL": url.replace("+asyncpg", "").replace("+aiosqlite", ""),
            "SECRET_KEY": "s" * 32,
            "VISITOR_MESSAGES_PER_MINUTE": "100000",
            "VISITOR_MESSAGES_PER_DAY": "100000",
            "LOG_LEVEL": "info",
        }
        return own | {name: str(value) for name, value in settings.items()}

    def visitor(self, node: Node) -> Client:
        """A raw socket of a visitor, not joined yet."""
        return Client(self.chat(node), origin=self.acme.origin)

    def chat(self, node: Node) -> str:
        return f"{node.url.replace('http', 'ws', 1)}/v1/chat?bot={self.acme.key}"

    async def agent(self, node: Node, agent: Agent) -> Client:
        """A raw socket of a signed-in agent, not joined yet."""
        return Client(self.desk(node), origin=node.url, cookie=await self.signed_in(agent))

    def desk(self, node: Node) -> str:
        return f"{node.url.replace('http', 'ws', 1)}/v1/desk"

    async def signed_in(self, agent: Agent) -> str:
        """The cookie of a fresh session."""
        async with self.db.write() as session:
            found = await session.execute(select(User).join(Member).where(Member.id == agent.member_id))
            token = await service.open_session(session, found.scalar_one(), ip="127.0.0.1", agent="test")
        return f"{service.cookie_name(secure=False)}={token}"

    async def hired(self, name: str) -> Agent:
        """One more agent of acme."""
        async with self.db.write() as session:
            user = User(email=f"{name.lower()}@acme.example", name=name, password_hash="none")
            session.add(user)
            await session.flush()
            member = Member(workspace_id=self.acme.workspace_id, user_id=user.id, role="agent")
            session.add(member)
            await session.flush()
            return Agent(self.acme.workspace_id, member.id, name)


@contextlib.asynccontextmanager
async def opened(url: str, *, credits: int = 10_000) -> AsyncIterator[Shop]:
    """Everybody and the FAQ in an empty database; the questions are sure and between, as their names say."""
    await schema.ready(url)
    db = Database(url, pool_size=3)
    try:
        cast = await gather(db, credits=credits)
        async with db.write() as session:
            report = await demo.stock(session, cast.acme.workspace_id, cast.acme.domain_id)
        assert report.imported
        shop = Shop(db, cast)
        for question in SURE:
            assert await _band(shop, question) is Band.SURE, question
        for question in BETWEEN:
            assert await _band(shop, question) is Band.BETWEEN, question
        yield shop
    finally:
        await db.dispose()


async def _band(shop: Shop, question: str) -> Band:
    async with shop.db.read() as session:
        version = await session.scalar(select(Domain.knowledge_version).where(Domain.id == shop.acme.domain_id))
    assert version
    recall = await port.recall(shop.db, Ask(shop.acme.workspace_id, shop.acme.domain_id, version, question))
    return recall.band
