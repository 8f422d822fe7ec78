"""What somebody changed, kept whole enough to take it back: one audit event a change, in the change's transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.models import AuditEvent
from knowledge.entries import NotFound


@dataclass(frozen=True, slots=True)
class Owner:
    """Who changes what a domain knows. ``user_id``: None for the machine."""

    workspace_id: str
    domain_id: str
    user_id: str | None = None

    @property
    def ids(self) -> tuple[str, str]:
        return self.workspace_id, self.domain_id


async def record(session: AsyncSession, owner: Owner, action: str, subject: str, detail: dict[str, Any]) -> str:
    """Write that ``owner`` did ``action`` to ``subject``; the id of the change, by which it can be taken back."""
    event = AuditEvent(
        workspace_id=owner.workspace_id,
        user_id=owner.user_id,
        action=action,
        subject=subject[:100],
        detail=detail | {"domain": owner.domain_id},
    )
    session.add(event)
    await session.flush()
    return event.id


async def find(session: AsyncSession, owner: Owner, change_id: str, actions: Collection[str]) -> AuditEvent:
    """The change with that id, if it is one of ``actions`` in this domain of this workspace (R10); else
    :class:`NotFound`."""
    query = select(AuditEvent).where(
        AuditEvent.id == change_id, AuditEvent.workspace_id == owner.workspace_id, AuditEvent.action.in_(actions)
    )
    event = await session.scalar(query)
    if event is None or event.detail.get("domain") != owner.domain_id:
        raise NotFound
    return event
