"""A throw-away PostgreSQL on a free port: started once, ended by id, a fresh database for every test."""

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from .child import Child, NotReady, serving_user
from .parts import free_port, program

_USER = "app"
# What a killed server's last backends, still ending, make the next one say.
_STILL_ENDING = "pre-existing shared memory block"


class Postgres:
    """PostgreSQL on 127.0.0.1, without a password.

    With `durable` a commit is on the disk before it is acknowledged, as in production; without, tests are
    faster and a killed server may lose its last commits.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self.port = free_port()
        self._durable = durable
        self._folder: Path | None = None
        self._server: Child | None = None

    @property
    def running(self) -> bool:
        return self._server is not None and self._server.code is None

    def start(self, seconds: float = 30) -> None:
        """Returns when the server takes connections, at once if it does. Raises MissingPart or NotReady."""
        deadline = time.monotonic() + seconds
        while not self.running:
            try:
                self._launch(deadline - time.monotonic())
            except NotReady as failure:
                if _STILL_ENDING not in str(failure) or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def stop(self) -> None:
        """Ends the server and removes all it kept."""
        self.down(signal.SIGQUIT)
        if self._folder is not None:
            shutil.rmtree(self._folder)
        self._server = self._folder = None

    def down(self, by: signal.Signals = signal.SIGINT) -> None:
        """Ends the server, by default as an administrator would; what it kept stays for the next `start`."""
        if self._server is not None:
            self._server.end(by)

    def kill_and_restart(self) -> None:
        """A crash (SIGKILL) and the recovery from it, on the same port. Open connections are lost."""
        self.down(signal.SIGKILL)
        self.start()

    def new_database(self, *, like: str | None = None) -> str:
        """The URL (`postgresql+asyncpg://…`) of a new database: empty, or a copy of the one at `like`.

        Nobody may be connected to the one that is copied.
        """
        name = f"t{uuid4().hex}"
        self._client("createdb", "-T", _name(like) if like else "template0", name)
        return f"postgresql+asyncpg://{_USER}@127.0.0.1:{self.port}/{name}"

    def drop_database(self, url: str) -> None:
        """Removes the database, and ends whoever is still connected to it."""
        self._client("dropdb", "--force", "--if-exists", _name(url))

    def _launch(self, seconds: float) -> None:
        folder = self._folder or self._initdb()
        log = folder / "log"
        log.unlink(missing_ok=True)
        self._server = Child(
            [_binary("postgres"), "-D", folder / "data", *self._settings()],
            log=log,
            folder=folder,
            user=serving_user(),
            ended_by=signal.SIGQUIT,
        )
        self._server.wait_until(self._takes_connections, seconds)

    def _initdb(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="frontdesk-postgres-"))
        self._folder = folder
        user = serving_user()
        if user:
            shutil.chown(folder, user)
        options = ["-U", _USER, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"]
        _run([_binary("initdb"), "-D", folder / "data", *options], folder=folder, user=user)
        return folder

    def _settings(self) -> list[str]:
        safe = "on" if self._durable else "off"
        values = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "fsync": safe,
            "synchronous_commit": safe,
            "full_page_writes": safe,
            "max_connections": "200",  # several nodes with their pools at once
        }
        return [word for name, value in values.items() for word in ("-c", f"{name}={value}")]

    def _takes_connections(self) -> bool:
        asked = subprocess.run([_binary("pg_isready"), "-q", *self._address()], check=False)
        return asked.returncode == 0

    def _client(self, command: str, *arguments: str) -> None:
        _run([_binary(command), *self._address(), "-U", _USER, *arguments])

    def _address(self) -> list[str]:
        return ["-h", "127.0.0.1", "-p", str(self.port)]


def _name(url: str) -> str:
    return url.rpartition("/")[2]


def _binary(name: str) -> Path:
    # Debian keeps the server's programs out of PATH, a folder for each version: the newest first.
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    return program(name, package="postgresql", folders=folders)


def _version(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


def _run(command: Sequence[str | Path], *, folder: Path | None = None, user: str | None = None) -> None:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=folder,
        user=user,
        group=user,
        extra_groups=[] if user else None,
        check=False,
    )
    if done.returncode:
        name = Path(command[0]).name
        raise RuntimeError(f"{name} failed with {done.returncode}:\n{done.stdout}{done.stderr}")
