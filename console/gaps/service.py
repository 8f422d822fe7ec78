"""What the page of gaps shows: the open ones grouped, what stands nearest to each group, what an agent said to it."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import Database
from engine.models import Domain
from engine.ports import Ask, Band
from knowledge import backlog, gaps, port, spoken
from knowledge.backlog import Backlog, Group
from knowledge.models import Entry
from knowledge.spoken import Failed
from knowledge.text import language_of

SHOWN = 25  # groups on a page, the most wanted first
MOST_KNOWN = 2_000  # questions of the FAQ that tell which words are common
NEAR = 0.4  # likeness from which an entry is worth naming beside a group: below, it shares small words only
KEPT = 64  # domains whose groups are remembered: turning a page, or looking again, groups nothing anew


@dataclass(frozen=True, slots=True)
class Nearest:
    """The entry that comes nearest to a group, how like it is (in hundredths), and whether it answers it by now."""

    id: str
    question: str
    percent: int
    answers: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A group with what helps to close it. ``reply``: what an agent said after the question, if one did; ``blamed``:
    the entries whose answer was called unhelpful."""

    group: Group
    nearest: Nearest | None
    reply: str
    blamed: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of groups, of ``total``. ``open``: gaps that are open in all, of which the newest ``seen`` are grouped;
    ``small_talk``: those that ask nothing."""

    groups: tuple[Shown, ...]
    page: int
    pages: int
    total: int
    open: int
    seen: int
    small_talk: tuple[str, ...]
    small_ids: tuple[str, ...]


_grouped: OrderedDict[tuple[str, str], tuple[object, Backlog]] = OrderedDict()


async def page(db: Database, workspace_id: str, domain_id: str, number: int = 1) -> Page:
    """The backlog, grouped off the event loop; each group of the page judged anew by what is known today."""
    mine = (Entry.workspace_id == workspace_id, Entry.domain_id == domain_id, Entry.active)
    async with db.read() as session:
        found, total = await gaps.open_ones(session, workspace_id, domain_id)
        query = select(Entry.question, Entry.locale).where(*mine).order_by(Entry.position, Entry.id).limit(MOST_KNOWN)
        known = (await session.execute(query)).all()
        version = (
            await session.scalar(
                select(Domain.knowledge_version).where(Domain.id == domain_id, Domain.workspace_id == workspace_id)
            )
            or 0
        )
    locales = [locale for _, locale in known] or ["en"]
    language = language_of(max(sorted(set(locales)), key=locales.count))
    state = (version, language, tuple(gap.id for gap in found))
    made = _remembered((workspace_id, domain_id), state)
    if made is None:
        made = await asyncio.to_thread(backlog.backlog, found, language, [question for question, _ in known])
        _remember((workspace_id, domain_id), state, made)
    pages = max(1, -(-len(made.groups) // SHOWN))
    at = min(max(1, number), pages)
    groups = made.groups[(at - 1) * SHOWN : at * SHOWN]
    near = [await _nearest(db, Ask(workspace_id, domain_id, version, group.title)) for group in groups]
    async with db.read() as session:
        failed = await spoken.after(session, workspace_id, [gap.answer_id for group in groups for gap in group.gaps])
        entries = await _entries(session, workspace_id, domain_id, failed, near)
    shown = tuple(_shown(group, nearest, failed, entries) for group, nearest in zip(groups, near, strict=True))
    small = made.small_talk
    texts, ids = tuple(gap.text for gap in small), tuple(gap.id for gap in small)
    return Page(shown, at, pages, len(made.groups), total, len(found), texts, ids)


def _remembered(key: tuple[str, str], state: object) -> Backlog | None:
    known = _grouped.get(key)
    return known[1] if known is not None and known[0] == state else None


def _remember(key: tuple[str, str], state: object, made: Backlog) -> None:
    _grouped[key] = (state, made)
    _grouped.move_to_end(key)
    while len(_grouped) > KEPT:
        _grouped.popitem(last=False)


@dataclass(frozen=True, slots=True)
class _Known:
    question: str
    changed: datetime


async def _nearest(db: Database, ask: Ask) -> Nearest | None:
    judged = await port.judged(db, ask, ())
    if not judged.facts or judged.ranking.candidates[0].likeness < NEAR:
        return None
    best, likeness = judged.facts[0], judged.ranking.candidates[0].likeness
    return Nearest(best.id, best.question, round(100 * min(1.0, likeness)), judged.band is Band.SURE)


async def _entries(
    session: AsyncSession,
    workspace_id: str,
    domain_id: str,
    failed: dict[str, Failed],
    near: Sequence[Nearest | None],
) -> dict[str, _Known]:
    ids = {id for each in failed.values() for id in each.entries} | {each.id for each in near if each}
    mine = (Entry.workspace_id == workspace_id, Entry.domain_id == domain_id)
    query = select(Entry.id, Entry.question, Entry.updated_at).where(*mine, Entry.id.in_(ids))
    return {id: _Known(question, changed) for id, question, changed in (await session.execute(query)).all()}


def _shown(group: Group, nearest: Nearest | None, failed: dict[str, Failed], entries: dict[str, _Known]) -> Shown:
    """A badly rated answer is no better for being sure: only an entry that was changed since, or another, answers."""
    reply = next((failed[gap.answer_id].reply for gap in group.gaps if _has_reply(failed, gap.answer_id)), "")
    rated = [gap for gap in group.gaps if gap.reason == "rated" and gap.answer_id in failed]
    blamed = dict.fromkeys(id for gap in rated for id in failed[gap.answer_id].entries if id in entries)
    if nearest and nearest.id in blamed and entries[nearest.id].changed <= max(gap.at for gap in rated):
        nearest = Nearest(nearest.id, nearest.question, nearest.percent, answers=False)
    return Shown(group, nearest, reply, tuple((id, entries[id].question) for id in blamed))


def _has_reply(failed: dict[str, Failed], answer_id: str) -> bool:
    return answer_id in failed and bool(failed[answer_id].reply)
