"""An ASGI application of a test's own, on a real port of this machine."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette

from engine import listener


@contextlib.asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[str]:
    """host:port of ``app``, served as we serve ourselves until the block ends."""
    listening = listener.listen("127.0.0.1", 0)
    server = uvicorn.Server(listener.config(app, stop_seconds=2))
    serving = asyncio.create_task(server._serve(sockets=[listening]))  # serve() would take over the signals
    while not server.started:
        if serving.done():
            serving.result()
        await asyncio.sleep(0.005)
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
