"""The peer: a plain Node server (``peer/server.js``), its two packages installed by npm into a folder of the run."""

import asyncio
import contextlib
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

from benchmarks.servers import helper

HERE = Path(__file__).with_name("peer")
INSTALL_SECONDS = 120


async def installed(folder: Path) -> Path | None:
    """The server's file, ready to be run; None, with a line that says why, where it cannot be."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        print("peer: skipped, node or npm is not on this machine")
        return None
    place = folder / "peer"
    shutil.copytree(HERE, place)
    command = (npm, "install", "--no-audit", "--no-fund", "--loglevel=error")
    process = await asyncio.create_subprocess_exec(
        *command, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        async with asyncio.timeout(INSTALL_SECONDS):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        said = b"it took too long"
    if process.returncode:
        print(f"peer: skipped, npm could not install ws and pg: {said.decode(errors='replace').strip()[-300:]}")
        return None
    return place / "server.js"


@contextlib.asynccontextmanager
async def serving(file: Path, database_url: str, *, prepared: bool) -> AsyncIterator[tuple[int, int]]:
    """(process id, port) of the peer on the database at ``database_url``, its statements ``prepared`` or sent anew."""
    environment = {"DATABASE_URL": database_url.replace("+asyncpg", ""), "PREPARED": "1" if prepared else "0"}
    folder = file.parent / ("prepared" if prepared else "plain")
    folder.mkdir()
    async with helper(folder, ("node", str(file)), environment) as found:
        yield found
