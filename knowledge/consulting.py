"""One use of the model for an owner, metered like an answer: held, asked, settled for what was delivered (R5-R8)."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from engine import ledger, pricing
from engine.codec import scrub
from engine.db import new_id
from engine.ports import Prompt, Provider, UpstreamFailed, Usage

SECONDS = 30.0  # of one reply, by the wall clock; a job's lease is 60
LONGEST = 40_000  # characters of a reply; the ceiling in tokens is far below it
_TOKENS = 10**9  # a report above it is nonsense; what is stored stays an ordinary number
NO_MODEL = "There is no model here: OPENAI_API_KEY is not set."
NO_CREDITS = "There are fewer credits than asking the model may cost. Add some, then try again."
DOWN = "The model could not be reached. Try again in a minute."

Task = Literal["import", "phrasings", "answer"]


@dataclass(frozen=True, slots=True)
class Use:
    """A request whose worst price is held. ``task`` and ``name`` stand on its line of the bill."""

    workspace_id: str
    reference: str
    provider: Provider
    prompt: Prompt
    ceiling: int
    task: Task
    name: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A whole reply, and what it took in tokens; ``counted`` by the provider or here."""

    text: str
    usage: Usage
    counted: Literal["provider", "here"]


async def begin(
    session: AsyncSession, workspace_id: str, provider: Provider, prompt: Prompt, ceiling: int, task: Task, name: str
) -> Use | None:
    """Hold what the request may cost at worst; None when fewer credits are free, and the model must not be asked."""
    worst = pricing.credits_for(provider.model, prompt.tokens, ceiling)
    use = Use(workspace_id, f"draft:{new_id()}", provider, prompt, ceiling, task, name)
    return use if await ledger.hold(session, workspace_id, worst, use.reference) else None


async def hear(use: Use, seconds: float = SECONDS) -> Heard:
    """The whole reply, within ``seconds``. No session may be open. Raises :class:`~engine.ports.UpstreamFailed`."""
    text, usage = "", None
    try:
        async with asyncio.timeout(seconds), aclosing(use.provider.stream(use.prompt, max_tokens=use.ceiling)) as flow:
            async for piece in flow:
                if isinstance(piece, Usage):
                    usage = piece
                    continue
                text += piece
                if len(text) > LONGEST:
                    raise UpstreamFailed("too_large")
    except TimeoutError:
        raise UpstreamFailed("timeout") from None
    text = scrub(text)
    if usage is not None:
        return Heard(text, usage, "provider")
    return Heard(text, Usage(use.prompt.tokens, use.provider.count(text)), "here")


async def end(session: AsyncSession, use: Use, delivered: Heard | None) -> int:
    """Close the use with its one line; the credits charged. ``delivered`` None: nothing of it was of use, and it costs
    nothing."""
    detail: dict[str, Any] = {"by": "draft", "task": use.task, "name": use.name[:200], "model": use.provider.model}
    if delivered is None:
        await ledger.release(session, _charge(use, 0, detail | {"ended": "failed"}))
        return 0
    usage = delivered.usage
    spent = pricing.credits_for(use.provider.model, usage.prompt_tokens, usage.completion_tokens)
    tokens = {
        "price": pricing.VERSION,
        "prompt_tokens": min(usage.prompt_tokens, _TOKENS),
        "completion_tokens": min(usage.completion_tokens, _TOKENS),
        "counted": delivered.counted,
    }
    return await ledger.settle(session, _charge(use, spent, detail | tokens | {"ended": "complete"}))


def _charge(use: Use, credits: int, detail: Mapping[str, Any]) -> ledger.Charge:
    return ledger.Charge(use.workspace_id, use.reference, credits, None, dict(detail))
