"""The engine put together from its settings, started and stopped in order."""

import contextlib
from collections.abc import AsyncIterator, Callable

from console.access import port as desk
from engine import redis_bus, rounds, tokens
from engine.crew import Crew
from engine.db import Database
from engine.fetch import Fetcher
from engine.limits import Limits
from engine.ports import Engine, Provider
from engine.settings import Settings
from engine.smtp import Smtp
from engine.streams import Streams
from knowledge import measuring, reading, sources, writing
from knowledge import port as knowledge
from knowledge.embeddings import catching_up, minilm
from knowledge.embeddings.embedding import Asker, Embedder
from knowledge.embeddings.endpoint import Endpoint
from knowledge.judging import Judge
from knowledge.shelves import Shelves
from widget import assets as widget


def assemble(settings: Settings) -> Engine:
    """Nothing is started or connected yet."""
    db, askers = Database(settings.database_url), _askers(settings)
    knowledge.judge = Judge(Shelves(settings.KNOWLEDGE_MEMORY_MB * 1024 * 1024, askers))
    engine = Engine(
        settings=settings,
        db=db,
        bus=redis_bus.connect(settings.REDIS_URL),
        crew=Crew(),
        knowledge=knowledge,
        desk=desk,
        widget=widget,
        limits=Limits(settings.REDIS_URL),
        mailer=Smtp(settings.SMTP_URL, settings.MAIL_FROM) if settings.SMTP_URL and settings.MAIL_FROM else None,
        handlers={
            catching_up.KIND: catching_up.handler(db, askers),
            measuring.KIND: measuring.handler(db, askers),
            sources.JOB: reading.handler(db, Fetcher()),
        },
    )
    engine.handlers[writing.JOB] = writing.handler(db, lambda: engine.provider)  # which is made at start
    return engine


def makers(settings: Settings) -> dict[str, Callable[[], Embedder]]:
    """What makes embeddings, by what a domain may choose; only what this machine and its settings have."""
    found: dict[str, Callable[[], Embedder]] = {}
    if folder := settings.EMBEDDINGS_DIR or minilm.installed():
        found["local"] = lambda: minilm.MiniLM(folder)
    if model := settings.EMBEDDINGS_MODEL:
        base_url = settings.EMBEDDINGS_BASE_URL or settings.OPENAI_BASE_URL
        api_key = settings.EMBEDDINGS_API_KEY or settings.OPENAI_API_KEY
        found["endpoint"] = lambda: Endpoint(model=model, base_url=base_url, api_key=api_key)
    return found


def _askers(settings: Settings) -> dict[str, Asker]:
    """Each is made when the first domain wants it."""
    return {name: Asker(make) for name, make in makers(settings).items()}


@contextlib.asynccontextmanager
async def running(engine: Engine, *, alone: bool) -> AsyncIterator[Streams]:
    """The engine at work. ``alone``: no other process can be on this database, so what the last one left open is
    ended at once instead of when its leases run out."""
    engine.provider = engine.provider or await _provider(engine.settings)
    await engine.bus.start()
    streams = Streams(engine)
    try:
        if alone:
            await streams.sweep(everything=True)
        rounds.start(streams)
        engine.crew.start(engine.packed.ready(widget.loader(), *widget.hosts().values()), "packing")
        yield streams
    finally:
        await engine.crew.drain(engine.settings.STOP_SECONDS)
        await engine.bus.stop()
        await engine.limits.aclose()
        if engine.provider is not None:
            await engine.provider.aclose()
        for asker in knowledge.judge.shelves.askers.values():
            await asker.aclose()
        await engine.db.dispose()


async def _provider(settings: Settings) -> Provider | None:
    """The model that the settings name; None without a key. Made at start: the SDK's import takes 0.3 s."""
    if not settings.OPENAI_API_KEY:
        return None
    from engine.providers import OpenAICompatible

    cache = str(settings.TIKTOKEN_CACHE_DIR) if settings.TIKTOKEN_CACHE_DIR else None
    return OpenAICompatible(
        model=settings.OPENAI_MODEL,
        api_key=settings.OPENAI_API_KEY,
        base_url=settings.OPENAI_BASE_URL,
        counter=await tokens.counter(settings.OPENAI_MODEL, cache),
    )
