"""What a model's answer costs, as data: an owner can recompute every line of the bill from it."""

from dataclasses import dataclass
from math import ceil

VERSION = "2026-11"  # stored with every charge; a change of a price is a new version
CAP = 5  # credits that one answer costs at most


DOCUMENT = 10  # credits for one document or page that is read into entries


@dataclass(frozen=True, slots=True)
class Price:
    """``weight``: prompt tokens that one completion token counts for. ``tokens_per_credit``: what one credit buys."""

    weight: int
    tokens_per_credit: int


PRICES = {
    "gpt-4.1-mini": Price(4, 4_000),
    "gpt-4.1-nano": Price(4, 12_000),
    "gpt-4.1": Price(4, 1_000),
    "gpt-4o-mini": Price(4, 8_000),
    "gpt-4o": Price(4, 1_000),
}
DEFAULT = Price(4, 4_000)  # any other model, a local one among them


def credits_for(model: str, prompt_tokens: int, completion_tokens: int) -> int:
    """Credits, 1 to 5, for an answer of ``model`` that was delivered."""
    price = PRICES.get(model, DEFAULT)
    counted = max(0, prompt_tokens) + price.weight * max(0, completion_tokens)
    return min(CAP, max(1, ceil(counted / price.tokens_per_credit)))
