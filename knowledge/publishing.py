"""Drafts become entries; where the owner wants it, only if the labelled questions fare no worse with them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from engine.db import Database
from knowledge import bulk, entries, examples, measuring
from knowledge.changes import Owner
from knowledge.deletion import MOST
from knowledge.evaluate import Outcome
from knowledge.measuring import Case
from knowledge.models import Entry, KnowledgeSettings


@dataclass(frozen=True, slots=True)
class Score:
    """Of the labelled questions: answered from the right entry or rightly refused, and answered wrongly."""

    right: int = 0
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class Published:
    """How many drafts answer visitors now and the id of the change; or, ``refused``, how the labelled questions would
    have fared and which would have gone wrong that do not now."""

    count: int = 0
    change_id: str | None = None
    refused: bool = False
    before: Score = Score()
    after: Score = Score()
    cases: tuple[Case, ...] = ()


async def publish(db: Database, owner: Owner, ids: Sequence[str] | None, *, anyway: bool = False) -> Published:
    """Publish the drafts ``ids``, None for all. ``anyway`` passes over the check."""
    async with db.read() as session:
        mine = (Entry.workspace_id == owner.workspace_id, Entry.domain_id == owner.domain_id, Entry.draft.is_(True))
        query = select(Entry.id).where(*mine).order_by(Entry.position, Entry.id)
        drafts = [each for each in await session.scalars(query) if ids is None or each in ids]
        settings = await session.get(KnowledgeSettings, owner.domain_id)
    if settings is not None and settings.publish_check and not anyway:
        refused = await _worse(db, owner, drafts, settings.caution)
        if refused is not None:
            return refused
    count, change_id = 0, None
    async with db.write() as session:
        for start in range(0, len(drafts), MOST):
            done, change_id = await bulk.publish(session, owner, drafts[start : start + MOST])
            count += done
    return Published(count, change_id)


async def _worse(db: Database, owner: Owner, drafts: Sequence[str], caution: int) -> Published | None:
    async with db.read() as session:
        now = await examples.measured(session, *owner.ids)
        then = await examples.measured(session, *owner.ids, with_drafts=drafts)
        titles = {entry.id: entry.question for entry in await entries.listing(session, *owner.ids, limit=100_000)}
    before = await asyncio.to_thread(measuring.judged, now, caution)
    # The same questions: those of the drafts' own would make every comparison look good.
    after = await asyncio.to_thread(measuring.judged, examples.Measured(then.documents, now.questions), caution)
    scores = _score(before), _score(after)
    if scores[1].wrong <= scores[0].wrong and scores[1].right >= scores[0].right:
        return None
    fine = {outcome.text for outcome in before if not outcome.went_wrong}
    cases = [case for case in measuring.wrong_ones(after, titles) if case.text in fine]
    return Published(refused=True, before=scores[0], after=scores[1], cases=tuple(cases[:50]))


def _score(outcomes: Sequence[Outcome]) -> Score:
    right = sum(not outcome.went_wrong for outcome in outcomes)
    wrong = sum(outcome.went_wrong and outcome.band != "unsure" for outcome in outcomes)
    return Score(right, wrong)
