"""This module IS the engine's ``Knowledge``: ``recall`` and ``file_gaps``."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import Database
from engine.ports import Ask, Band, Missed, Recall
from knowledge import gaps
from knowledge.judging import Judge, Judged

MOST_FACTS = 5  # what a recall carries at most

judge = Judge()  # this process's; ``console/assembly.py`` gives it its bound and its embeddings


async def recall(db: Database, ask: Ask) -> Recall:
    """The facts for ``ask``, only ever of its domain in its workspace (R20), as of its version or a later one.
    Sure: the one fact that is the answer. Between: up to five, best first. Unsure: none, but questions to offer."""
    return recalled(await judge.judged(db, ask))


def recalled(judged: Judged) -> Recall:
    """What the engine is told of a question that was judged."""
    shown = {Band.SURE: 1, Band.BETWEEN: MOST_FACTS, Band.UNSURE: 0}[judged.band]
    nearest = judged.related or (() if judged.band is Band.SURE else judged.popular)
    return Recall(judged.band, judged.facts[:shown], nearest, judged.confidence)


async def judged(db: Database, ask: Ask, earlier: Sequence[str] | None = None) -> Judged:
    """All that is made of ``ask``: for the pages that show why the bot answers as it does."""
    return await judge.judged(db, ask, earlier)


async def file_gaps(session: AsyncSession, missed: Sequence[Missed]) -> None:
    """File what was not answered, in the caller's transaction; what is filed already is left alone."""
    await gaps.file_gaps(session, missed)
