"""The engine served in this process on a real port, with a cast, and the doubles a test chooses."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from console.assembly import running
from engine import routes
from engine.crew import Crew
from engine.db import Database
from engine.limits import Limits
from engine.ports import Engine, Knowledge, Mailer, Provider
from engine.redis_bus import connect
from engine.settings import Settings
from engine.streams import Streams
from tests import schema
from tests.cast import Cast, Company, gather
from tests.doubles.knowledge import OpenDesk, Oracle
from tests.serving import served
from tests.wire import Client
from widget import assets


@dataclass(slots=True)
class Stage:
    """``address`` is host:port. ``oracle`` tells what was asked and what was filed."""

    address: str
    streams: Streams
    cast: Cast
    oracle: Oracle

    @property
    def engine(self) -> Engine:
        return self.streams.engine

    @property
    def db(self) -> Database:
        return self.streams.engine.db

    def visitor(self, company: Company | None = None, *, cookie: str | None = None) -> Client:
        """A visitor on the company's site, not joined yet."""
        company = company or self.cast.acme
        return Client(f"ws://{self.address}/v1/chat?bot={company.key}", origin=company.origin, cookie=cookie)

    def agent(self, name: str = "grace", company: Company | None = None) -> Client:
        """An agent at the company's desk, not joined yet."""
        slug = (company or self.cast.acme).slug
        return Client(f"ws://{self.address}/v1/desk", origin=self.own_origin, cookie=f"agent={name}@{slug}")

    @property
    def own_origin(self) -> str:
        return next(iter(self.engine.settings.own_origins))


@contextlib.asynccontextmanager
async def staged(
    database_url: str,
    folder: Path,
    *,
    provider: Provider | None = None,
    mailer: Mailer | None = None,
    cast: Cast | None = None,
    credits: int = 100,
    knowledge: Knowledge | None = None,
    **settings: Any,
) -> AsyncIterator[Stage]:
    """A stage on a migrated database; with ``cast`` given the database has its people already (a second node). The
    oracle answers unless another ``knowledge`` does."""
    generous = {"VISITOR_MESSAGES_PER_MINUTE": 100_000, "VISITOR_MESSAGES_PER_DAY": 100_000, "STOP_SECONDS": 2}
    chosen = Settings(DATA_DIR=folder, DATABASE_URL=database_url, SECRET_KEY="s" * 32, **generous | settings)
    if cast is None:
        await schema.ready(chosen.database_url)
    oracle, desk, db = Oracle(), OpenDesk(), Database(chosen.database_url)
    cast = cast or await gather(db, credits=credits)
    for company in (cast.acme, cast.globex):
        desk.agents[f"grace@{company.slug}"] = company.grace
        desk.agents[f"linus@{company.slug}"] = company.linus
    engine = Engine(
        settings=chosen,
        db=db,
        bus=connect(chosen.REDIS_URL),
        crew=Crew(),
        knowledge=knowledge or oracle,
        desk=desk,
        widget=assets,
        limits=Limits(chosen.REDIS_URL),
        provider=provider,
        mailer=mailer,
    )
    async with running(engine, alone=False) as streams, _listening(streams) as address:
        yield Stage(address, streams, cast, oracle)


@contextlib.asynccontextmanager
async def _listening(streams: Streams) -> AsyncIterator[str]:
    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        yield {"streams": streams}

    async with served(Starlette(routes=routes.routes(), lifespan=lifespan)) as address:
        yield address
