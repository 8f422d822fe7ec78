"""What the database holds, read past the engine: rooms, messages, the ledger and its holds."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from engine.db import Database
from engine.models import Hold, LedgerEntry, Message, Room, Workspace

SECONDS = 10.0  # to wait for what must come true


@dataclass(frozen=True, slots=True)
class Account:
    """A workspace's money: ``total`` is the sum of its lines, ``open`` that of its open holds."""

    balance: int
    held: int
    total: int
    open: int

    def check(self) -> None:
        """What always holds (R5, R6)."""
        assert self.balance == self.total >= 0
        assert 0 <= self.held == self.open <= self.balance


async def account(db: Database, workspace_id: str) -> Account:
    async with db.read() as session:
        balance, held = (
            await session.execute(select(Workspace.balance, Workspace.held).where(Workspace.id == workspace_id))
        ).one()
        lines = select(func.coalesce(func.sum(LedgerEntry.amount), 0)).where(LedgerEntry.workspace_id == workspace_id)
        holds = select(func.coalesce(func.sum(Hold.amount), 0)).where(
            Hold.workspace_id == workspace_id, Hold.state == "open"
        )
        total, held_open = (await session.execute(lines)).scalar_one(), (await session.execute(holds)).scalar_one()
    return Account(balance, held, int(total), int(held_open))


async def usage(db: Database, room_id: str) -> list[LedgerEntry]:
    """The lines that the answers of a room left."""
    async with db.read() as session:
        found = await session.execute(select(LedgerEntry).where(LedgerEntry.room_id == room_id))
        return list(found.scalars())


async def messages(db: Database, room_id: str) -> list[Message]:
    async with db.read() as session:
        found = await session.execute(select(Message).where(Message.room_id == room_id).order_by(Message.position))
        return list(found.scalars())


async def room(db: Database, room_id: str) -> Any:
    """The room's row; None when there is none."""
    async with db.read() as session:
        return (await session.execute(select(Room).where(Room.id == room_id))).scalar_one_or_none()


async def until(true: Callable[[], Awaitable[Any]], seconds: float = SECONDS) -> Any:
    """What ``true`` gives, once that is something; for facts of the database, which announces nothing."""
    async with asyncio.timeout(seconds):
        while not (found := await true()):
            await asyncio.sleep(0.01)
        return found
