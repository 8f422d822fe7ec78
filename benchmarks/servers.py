"""What a benchmark starts: the real product, a helper process, its PostgreSQL. Each is ended by its id."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.servers.child import Child
from tests.servers.postgres import Postgres
from tests.servers.process import ROOT, Node

UNLIMITED = {"VISITOR_MESSAGES_PER_MINUTE": "1000000000", "VISITOR_MESSAGES_PER_DAY": "1000000000"}


@dataclass(frozen=True, slots=True)
class Product:
    """The real product, as its owner starts it, with the demo shop. Only the rate limits are lifted."""

    pid: int
    origin: str
    socket: str  # the address of its bot's WebSocket


@contextlib.contextmanager
def workshop() -> Iterator[Path]:
    """A folder on the disk that holds the repository, gone afterwards."""
    (ROOT / "data").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="benchmark-", dir=ROOT / "data"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL that keeps what it acknowledged (fsync, synchronous_commit)."""
    server = Postgres(durable=True)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@contextlib.asynccontextmanager
async def product(folder: Path, database_url: str | None = None, **settings: str) -> AsyncIterator[Product]:
    """The product ready on a free port, its data in ``folder``; on SQLite unless ``database_url`` says otherwise."""
    environment = UNLIMITED | settings | ({"DATABASE_URL": database_url} if database_url else {})
    async with Node(folder, environment, ("serve", "--demo")) as node:
        async with httpx2.AsyncClient(base_url=node.url, trust_env=False) as client:
            page = (await client.get("/demo")).text
        key = re.search(r'data-bot="([^"]+)"', page)
        if key is None:
            raise SystemExit("the demo page names no bot")
        yield Product(node.pid, node.url, f"{node.url.replace('http', 'ws', 1)}/v1/chat?bot={key[1]}")


@contextlib.asynccontextmanager
async def helper(
    folder: Path, command: Sequence[str], environment: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[int, int]]:
    """(process id, port) of a program that prints its port as its first line."""
    log = folder / f"{re.sub(r'[^a-z]+', '-', ' '.join(command[-1:]).lower())}.log"
    log.unlink(missing_ok=True)
    child = Child(command, log=log, environment={**os.environ, **(environment or {})}, folder=ROOT)
    try:
        deadline = asyncio.get_running_loop().time() + 20
        while not (first := child.output().partition("\n"))[1]:
            child.check(deadline, 20)
            await asyncio.sleep(0.02)
        yield child.pid, int(first[0])
    finally:
        child.end(signal.SIGTERM, 5)


async def ours(module: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    """What a client process of ours made of ``spec``: ``python -m module``, JSON in, JSON out."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        out, _ = await process.communicate(json.dumps(spec).encode())
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise SystemExit(f"{module} ended with {process.returncode}")
    found: dict[str, Any] = json.loads(out)
    return found
