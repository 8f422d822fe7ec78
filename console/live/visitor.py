"""What agents see beside a conversation: who the visitor is, as far as it is said; every query is scoped (R10)."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.doors import DESK
from engine.languages import LANGUAGES
from engine.models import Domain, Member, Message, Room, Score, User, Visitor
from knowledge import leads

EARLIER = 10  # other conversations that are listed
RATINGS = 5


async def card(session: AsyncSession, workspace_id: str, room_id: str) -> dict[str, Any] | None:
    """The facts as JSON; None for a room that is not of the workspace. Times are ISO 8601, UTC."""
    query = (
        select(Room, Visitor, Domain.name)
        .join(Visitor, Visitor.id == Room.visitor_id)
        .join(Domain, Domain.id == Room.domain_id)
        .where(Room.id == room_id, Room.workspace_id == workspace_id)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    room, visitor, site = row
    known = await leads.of_room(session, workspace_id, room_id)
    lead = known.lead
    return {
        "site": site,
        "page": visitor.page,
        "language": LANGUAGES[room.language].english,
        "since": visitor.created_at.isoformat(),
        "lead": {
            "name": lead.name if lead else "",
            "email": lead.email if lead else "",
            "phone": lead.phone if lead else "",
            "company": lead.company if lead else "",
            "score": lead.score if lead else 0,
            "reasons": lead.reasons if lead else [],
        },
        "answers": [{"asked": each.asked, "value": each.value, "state": each.state} for each in known.answers],
        "ratings": await _ratings(session, workspace_id, room.id),
        "earlier": await _others(session, room),
    }


async def members(session: AsyncSession, workspace_id: str) -> list[dict[str, str]]:
    """Who can be called in a note: all who may use the desk."""
    query = select(Member.id, User.name).join(User, User.id == Member.user_id)
    query = query.where(Member.workspace_id == workspace_id, Member.role.in_(DESK)).order_by(User.name, Member.id)
    return [{"id": row.id, "name": row.name} for row in (await session.execute(query)).all()]


async def _ratings(session: AsyncSession, workspace_id: str, room_id: str) -> list[dict[str, Any]]:
    query = select(Score).where(Score.workspace_id == workspace_id, Score.room_id == room_id)
    found = await session.scalars(query.order_by(Score.created_at.desc()).limit(RATINGS))
    return [{"score": each.score, "comment": each.comment, "at": each.created_at.isoformat()} for each in found]


async def _others(session: AsyncSession, room: Room) -> list[dict[str, Any]]:
    """The same visitor's rooms with other bots of the domain, the latest first."""
    first = select(Message.text).where(Message.room_id == Room.id, Message.author == "visitor", Message.text != "")
    title = first.order_by(Message.position).limit(1).correlate(Room).scalar_subquery()
    query = select(Room.id, Room.updated_at, title.label("title")).where(
        Room.workspace_id == room.workspace_id, Room.visitor_id == room.visitor_id, Room.id != room.id
    )
    rows = (await session.execute(query.order_by(Room.updated_at.desc()).limit(EARLIER))).all()
    return [{"room": row.id, "title": (row.title or "")[:80], "at": row.updated_at.isoformat()} for row in rows]
