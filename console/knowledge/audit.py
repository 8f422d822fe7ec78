"""Who changed what of a domain's knowledge: one row a change, written in the change's own transaction."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from console.knowledge.doors import Inside
from engine.models import AuditEvent

LONGEST = 2_000  # characters kept of one value before or after: the log tells of a change, it is no copy of the entry


async def record(
    session: AsyncSession, inside: Inside, action: str, subject: str, detail: Mapping[str, Any] | None = None
) -> None:
    """Write that ``inside.who`` did ``action`` (such as ``entry.edit``) to ``subject`` (an id, or a word for many)."""
    kept = {name: _short(value) for name, value in (detail or {}).items()} | {"domain": inside.domain_id}
    session.add(
        AuditEvent(
            workspace_id=inside.workspace_id,
            user_id=inside.who.user_id,
            action=action,
            subject=subject[:100],
            detail=kept,
        )
    )
    await session.flush()


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= LONGEST else value[:LONGEST] + "…"
    if isinstance(value, Mapping):
        return {str(name): _short(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_short(each) for each in value[:50]]
    return value
