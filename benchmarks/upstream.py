"""The model of ``first_token``: the tests' OpenAI double, whose first piece is the moment at which it was written.

That is "<ns when the request was read>q<ns when the piece was written>" by the machine's monotonic clock, which all
processes share; in letters, because a number that no fact holds would not reach a visitor. ``python -m
benchmarks.upstream`` prints its port and serves until SIGTERM; with ``--words N`` its first sentence has N more.
"""

import argparse
import asyncio
import time

from tests.doubles import openai
from tests.doubles.behaviours import BEHAVIOURS
from tests.doubles.reply import Reply, delta

FIRST = 0.15  # s until the first piece, as a quick model takes it
PIECES, EVERY = 20, 0.02  # pieces after the first sentence, and the seconds between any two
_LETTERS, _FIGURES = "abcdefghij", "0123456789"


def moments(stamp: str) -> tuple[int, int]:
    """When the request was read and the piece was written, in ns."""
    asked, _, written = stamp.translate(str.maketrans(_LETTERS, _FIGURES)).partition("q")
    return int(asked), int(written)


async def _stamped(reply: Reply, words: int) -> None:
    """Says when it was asked and when it speaks first, then some more words."""
    asked = time.monotonic_ns()
    await reply.begin()
    await reply.wire.sleep(FIRST)
    stamp = f"{asked}q{time.monotonic_ns()}".translate(str.maketrans(_FIGURES, _LETTERS))
    await reply.wire.send(delta({"content": stamp if words else f"{stamp}. "}))
    for number in range(words + PIECES):
        await reply.wire.sleep(EVERY)
        await reply.wire.send(delta({"content": " word" if number < words - 1 else " word. "}))
    await reply.finish_with(reply.usage)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--words", type=int, default=0, help="of the first sentence after the stamp")
    words: int = parser.parse_args().words

    async def stamped(reply: Reply) -> None:
        await _stamped(reply, words)

    BEHAVIOURS["stamped"] = stamped
    asyncio.run(openai._serve(openai.OpenAI(behave="stamped")))


if __name__ == "__main__":
    main()
