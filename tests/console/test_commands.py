"""The command line: what can be wrong with a machine is one line that names the setting; the rest does what it says."""

import asyncio
import re
import signal
import socket
import sys
from pathlib import Path

import httpx2
import pytest

from tests.servers.parts import free_port
from tests.servers.process import PRODUCT, ROOT, Node

pytestmark = pytest.mark.anyio


async def run(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """A command that ends by itself: its exit code, stdout and stderr."""
    settings = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "DATA_DIR": str(folder / "data"), **environment}
    process = await asyncio.create_subprocess_exec(
        *PRODUCT,
        *arguments,
        cwd=ROOT,
        env=settings,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, error = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return process.returncode, out.decode(), error.decode()


def one_line(error: str) -> str:
    (line,) = error.splitlines()
    assert line.startswith("frontdesk: ")
    return line


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORT", "eighty", "integer"),
        ("PORT", "70000", "65535"),
        ("DATABASE_URL", "mysql://x/y", "must start with postgresql:// or sqlite:///"),
        ("DATABASE_URL", "postgresql://nobody:hush@127.0.0.1:1/none", "cannot be used"),
        ("REDIS_URL", "localhost:6379", "must start with redis://"),
        ("PUBLIC_URL", "desk.example", "whole http:// or https:// address"),
        ("SECRET_KEY", "short", "at least 32"),
        ("DATA_DIR", "/proc/nowhere", "can"),
        ("HOST", "192.0.2.1", "Name an address of this machine"),
    ],
)
async def test_a_wrong_setting_ends_in_one_line_that_names_it(tmp_path: Path, name: str, value: str, says: str) -> None:
    environment = {"PORT": str(free_port()), name: value}
    code, out, error = await run(tmp_path, "serve", **environment)
    assert code == 2
    assert name in one_line(error)
    assert says in error
    assert "hush" not in error
    assert out == ""


async def test_a_taken_port_ends_in_one_line_that_names_it(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, _, error = await run(tmp_path, "serve", PORT=port)
    assert code == 2
    assert f"PORT: {port} on 127.0.0.1 is taken" in one_line(error)


@pytest.mark.parametrize("command", [["serve", "--no-migrate"], ["work"], ["backup", "x"], ["restore", "x"]])
async def test_a_database_that_was_never_migrated_is_told_so(tmp_path: Path, command: list[str]) -> None:
    code, _, error = await run(tmp_path, *command, PORT=str(free_port()))
    assert code == 2
    assert "Run `frontdesk migrate` first" in one_line(error)


async def test_help_and_a_wrong_setting_load_no_server(tmp_path: Path) -> None:
    heavy = "sqlalchemy, starlette, uvicorn, alembic, openai, argon2, numpy"
    probe = (
        "import sys, console.__main__ as m\n"
        "try: m.main(['--help'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in '{heavy}'.split(', ') if name in sys.modules])"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", probe, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert out.decode().splitlines()[-1] == "[]"
    for command in ("serve", "work", "migrate", "seed", "backup", "restore"):
        assert command in out.decode()


async def test_migrate_and_seed_may_be_run_again(tmp_path: Path) -> None:
    for _ in range(2):
        assert (await run(tmp_path, "migrate"))[0] == 0
    _, first, _ = await run(tmp_path, "seed")
    passwords = re.findall(r"@juniper\.example +(\S+)", first)
    assert len(set(passwords)) == 3
    _, second, _ = await run(tmp_path, "seed")
    assert "seed --new-passwords" in second
    assert re.findall(r"@juniper\.example +(\S+)", second) == []
    _, third, _ = await run(tmp_path, "seed", "--new-passwords")
    renewed = re.findall(r"@juniper\.example +(\S+)", third)
    assert len({*passwords, *renewed}) == 6


async def test_serve_demo_ends_with_where_to_look_and_who_to_be(tmp_path: Path) -> None:
    node = Node(tmp_path, arguments=("serve", "--demo"))
    async with node:
        said = node.output().splitlines()
        assert [line.split()[0] for line in said[-3:]] == ["owner", "agent", "agent"]
        for address in (node.url, f"{node.url}/demo", f"{node.url}/app/demo/live"):
            assert any(line.endswith(address) for line in said)
        async with httpx2.AsyncClient(base_url=node.url, trust_env=False) as client:
            assert (await client.get("/")).headers["location"] == "/demo"
            page = (await client.get("/auth/sign-in")).text
            hidden = dict(re.findall(r'name="(csrf|next)" value="([^"]*)"', page))
            role, email, password = said[-3].split()
            form = hidden | {"email": email, "password": password}
            assert (await client.post("/auth/sign-in", data=form)).status_code == 303
            usage = (await client.get("/app/demo/usage")).text
            assert role == "owner"
            assert "+1,000" in usage
        assert await node.terminate() in (0, -signal.SIGTERM)
        assert "Traceback" not in node.output()
        before = len(said)
        await node.start()
        said = node.output().splitlines()[before:]
        assert [line.split() for line in said[-3:]] == [
            ["owner", "olivia@juniper.example"],
            ["agent", "grace@juniper.example"],
            ["agent", "linus@juniper.example"],
        ]


async def test_a_second_server_on_one_sqlite_file_is_refused(tmp_path: Path) -> None:
    async with Node(tmp_path) as node:
        code, _, error = await run(tmp_path, "serve", PORT=str(free_port()))
        assert code == 2
        assert f"process {node.pid}" in one_line(error)
        assert "DATA_DIR" in error
        await node.restart()  # a killed server leaves no lock behind


async def test_r19_a_served_shop_is_backed_up_and_restored_elsewhere(tmp_path: Path, database_url: str) -> None:
    there = {"DATABASE_URL": database_url.replace("+aiosqlite", "").replace("+asyncpg", "")}
    kept = str(tmp_path / "kept.gz")
    async with Node(tmp_path / "here", arguments=("serve", "--demo")):
        assert (await run(tmp_path / "here", "backup", kept))[0] == 0
    assert (await run(tmp_path / "there", "migrate", **there))[0] == 0
    code, out, error = await run(tmp_path / "there", "restore", kept, **there)
    assert (code, error) == (0, "")
    assert "the ledger adds up" in out
    secret = tmp_path / "here/data/secret"
    assert (tmp_path / "there/data/secret").read_text() == secret.read_text()
    again = await run(tmp_path / "there", "restore", kept, **there)
    assert again[0] == 2
    assert "not empty" in one_line(again[2])
    async with Node(tmp_path / "there", there, arguments=("serve", "--demo")) as node:
        assert "seed --new-passwords" in node.output()


async def test_a_backup_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    assert (await run(tmp_path, "migrate"))[0] == 0
    code, _, error = await run(tmp_path, "restore", str(tmp_path / "none.gz"))
    assert code == 2
    assert "cannot be read (No such file or directory)" in one_line(error)
    code, _, error = await run(tmp_path, "backup", str(tmp_path / "no/folder.gz"))
    assert code == 2
    assert "cannot be written" in one_line(error)


async def test_work_runs_until_it_is_told_to_stop(tmp_path: Path) -> None:
    assert (await run(tmp_path, "migrate"))[0] == 0
    async with Node(tmp_path, arguments=("work",)) as node:
        async with asyncio.timeout(20):
            while "is working" not in node.output():
                assert node.code is None, node.output()
                await asyncio.sleep(0.05)
        assert await node.terminate() == 0
        assert "Traceback" not in node.output()
