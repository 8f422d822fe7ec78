"""The model of ``first_token``: the tests' OpenAI double, whose first piece is the moment at which it was written.

That is "<ns when the request was read>:<ns when the piece was written>" by the machine's monotonic clock, which all
processes share. ``python -m benchmarks.upstream`` prints its port and serves until SIGTERM.
"""

import asyncio
import time

from tests.doubles import openai
from tests.doubles.behaviours import way
from tests.doubles.reply import Reply, delta

FIRST = 0.15  # s until the first piece, as a quick model takes it
PIECES, EVERY = 20, 0.02  # pieces after the first, and the seconds between them


@way
async def stamped(reply: Reply) -> None:
    """Says when it was asked and when it speaks first, then some more words."""
    asked = time.monotonic_ns()
    await reply.begin()
    await reply.wire.sleep(FIRST)
    await reply.wire.send(delta({"content": f"{asked}:{time.monotonic_ns()} "}))
    for _ in range(PIECES):
        await reply.wire.sleep(EVERY)
        await reply.wire.send(delta({"content": "word "}))
    await reply.finish_with(reply.usage)


if __name__ == "__main__":
    asyncio.run(openai._serve(openai.OpenAI(behave="stamped")))
