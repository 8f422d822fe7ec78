"""Canned replies, the workspace's and everybody's own; every query is scoped (R10)."""

import re
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from console.access import audit
from console.access.doors import Forbidden, Membership, NotFound
from engine.models import Canned, Member, Workspace

MOST: Final = 500  # of the workspace, and of each member
TEXT: Final = 4_000  # characters, as a message may have (engine/protocol.py: TEXT_LIMIT)
_SHORTCUT: Final = re.compile(r"[\w-]{1,40}\Z")


class Unclear(Exception):
    """The form cannot be saved; the text says why."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a form asks for. ``shared``: for the whole workspace."""

    shortcut: str
    text: str
    shared: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """A canned reply as a member sees it. ``changeable``: by them."""

    id: str
    shortcut: str
    text: str
    mine: bool
    changeable: bool


async def of(session: AsyncSession, at: Membership) -> list[Reply]:
    """What the member can use, by shortcut; of two the same their own first."""
    query = select(Canned).where(*_theirs(at)).order_by(Canned.shortcut, Canned.member_id.is_(None), Canned.id)
    return [_shown(each, at) for each in await session.scalars(query)]


async def one(session: AsyncSession, at: Membership, canned_id: str) -> Reply:
    """Raises :class:`~console.access.doors.NotFound`, also for what is somebody else's own."""
    found = await session.scalar(select(Canned).where(Canned.id == canned_id, *_theirs(at)))
    if found is None:
        raise NotFound
    return _shown(found, at)


def wish(shortcut: str, text: str, *, shared: bool) -> Wish:
    """What a form says; raises :class:`Unclear`."""
    name = shortcut.strip().lstrip("/").lower()
    if not _SHORTCUT.match(name):
        raise Unclear("A shortcut is one word of at most 40 letters, digits, - and _.")
    if not 0 < len(text) <= TEXT:
        raise Unclear(f"The reply has 1 to {TEXT:,} characters.")
    return Wish(name, text, shared)


async def add(session: AsyncSession, at: Membership, user_id: str, wished: Wish) -> None:
    """Raises :class:`Unclear`, and :class:`~console.access.doors.Forbidden` who may not write for all."""
    _may(at, shared=wished.shared)
    await _alone(session, at, shared=wished.shared)
    whose = None if wished.shared else at.member_id
    held = (Canned.workspace_id == at.workspace_id, Canned.member_id == whose)
    if (await session.execute(select(func.count()).where(*held))).scalar_one() >= MOST:
        raise Unclear(f"There are {MOST} already. Delete one that is not used.")
    await _free(session, at, wished)
    kept = Canned(workspace_id=at.workspace_id, member_id=whose, shortcut=wished.shortcut, text=wished.text)
    session.add(kept)
    await session.flush()
    await audit.record(session, at.workspace_id, user_id, "canned.add", kept.id, {"after": _told(wished)})


async def change(session: AsyncSession, at: Membership, user_id: str, canned_id: str, wished: Wish) -> None:
    """Another shortcut or text; whose it is stays. Raises as :func:`add` and :func:`one`."""
    found = await one(session, at, canned_id)
    wished = Wish(wished.shortcut, wished.text, not found.mine)
    _may(at, shared=wished.shared)
    await _alone(session, at, shared=wished.shared)
    await _free(session, at, wished, but=canned_id)
    values = {"shortcut": wished.shortcut, "text": wished.text}
    if values != {"shortcut": found.shortcut, "text": found.text}:
        await session.execute(update(Canned).where(Canned.id == canned_id, *_theirs(at)).values(**values))
        before = {"shortcut": found.shortcut, "text": found.text}
        await audit.record(
            session, at.workspace_id, user_id, "canned.change", canned_id, {"before": before, "after": values}
        )


async def drop(session: AsyncSession, at: Membership, user_id: str, canned_id: str) -> str:
    """Its shortcut. Raises as :func:`one`, and Forbidden who may not write for all."""
    found = await one(session, at, canned_id)
    _may(at, shared=not found.mine)
    await session.execute(delete(Canned).where(Canned.id == canned_id, *_theirs(at)))
    before = {"shortcut": found.shortcut, "text": found.text}
    await audit.record(session, at.workspace_id, user_id, "canned.delete", canned_id, {"before": before})
    return found.shortcut


async def _alone(session: AsyncSession, at: Membership, *, shared: bool) -> None:
    """Until the transaction ends nobody else changes the same list: two saves of one moment cannot both be the last
    that fits, or have the same shortcut."""
    whose = select(Workspace.id).where(Workspace.id == at.workspace_id) if shared else _member(at)
    await session.execute(whose.with_for_update(key_share=True))


def _member(at: Membership) -> Select[str]:
    return select(Member.id).where(Member.id == at.member_id)


async def _free(session: AsyncSession, at: Membership, wished: Wish, but: str = "") -> None:
    whose = Canned.member_id.is_(None) if wished.shared else Canned.member_id == at.member_id
    query = select(Canned.id).where(Canned.workspace_id == at.workspace_id, whose, Canned.shortcut == wished.shortcut)
    if (taken := (await session.scalars(query)).first()) is not None and taken != but:
        raise Unclear(f"/{wished.shortcut} is there already.")


def _may(at: Membership, *, shared: bool) -> None:
    if shared and not at.may_lead:
        raise Forbidden


def _theirs(at: Membership) -> tuple[Any, ...]:
    return Canned.workspace_id == at.workspace_id, or_(Canned.member_id.is_(None), Canned.member_id == at.member_id)


def _shown(each: Canned, at: Membership) -> Reply:
    mine = each.member_id is not None
    return Reply(each.id, each.shortcut, each.text, mine, mine or at.may_lead)


def _told(wished: Wish) -> dict[str, Any]:
    return {"shortcut": wished.shortcut, "text": wished.text, "shared": wished.shared}
