"""What somebody changed in a workspace; what its bots know, and can be undone, ``knowledge/changes.py`` keeps."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from engine.models import AuditEvent


async def record(
    session: AsyncSession, workspace_id: str, user_id: str, action: str, subject: str, detail: dict[str, Any]
) -> None:
    """Write, in the change's own transaction, that the user did ``action`` to ``subject``."""
    event = AuditEvent(workspace_id=workspace_id, user_id=user_id, action=action, subject=subject, detail=detail)
    session.add(event)
    await session.flush()
