"""What the bot would make of a question: judged, and as it would be put to the model; and the model's answer, metered
like any other."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine import ledger, pricing, prompt
from engine.db import Database, new_id
from engine.grounding import Ground
from engine.live import FACTS
from engine.models import Bot, Domain
from engine.ports import Ask, Prompt, Provider, Rule, Turn, UpstreamFailed, Usage
from engine.settings import Settings
from engine.sieve import Sieve
from knowledge import interview, port
from knowledge.judging import Judged


@dataclass(frozen=True, slots=True)
class Looked:
    """``prompt`` and ``credits`` (the worst case that would be held): only where there is a model."""

    judged: Judged
    rule: Rule | None
    prompt: Prompt | None
    credits: int


@dataclass(frozen=True, slots=True)
class Said:
    """What the model said, sentence by sentence, each with what speaks against it (None: it would be shown); what it
    cost. ``failed``: why there is nothing."""

    sentences: tuple[tuple[str, str | None], ...] = ()
    usage: Usage | None = None
    credits: int = 0
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Voice:
    """Whose answers these are."""

    shop: str
    bot: str
    persona: str
    version: int


async def voice_of(session: AsyncSession, workspace_id: str, domain_id: str) -> Voice:
    mine = (Domain.id == domain_id, Domain.workspace_id == workspace_id)
    found = await session.execute(select(Domain.name, Domain.knowledge_version).where(*mine))
    name, version = found.one()
    query = select(Bot.name, Bot.persona).where(Bot.domain_id == domain_id).order_by(Bot.created_at).limit(1)
    bot = (await session.execute(query)).one_or_none()
    return Voice(name, bot[0] if bot else "Assistant", bot[1] if bot else "", version)


async def look(
    db: Database, settings: Settings, provider: Provider | None, ask: Ask, earlier: Sequence[str], voice: Voice
) -> Looked:
    """What is made of ``ask``, without asking the model. ``earlier``: what was asked before, newest first."""
    judged = await port.judged(db, ask, earlier)
    rule = await interview.rule_for(db, ask)
    if provider is None or not judged.facts:
        return Looked(judged, rule, None, 0)
    composed = prompt.compose(
        shop=voice.shop,
        bot=voice.bot,
        persona=voice.persona,
        facts=judged.facts[:FACTS],
        history=[Turn("visitor", text) for text in reversed(earlier)],
        question=ask.text,
        count=provider.count,
        budget=settings.PROMPT_TOKENS,
    )
    return Looked(judged, rule, composed, pricing.credits_for(provider.model, composed.tokens, settings.ANSWER_TOKENS))


async def run(
    db: Database, settings: Settings, provider: Provider, workspace_id: str, looked: Looked, ask: Ask, voice: Voice
) -> Said:
    """Ask the model, held and settled like any answer: its line in the ledger says that it was tried out."""
    assert looked.prompt is not None
    reference = f"playground:{new_id()}"
    async with db.write() as session:
        if not await ledger.hold(session, workspace_id, looked.credits, reference):
            return Said(failed=f"There are fewer than the {looked.credits} credits that this may take.")
    facts = [fact for fact in looked.judged.facts if fact.id in looked.prompt.facts]
    sieve, usage, failed = Sieve(Ground(facts, (voice.shop, voice.bot), ask.text)), None, ""
    try:
        async for piece in provider.stream(looked.prompt, max_tokens=settings.ANSWER_TOKENS):
            if isinstance(piece, Usage):
                usage = piece
            else:
                sieve.feed(piece)
        sieve.close()
    except UpstreamFailed as broke:
        failed = f"The model did not answer ({broke.code})."
    text = "".join(sentence for sentence, _ in sieve.units)
    spent = usage or Usage(looked.prompt.tokens, provider.count(text))
    credits = pricing.credits_for(provider.model, spent.prompt_tokens, spent.completion_tokens) if text else 0
    detail = {"by": "playground", "model": provider.model, "price": pricing.VERSION}
    tokens = {"prompt_tokens": spent.prompt_tokens, "completion_tokens": spent.completion_tokens}
    charge = ledger.Charge(workspace_id, reference, credits, None, detail | tokens)
    async with db.write() as session:
        charged = await ledger.settle(session, charge) if text else 0
        if not text:
            await ledger.release(session, charge)
    return Said(tuple(sieve.units), spent, charged, failed)
