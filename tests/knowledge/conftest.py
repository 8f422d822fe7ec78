"""Two shops that know nothing of each other: acme and its rival, each with a domain and a room in it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from engine.db import Database, new_id
from engine.models import Bot, Domain, Room, Visitor, Workspace
from engine.ports import Ask
from engine.providers import OpenAICompatible
from knowledge.entries import Draft
from tests import schema
from tests.doubles.openai import OpenAI
from tests.doubles.site import Page, Site, site

HOME = """<html lang="en"><head><title>Help</title></head><body><nav><a href="/a">A</a> <a href="/b?utm_source=x">B</a>
<a href="/b">B</a><a href="https://elsewhere.example/x">Else</a></nav><main><h2>How long does delivery take?</h2>
<p>Delivery takes two working days within the country, longer abroad.</p></main></body></html>"""
OTHER = """<html lang="en"><head><title>Returns</title></head><body><main><h2>{question}</h2>
<p>{answer}</p></main></body></html>"""


@dataclass(frozen=True)
class Shop:
    """A workspace with one domain and one room."""

    workspace_id: str
    domain_id: str
    room_id: str

    @property
    def ids(self) -> tuple[str, str]:
        return self.workspace_id, self.domain_id

    def ask(self, text: str, version: int) -> Ask:
        return Ask(self.workspace_id, self.domain_id, version, text)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    await schema.ready(database_url)
    database = Database(database_url)
    yield database
    await database.dispose()


@pytest.fixture
async def acme(database: Database) -> Shop:
    return await _shop(database, "acme")


@pytest.fixture
async def rival(database: Database) -> Shop:
    return await _shop(database, "rival")


@pytest.fixture
async def web() -> AsyncIterator[Site]:
    """A shop's site of three pages, each with one question."""
    async with site() as web:
        web.pages["/"] = Page(HOME)
        web.pages["/a"] = Page(OTHER.format(question="Can I return a plant?", answer="Within 30 days of delivery."))
        web.pages["/b"] = Page(OTHER.format(question="Do you wrap gifts?", answer="Gift wrapping costs three euros."))
        yield web


@pytest.fixture
async def double() -> AsyncIterator[OpenAI]:
    """A server of models, for those who ask one."""
    async with OpenAI() as double:
        yield double


@pytest.fixture
async def model(double: OpenAI) -> AsyncIterator[OpenAICompatible]:
    """Its model, through the real client."""
    provider = OpenAICompatible(model="double", base_url=double.base_url)
    yield provider
    await provider.aclose()


async def version_of(database: Database, shop: Shop) -> int:
    """The shop's knowledge version, as a message of its visitors would carry it."""
    async with database.read() as session:
        version = await session.scalar(select(Domain.knowledge_version).where(Domain.id == shop.domain_id))
    assert version is not None
    return version


def draft(question: str, answer: str = "An answer.", *alternatives: str) -> Draft:
    return Draft(question=question, answer=answer, alternatives=alternatives)


async def _shop(database: Database, name: str) -> Shop:
    shop = Shop(new_id(), new_id(), new_id())
    bot_id, visitor_id = new_id(), new_id()
    async with database.write() as session:
        session.add(Workspace(id=shop.workspace_id, slug=name, name=name))
        await session.flush()
        session.add(Domain(id=shop.domain_id, workspace_id=shop.workspace_id, name=f"{name}.example"))
        await session.flush()
        session.add(Bot(id=bot_id, workspace_id=shop.workspace_id, domain_id=shop.domain_id, name="Pip"))
        session.add(Visitor(id=visitor_id, workspace_id=shop.workspace_id, domain_id=shop.domain_id))
        await session.flush()
        session.add(
            Room(
                id=shop.room_id,
                workspace_id=shop.workspace_id,
                domain_id=shop.domain_id,
                bot_id=bot_id,
                visitor_id=visitor_id,
            )
        )
    return shop
