"""Counting tokens: exactly where the model's ranks can be had, else by an estimate that says it is one."""

import asyncio
import contextlib
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktoken import Encoding

log = logging.getLogger(__name__)

BYTES_PER_TOKEN = 4  # OpenAI's own rule of thumb for English; by bytes, since other scripts need more
DEADLINE = 3.0  # seconds; the ranks are 2-4 MB once, then read from the cache in 0.2 s; start-up must not wait longer


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts the tokens of a text. Text that looks like a special token (``<|endoftext|>``) is counted as text."""

    encoding: "Encoding | None" = None

    @property
    def exact(self) -> bool:
        """False where this is the estimate of bytes / 4."""
        return self.encoding is not None

    def __call__(self, text: str) -> int:
        if self.encoding is not None:
            return len(self.encoding.encode_ordinary(text))
        return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)


def known(model: str, cache_dir: str | None) -> "Encoding":
    """The encoding of ``model``; blocks, perhaps for minutes, while tiktoken fetches ranks. KeyError: no such model."""
    import tiktoken

    if cache_dir is not None:
        os.environ["TIKTOKEN_CACHE_DIR"] = cache_dir  # tiktoken takes it from nowhere else
    return tiktoken.encoding_for_model(model.rpartition("/")[2])  # routers name models "openai/gpt-4o"


async def counter(
    model: str,
    cache_dir: str | None = None,
    *,
    deadline: float = DEADLINE,
    load: Callable[[str, str | None], "Encoding"] = known,
) -> Counter:
    """The counter for ``model`` within ``deadline`` seconds: exact, or the estimate. Never raises. ``cache_dir`` keeps
    the ranks between starts; what comes after the deadline is kept there for the next start."""
    loop = asyncio.get_running_loop()
    found: asyncio.Future[Encoding | None] = loop.create_future()

    def settle(encoding: "Encoding | None") -> None:
        if not found.done():
            found.set_result(encoding)

    def work() -> None:
        encoding = _tried(load, model, cache_dir)
        with contextlib.suppress(RuntimeError):  # the loop has closed meanwhile: nobody is waiting
            loop.call_soon_threadsafe(settle, encoding)

    # tiktoken fetches without a timeout: a pool's thread would keep the process from ending, a daemon does not.
    threading.Thread(target=work, name="token-ranks", daemon=True).start()
    try:
        async with asyncio.timeout(deadline):
            return Counter(await found)
    except TimeoutError:
        log.warning("no token ranks for %s within %g s: estimating", model, deadline)
        return Counter()


def _tried(load: Callable[[str, str | None], "Encoding"], model: str, cache_dir: str | None) -> "Encoding | None":
    try:
        return load(model, cache_dir)
    except Exception as wrong:  # the edge of a thread: whatever tiktoken or its download raises, we estimate
        log.warning("no token ranks for %s (%s): estimating", model, type(wrong).__name__)
        return None
