"""A throw-away Redis on a free port: keeps nothing, comes back on the same port, ended by id."""

import shutil
import signal
import socket
import tempfile
from pathlib import Path

from .child import Child
from .parts import free_port, program


class Redis:
    """Redis on 127.0.0.1. A restart loses every key, as a crash of a Redis without persistence does."""

    def __init__(self) -> None:
        self.port = free_port()
        self._folder: Path | None = None
        self._server: Child | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def running(self) -> bool:
        return self._server is not None and self._server.code is None

    def start(self, seconds: float = 10) -> None:
        """Returns when the server answers; harmless when it runs. Raises MissingPart or NotReady."""
        if self.running:
            return
        folder = self._folder = self._folder or Path(tempfile.mkdtemp(prefix="frontdesk-redis-"))
        redis = program("redis-server", package="redis-server")
        where = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(folder)]
        keeps_nothing = ["--save", "", "--appendonly", "no"]
        self._server = Child([redis, *where, *keeps_nothing], log=folder / "log", folder=folder)
        self._server.wait_until(self._answers, seconds)

    def stop(self) -> None:
        """Ends the server; every open connection is lost. `start` brings it back, empty, on the same port."""
        if self._server is not None:
            self._server.end(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    def pause(self) -> None:
        """Connections stay open and nothing answers: the outage that only a timeout notices."""
        if self._server is not None:
            self._server.send(signal.SIGSTOP)

    def resume(self) -> None:
        if self._server is not None:
            self._server.send(signal.SIGCONT)

    def empty(self) -> None:
        """Forgets every key of every database."""
        assert self._says("FLUSHALL") == "+OK"

    def remove(self) -> None:
        """Ends the server and removes its folder."""
        self.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder)
        self._server = self._folder = None

    def _answers(self) -> bool:
        try:
            return self._says("PING") == "+PONG"
        except OSError:
            return False

    def _says(self, command: str) -> str:
        """The first line of the answer to an inline command, https://redis.io/docs/latest/develop/reference/protocol-spec/"""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as wire:
            wire.sendall(f"{command}\r\n".encode())
            return wire.makefile().readline().strip()
