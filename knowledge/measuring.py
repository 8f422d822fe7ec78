"""Runs over a domain's labelled questions: now, after changes, and before drafts are published; kept as its history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine import jobs
from engine.db import Database, now
from engine.models import Domain, Job
from engine.ports import Band, Handler
from knowledge import bench, evaluate
from knowledge.embeddings.embedding import Asker
from knowledge.evaluate import Outcome
from knowledge.models import Entry, Evaluation

KIND: Final = "evaluate"
SETTLES = timedelta(seconds=60)  # after the last change, so that many edits are one run
PATIENCE = timedelta(minutes=10)  # after the first change, however many follow
KEPT = 200  # runs of a domain
MOST_CASES = 200  # wrong cases that are kept of one run


@dataclass(frozen=True, slots=True)
class Case:
    """A question that went wrong: its right entry's question ("" where none is) and the one that came ("" where the
    bot would have said that it does not know)."""

    text: str
    expected: str
    expected_id: str
    came: str
    came_id: str
    confidence: float


async def ask_for(
    session: AsyncSession, workspace_id: str, domain_id: str, reason: str = "change", user_id: str | None = None
) -> None:
    """Have the domain measured: for ``change`` when nothing was changed for a minute (after ten at most), at once
    otherwise. A run that has begun already read what was there then, and does not count as one to come."""
    waiting = select(Job.id, Job.created_at).where(*_of(domain_id, reason), Job.attempts == 0).limit(1)
    found = (await session.execute(waiting)).one_or_none()
    at = now() + SETTLES if reason == "change" else now()
    if found is None:
        payload = {"workspace": workspace_id, "domain": domain_id, "reason": reason, "user": user_id}
        await jobs.add(session, KIND, payload, at)
    else:
        latest = found.created_at + PATIENCE
        put_off = update(Job).where(Job.id == found.id, Job.attempts == 0).values(run_at=min(at, latest))
        await session.execute(put_off.execution_options(synchronize_session=False))


async def is_waiting(session: AsyncSession, domain_id: str) -> bool:
    """Whether a run that somebody asked for is under way."""
    return await session.scalar(select(Job.id).where(*_of(domain_id, "manual")).limit(1)) is not None


def handler(db: Database, askers: Mapping[str, Asker]) -> Handler:
    """The job's work, with who makes vectors by the domain's choice."""

    async def run(payload: dict[str, Any]) -> datetime | None:
        key = (str(payload["workspace"]), str(payload["domain"]))
        async with db.read() as session:
            version = await _version(session, *key)
            done = version is not None and await _was_measured(session, *key, version)
        if version is None or (payload["reason"] == "change" and done):
            return None
        asked = await bench.gather(db, askers, *key)
        if not asked.measured.questions:
            return None
        outcomes = await bench.judged(asked)
        async with db.write() as session:
            await keep(session, *key, version, outcomes, reason=str(payload["reason"]), user_id=payload.get("user"))
        return None

    return run


async def keep(
    session: AsyncSession,
    workspace_id: str,
    domain_id: str,
    version: int,
    outcomes: Sequence[Outcome],
    *,
    reason: str,
    user_id: str | None = None,
) -> Evaluation | None:
    """Put a run into the domain's history, which keeps the last :data:`KEPT`; None if the domain is gone meanwhile."""
    if await _version(session, workspace_id, domain_id) is None:
        return None
    titles = await titles_of(session, workspace_id, domain_id)
    run = Evaluation(
        workspace_id=workspace_id,
        domain_id=domain_id,
        user_id=user_id,
        reason=reason,
        version=version,
        figures=evaluate.figures(outcomes).as_json(),
        cases=[_row(case) for case in wrong_ones(outcomes, titles)[:MOST_CASES]],
    )
    session.add(run)
    await session.flush()
    mine = (Evaluation.workspace_id == workspace_id, Evaluation.domain_id == domain_id)
    newest = select(Evaluation.id).where(*mine).order_by(Evaluation.created_at.desc(), Evaluation.id).limit(KEPT)
    await session.execute(
        delete(Evaluation).where(*mine, Evaluation.id.not_in(newest)).execution_options(synchronize_session=False)
    )
    return run


async def history(session: AsyncSession, workspace_id: str, domain_id: str, limit: int = 30) -> list[Evaluation]:
    """The newest runs of a domain."""
    mine = (Evaluation.workspace_id == workspace_id, Evaluation.domain_id == domain_id)
    query = select(Evaluation).where(*mine).order_by(Evaluation.created_at.desc(), Evaluation.id).limit(limit)
    return list(await session.scalars(query))


def wrong_ones(outcomes: Sequence[Outcome], titles: dict[str, str]) -> list[Case]:
    """Those that went wrong, the surest first: they harm most."""
    found = []
    for outcome in sorted(outcomes, key=lambda outcome: -outcome.confidence):
        if not outcome.went_wrong:
            continue
        expected = outcome.expected[0] if outcome.expected else ""
        came = outcome.found[0] if outcome.found and outcome.band is not Band.UNSURE else ""
        titled = (titles.get(expected, ""), titles.get(came, ""))
        found.append(Case(outcome.text, titled[0], expected, titled[1], came, outcome.confidence))
    return found


async def titles_of(session: AsyncSession, workspace_id: str, domain_id: str) -> dict[str, str]:
    """The questions of the domain's entries, by id."""
    mine = (Entry.workspace_id == workspace_id, Entry.domain_id == domain_id)
    return dict((await session.execute(select(Entry.id, Entry.question).where(*mine))).all())


async def _was_measured(session: AsyncSession, workspace_id: str, domain_id: str, version: int) -> bool:
    """Whether a run looked at the knowledge as it is. One before publishing does not count: it looked at drafts too."""
    mine = (Evaluation.workspace_id == workspace_id, Evaluation.domain_id == domain_id)
    query = select(Evaluation.id).where(*mine, Evaluation.version == version, Evaluation.reason != "publish")
    return await session.scalar(query.limit(1)) is not None


def _of(domain_id: str, reason: str) -> tuple[ColumnElement[bool], ...]:
    about = (Job.payload["domain"].as_string() == domain_id, Job.payload["reason"].as_string() == reason)
    return (Job.kind == KIND, Job.state == "ready", *about)


async def _version(session: AsyncSession, workspace_id: str, domain_id: str) -> int | None:
    mine = (Domain.id == domain_id, Domain.workspace_id == workspace_id)
    version: int | None = await session.scalar(select(Domain.knowledge_version).where(*mine))
    return version


def _row(case: Case) -> dict[str, Any]:
    return {
        "text": case.text,
        "expected": case.expected,
        "expected_id": case.expected_id,
        "came": case.came,
        "came_id": case.came_id,
        "confidence": round(case.confidence, 3),
    }
