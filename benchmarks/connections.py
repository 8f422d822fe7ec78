"""Memory and time that visitors take who only have the panel open, on the real product, beside a bare echo server.

``python -m benchmarks.connections`` opens 1,000 and 10,000, each on a fresh server, and holds them while pulses go out
and one more visitor asks questions.
"""

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks import machine, questions, servers
from benchmarks.idlers import Held, Idle
from benchmarks.table import Cell, table

LIMIT = 60.0  # KB an idle visitor may cost (R16)
WARM = 20  # visitors that come and go first, so that what is loaded only once is not put on the idle ones' account
HEAD = (
    "", "visitors", "KB each", "RSS MB", "connects/s", "p50 ms", "p99 ms", "CPU idle %", "frames/s", "turn p50 ms",
    "turn p99 ms", "lost",
)  # fmt: skip


async def main(chosen: argparse.Namespace) -> None:
    machine.allow_files(max(chosen.visitors) + 500)
    print(f"connections: {machine.described()}", flush=True)
    rows: list[Sequence[Cell]] = []
    with servers.workshop() as folder:
        texts = str(questions.keep(questions.sure(300), folder / "texts.json"))
        for number in chosen.visitors:
            held = await _product(folder / f"product-{number}", number, chosen.seconds, texts)
            rows.append(_row("ours, SQLite", number, held, chosen.seconds))
            bare = await _echo(folder, number, min(3.0, chosen.seconds))
            rows.append(_row("bare echo, same stack", number, bare, min(3.0, chosen.seconds)))
            each, least = _each(held, number), _each(bare, number)
            print(f"{number:,} visitors: {each:.1f} KB each (aim {LIMIT:.0f}), {each / least:.2f} times the bare echo")
    print(f"\n{table(HEAD, rows)}\n")
    print(f"idle watched for {chosen.seconds:g} s with a turn every half second; {machine.described()} at the end")


async def _product(folder: Path, number: int, seconds: float, texts: str) -> Held:
    async with servers.product(folder) as product:
        idle = Idle(product.socket, product.origin, number, seconds, product.pid, texts)
        await servers.ours("benchmarks.idlers", asdict(idle) | {"connections": WARM, "seconds": 2.0})
        return Held(**await servers.ours("benchmarks.idlers", asdict(idle)))


async def _echo(folder: Path, number: int, seconds: float) -> Held:
    async with contextlib.AsyncExitStack() as stack:
        command = (sys.executable, "-m", "benchmarks.echo")
        pid, port = await stack.enter_async_context(servers.helper(folder, command))
        idle = Idle(f"ws://127.0.0.1:{port}/", "http://echo", number, seconds, pid)
        await servers.ours("benchmarks.idlers", asdict(idle) | {"connections": WARM, "seconds": 0.5})
        return Held(**await servers.ours("benchmarks.idlers", asdict(idle)))


def _each(held: Held, number: int) -> float:
    return (held.full - held.empty) / number / 1e3


def _row(name: str, number: int, held: Held, seconds: float) -> Sequence[Cell]:
    return (
        name, number, _each(held, number), held.full / 1e6, number / held.seconds, held.connect_p50, held.connect_p99,
        100 * held.cpu, held.pulses / seconds, held.turn_p50, held.turn_p99, number - held.left,
    )  # fmt: skip


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.connections", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--visitors", nargs="+", type=int, default=[1_000, 10_000], metavar="N")
    parser.add_argument("--seconds", type=float, default=20.0, help="for which the idle ones are watched")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(_arguments()))
