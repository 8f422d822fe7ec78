"""The letters of a workspace as its owner sees them; every query is scoped (R10)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine import letters
from engine.models import Letter
from engine.stationery import Sheet

PAGE: Final = 50  # letters on one page of the log
KINDS: Final = {
    "test": "Test",
    "transcript": "Transcript",
    "question": "Question for you",
    "receipt": "Receipt",
    "reply": "Reply",
}
STATES: Final = {"waiting": ("Waiting", ""), "sent": ("Sent", "ok"), "failed": ("Not sent", "danger")}


@dataclass(frozen=True, slots=True)
class Line:
    """One letter of the log. ``reason``: why it waits or was given up."""

    id: str
    kind: str
    recipient: str
    subject: str
    state: str
    reason: str
    attempts: int
    room_id: str | None
    at: datetime

    @property
    def label(self) -> str:
        return KINDS.get(self.kind, self.kind)


async def log(session: AsyncSession, workspace_id: str, page: int) -> tuple[list[Line], int]:
    """The letters of page ``page`` (from 1), the newest first, and how many pages there are."""
    mine = Letter.workspace_id == workspace_id
    total = (await session.execute(select(func.count()).select_from(Letter).where(mine))).scalar_one()
    columns = (
        Letter.id, Letter.kind, Letter.recipient, Letter.subject, Letter.state, Letter.reason, Letter.attempts,
        Letter.room_id, Letter.created_at,
    )  # fmt: skip
    query = select(*columns).where(mine).order_by(Letter.created_at.desc(), Letter.id)
    found = await session.execute(query.limit(PAGE).offset((page - 1) * PAGE))
    return [Line(*row) for row in found.all()], max(1, -(-total // PAGE))


async def try_out(session: AsyncSession, workspace_id: str, name: str, to: str) -> None:
    """A letter to whoever presses the button, so that they see what visitors will."""
    sheet = Sheet(
        subject=f"A test letter from {name}",
        opening=("This is a test letter. When you can read it, your visitors can be mailed.",),
        foot=f"Sent because somebody of {name} pressed “Send a test letter”.",
    )
    await letters.write(session, workspace_id, "test", to, name, sheet)
