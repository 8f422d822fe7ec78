"""Meaning as a vector: what any maker of embeddings gives, and how a question gets its own in time.

Embeddings make ranking better and are never needed: whatever goes wrong with them means that words alone decide.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)

Matrix = NDArray[np.float32]

PATIENCE = 0.3  # s that a visitor's question waits for its vector
REMEMBERED = 2_000  # vectors of questions that are kept at hand: what is asked often is asked in the same words
FAILURES = 3  # in a row until the maker is left alone
REST = 30.0  # s that it is left alone; then one question tries again


class Failed(Exception):
    """No embeddings just now, or never from here. The message is ours: nothing of what an upstream said is in it
    (R8)."""


class Embedder(Protocol):
    """A maker of embeddings. ``model`` names whose vectors they are."""

    @property
    def model(self) -> str: ...

    async def embed(self, texts: Sequence[str]) -> Matrix:
        """One row of length 1 a text (float32), all of one dimension. Raises :class:`Failed`."""

    async def aclose(self) -> None: ...


def unit(rows: object, count: int) -> Matrix:
    """``rows`` as a matrix of ``count`` rows of length 1. Raises :class:`Failed` for anything else: a wrong number of
    rows, rows of different length, what is no finite number, a vector of length 0."""
    try:
        matrix = np.asarray(rows, np.float32)
    except (TypeError, ValueError, OverflowError):
        raise Failed("the vectors cannot be read") from None
    if matrix.ndim != 2 or len(matrix) != count or not matrix.shape[1]:
        raise Failed(f"{count} vectors were asked for, and something else came")
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not (lengths > 0).all():
        raise Failed("a vector holds what is no number, or nothing")
    return np.asarray(matrix / lengths, np.float32)


class Asker:
    """Vectors of visitors' questions: each within ``patience`` seconds, remembered, and none while the maker is known
    to fail, so that a dead one costs nobody anything. ``make`` makes the maker when the first domain wants it: a local
    model takes memory, an SDK takes time."""

    def __init__(self, make: Callable[[], Embedder], patience: float = PATIENCE) -> None:
        self._make = make
        self._patience = patience
        self._made: Embedder | None = None
        self._making = asyncio.Lock()
        self._kept: OrderedDict[str, Matrix] = OrderedDict()
        self._failures = 0
        self._resting = 0.0

    async def maker(self) -> Embedder | None:
        """The maker; None where it cannot be made, which the log tells."""
        async with self._making:
            if self._made is None:
                try:
                    self._made = await asyncio.to_thread(self._make)
                except Exception as unusable:  # the edge to a model or an SDK that is not as it should be
                    log.error(
                        "no embeddings: %s", unusable if isinstance(unusable, Failed) else type(unusable).__name__
                    )
        return self._made

    async def vector(self, text: str, model: str) -> Matrix | None:
        """The question's vector by the model of that name; None where there is none in time."""
        if (known := self._kept.get(text)) is not None:
            self._kept.move_to_end(text)
            return known
        now = asyncio.get_running_loop().time
        if now() < self._resting:
            return None
        if self._failures >= FAILURES:
            self._resting = now() + REST  # this question tries; until it is back the others do without
        embedder = await self.maker()
        if embedder is None or embedder.model != model:
            return None
        try:
            async with asyncio.timeout(self._patience):
                row: Matrix = (await embedder.embed([text]))[0]
        except Exception as failed:  # the edge to a maker: whatever it raises, words alone decide
            self._failures += 1
            if self._failures >= FAILURES:
                self._resting = now() + REST
            known_reason = failed if isinstance(failed, Failed) else type(failed).__name__
            log.warning("embeddings of %s: %s", model, known_reason)
            return None
        self._failures, self._resting = 0, 0.0
        self._kept[text] = row
        if len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)
        return row

    async def aclose(self) -> None:
        if self._made is not None:
            await self._made.aclose()
