"""What an owner asks a model for: further phrasings of an entry, an answer to what nobody could answer.

Each is one request, kept as a change with what came of it, so that its page can be loaded again without paying twice.
Nothing of it answers a visitor until the owner has chosen it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import Database
from engine.models import Domain
from engine.ports import Ask, Provider, UpstreamFailed
from knowledge import changes, consulting, drafting, entries, port, vetting
from knowledge.changes import Owner
from knowledge.consulting import SECONDS
from knowledge.entries import NotFound
from knowledge.models import Entry, Gap
from knowledge.text import normalise
from knowledge.vetting import Drafted

PHRASINGS, ANSWER, TAKEN = "entries.suggest", "gaps.suggest", "entries.phrasings"
NO_PHRASINGS = "The model had no phrasing that is new here. That cost nothing."
NOTHING_NEAR = "Your entries hold nothing near this question, so the model was not asked. Write the answer yourself."
NEAR = 0.02  # likeness below which an entry shares some letters with a question, and no word
MOST_FACTS = 5  # entries that an answer is drafted from
MOST_GAPS = 100  # that one draft closes


@dataclass(frozen=True, slots=True)
class Suggested:
    """The id of the change that keeps what came, or in a sentence why nothing did."""

    change_id: str | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A drafted answer: for which open gaps, what they ask (the first is the question), ``text`` "" where the
    entries do not hold it, and the entries it was made from (id, question)."""

    gaps: tuple[str, ...]
    asked: tuple[str, ...]
    text: str
    entries: tuple[tuple[str, str], ...]


async def phrasings(
    db: Database, provider: Provider, owner: Owner, entry_id: str, *, seconds: float = SECONDS
) -> Suggested:
    """Have further phrasings suggested for an entry. Raises :class:`~knowledge.entries.NotFound`."""
    async with db.read() as session:
        entry = await entries.entry_of(session, *owner.ids, entry_id)
        taken = await _taken(session, owner, entry)
    words = (entry.question, entry.alternatives, entry.answer)
    prompt = await asyncio.to_thread(drafting.phrasings_prompt, *words, provider.count)
    ceiling = drafting.PHRASINGS_TOKENS
    async with db.write() as session:
        use = await consulting.begin(
            session, owner.workspace_id, provider, prompt, ceiling, "phrasings", entry.question
        )
    if use is None:
        return Suggested(None, consulting.NO_CREDITS)
    try:
        heard = await consulting.hear(use, seconds)
    except UpstreamFailed:
        return await _nothing(db, use, consulting.DOWN)
    found = await asyncio.to_thread(vetting.phrasings_in, heard.text, *words, taken)
    if not found:
        return await _nothing(db, use, NO_PHRASINGS)
    async with db.write() as session:
        await consulting.end(session, use, heard)
        return Suggested(await changes.record(session, owner, PHRASINGS, entry.id, {"phrasings": found}))


async def suggested(session: AsyncSession, owner: Owner, entry_id: str, change_id: str) -> tuple[Entry, list[str]]:
    """The entry, and of the phrasings that were suggested for it those it does not have yet. Raises
    :class:`~knowledge.entries.NotFound`."""
    entry = await entries.entry_of(session, *owner.ids, entry_id)
    change = await changes.find(session, owner, change_id, (PHRASINGS,))
    if change.subject != entry.id:
        raise NotFound
    have = {normalise(one) for one in (entry.question, *entry.alternatives)}
    return entry, [str(one) for one in change.detail["phrasings"] if normalise(str(one)) not in have]


async def take(session: AsyncSession, owner: Owner, entry_id: str, change_id: str, chosen: Sequence[str]) -> int:
    """The chosen of the suggested phrasings become the entry's; how many did. Raises
    :class:`~knowledge.entries.NotFound` and :class:`~knowledge.entries.Invalid`."""
    await entries.bump(session, *owner.ids)
    entry, found = await suggested(session, owner, entry_id, change_id)
    added = [one for one in found if one in chosen]
    if added:
        draft = entries.draft_of(entry)
        await entries.edit(session, entry, replace(draft, alternatives=(*draft.alternatives, *added)))
        await changes.record(session, owner, TAKEN, entry.id, {"added": added})
    return len(added)


async def answer(
    db: Database, provider: Provider, owner: Owner, gap_ids: Sequence[str], *, seconds: float = SECONDS
) -> Suggested:
    """Have an answer drafted for open gaps that ask the same, from the entries nearest to the first of them. Raises
    :class:`~knowledge.entries.NotFound` where none of them is open here."""
    async with db.read() as session:
        asked = await _asked(session, owner, gap_ids)
        version = await session.scalar(select(Domain.knowledge_version).where(Domain.id == owner.domain_id)) or 0
    question = next(iter(asked.values()))
    judged = await port.judged(db, Ask(*owner.ids, version, question), ())
    ranked = zip(judged.facts, judged.ranking.candidates, strict=True)
    facts = [fact for fact, candidate in ranked if candidate.likeness >= NEAR][:MOST_FACTS]
    if not facts:
        return Suggested(None, NOTHING_NEAR)
    prompt = await asyncio.to_thread(drafting.answer_prompt, question, facts, provider.count)
    ceiling = drafting.ANSWER_TOKENS
    async with db.write() as session:
        use = await consulting.begin(session, owner.workspace_id, provider, prompt, ceiling, "answer", question)
    if use is None:
        return Suggested(None, consulting.NO_CREDITS)
    try:
        heard = await consulting.hear(use, seconds)
    except UpstreamFailed:
        return await _nothing(db, use, consulting.DOWN)
    found = await asyncio.to_thread(vetting.answer_in, heard.text, question, facts)
    if not isinstance(found, Drafted):
        return await _nothing(db, use, found)
    shown = [facts[place] for place in found.places] or facts[:3]
    detail = {
        "gaps": list(asked),
        "asked": list(dict.fromkeys(asked.values()))[:20],
        "answer": found.answer,
        "entries": [[fact.id, fact.question] for fact in shown],
    }
    async with db.write() as session:
        await consulting.end(session, use, heard)
        return Suggested(await changes.record(session, owner, ANSWER, "gaps", detail))


async def drafted(session: AsyncSession, owner: Owner, change_id: str) -> Answer:
    """The answer that was drafted. Raises :class:`~knowledge.entries.NotFound`."""
    detail = (await changes.find(session, owner, change_id, (ANSWER,))).detail
    found = tuple((str(entry_id), str(question)) for entry_id, question in detail["entries"])
    return Answer(tuple(detail["gaps"]), tuple(detail["asked"]), str(detail["answer"]), found)


async def _nothing(db: Database, use: consulting.Use, reason: str) -> Suggested:
    async with db.write() as session:
        await consulting.end(session, use, None)
    return Suggested(None, reason)


async def _taken(session: AsyncSession, owner: Owner, but: Entry) -> set[str]:
    """What the domain's other entries ask, normalised."""
    mine = (Entry.workspace_id == owner.workspace_id, Entry.domain_id == owner.domain_id, Entry.id != but.id)
    found = await session.execute(select(Entry.question, Entry.alternatives).where(*mine))
    return {normalise(text) for question, alternatives in found.all() for text in (question, *alternatives)}


async def _asked(session: AsyncSession, owner: Owner, gap_ids: Sequence[str]) -> dict[str, str]:
    """The open gaps among ``gap_ids`` in their order, by id what was asked."""
    wanted = list(dict.fromkeys(gap_ids))[:MOST_GAPS]
    mine = (Gap.workspace_id == owner.workspace_id, Gap.domain_id == owner.domain_id, Gap.status == "open")
    found = {gap.id: gap.text for gap in await session.scalars(select(Gap).where(Gap.id.in_(wanted), *mine))}
    if not found:
        raise NotFound
    return {gap_id: found[gap_id] for gap_id in wanted if gap_id in found}
