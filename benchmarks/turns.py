"""Turns a second: a visitor's message, its committed acknowledgement, the FAQ's answer streamed, its committed end.

``python -m benchmarks.turns`` runs the real product on SQLite and on PostgreSQL (both durable) under visitors of
another process, and beside it, in the same minute, what bounds it: a bare echo, bare commits, a plain Node server.
"""

import argparse
import asyncio
import contextlib
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import asyncpg

from benchmarks import commits, machine, node, questions, servers
from benchmarks.table import Cell, middle, spread, table
from benchmarks.visitors import Load, Outcome
from tests.servers.postgres import Postgres

TEXTS = 3_000
LIMIT_SECONDS = 2.0  # for each bare limit
HEAD = (
    "", "visitors", "turns/s", "(runs)", "p50 ms", "p99 ms", "ack p50", "server µs", "database µs",
    "client µs", "RSS MB",
)  # fmt: skip


@dataclass(slots=True)
class Subject:
    """A server under load; ``stored`` counts the visitor messages its database holds."""

    name: str
    load: Load
    stored: Callable[[], Awaitable[int]] | None = None
    runs: dict[int, list[Outcome]] = field(default_factory=dict)
    half: Outcome | None = None

    def most(self) -> float:
        """Turns a second at the number of visitors where they are most (the median of the runs)."""
        return max(middle([run.turns for run in runs]) for runs in self.runs.values())

    def at(self, visitors: int) -> float:
        return middle([run.turns for run in self.runs[visitors]])


async def measure(subject: Subject, load: Load) -> Outcome:
    """One run; every question that was acknowledged must be in the database."""
    before = await subject.stored() if subject.stored else 0
    outcome = Outcome(**await servers.ours("benchmarks.visitors", asdict(load)))
    if subject.stored and (kept := await subject.stored() - before) != outcome.asked:
        raise SystemExit(f"{subject.name}: {outcome.asked} messages were acknowledged, {kept} are stored")
    if outcome.odd > outcome.asked // 100:
        raise SystemExit(f"{subject.name}: {outcome.odd} of {outcome.asked} answers were not the FAQ's, or not whole")
    return outcome


async def main(chosen: argparse.Namespace) -> None:
    load_before = machine.described()
    async with contextlib.AsyncExitStack() as stack:
        folder = stack.enter_context(servers.workshop())
        texts = str(questions.keep(questions.sure(TEXTS), folder / "texts.json"))
        cluster = stack.enter_context(servers.postgres()) if "postgresql" in chosen.databases or chosen.peer else None
        subjects = [s async for s in _subjects(stack, chosen, folder, texts, cluster)]
        echo = await _echo(stack, folder, texts, chosen)
        bare: dict[str, list[float]] = {}
        print(f"turns: {load_before}, {questions.entries()} FAQ entries", flush=True)
        for _ in range(chosen.repeat):
            await _limits(bare, echo, folder, cluster, chosen)
            for visitors in chosen.visitors:
                for subject in subjects:
                    if subject.stored is None and visitors != 100:
                        continue  # the peer stands beside one row
                    load = Load(**asdict(subject.load) | {"visitors": visitors})
                    subject.runs.setdefault(visitors, []).append(await measure(subject, load))
        for subject in subjects:
            if subject.stored is not None and chosen.open:
                calm = {"visitors": 200, "rate": subject.most() / 2}
                subject.half = await measure(subject, Load(**asdict(subject.load) | calm))
        _report(subjects, bare, chosen, folder, cluster)


async def _subjects(
    stack: contextlib.AsyncExitStack, chosen: argparse.Namespace, folder: Path, texts: str, cluster: Postgres | None
) -> AsyncIterator[Subject]:
    for database in chosen.databases:
        url = cluster.new_database() if database == "postgresql" and cluster else None
        place = folder / database
        product = await stack.enter_async_context(servers.product(place, url))
        load = Load(product.socket, product.origin, 0, chosen.seconds, texts, product.pid)
        if url and cluster:
            load = Load(**asdict(load) | {"database": cluster_pid(cluster)})
        yield Subject(f"ours, {_NAMES[database]}", load, _counter(place, url))
    if chosen.peer and cluster and (file := await node.installed(folder)) is not None:
        for prepared in (False, True):
            serving = node.serving(file, cluster.new_database(), prepared=prepared)
            pid, port = await stack.enter_async_context(serving)
            load = Load(f"ws://127.0.0.1:{port}/", "http://peer", 0, chosen.seconds, texts, pid, cluster_pid(cluster))
            yield Subject("Node peer (ws, pg)" + (", prepared" if prepared else ""), load)


async def _echo(stack: contextlib.AsyncExitStack, folder: Path, texts: str, chosen: argparse.Namespace) -> Load | None:
    if not chosen.limits:
        return None
    pid, port = await stack.enter_async_context(servers.helper(folder, (sys.executable, "-m", "benchmarks.echo")))
    return Load(f"ws://127.0.0.1:{port}/", "http://echo", 100, LIMIT_SECONDS, texts, pid, echo=True)


async def _limits(
    bare: dict[str, list[float]], echo: Load | None, folder: Path, cluster: Postgres | None, chosen: argparse.Namespace
) -> None:
    if echo is None:
        return

    def note(name: str, value: float) -> None:
        bare.setdefault(name, []).append(value)

    outcome = Outcome(**await servers.ours("benchmarks.visitors", asdict(echo)))
    note("echo", outcome.turns)
    note("echo µs", outcome.server)
    if "sqlite" in chosen.databases:
        for name, rows in (("sqlite", 1), ("sqlite grouped", commits.ROWS)):
            place = folder / f"commits-{len(bare[name]) if name in bare else 0}"
            place.mkdir(exist_ok=True)
            note(name, await asyncio.to_thread(commits.sqlite, place, LIMIT_SECONDS / 2, rows))
    if cluster is not None:
        url = cluster.new_database()
        for name, connections in (("postgresql", 1), ("postgresql ten", 10)):
            note(name, await commits.postgresql(url, LIMIT_SECONDS / 2, connections))


def cluster_pid(cluster: Postgres) -> int:
    """The process id of a running PostgreSQL."""
    server = cluster._server
    assert server is not None
    return server.pid


def _counter(folder: Path, url: str | None) -> Callable[[], Awaitable[int]]:
    query = "SELECT count(*) FROM messages WHERE author = 'visitor'"

    async def of_sqlite() -> int:
        with contextlib.closing(sqlite3.connect(folder / "data" / "frontdesk.db")) as connection:
            return int(connection.execute(query).fetchone()[0])

    async def of_postgresql() -> int:
        assert url is not None
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            return int(await connection.fetchval(query))
        finally:
            await connection.close()

    return of_postgresql if url else of_sqlite


def _report(
    subjects: Sequence[Subject], bare: dict[str, list[float]], chosen: argparse.Namespace, folder: Path,
    cluster: Postgres | None,
) -> None:  # fmt: skip
    rows: list[Sequence[Cell]] = []
    for subject in subjects:
        rows += [_row(subject.name, visitors, runs) for visitors, runs in subject.runs.items()]
        if subject.half is not None:
            rows.append(_row("  open loop at half", 200, [subject.half]))
    print(f"\n{table(HEAD, rows)}\n")
    disks = f"SQLite on {machine.filesystem(folder)}"
    if cluster is not None:
        disks += f", PostgreSQL on {machine.filesystem(Path(cluster._folder or '/'))}"
    print(f"medians of {chosen.repeat} runs of {chosen.seconds:g} s; {disks}; {machine.described()} at the end")
    if bare:
        print(f"\n{table(('limit in the same run', 'a second', *(s.name for s in subjects)), _ratios(subjects, bare))}")
    peers = [s for s in subjects if s.stored is None and 100 in s.runs]
    for subject in subjects:
        if peers and subject.stored is not None and 100 in subject.runs:
            ratios = ", ".join(f"{subject.at(100) / peer.at(100):.2f} times the {peer.name}" for peer in peers)
            print(f"{subject.name}: {ratios} (100 visitors each)")


def _row(name: str, visitors: int, runs: Sequence[Outcome]) -> Sequence[Cell]:
    def of(column: str) -> float:
        return middle([float(getattr(run, column)) for run in runs])

    return (
        name, visitors, of("turns"), spread([run.turns for run in runs]), of("p50"), of("p99"), of("ack"),
        of("server"), of("database") or None, of("client"), of("rss") / 1e6,
    )  # fmt: skip


def _ratios(subjects: Sequence[Subject], bare: dict[str, list[float]]) -> list[Sequence[Cell]]:
    """Each limit, and our turns as a share of it."""
    rows: list[Sequence[Cell]] = []
    for name, said in _LIMITS.items():
        if name in bare:
            limit = middle(bare[name])
            rows.append((said, limit, *(f"{subject.most() / limit:.2f}" for subject in subjects)))
    return rows


_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_LIMITS = {
    "echo": "bare echo of the same stack, messages",
    "sqlite": "bare SQLite commits, one row each",
    "sqlite grouped": f"bare SQLite commits, {commits.ROWS} rows each",
    "postgresql": "bare PostgreSQL commits, one connection",
    "postgresql ten": "bare PostgreSQL commits, ten connections",
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.turns", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--databases", nargs="+", choices=tuple(_NAMES), default=list(_NAMES))
    parser.add_argument("--visitors", nargs="+", type=int, default=[100], metavar="N", help="e.g. 10 20 100 200")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each run (after 1 s of warming up)")
    parser.add_argument("--repeat", type=int, default=1, help="runs of everything, taken in turns; medians are shown")
    parser.add_argument("--no-peer", dest="peer", action="store_false", help="without the Node server")
    parser.add_argument("--no-limits", dest="limits", action="store_false", help="without echo and bare commits")
    parser.add_argument("--no-open", dest="open", action="store_false", help="without the open loop at half the most")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(_arguments()))
