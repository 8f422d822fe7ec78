"""How a workspace's chats are given out, and to whom which; every query is scoped (R10)."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from console.access import audit
from console.access.doors import DESK, NotFound
from engine.languages import LANGUAGES
from engine.models import Domain, Member, User, Workspace

WAYS: Final = (
    ("queue", "Whoever is quickest takes it"),
    ("even", "It is given to who has the fewest chats"),
)
ANSWER_SECONDS: Final = (15, 3_600)  # for the first word of whom a chat was given to
CAPACITY: Final = (0, 50)  # chats at a time; with 0 nothing is given


class Unclear(Exception):
    """The form cannot be saved; the text says why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``way``: one of ``WAYS``."""

    way: str
    answer_seconds: int


@dataclass(frozen=True, slots=True)
class Share:
    """Which chats a member is given. ``languages`` and ``domains``: empty for all."""

    capacity: int
    languages: list[str]
    domains: list[str]


@dataclass(frozen=True, slots=True)
class Colleague:
    id: str
    name: str
    role: str
    away: bool
    share: Share


async def rule(session: AsyncSession, workspace_id: str) -> Rule:
    query = select(Workspace.routing, Workspace.answer_seconds).where(Workspace.id == workspace_id)
    return Rule(*(await session.execute(query)).one())


async def colleagues(session: AsyncSession, workspace_id: str) -> list[Colleague]:
    """Who may use the desk, by name."""
    query = select(Member, User.name).join(User, User.id == Member.user_id)
    query = query.where(Member.workspace_id == workspace_id, Member.role.in_(DESK)).order_by(User.name, Member.id)
    return [
        Colleague(each.id, name, each.role, each.away, Share(each.capacity, each.languages, each.domains))
        for each, name in (await session.execute(query)).all()
    ]


async def sites(session: AsyncSession, workspace_id: str) -> dict[str, str]:
    """The domains' names by id."""
    query = select(Domain.id, Domain.name).where(Domain.workspace_id == workspace_id).order_by(Domain.name)
    return {row.id: row.name for row in (await session.execute(query)).all()}


def wished_rule(way: str, seconds: str) -> Rule:
    """What a form says; raises :class:`Unclear`."""
    if way not in dict(WAYS):
        raise Unclear("Choose one of the list.")
    return Rule(way, _number(seconds, ANSWER_SECONDS, "The time to answer, in seconds,"))


def wished_share(capacity: str, languages: Collection[str], domains: Collection[str], known: Collection[str]) -> Share:
    """What a form says; ``known``: the workspace's domains. Raises :class:`Unclear`."""
    if not set(languages) <= LANGUAGES.keys() or not set(domains) <= set(known):
        raise Unclear("Choose languages and sites from the list.")
    return Share(_number(capacity, CAPACITY, "The number of chats"), sorted(languages), sorted(domains))


async def set_rule(session: AsyncSession, workspace_id: str, user_id: str, wished: Rule) -> None:
    before = await rule(session, workspace_id)
    if before != wished:
        values = {"routing": wished.way, "answer_seconds": wished.answer_seconds}
        await session.execute(update(Workspace).where(Workspace.id == workspace_id).values(**values))
        detail = {"before": asdict(before), "after": asdict(wished)}
        await audit.record(session, workspace_id, user_id, "routing.rule", workspace_id, detail)


async def set_share(session: AsyncSession, workspace_id: str, user_id: str, member_id: str, wished: Share) -> str:
    """Give that member these chats; their name. Raises :class:`~console.access.doors.NotFound`."""
    found = next((each for each in await colleagues(session, workspace_id) if each.id == member_id), None)
    if found is None:
        raise NotFound
    if found.share != wished:
        mine = update(Member).where(Member.id == member_id, Member.workspace_id == workspace_id)
        await session.execute(mine.values(**asdict(wished)))
        detail = {"before": asdict(found.share), "after": asdict(wished)}
        await audit.record(session, workspace_id, user_id, "routing.share", member_id, detail)
    return found.name


def _number(text: str, bounds: tuple[int, int], what: str) -> int:
    least, most = bounds
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
    if not least <= value <= most:
        raise Unclear(f"{what} must be a number from {least} to {most:,}.")
    return value
