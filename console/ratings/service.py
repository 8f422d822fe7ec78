"""Ratings counted and listed; every query is scoped (R10)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import now
from engine.models import Member, Score, User

SHOWN: Final = 50  # of the newest, one by one
CONTENT: Final = 4  # from this score on a visitor counts as content


@dataclass(frozen=True, slots=True)
class Figures:
    """How often each score was given, the best first: (score, times, whole per cent)."""

    shares: tuple[tuple[int, int, int], ...]
    total: int
    mean: float

    @property
    def content(self) -> int:
        """Per cent of those who gave 4 or 5: what is called CSAT."""
        return round(100 * sum(times for score, times, _ in self.shares if score >= CONTENT) / self.total)


@dataclass(frozen=True, slots=True)
class Line:
    """One rating. ``agent``: who had written to the visitor last; empty for one who is gone."""

    room_id: str
    score: int
    comment: str
    agent: str
    at: datetime


async def figures(session: AsyncSession, workspace_id: str, days: int) -> Figures:
    query = select(Score.score, func.count()).where(*_recent(workspace_id, days)).group_by(Score.score)
    found: dict[int, int] = dict((await session.execute(query)).all())
    total = sum(found.values())
    shares = tuple((score, found.get(score, 0), round(100 * found.get(score, 0) / max(1, total))) for score in _BEST)
    return Figures(shares, total, sum(score * times for score, times in found.items()) / max(1, total))


async def newest(session: AsyncSession, workspace_id: str, days: int) -> list[Line]:
    """The last ones, the newest first."""
    query = (
        select(Score.room_id, Score.score, Score.comment, func.coalesce(User.name, ""), Score.created_at)
        .outerjoin(Member, Member.id == Score.member_id)
        .outerjoin(User, User.id == Member.user_id)
        .where(*_recent(workspace_id, days))
        .order_by(Score.created_at.desc(), Score.room_id)
        .limit(SHOWN)
    )
    return [Line(*row) for row in (await session.execute(query)).all()]


_BEST: Final = (5, 4, 3, 2, 1)


def _recent(workspace_id: str, days: int) -> tuple[Any, ...]:
    return Score.workspace_id == workspace_id, Score.created_at > now() - timedelta(days=days)
