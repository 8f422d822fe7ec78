"""Who waits at a workspace's desk, and whether anybody is there."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import now
from engine.models import Member, Room, Workspace

PRESENT = timedelta(seconds=30)  # an agent was seen this recently: the desk counts as staffed


async def waiting(session: AsyncSession, workspace_id: str, limit: int = 100) -> list[str]:
    """The rooms that wait, next first."""
    mine = select(Room.id).where(Room.workspace_id == workspace_id, Room.mode == "waiting")
    return list((await session.execute(mine.order_by(Room.waiting_since).limit(limit))).scalars())


async def dealt(session: AsyncSession, limit: int = 50) -> list[str]:
    """Rooms that wait where chats are given evenly and somebody at the desk takes some: who waits longest first."""
    takes = select(Member.id).where(Member.workspace_id == Room.workspace_id, *taking())
    query = select(Room.id).join(Workspace, Workspace.id == Room.workspace_id)
    query = query.where(Room.mode == "waiting", Workspace.routing == "even", takes.exists())
    return list((await session.scalars(query.order_by(Room.waiting_since).limit(limit))).all())


async def staffed(session: AsyncSession, workspace_id: str) -> bool:
    """Whether any agent is at the desk and takes chats, on any node."""
    takes = select(Member.id).where(Member.workspace_id == workspace_id, *taking()).limit(1)
    return (await session.execute(takes)).scalar_one_or_none() is not None


def taking() -> tuple[Any, ...]:
    """Of members: who is at the desk, and not away."""
    return Member.away.is_(False), Member.seen_at > now() - PRESENT


async def place(session: AsyncSession, workspace_id: str, waiting_since: datetime | None) -> int:
    """The place in the queue of somebody who waits since ``waiting_since``; 1 is next."""
    earlier = and_(Room.workspace_id == workspace_id, Room.mode == "waiting", Room.waiting_since < waiting_since)
    return 1 + (await session.execute(select(func.count()).select_from(Room).where(earlier))).scalar_one()
