"""Runs over a domain's labelled questions: now, after changes, and before drafts are published; kept as its history."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine import jobs
from engine.db import Database, now
from engine.models import Domain, Job
from engine.ports import Handler
from knowledge import evaluate, examples
from knowledge.calibration import calibrate
from knowledge.evaluate import Outcome
from knowledge.examples import Measured
from knowledge.models import Entry, Evaluation, KnowledgeSettings
from knowledge.ranking import build

KIND: Final = "evaluate"
SETTLES = timedelta(seconds=60)  # after the last change, so that many edits are one run
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
    """Have the domain measured: soon for ``change``, at once otherwise; unless that is under way already."""
    waiting = select(Job.id).where(
        Job.kind == KIND,
        Job.state == "ready",
        Job.payload["domain"].as_string() == domain_id,
        Job.payload["reason"].as_string() == reason,
    )
    if await session.scalar(waiting.limit(1)) is None:
        payload = {"workspace": workspace_id, "domain": domain_id, "reason": reason, "user": user_id}
        await jobs.add(session, KIND, payload, now() + SETTLES if reason == "change" else None)


async def is_waiting(session: AsyncSession, domain_id: str) -> bool:
    """Whether a run that somebody asked for is under way."""
    query = select(Job.id).where(
        Job.kind == KIND,
        Job.state == "ready",
        Job.payload["domain"].as_string() == domain_id,
        Job.payload["reason"].as_string() == "manual",
    )
    return await session.scalar(query.limit(1)) is not None


def handler(db: Database) -> Handler:
    """The job's work."""

    async def run(payload: dict[str, Any]) -> datetime | None:
        key = (str(payload["workspace"]), str(payload["domain"]))
        async with db.read() as session:
            version = await session.scalar(
                select(Domain.knowledge_version).where(Domain.id == key[1], Domain.workspace_id == key[0])
            )
            measured = await examples.measured(session, *key)
            caution = await _caution(session, key[1])
            titles = await _titles(session, *key)
        if version is None or not measured.questions:
            return None
        outcomes = await asyncio.to_thread(judged, measured, caution)
        found = Evaluation(
            workspace_id=key[0],
            domain_id=key[1],
            user_id=payload.get("user"),
            reason=str(payload["reason"]),
            version=version,
            figures=evaluate.figures(outcomes).as_json(),
            cases=[_row(case) for case in wrong_ones(outcomes, titles)[:MOST_CASES]],
        )
        async with db.write() as session:
            session.add(found)
        return None

    return run


async def history(session: AsyncSession, workspace_id: str, domain_id: str, limit: int = 30) -> list[Evaluation]:
    """The newest runs of a domain."""
    mine = (Evaluation.workspace_id == workspace_id, Evaluation.domain_id == domain_id)
    query = select(Evaluation).where(*mine).order_by(Evaluation.created_at.desc(), Evaluation.id).limit(limit)
    return list(await session.scalars(query))


def judged(measured: Measured, caution: int) -> list[Outcome]:
    """Every question, judged by words; takes seconds for thousands: call it in a thread."""
    index = build(measured.documents)
    calibration = calibrate(index)
    return [evaluate.judge(index, calibration, question, caution) for question in measured.questions]


def wrong_ones(outcomes: Sequence[Outcome], titles: dict[str, str]) -> list[Case]:
    """Those that went wrong, the surest first: they harm most."""
    found = []
    for outcome in sorted(outcomes, key=lambda outcome: -outcome.confidence):
        if not outcome.went_wrong:
            continue
        expected = outcome.expected[0] if outcome.expected else ""
        came = outcome.found[0] if outcome.found and outcome.band != "unsure" else ""
        titled = (titles.get(expected, ""), titles.get(came, ""))
        found.append(Case(outcome.text, titled[0], expected, titled[1], came, outcome.confidence))
    return found


async def _caution(session: AsyncSession, domain_id: str) -> int:
    settings = await session.get(KnowledgeSettings, domain_id)
    return settings.caution if settings is not None else 50


async def _titles(session: AsyncSession, workspace_id: str, domain_id: str) -> dict[str, str]:
    mine = (Entry.workspace_id == workspace_id, Entry.domain_id == domain_id)
    return dict((await session.execute(select(Entry.id, Entry.question).where(*mine))).all())


def _row(case: Case) -> dict[str, Any]:
    return {
        "text": case.text,
        "expected": case.expected,
        "expected_id": case.expected_id,
        "came": case.came,
        "came_id": case.came_id,
        "confidence": round(case.confidence, 3),
    }
