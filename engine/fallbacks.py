"""Several models in order: when one is dead the next one speaks."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from engine.ports import Prompt, Provider, UpstreamFailed, Usage

SKIP = 30.0  # seconds for which a provider that failed is passed over
TOTAL = 19.0  # seconds in which a first piece must come from one of them; a visitor reads a plain message in 20 (R8)


class Fallbacks:
    """Several providers in order; the first names the model and counts. The next is asked when one fails before its
    first piece; one that failed is passed over for ``skip`` seconds, unless it only refused this one prompt. Together
    they have ``total`` seconds for a first piece, each an equal share of what is left."""

    def __init__(self, providers: Sequence[Provider], *, skip: float = SKIP, total: float = TOTAL) -> None:
        self.model, self.count = providers[0].model, providers[0].count
        self._providers, self._skip, self._total = tuple(providers), skip, total
        self._back: dict[int, float] = {}  # place in the order: when it may be asked again

    async def stream(self, prompt: Prompt, *, max_tokens: int) -> AsyncGenerator[str | Usage]:
        """As ``Provider`` says; raises what the last one asked raised."""
        order, give_up = self._order(), _after(self._total)
        for left, place in zip(range(len(order), 0, -1), order, strict=True):
            spoke = False
            async with aclosing(self._providers[place].stream(prompt, max_tokens=max_tokens)) as pieces:
                try:
                    first = await _first(pieces, (give_up - _after(0)) / left)
                    spoke = True
                    yield first
                    async for piece in pieces:
                        yield piece
                    return
                except UpstreamFailed as failed:
                    if failed.code != "refused":
                        self._back[place] = _after(self._skip)
                    if spoke or left == 1:
                        raise

    async def aclose(self) -> None:
        """Close every provider."""
        for provider in self._providers:
            await provider.aclose()

    def _order(self) -> list[int]:
        """Who may be asked now; all of them where none may, since a try is better than silence."""
        everyone = list(range(len(self._providers)))
        return [place for place in everyone if self._back.get(place, 0.0) <= _after(0)] or everyone


def _after(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def _first(pieces: AsyncGenerator[str | Usage], seconds: float) -> str | Usage:
    try:
        async with asyncio.timeout(seconds):
            return await anext(pieces)
    except TimeoutError:
        raise UpstreamFailed("timeout") from None
    except StopAsyncIteration:
        raise UpstreamFailed("refused") from None
