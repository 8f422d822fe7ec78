import asyncio
import os
import sys
import textwrap
from pathlib import Path

import httpx2
import pytest

from .child import NotReady
from .process import ROOT, Node

# Stands where the product stands: serves /readyz, drains on SIGTERM, and says which settings it got.
STAND_IN = """
import http.server, os, signal, sys, threading

class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()
        self.wfile.write(os.environ["DATA_DIR"].encode())

server = http.server.HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Page)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
print("settings", sorted(os.environ))
server.serve_forever()
print("drained")
"""


def stand_in(folder: Path, source: str) -> tuple[str, str]:
    path = folder / "stand_in.py"
    path.write_text(textwrap.dedent(source))
    return sys.executable, str(path)


async def get(node: Node) -> httpx2.Response:
    async with httpx2.AsyncClient(trust_env=False, timeout=1) as client:
        return await client.get(f"{node.url}/readyz")


async def test_a_node_is_ready_with_its_own_settings_and_drains_on_sigterm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "of this machine")
    program = stand_in(tmp_path, STAND_IN)
    async with Node(tmp_path / "one", {"SECRET_KEY": "s"}, program=program) as node:
        assert (await get(node)).text == str(tmp_path / "one" / "data")
        assert node.code is None

        assert await node.terminate() == 0

        assert "drained" in node.output()
        assert "SECRET_KEY" in node.output()
        assert "OPENAI_API_KEY" not in node.output()


async def test_a_killed_node_says_nothing_and_comes_back_on_its_port(tmp_path: Path) -> None:
    async with Node(tmp_path, program=stand_in(tmp_path, STAND_IN)) as node:
        first, url = node.pid, node.url

        await node.kill()

        assert node.code == -9
        assert "drained" not in node.output()
        with pytest.raises(httpx2.ConnectError):
            await get(node)
        await node.start()
        assert (await get(node)).status_code == 200
        assert node.url == url
        assert node.pid != first


async def test_a_paused_node_answers_only_once_resumed(tmp_path: Path) -> None:
    async with Node(tmp_path, program=stand_in(tmp_path, STAND_IN)) as node:
        node.pause()
        with pytest.raises(httpx2.ReadTimeout):
            await get(node)

        node.resume()

        assert (await get(node)).status_code == 200


async def test_a_node_that_ends_at_its_start_shows_what_it_said(tmp_path: Path) -> None:
    program = stand_in(tmp_path, "import sys; sys.exit('DATABASE_URL is not an address')")
    with pytest.raises(NotReady, match=r"(?s)ended with 1 .*DATABASE_URL is not an address"):
        async with Node(tmp_path, program=program):
            pass


async def test_a_node_that_never_gets_ready_is_ended_and_shows_what_it_said(tmp_path: Path) -> None:
    program = stand_in(tmp_path, "import time; print('waiting', flush=True); time.sleep(60)")
    node = Node(tmp_path, program=program, seconds=0.5)
    with pytest.raises(NotReady, match=r"(?s)not ready after 0.5 s.*waiting"):
        async with node:
            pass
    assert node.code == -9


async def test_a_node_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    """A test run that is killed leaves no server behind."""
    source = f"""
    import asyncio, pathlib, sys
    from tests.servers.process import Node
    async def main():
        node = Node(pathlib.Path({str(tmp_path)!r}), arguments=["60"], program=["sleep"])
        await node.start()
        print(node.pid, flush=True)
        await asyncio.sleep(60)
    asyncio.run(main())
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = await asyncio.create_subprocess_exec(
        *stand_in(tmp_path, source), stdout=asyncio.subprocess.PIPE, env=environment
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    os.kill(child, 0)

    parent.kill()
    await parent.wait()

    async with asyncio.timeout(5):
        while _lives(child):
            await asyncio.sleep(0.01)


def _lives(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
    except FileNotFoundError:
        return False
