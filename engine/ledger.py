"""The only writer of balances: grant, hold, settle, release, statement.

Credits are integers. Rows are only ever added; the sum of a workspace's rows is its balance at every commit. Every
change of a balance is one conditional ``UPDATE``, never read-then-write, so that it holds under concurrency on both
databases (R5, R6).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, and_, bindparam, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import new_id, now
from engine.models import Hold, LedgerEntry, Workspace
from engine.statement import Statement

_TABLE: Any = LedgerEntry.__table__
_LINES = Statement(
    lambda sqlite: _TABLE.insert().values({each.name: bindparam(each.name, type_=each.type) for each in _TABLE.c})
)
HOLD_LIFE = timedelta(minutes=10)  # after which a forgotten hold is released (R6)


@dataclass(frozen=True, slots=True)
class Charge:
    """One line to write: ``reference`` names its cause and is unique in the workspace; ``credits`` ≥ 0 were spent."""

    workspace_id: str
    reference: str
    credits: int
    room_id: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)


async def grant(
    session: AsyncSession, workspace_id: str, amount: int, reference: str, *, kind: str = "grant", note: str = ""
) -> bool:
    """Add ``amount`` > 0 credits once; False when ``reference`` was granted already."""
    if amount <= 0:
        raise ValueError("a grant adds credits: the amount must be above 0")
    await _lock(session, workspace_id)
    if await _exists(session, workspace_id, reference):
        return False
    await session.execute(
        update(Workspace).where(Workspace.id == workspace_id).values(balance=Workspace.balance + amount)
    )
    await _write(session, [_row(workspace_id, kind, amount, reference, None, {"note": note} if note else {})])
    return True


async def hold(session: AsyncSession, workspace_id: str, amount: int, reference: str) -> bool:
    """Set ``amount`` > 0 credits aside before they are spent; False when fewer are free: then nothing is held."""
    reserved = await session.execute(
        update(Workspace)
        .where(Workspace.id == workspace_id, Workspace.balance - Workspace.held >= amount)
        .values(held=Workspace.held + amount)
    )
    if not _hit(reserved):
        return False
    await session.execute(
        insert(Hold).values(
            reference=reference,
            workspace_id=workspace_id,
            amount=amount,
            state="open",
            expires_at=now() + HOLD_LIFE,
            created_at=now(),
        )
    )
    return True


async def settle(session: AsyncSession, charge: Charge) -> int:
    """Close the hold of ``charge.reference`` with what was delivered: the credits charged, clamped to [0, held].

    0 when no hold is open (settled, released or expired before): a reply is charged exactly once, and has one line.
    """
    held = await _close(session, charge.reference, "settled")
    if held is None:
        await _write_once(session, charge)
        return 0
    spent = min(max(0, charge.credits), held)
    await session.execute(
        update(Workspace)
        .where(Workspace.id == charge.workspace_id)
        .values(balance=Workspace.balance - spent, held=Workspace.held - held)
    )
    await _write(session, [_usage(charge, spent)])
    return spent


async def release(session: AsyncSession, charge: Charge) -> bool:
    """Give the hold back, if one is open; either way the answer has its one line, which says that it cost nothing.
    False when no hold was open."""
    held = await _close(session, charge.reference, "released")
    if held is None:
        await _write_once(session, charge)
        return False
    await session.execute(
        update(Workspace).where(Workspace.id == charge.workspace_id).values(held=Workspace.held - held)
    )
    await _write_once(session, charge)
    return True


async def note_free(session: AsyncSession, charges: Sequence[Charge]) -> None:
    """Lines of 0 credits for answers that no model wrote: each answer has its one line. Never a transaction's first
    statement: the rooms are locked before."""
    if charges:
        await _LINES.run(session, [_usage(charge, 0) for charge in charges])


async def expire(session: AsyncSession, at: datetime, limit: int = 100) -> int:
    """Release what was held and forgotten until ``at``; how many there were."""
    stale = await session.execute(
        select(Hold.reference, Hold.workspace_id)
        .where(Hold.state == "open", Hold.expires_at <= at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = stale.all()
    for reference, workspace_id in rows:
        await release(session, Charge(workspace_id, reference, 0, None, {"ended": "expired"}))
    return len(rows)


async def statement(
    session: AsyncSession, workspace_id: str, *, before: tuple[datetime, str] | None = None, limit: int = 50
) -> Sequence[LedgerEntry]:
    """The newest lines first; ``before`` is the (created_at, id) of the last line of the page before."""
    query = select(LedgerEntry).where(LedgerEntry.workspace_id == workspace_id)
    if before is not None:
        at, entry_id = before
        earlier = and_(LedgerEntry.created_at == at, LedgerEntry.id < entry_id)
        query = query.where(or_(LedgerEntry.created_at < at, earlier))
    ordered = query.order_by(LedgerEntry.created_at.desc(), LedgerEntry.id.desc()).limit(limit)
    return (await session.execute(ordered)).scalars().all()


async def _close(session: AsyncSession, reference: str, state: str) -> int | None:
    closed = await session.execute(
        update(Hold)
        .where(Hold.reference == reference, Hold.state == "open")
        .values(state=state)
        .returning(Hold.amount)
        .execution_options(synchronize_session=False)
    )
    return closed.scalar_one_or_none()


async def _lock(session: AsyncSession, workspace_id: str) -> None:
    await session.execute(select(Workspace.id).where(Workspace.id == workspace_id).with_for_update())


async def _exists(session: AsyncSession, workspace_id: str, reference: str) -> bool:
    same = (LedgerEntry.workspace_id == workspace_id, LedgerEntry.reference == reference)
    return (await session.execute(select(LedgerEntry.id).where(*same))).scalar_one_or_none() is not None


async def _write_once(session: AsyncSession, charge: Charge) -> None:
    """A line of 0 credits, unless the answer has one already."""
    if not await _exists(session, charge.workspace_id, charge.reference):
        await _write(session, [_usage(charge, 0)])


async def _write(session: AsyncSession, rows: list[dict[str, Any]]) -> None:
    await session.execute(insert(LedgerEntry), rows)


def _usage(charge: Charge, spent: int) -> dict[str, Any]:
    return _row(charge.workspace_id, "usage", -spent, charge.reference, charge.room_id, charge.detail)


def _row(
    workspace_id: str, kind: str, amount: int, reference: str, room_id: str | None, detail: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "workspace_id": workspace_id,
        "kind": kind,
        "amount": amount,
        "reference": reference,
        "room_id": room_id,
        "detail": detail,
        "created_at": now(),
    }


def _hit(result: Any) -> bool:
    return cast("CursorResult[Any]", result).rowcount == 1
