"""What a workspace has and what it used, as its owner reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine import ledger, pricing
from engine.db import now
from engine.models import LedgerEntry, Workspace
from knowledge.models import Entry

PAGE = 50  # lines of the ledger on one page
WINDOW = timedelta(days=30)  # over which the share of free answers is counted
KINDS: Final = {
    "grant": "Granted",
    "purchase": "Bought",
    "usage": "Answer",
    "refund": "Refunded",
    "expiry": "Expired",
    "adjustment": "Adjusted",
}
_WORK: Final = {"import": "Import", "draft": "Draft", "playground": "Trial"}  # usage that is no answer to a visitor
_DRAFTED: Final = {
    "import": "Questions written by the model for",
    "phrasings": "Phrasings suggested by the model for",
    "answer": "An answer drafted by the model to",
}
_ENDED: Final = {"failed": "broke off", "stopped": "stopped", "withheld": "held back", "expired": "given back"}


@dataclass(frozen=True, slots=True)
class Account:
    """Credits now, and how many answers of the last 30 days there were and cost nothing."""

    balance: int
    held: int
    answers: int
    free: int

    @property
    def available(self) -> int:
        return self.balance - self.held

    @property
    def free_share(self) -> int:
        """Percent, rounded down: a claim that is never too good."""
        return 100 * self.free // self.answers if self.answers else 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the ledger in words."""

    at: datetime
    kind: str
    kind_label: str
    what: str
    model: str
    tokens: str
    room_id: str | None
    amount: int
    free: bool


@dataclass(frozen=True, slots=True)
class Page:
    lines: list[Line]
    older: str | None


async def account_of(session: AsyncSession, workspace_id: str) -> Account:
    credits = select(Workspace.balance, Workspace.held).where(Workspace.id == workspace_id)
    balance, held = (await session.execute(credits)).one()
    answers = select(func.count(), func.count().filter(LedgerEntry.amount == 0)).where(
        LedgerEntry.workspace_id == workspace_id,
        LedgerEntry.kind == "usage",
        LedgerEntry.room_id.is_not(None),  # answers to visitors; imports and drafts are used elsewhere
        LedgerEntry.created_at > now() - WINDOW,
    )
    total, free = (await session.execute(answers)).one()
    return Account(balance, held, total, free)


async def page_of(session: AsyncSession, workspace_id: str, before: str | None) -> Page:
    """A page of the ledger, newest first; ``before`` is the ``older`` of the page before it, or None."""
    entries = await ledger.statement(session, workspace_id, before=_position(before), limit=PAGE + 1)
    shown = entries[:PAGE]
    titles = await _titles(session, workspace_id, shown)
    older = _cursor(shown[-1]) if len(entries) > PAGE else None
    return Page([_line(entry, titles) for entry in shown], older)


def price_of(model: str) -> str:
    """How a price comes about, in one sentence."""
    price = pricing.PRICES.get(model, pricing.DEFAULT)
    return (
        f"An answer straight from your FAQ is free; one written by the model ({model}) costs its prompt tokens plus"
        f" {price.weight} × its answer tokens, one credit per {price.tokens_per_credit:,}, rounded up,"
        f" from 1 to {pricing.CAP} credits."
    )


async def _titles(session: AsyncSession, workspace_id: str, entries: Sequence[LedgerEntry]) -> dict[str, str]:
    ids = {_entry_id(entry) for entry in entries} - {None}
    query = select(Entry.id, Entry.question).where(Entry.workspace_id == workspace_id, Entry.id.in_(ids))
    return dict((await session.execute(query)).all())


def _entry_id(entry: LedgerEntry) -> str | None:
    found = entry.detail.get("entries")
    return str(found[0]) if isinstance(found, list) and found else None


def _line(entry: LedgerEntry, titles: dict[str, str]) -> Line:
    detail = entry.detail
    tokens = ""
    if "prompt_tokens" in detail:
        tokens = f"{detail['prompt_tokens']:,} in, {detail.get('completion_tokens', 0):,} out"
    return Line(
        at=entry.created_at,
        kind=entry.kind,
        kind_label=_WORK.get(str(detail.get("by")), KINDS[entry.kind]),
        what=_what(entry, titles),
        model=str(detail.get("model", "")),
        tokens=tokens,
        room_id=entry.room_id,
        amount=entry.amount,
        free=entry.kind == "usage" and entry.amount == 0,
    )


def _what(entry: LedgerEntry, titles: dict[str, str]) -> str:
    if entry.kind != "usage":
        return str(entry.detail.get("note") or entry.reference)
    title, detail = titles.get(_entry_id(entry) or ""), entry.detail
    by = detail.get("by")
    if by == "faq":
        said = f"From the FAQ: {title}" if title else "From the FAQ"
    elif by == "model":
        said = f"By the model, from: {title}" if title else "By the model"
    elif by == "rule":
        said = "By a rule of yours"
    elif by == "playground":
        said = "Tried out in the playground"
    elif by == "import":
        said = f"Read into entries: {detail.get('name', '')}"
    elif by == "draft":
        said = f"{_DRAFTED.get(str(detail.get('task')), 'Written by the model for')}: {detail.get('name', '')}"
    else:
        said = "No entry fitted: the bot said so"
    ended = _ENDED.get(str(detail.get("ended")))
    return f"{said} ({ended})" if ended else said


def _cursor(entry: LedgerEntry) -> str:
    return f"{int(entry.created_at.timestamp() * 1_000_000)}-{entry.id}"


def _position(cursor: str | None) -> tuple[datetime, str] | None:
    """The place that :func:`_cursor` named; None, the newest, for anything else."""
    micros, _, entry_id = (cursor or "").partition("-")
    if not (micros.isascii() and micros.isdecimal() and len(micros) <= 16 and entry_id.isalnum()):
        return None
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(micros)), entry_id
