"""Each person's part in a conversation, as a row: what first-response and resolution times are computed from."""

from datetime import datetime
from typing import Literal

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import new_id, now
from engine.locked import Locked
from engine.models import Stint

Ending = Literal["closed", "released", "passed_on", "gone", "unanswered"]


async def begin(session: AsyncSession, room: Locked, member_id: str, asked_at: datetime | None) -> None:
    """``member_id`` has the room from now on; the visitor waited for a person since ``asked_at``."""
    await session.execute(
        insert(Stint).values(
            id=new_id(), workspace_id=room.workspace_id, room_id=room.id, member_id=member_id, asked_at=asked_at,
            claimed_at=now(), ending="", tag="",
        )
    )  # fmt: skip


async def answered(session: AsyncSession, room: Locked) -> None:
    """The person who has the room wrote; the first time counts."""
    first = update(Stint).where(Stint.room_id == room.id, Stint.ended_at.is_(None), Stint.answered_at.is_(None))
    await session.execute(first.values(answered_at=now()).execution_options(synchronize_session=False))


async def end(session: AsyncSession, room: Locked, ending: Ending, tag: str = "") -> None:
    """The person who had the room has it no more."""
    running = update(Stint).where(Stint.room_id == room.id, Stint.ended_at.is_(None))
    ended = running.values(ended_at=now(), ending=ending, tag=tag)
    await session.execute(ended.execution_options(synchronize_session=False))
