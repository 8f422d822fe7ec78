"""How the widget does on visitors' machines: counts in buckets by day, bot and kind of device. Nothing of anybody's.

A bucket is a tenth wider than the one before (as in DDSketch, Masson et al., VLDB 2019), so that a percentile read from
the counts is within 5 % of the true one, and a thousand visits take no more rows than ten do.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final, Literal, get_args

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import now
from engine.models import Vital

Device = Literal["phone", "tablet", "desktop"]
Metric = Literal["bytes", "script", "open", "token", "reconnects", "failed"]
"""Bytes that the panel fetched; ms that it kept the main thread busy in long pieces; ms from the click to the ready
input; ms from a message sent to the first of its answer; lost connections and messages not sent, a visit."""

DEVICES: Final = get_args(Device)
METRICS: Final = get_args(Metric)
LARGEST: Final = 100_000_000  # of any value: 100 MB, or more than a day in ms
KEPT: Final = timedelta(days=90)
_WIDTH = math.log(1.1)


def bucket_of(value: int) -> int:
    """The bucket of a value from 0 to :data:`LARGEST`: 0 for 0, else from 1 to 194."""
    return 1 + int(math.log(value) / _WIDTH) if value > 0 else 0


def value_of(bucket: int) -> int:
    """The middle of a bucket."""
    return round(math.exp((bucket - 0.5) * _WIDTH)) if bucket > 0 else 0


def percentile(counts: Mapping[int, int], share: float) -> int | None:
    """The value that ``share`` (0 to 1) of what was counted does not exceed; None where nothing was."""
    rank, seen = math.ceil(share * sum(counts.values())), 0
    for bucket in sorted(counts):
        seen += counts[bucket]
        if seen >= rank:
            return value_of(bucket)
    return None


async def count(
    session: AsyncSession, workspace_id: str, bot_id: str, device: Device, measured: Mapping[Metric, Sequence[int]]
) -> None:
    """Count what was measured today (UTC). One statement that adds to what others count at the same time; its rows
    come in one order, so that no two of them wait for each other."""
    counted = Counter((metric, bucket_of(value)) for metric, values in measured.items() for value in values)
    if not counted:
        return
    whose = {"workspace_id": workspace_id, "bot_id": bot_id, "day": now().date(), "device": device}
    rows = [
        whose | {"metric": metric, "bucket": bucket, "count": times}
        for (metric, bucket), times in sorted(counted.items())
    ]
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    insert = dialect.insert(Vital).values(rows)
    key = [column.name for column in Vital.__table__.primary_key]
    more = {"count": Vital.count + insert.excluded["count"]}
    await session.execute(insert.on_conflict_do_update(index_elements=key, set_=more))


async def counts(
    session: AsyncSession, workspace_id: str, since: date, bot_id: str | None = None, device: str | None = None
) -> dict[str, dict[int, int]]:
    """What was counted since a day, by metric and bucket; of one bot and one kind of device if they are given (R10)."""
    query = select(Vital.metric, Vital.bucket, func.sum(Vital.count)).where(
        Vital.workspace_id == workspace_id, Vital.day >= since
    )
    if bot_id is not None:
        query = query.where(Vital.bot_id == bot_id)
    if device is not None:
        query = query.where(Vital.device == device)
    found: dict[str, dict[int, int]] = {metric: {} for metric in METRICS}
    for metric, bucket, times in (await session.execute(query.group_by(Vital.metric, Vital.bucket))).all():
        found.setdefault(metric, {})[bucket] = int(times)
    return found


async def forget(session: AsyncSession) -> None:
    """Drop what is older than :data:`KEPT`."""
    await session.execute(delete(Vital).where(Vital.day < (now() - KEPT).date()))
