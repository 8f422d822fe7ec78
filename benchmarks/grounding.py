"""Planted falsehoods and true sentences against the check that stands between a model and a visitor.

``python -m benchmarks.grounding``: the made set of ``benchmarks.answers``, by kind of falsehood; beside it the obvious
check, that every number in the sentence occurs in the facts. ``--failures`` lists what failed, never of the part that
is held out.
"""

import argparse
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks import machine
from benchmarks.answers import Answer, answers
from benchmarks.table import Cell, percentile, table
from engine import polarity
from engine.grounding import Ground
from engine.reading import read

AIM_WITHHELD, AIM_LOST = 0.99, 0.02  # of the planted ones at least, of the true ones at most
HEAD = ("", "sentences", "withheld", "%", "numbers only: withheld", "%")


@dataclass(frozen=True, slots=True)
class Judged:
    answer: Answer
    withheld: bool
    naive: bool
    seconds: float


def judge(said: Sequence[Answer]) -> list[Judged]:
    """Each answer with both verdicts, and the time that ours took."""
    return [_judge(answer) for answer in said]


def rates(judged: Sequence[Judged]) -> tuple[float, float]:
    """The share of the planted falsehoods that is withheld, and that of the true sentences."""
    planted = [one.withheld for one in judged if one.answer.kind]
    true = [one.withheld for one in judged if not one.answer.kind]
    return sum(planted) / len(planted), sum(true) / len(true)


def numbers_only(answer: Answer) -> bool:
    """The peer: withhold what has a number that the facts do not have."""
    known = set(_NUMBER.findall(" ".join(f"{fact.question} {fact.answer}" for fact in answer.facts)))
    return any(number not in known for number in _NUMBER.findall(answer.text))


_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


def _judge(answer: Answer) -> Judged:
    ground = Ground(answer.facts, (answer.shop,), answer.question)
    read.cache_clear()  # each sentence is new to a visitor
    polarity.statement.cache_clear()
    began = time.perf_counter()
    withheld = not ground.supported(answer.text)
    return Judged(answer, withheld, numbers_only(answer), time.perf_counter() - began)


def _is_of(kind: str) -> Callable[[Judged], bool]:
    return lambda one: one.answer.kind == kind


def _rows(judged: Sequence[Judged]) -> list[Sequence[Cell]]:
    kinds = Counter(one.answer.kind for one in judged if one.answer.kind)
    rows = [_row(kind, judged, _is_of(kind)) for kind in sorted(kinds)]
    rows.append(_row("planted, all", judged, lambda one: one.answer.kind is not None))
    rows.append(_row("true", judged, lambda one: one.answer.kind is None))
    rows.append(_row("held out: planted", judged, lambda one: one.answer.held_out and one.answer.kind is not None))
    rows.append(_row("held out: true", judged, lambda one: one.answer.held_out and one.answer.kind is None))
    return rows


def _row(name: str, judged: Sequence[Judged], of: Callable[[Judged], bool]) -> Sequence[Cell]:
    chosen = [one for one in judged if of(one)]
    ours, naive = sum(one.withheld for one in chosen), sum(one.naive for one in chosen)
    return (name, len(chosen), ours, 100 * ours / len(chosen), naive, 100 * naive / len(chosen))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.grounding", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--failures", action="store_true", help="list what failed outside the held-out part")
    chosen = parser.parse_args()
    print(f"grounding: {machine.described()}", flush=True)
    judged = judge(answers())
    print(f"\n{table(HEAD, _rows(judged))}\n")
    withheld, lost = rates(judged)
    print(
        f"planted withheld {100 * withheld:.1f} % (aim {100 * AIM_WITHHELD:.0f}), true withheld {100 * lost:.1f} % "
        f"(aim {100 * AIM_LOST:.0f})"
    )
    spent = [1e3 * one.seconds for one in judged]
    print(f"a sentence: {percentile(spent, 0.5):.2f} ms at p50, {percentile(spent, 0.99):.2f} ms at p99")
    if chosen.failures:
        for one in judged:
            if one.withheld is (one.answer.kind is None) and not one.answer.held_out:
                print(f"{one.answer.kind or 'TRUE'}: {one.answer.text}")


if __name__ == "__main__":
    main()
