"""Which entries of a domain ask the same: compared in a thread, once a version of what the domain knows.

Comparing 1,000 entries takes a second, 10,000 some seconds. Whoever asks waits for a moment only, and is then told
what was found before; the comparing goes on, once however many wait for it.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select

from engine.db import Database
from engine.models import Domain
from knowledge import contradictions
from knowledge.contradictions import MOST_FOUND, Statement, Twins
from knowledge.models import Dismissal, Entry

log = logging.getLogger(__name__)

MOST_COMPARED = 10_000  # entries that are held against each other, the first in order: some seconds in a thread
PATIENCE = 3.0  # s that somebody waits for a comparison
KEPT = 64  # domains whose pairs are remembered

Settled = Collection[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Found:
    """The pairs that ask the same and that nobody settled, those that disagree first. ``stale``: the entries were
    changed since, and are being compared; ``compared``: how many were, of ``total`` that there are."""

    twins: tuple[Twins, ...]
    stale: bool
    compared: int
    total: int


@dataclass(frozen=True, slots=True)
class _Known:
    """What one comparison found, at a version, without the pairs that were settled then."""

    version: int
    settled: frozenset[tuple[str, str]]
    twins: tuple[Twins, ...]
    compared: int
    total: int


class Agreement:
    """What this process found out about the domains it was asked about."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._known: OrderedDict[tuple[str, str], _Known] = OrderedDict()
        self._at_work: dict[tuple[str, str, int], asyncio.Task[_Known]] = {}

    async def found(self, db: Database, workspace_id: str, domain_id: str) -> Found:
        """The pairs of a domain, as of now or, where that takes longer than one waits, as of before; of a domain of
        another workspace none (R10)."""
        version, settled = await _state(db, workspace_id, domain_id)
        known = self._known.get((workspace_id, domain_id))
        if known is not None and _holds(known, version, settled):
            return _told(known, settled, stale=False)
        task = self._started(db, (workspace_id, domain_id, version), settled)
        done, _ = await asyncio.wait({task}, timeout=self._patience)
        if done:
            return _told(task.result(), settled, stale=False)
        before = known or _Known(0, frozenset(), (), 0, 0)
        return _told(before, settled, stale=True)

    def disagreeing(self, workspace_id: str, domain_id: str) -> int | None:
        """How many pairs disagreed when somebody last looked in this process; None if nobody did."""
        known = self._known.get((workspace_id, domain_id))
        return None if known is None else sum(twins.disagree for twins in known.twins)

    def _started(self, db: Database, key: tuple[str, str, int], settled: Settled) -> asyncio.Task[_Known]:
        task = self._at_work.get(key)
        if task is None or task.get_loop() is not asyncio.get_running_loop():
            task = self._at_work[key] = db.behind(self._compare(db, key, settled), f"compare {key[1]}")
            task.add_done_callback(lambda done: self._ended(key, done))
        return task

    def _ended(self, key: tuple[str, str, int], task: asyncio.Task[_Known]) -> None:
        self._at_work.pop(key, None)
        if not task.cancelled() and (failed := task.exception()) is not None:
            log.error("domain %s: its entries could not be compared", key[1], exc_info=failed)

    async def _compare(self, db: Database, key: tuple[str, str, int], settled: Settled) -> _Known:
        workspace_id, domain_id, version = key
        statements, total = await _statements(db, workspace_id, domain_id)
        twins = await asyncio.to_thread(lambda: contradictions.twins(statements, but=settled))
        found = _Known(version, frozenset(settled), tuple(twins), len(statements), total)
        before = self._known.get((workspace_id, domain_id))
        if before is None or before.version <= version:
            self._known[workspace_id, domain_id] = found
            self._known.move_to_end((workspace_id, domain_id))
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return found


def _holds(known: _Known, version: int, settled: Settled) -> bool:
    """Whether what was found still tells all: no pair was unsettled since, and none is hidden behind the bound."""
    if known.version != version or not known.settled <= set(settled):
        return False
    return len(known.twins) < MOST_FOUND or known.settled == frozenset(settled)


def _told(known: _Known, settled: Settled, *, stale: bool) -> Found:
    looked_at = set(settled)
    twins = tuple(each for each in known.twins if (each.first, each.second) not in looked_at)
    return Found(twins, stale, known.compared, known.total)


async def _state(db: Database, workspace_id: str, domain_id: str) -> tuple[int, frozenset[tuple[str, str]]]:
    """The domain's version, and the pairs that somebody said are both right."""
    async with db.read() as session:
        mine = (Domain.id == domain_id, Domain.workspace_id == workspace_id)
        version = await session.scalar(select(Domain.knowledge_version).where(*mine)) or 0
        ours = (Dismissal.workspace_id == workspace_id, Entry.domain_id == domain_id)
        query = select(Dismissal.first, Dismissal.second).join(Entry, Entry.id == Dismissal.first).where(*ours)
        return version, frozenset((first, second) for first, second in (await session.execute(query)).all())


async def _statements(db: Database, workspace_id: str, domain_id: str) -> tuple[list[Statement], int]:
    """The entries that answer visitors or wait to, at most :data:`MOST_COMPARED`, and how many there are."""
    mine = (Entry.workspace_id == workspace_id, Entry.domain_id == domain_id, Entry.active | Entry.draft)
    columns = (Entry.id, Entry.question, Entry.alternatives, Entry.answer, Entry.locale, func.count().over())
    query = select(*columns).where(*mine).order_by(Entry.position, Entry.id).limit(MOST_COMPARED)
    async with db.read() as session:
        rows = (await session.execute(query)).all()
    statements = [Statement(id, (asked, *others), answer, locale) for id, asked, others, answer, locale, _ in rows]
    return statements, rows[0][-1] if rows else 0


agreement = Agreement()  # this process's
