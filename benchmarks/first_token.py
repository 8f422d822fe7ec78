"""What we add between the model's first token and the visitor's frame, beside the openai client alone.

``python -m benchmarks.first_token``: the model is a double in a process of its own that says when it wrote its first
piece; the same number of askers, with the same pauses, hear it through the real product and through the client. A
visitor is shown whole sentences: with ``--words N`` the first one goes on for N words, which is what they wait for.
"""

import argparse
import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import select

from benchmarks import machine, questions, servers
from benchmarks.askers import Asking, Heard
from benchmarks.table import Cell, middle, percentile, table
from engine import ledger
from engine.db import Database
from engine.models import Workspace

MISSED = 4  # one in so many may come without the model: what was said before has its say in how sure an entry is
AIM = 10.0  # ms added at p95
CREDITS = 10_000_000  # so that every question reaches the model
HEAD = (
    "", "askers", "answers", "first p50 ms", "first p95 ms", "to the model p50 ms", "to the model p95 ms",
    "server CPU ms an answer", "missed",
)  # fmt: skip


async def main(chosen: argparse.Namespace) -> None:
    print(f"first_token: {machine.described()}", flush=True)
    added: dict[int, list[tuple[float, float]]] = {}
    rows: list[Sequence[Cell]] = []
    async with contextlib.AsyncExitStack() as stack:
        folder = stack.enter_context(servers.workshop())
        texts = str(questions.keep(questions.between(200), folder / "texts.json"))
        command = (sys.executable, "-m", "benchmarks.upstream", f"--words={chosen.words}")
        _, port = await stack.enter_async_context(servers.helper(folder, command))
        model = f"http://127.0.0.1:{port}/v1"
        product = await stack.enter_async_context(_product(folder / "product", model))
        await _heard(Asking(product.socket, product.origin, 5, 1.5, texts))  # what is made at the first question only
        for _ in range(chosen.repeat):
            for askers in chosen.askers:
                ours = Asking(product.socket, product.origin, askers, chosen.seconds, texts)
                alone = Asking(model, "", askers, chosen.seconds, texts, alone=True)
                spent = machine.cpu_seconds(product.pid)
                through = await _heard(ours)
                spent = machine.cpu_seconds(product.pid) - spent
                bare = await _heard(alone)
                rows.append(_row("ours, SQLite", askers, through, 1e3 * spent / len(through.first)))
                rows.append(_row("openai client alone", askers, bare, None))
                p50, p95 = (percentile(through.first, p) - percentile(bare.first, p) for p in (0.5, 0.95))
                added.setdefault(askers, []).append((p50, p95))
    print(f"\n{table(HEAD, rows)}\n")
    for askers, pairs in added.items():
        p50, p95 = (middle([pair[i] for pair in pairs]) for i in (0, 1))
        print(f"added with {askers} askers: {p50:.1f} ms at p50, {p95:.1f} ms at p95 (aim {AIM:.0f} ms)")
    print(f"{len(rows) // 2 // len(chosen.askers)} runs of {chosen.seconds:g} s; {machine.described()} at the end")


@contextlib.asynccontextmanager
async def _product(folder: Path, model: str) -> AsyncIterator[servers.Product]:
    """The product with that model, and with credits enough."""
    settings = {"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": model, "OPENAI_MODEL": "double"}
    async with servers.product(folder, None, **settings) as product:
        db = Database(f"sqlite+aiosqlite:///{folder / 'data' / 'frontdesk.db'}")
        try:
            async with db.write() as session:
                workspace_id = (await session.execute(select(Workspace.id))).scalar_one()
                await ledger.grant(session, workspace_id, CREDITS, "benchmark")
        finally:
            await db.dispose()
        yield product


async def _heard(asking: Asking) -> Heard:
    heard = Heard(**await servers.ours("benchmarks.askers", asdict(asking)))
    if not heard.first or heard.missed > len(heard.first) // MISSED:
        raise SystemExit(f"{heard.missed} answers came without the model, {len(heard.first)} with it")
    return heard


def _row(name: str, askers: int, heard: Heard, cpu: float | None) -> Sequence[Cell]:
    return (
        name, askers, len(heard.first), percentile(heard.first, 0.5), percentile(heard.first, 0.95),
        percentile(heard.reach, 0.5), percentile(heard.reach, 0.95), cpu, heard.missed,
    )  # fmt: skip


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.first_token", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--askers", nargs="+", type=int, default=[20, 50], metavar="N")
    parser.add_argument("--words", type=int, default=0, help="that the first sentence goes on for, 20 ms each")
    parser.add_argument("--seconds", type=float, default=6.0, help="of each run")
    parser.add_argument("--repeat", type=int, default=1, help="runs of everything; the difference is their median")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(_arguments()))
