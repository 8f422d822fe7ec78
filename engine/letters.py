"""Letters: written in the transaction of the fact they tell of, sent by a job, tried again, given up with a reason.

A process that is killed loses none: the row and its job are there. The one letter it had under way may be sent twice.
"""

from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine import jobs
from engine.addresses import words
from engine.db import Database, now
from engine.models import Letter
from engine.ports import Handler, Mail, Mailer, MailFailed
from engine.stationery import SUBJECT, Sheet, render

Kind = Literal["test", "transcript", "question", "receipt", "reply"]

JOB: Final = "letter.send"
ATTEMPTS = 8  # with doubling pauses about two hours: longer than a server that greylists makes a stranger wait
PAUSE = timedelta(minutes=1)  # after the first failure; doubles each time
DOUBTS = 2  # attempts that may have arrived at most: a reader gets one letter twice rather than not at all, never eight
NO_SERVER = "No mail server is set up."
_REPLIES: Final = frozenset({"receipt", "transcript"})  # kinds that answer what their reader did (RFC 3834)


async def write(
    session: AsyncSession,
    workspace_id: str,
    kind: Kind,
    to: str,
    name: str,
    sheet: Sheet,
    *,
    room_id: str | None = None,
    reply_to: str = "",
) -> Letter:
    """A letter to ``to`` (one address, checked) from ``name``, with its job, in the caller's transaction."""
    text, html = render(sheet)
    letter = Letter(
        workspace_id=workspace_id,
        room_id=room_id,
        kind=kind,
        recipient=to,
        name=name,
        reply_to=reply_to,
        subject=words(sheet.subject, SUBJECT),
        text=text,
        html=html,
    )
    session.add(letter)
    await session.flush()
    await jobs.add(session, JOB, {"letter": letter.id})
    return letter


async def again(session: AsyncSession, workspace_id: str, letter_id: str) -> bool:
    """Send a letter of the workspace once more that was given up; False where there is none (R10)."""
    mine = (Letter.id == letter_id, Letter.workspace_id == workspace_id, Letter.state == "failed")
    values = {"state": "waiting", "reason": "", "attempts": 0, "doubts": 0, "ended_at": None}
    found = await session.execute(update(Letter).where(*mine).values(values).returning(Letter.id))
    if found.scalar_one_or_none() is None:
        return False
    await jobs.add(session, JOB, {"letter": letter_id})
    return True


def handler(db: Database, mailer: Mailer | None) -> Handler:
    """Does the job of a letter. No session is open while the mail server is talked to."""

    async def send(payload: dict[str, str]) -> datetime | None:
        async with db.read() as session:
            letter = await session.scalar(select(Letter).where(Letter.id == payload["letter"]))
        if letter is None or letter.state != "waiting":
            return None
        try:
            if mailer is None:
                raise MailFailed("never", NO_SERVER)
            await mailer.send(_mail(letter))
        except MailFailed as failed:
            values, later = _after(letter, failed)
        else:
            values, later = {"state": "sent", "reason": "", "text": "", "html": "", "ended_at": now()}, None
        async with db.write() as session:
            counted = values | {"attempts": letter.attempts + 1}
            await session.execute(update(Letter).where(Letter.id == letter.id).values(counted))
        return later

    return send


def _after(letter: Letter, failed: MailFailed) -> tuple[dict[str, object], datetime | None]:
    """What is stored after a failure, and when to try again: never, where that would be of no use or one too many."""
    doubts = letter.doubts + (failed.fate == "unknown")
    values: dict[str, object] = {"reason": failed.reason[:200], "doubts": doubts}
    if failed.fate == "never" or doubts >= DOUBTS or letter.attempts + 1 >= ATTEMPTS:
        return values | {"state": "failed", "ended_at": now()}, None
    return values, now() + PAUSE * 2**letter.attempts


def _mail(letter: Letter) -> Mail:
    return Mail(
        id=letter.id,
        to=letter.recipient,
        name=letter.name,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        reply_to=letter.reply_to,
        automatic="auto-replied" if letter.kind in _REPLIES else "auto-generated",
    )
