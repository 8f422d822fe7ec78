"""The hours and the message form of a domain's bots, read and changed; every query is scoped (R10)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine import hours
from engine.addresses import address
from engine.db import now
from engine.models import Bot
from knowledge import changes
from knowledge.changes import Owner
from knowledge.entries import NotFound

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
USUAL: Final = ("09:00-17:00",) * 5 + ("", "")
CONSENT: Final = 1_000  # characters


@dataclass(frozen=True, slots=True)
class HoursBot:
    """A bot as the form shows it. ``days``: one exception a line. ``opens``: the next opening, while it is closed."""

    id: str
    name: str
    limited: bool
    zone: str
    week: tuple[str, ...]
    days: str
    consent: str
    consent_first: bool
    mail_to: str
    open: bool = True
    opens: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a form asks for: ``hours`` as they are stored, None for always."""

    hours: dict[str, Any] | None
    consent: str
    consent_first: bool
    mail_to: str


async def bots(session: AsyncSession, owner: Owner) -> list[HoursBot]:
    """The domain's bots, the oldest first."""
    query = select(Bot).where(*_mine(owner)).order_by(Bot.created_at, Bot.id)
    return [_shown(bot) for bot in await session.scalars(query)]


def wish(fields: Mapping[str, str]) -> Wish:
    """What a form's ``fields`` say; raises :class:`engine.hours.Unclear`."""
    mail_to = fields.get("mail_to", "").strip()
    known = address(mail_to) if mail_to else ""
    if known is None:
        raise hours.Unclear("The address for questions is not one e-mail address.")
    stored = None
    if fields.get("limited"):
        days = [line.split(maxsplit=1) for line in fields.get("days", "").splitlines() if line.strip()]
        stored = {
            "zone": fields.get("zone", "").strip(),
            "week": [fields.get(f"day{number}", "").strip() for number in range(7)],
            "days": {line[0]: "" if len(line) == 1 or line[1].strip() == "closed" else line[1] for line in days},
        }
        hours.read(stored)
    return Wish(stored, fields.get("consent", "").strip()[:CONSENT], bool(fields.get("consent_first")), known)


async def save(session: AsyncSession, owner: Owner, bot_id: str, wished: Wish) -> str:
    """Give a bot of the domain these hours; its name. Another consent is another version. One line in the log. Raises
    :class:`~knowledge.entries.NotFound`."""
    bot = await session.scalar(select(Bot).where(Bot.id == bot_id, *_mine(owner)))
    if bot is None:
        raise NotFound
    version = bot.consent_version + (bot.consent != wished.consent)
    values = asdict(wished)
    before = {name: getattr(bot, name) for name in values}
    if before != values:
        await session.execute(update(Bot).where(Bot.id == bot.id).values(**values, consent_version=version))
        await changes.record(session, owner, "bot.hours", bot.id, {"before": before, "after": values})
    return bot.name


def _shown(bot: Bot) -> HoursBot:
    stored = bot.hours or {"zone": "UTC", "week": list(USUAL), "days": {}}
    days = "\n".join(f"{day} {spans or 'closed'}" for day, spans in sorted(stored["days"].items()))
    at, known = now(), hours.read(bot.hours) if bot.hours else None
    return HoursBot(
        bot.id, bot.name, bot.hours is not None, stored["zone"], tuple(stored["week"]), days, bot.consent,
        bot.consent_first, bot.mail_to,
        known is None or known.open_at(at), known.opens_after(at) if known and not known.open_at(at) else None,
    )  # fmt: skip


def _mine(owner: Owner) -> tuple[Any, ...]:
    return Bot.workspace_id == owner.workspace_id, Bot.domain_id == owner.domain_id
