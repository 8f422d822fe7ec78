"""The doors of the console: a slug from outside becomes a membership only here. Absent and foreign are the same."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.codec import clean
from engine.models import Member, Workspace

DESK: Final = frozenset({"owner", "admin", "agent"})  # roles that answer visitors
KNOWLEDGE: Final = frozenset({"owner", "admin"})  # roles that change what the bot knows and asks
LEAD: Final = frozenset({"owner", "admin"})  # roles that pass on also what others have
BILLING: Final = frozenset({"owner", "admin"})  # roles that see what was spent


class NotFound(Exception):
    """There is no such thing, or not for you: the page does not say which (R10)."""


class Forbidden(Exception):
    """You are a member, but not with this role."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A user inside a workspace."""

    workspace_id: str
    slug: str
    workspace_name: str
    member_id: str
    role: str

    @property
    def may_use_desk(self) -> bool:
        return self.role in DESK

    @property
    def may_lead(self) -> bool:
        return self.role in LEAD

    @property
    def may_edit_knowledge(self) -> bool:
        return self.role in KNOWLEDGE

    @property
    def may_see_billing(self) -> bool:
        return self.role in BILLING


async def member_of(session: AsyncSession, user_id: str, slug: str) -> Membership:
    """``user_id``'s membership of the workspace ``slug``; raises :class:`NotFound`."""
    row = (await session.execute(_memberships(user_id).where(Workspace.slug == clean(slug)))).one_or_none()
    if row is None:
        raise NotFound
    return Membership(*row)


async def first_of(session: AsyncSession, user_id: str) -> Membership | None:
    """The membership that ``user_id`` has had for longest."""
    row = (await session.execute(_memberships(user_id).limit(1))).one_or_none()
    return Membership(*row) if row is not None else None


def require(allowed: bool) -> None:
    """Raise :class:`Forbidden` unless ``allowed``."""
    if not allowed:
        raise Forbidden


def _memberships(user_id: str) -> Select[str, str, str, str, str]:
    return (
        select(Workspace.id, Workspace.slug, Workspace.name, Member.id, Member.role)
        .join(Member, Member.workspace_id == Workspace.id)
        .where(Member.user_id == user_id)
        .order_by(Member.created_at, Member.id)
    )
