"""Drafts become entries; where the owner wants it, only if the labelled questions fare no worse with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from engine.db import Database
from engine.models import Domain
from engine.ports import Band
from knowledge import bench, bulk, changes, measuring, port
from knowledge.changes import Owner
from knowledge.deletion import MOST
from knowledge.evaluate import Outcome
from knowledge.measuring import Case
from knowledge.models import Entry, KnowledgeSettings

ANYWAY: Final = "entries.publish_anyway"  # in the audit: the check was passed over
MOST_CASES = 50  # that are named


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
    """Publish the drafts ``ids``, None for all; ids that are no drafts of this domain are passed over (R10). Where the
    owner wants the check, drafts with which the labelled questions fare worse stay drafts. ``anyway`` passes over it,
    which the audit tells."""
    async with db.read() as session:
        mine = (Entry.workspace_id == owner.workspace_id, Entry.domain_id == owner.domain_id, Entry.draft.is_(True))
        query = select(Entry.id).where(*mine).order_by(Entry.position, Entry.id)
        wanted = None if ids is None else set(ids)
        drafts = [each for each in await session.scalars(query) if wanted is None or each in wanted]
        settings = await session.get(KnowledgeSettings, owner.domain_id)
    checked = settings is not None and settings.workspace_id == owner.workspace_id and settings.publish_check
    if drafts and checked and not anyway:
        refused = await _worse(db, owner, drafts)
        if refused is not None:
            return refused
    count, change_id = 0, None
    async with db.write() as session:
        for start in range(0, len(drafts), MOST):
            done, change_id = await bulk.publish(session, owner, drafts[start : start + MOST])
            count += done
        if count and checked and anyway:
            await changes.record(session, owner, ANYWAY, change_id or "", {"count": count})
    return Published(count, change_id)


async def _worse(db: Database, owner: Owner, drafts: Sequence[str]) -> Published | None:
    """What speaks against the drafts, or None. The run with them goes into the history either way."""
    askers = port.judge.shelves.askers
    now = await bench.gather(db, askers, *owner.ids)
    if not now.measured.questions:
        return None
    async with db.read() as session:
        version = await session.scalar(select(Domain.knowledge_version).where(Domain.id == owner.domain_id))
        titles = await measuring.titles_of(session, *owner.ids)
    then = await bench.gather(db, askers, *owner.ids, with_drafts=drafts)
    before = await bench.judged(now)
    after = await bench.judged(then, now.measured.questions)
    async with db.write() as session:
        await measuring.keep(session, *owner.ids, version or 0, after, reason="publish", user_id=owner.user_id)
    scores = _score(before), _score(after)
    if scores[1].wrong <= scores[0].wrong and scores[1].right >= scores[0].right:
        return None
    fine = {outcome.text for outcome in before if not outcome.went_wrong}
    cases = [case for case in measuring.wrong_ones(after, titles) if case.text in fine]
    return Published(refused=True, before=scores[0], after=scores[1], cases=tuple(cases[:MOST_CASES]))


def _score(outcomes: Sequence[Outcome]) -> Score:
    right = sum(not outcome.went_wrong for outcome in outcomes)
    wrong = sum(outcome.went_wrong and outcome.band is not Band.UNSURE for outcome in outcomes)
    return Score(right, wrong)
