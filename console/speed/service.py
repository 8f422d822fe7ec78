"""What the widget measured of itself, in words that people say, and of how many visits it does; scoped (R10)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from console.access import audit
from engine import vitals
from engine.db import now
from engine.models import Bot
from engine.vitals import Metric, percentile

SHARES: Final = (0, 1, 5, 10, 25, 50, 100)  # visits in a hundred
POINTS: Final = (0.5, 0.75, 0.95)


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric as the page tells it. At three visits in four ``good`` or less is good, over ``bad`` is not."""

    metric: Metric
    label: str
    about: str
    unit: Literal["ms", "bytes", "times"]
    good: int
    bad: int


MEASURES: Final = (
    Measure("open", "Ready to write", "From the click on the button until a visitor can write.", "ms", 450, 1_000),
    Measure("token", "First word", "From a message sent until the first word of its answer.", "ms", 1_000, 3_000),
    Measure("script", "Work", "How long our scripts kept the page busy, in pieces over 50 ms.", "ms", 50, 200),
    Measure("bytes", "Fetched", "What the chat fetched in one visit.", "bytes", 40_000, 200_000),
    Measure("reconnects", "Lost connections", "How often a connection had to be made again.", "times", 0, 2),
    Measure("failed", "Not sent", "Messages that could not be sent.", "times", 0, 0),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what half, three in four and 19 in 20 stayed within, and how many were measured. ``tone`` and
    ``verdict`` say what to think of it."""

    measure: Measure
    points: tuple[str, ...]
    measured: int
    verdict: str
    tone: Literal["ok", "warning", "danger"]


class MeasuredBot(NamedTuple):
    """A bot, and of how many visits in a hundred its panel measures itself."""

    id: str
    name: str
    share: int


async def bots(session: AsyncSession, workspace_id: str) -> list[MeasuredBot]:
    """The workspace's bots, the oldest first."""
    query = select(Bot.id, Bot.name, Bot.vitals).where(Bot.workspace_id == workspace_id)
    return [MeasuredBot(*row) for row in (await session.execute(query.order_by(Bot.created_at, Bot.id))).all()]


async def lines(
    session: AsyncSession, workspace_id: str, days: int, bot_id: str | None, device: str | None
) -> list[Line]:
    """What was measured in the last ``days`` days, today among them; nothing of what was not."""
    since = (now() - timedelta(days=days - 1)).date()
    counts = await vitals.counts(session, workspace_id, since, bot_id, device)
    return [_line(measure, found) for measure in MEASURES if (found := counts[measure.metric])]


async def measure_of(session: AsyncSession, workspace_id: str, user_id: str, bot_id: str, share: int) -> str | None:
    """Have a bot of the workspace measure ``share`` visits in a hundred: its name, None where there is no such bot."""
    mine = (Bot.id == bot_id, Bot.workspace_id == workspace_id)
    row = (await session.execute(select(Bot.name, Bot.vitals).where(*mine))).one_or_none()
    if row is None:
        return None
    name, before = row
    if before != share:
        await session.execute(update(Bot).where(*mine).values(vitals=share))
        detail = {"before": before, "after": share}
        await audit.record(session, workspace_id, user_id, "bot.vitals", bot_id, detail)
    return str(name)


def said(value: int, unit: str) -> str:
    """``value`` as people read it."""
    if unit == "ms":
        return f"{value} ms" if value < 1_000 else f"{value / 1_000:.1f} s"
    if unit == "bytes":
        return f"{value} B" if value < 1_000 else f"{value / 1_000:,.1f} KB"
    return f"{value:,}"


def _line(measure: Measure, counts: dict[int, int]) -> Line:
    values = [percentile(counts, point) or 0 for point in POINTS]
    usual = values[1]
    tone: Literal["ok", "warning", "danger"]
    if usual <= measure.good:
        verdict, tone = "Good", "ok"
    elif usual <= measure.bad:
        verdict, tone = "Fair", "warning"
    else:
        verdict, tone = "Poor", "danger"
    shown = tuple(said(value, measure.unit) for value in values)
    return Line(measure, shown, sum(counts.values()), verdict, tone)
