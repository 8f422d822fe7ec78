"""Who is at a workspace's desk, and who of them is given the next chat."""

from datetime import UTC, datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine import protocol as wire
from engine.db import now
from engine.locked import Locked
from engine.models import Member, Room, User
from engine.queue import PRESENT, taking

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


async def here(session: AsyncSession, workspace_id: str) -> list[wire.Colleague]:
    """The members at the desk, on any node, by name."""
    chats = _chats().where(Room.member_id == Member.id).correlate(Member).scalar_subquery()
    query = (
        select(Member.id, User.name, Member.away, chats, Member.capacity)
        .join(User, User.id == Member.user_id)
        .where(Member.workspace_id == workspace_id, Member.seen_at > now() - PRESENT)
        .order_by(User.name, Member.id)
    )
    rows = (await session.execute(query)).all()
    return [wire.Colleague(id=row[0], name=row[1], away=row[2], chats=row[3], capacity=row[4]) for row in rows]


async def one(session: AsyncSession, workspace_id: str, member_id: str) -> tuple[wire.AgentView, bool] | None:
    """A member of the workspace, and whether they are at the desk and take chats; None for anybody else."""
    query = (
        select(Member.id, User.name, Member.away, Member.seen_at)
        .join(User, User.id == Member.user_id)
        .where(Member.workspace_id == workspace_id, Member.id == member_id)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    takes = not row.away and row.seen_at is not None and row.seen_at > now() - PRESENT
    return wire.AgentView(row.id, row.name), takes


async def free(session: AsyncSession, room: Locked) -> wire.AgentView | None:
    """Of those at the desk who take chats of this room's language and domain and have room for one more: who has the
    fewest, of these whose last one is longest ago. Their row is locked from here on, so that two rooms given at the
    same moment never exceed a capacity."""
    query = (
        select(Member.id, User.name, Member.capacity, Member.given_at, Member.languages, Member.domains)
        .join(User, User.id == Member.user_id)
        .where(Member.workspace_id == room.workspace_id, *taking())
        .order_by(Member.id)
        .with_for_update(of=Member)
    )
    able = [
        row
        for row in (await session.execute(query)).all()
        if (not row.languages or room.language in row.languages) and (not row.domains or room.domain_id in row.domains)
    ]
    if not able:
        return None
    counted = select(Room.member_id, func.count()).where(
        Room.member_id.in_([row.id for row in able]), Room.mode == "live", Room.snoozed_until.is_(None)
    )
    chats = {row[0]: row[1] for row in (await session.execute(counted.group_by(Room.member_id))).all()}
    able = [row for row in able if chats.get(row.id, 0) < row.capacity]
    if not able:
        return None
    next_one = min(able, key=lambda row: (chats.get(row.id, 0), row.given_at or NEVER, row.id))
    await session.execute(update(Member).where(Member.id == next_one.id).values(given_at=now()))
    return wire.AgentView(next_one.id, next_one.name)


async def set_away(session: AsyncSession, member_id: str, away: bool) -> None:
    await session.execute(update(Member).where(Member.id == member_id).values(away=away))


def _chats() -> Select[int]:
    return select(func.count()).select_from(Room).where(Room.mode == "live", Room.snoozed_until.is_(None))
