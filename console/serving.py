"""The serving process: its port, its lock, and what it says when it is ready."""

import contextlib
import errno
import fcntl
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn
from sqlalchemy.engine import make_url

from console.app import create
from engine import listener
from engine.settings import Misconfigured, Settings


class Server(uvicorn.Server):
    """uvicorn, which calls ``ready`` once it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def listen(settings: Settings) -> socket.socket:
    """The listening socket of HOST and PORT; raises :class:`Misconfigured`."""
    try:
        return listener.listen(settings.HOST, settings.PORT)
    except OSError as refused:
        raise Misconfigured(_refusal(settings, refused)) from None


def bound(settings: Settings, listening: socket.socket) -> Settings:
    """``settings`` with the port that was really given, for PORT=0."""
    return settings if settings.PORT else Settings(PORT=listening.getsockname()[1])


def serve(settings: Settings, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; running answers get STOP_SECONDS."""
    alone = make_url(settings.database_url).get_backend_name() == "sqlite"
    app = create(settings, alone=alone)
    # Forwarded headers are believed from nobody: what a client writes there must not move it past a limit (R15).
    config = listener.config(app, stop_seconds=settings.STOP_SECONDS, log_level=settings.LOG_LEVEL, proxy_headers=False)
    Server(config, ready).run(sockets=[listening])


@contextlib.contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Hold the lock of a SQLite file: two servers on it would not hear of each other's messages. The kernel lets it
    go with the process, however that ends."""
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        yield
        return
    file = Path(url.database)
    with open(file.with_name(file.name + ".serve.lock"), "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Misconfigured(
                f"DATA_DIR: another `frontdesk serve` runs on {file} (process {_holder(lock.name)})."
                " Stop it, name another DATA_DIR, or set DATABASE_URL to PostgreSQL to run several."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _holder(file: str) -> str:
    return Path(file).read_text().strip() or "unknown"


def _refusal(settings: Settings, refused: OSError) -> str:
    if refused.errno == errno.EADDRINUSE:
        return (
            f"PORT: {settings.PORT} on {settings.HOST} is taken by another program. Stop it, or set PORT to a free one."
        )
    if refused.errno == errno.EACCES:
        return f"PORT: {settings.PORT} may not be opened by this user. Set PORT to one from 1024 up."
    return f"HOST: {settings.HOST} cannot be listened on ({refused.strerror}). Name an address of this machine."
