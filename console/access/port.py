"""This module IS the engine's ``Desk``: who an agent's socket belongs to."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from console.access import doors, service
from engine.db import Database
from engine.ports import Agent


async def agent(db: Database, cookies: Mapping[str, str], workspace: str | None) -> Agent | None:
    """The member behind ``cookies`` who may use the desk of the workspace ``workspace`` (their first one if None);
    None when signed out, expired, not a member, or not with a role for the desk."""
    async with db.read() as session:
        who = await service.find_session(session, service.token_in(cookies))
        if who is None:
            return None
        membership = await _membership(session, who.user_id, workspace)
    if membership is None or not membership.may_use_desk:
        return None
    return Agent(membership.workspace_id, membership.member_id, who.name, membership.may_lead)


async def _membership(session: AsyncSession, user_id: str, slug: str | None) -> doors.Membership | None:
    if slug is None:
        return await doors.first_of(session, user_id)
    try:
        return await doors.member_of(session, user_id, slug)
    except doors.NotFound:
        return None
