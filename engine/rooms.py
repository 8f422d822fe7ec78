"""Rooms: the doors to them, what is posted, and what a client that comes back is missing.

Every lasting change goes one way: ``lock`` the rows, ``bump`` for each change, ``save`` once; the events gathered on
the way are published by the edge after the commit. The one counter, ``revision``, orders, resumes and repairs (R3).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine import protocol as wire
from engine.db import now
from engine.doors import Opening
from engine.locked import CHANGED, Locked, Post, message_from
from engine.models import Domain, Member, Message, Room, User, Visitor, Workspace
from engine.statement import Statement, among

COLUMNS = [
    Room.id,
    Room.workspace_id,
    Room.domain_id,
    Room.bot_id,
    Room.visitor_id,
    Room.revision,
    Room.mode,
    Room.member_id,
    Room.answer_id,
    Room.answer_lease,
    Room.asked,
    Room.unsure,
    Room.waiting_since,
    Room.lease,
    Room.question,
    Room.language,
    Room.episode,
    Room.ended,
    Room.score,
    Room.contact,
    Room.left_at,
    Room.mailed,
    Room.agreed,
    Room.due,
    Room.snoozed_until,
    Room.tag,
    Room.called,
    Room.person,
    Room.context,
    Room.read_visitor,
    Room.read_agent,
    Room.desk_revision,
    Domain.knowledge_version,
]
_SAVED = (
    "revision",
    "mode",
    "member_id",
    "answer_id",
    "answer_lease",
    "asked",
    "unsure",
    "waiting_since",
    "lease",
    "question",
    "language",
    "episode",
    "ended",
    "score",
    "contact",
    "left_at",
    "mailed",
    "agreed",
    "due",
    "snoozed_until",
    "tag",
    "called",
    "person",
    "context",
    "read_visitor",
    "read_agent",
    "desk_revision",
)
_ROOMS: Any = Room.__table__
_MESSAGES: Any = Message.__table__
_DOMAINS: Any = Domain.__table__
_LOCK = Statement(
    lambda sqlite: (
        select(*COLUMNS)
        .join(_DOMAINS, _DOMAINS.c.id == _ROOMS.c.domain_id)
        .where(among(_ROOMS.c.id, "ids", sqlite=sqlite))
        .order_by(_ROOMS.c.id)
        .with_for_update(of=_ROOMS)
    )
)
_KNOWN = Statement(
    lambda sqlite: select(_MESSAGES).where(
        among(_MESSAGES.c.room_id, "rooms", sqlite=sqlite), among(_MESSAGES.c.client_id, "clients", sqlite=sqlite)
    )
)
_FIND = Statement(lambda sqlite: select(_MESSAGES).where(among(_MESSAGES.c.id, "ids", sqlite=sqlite)))
_INSERT = Statement(
    lambda sqlite: _MESSAGES.insert().values({each.name: bindparam(each.name, type_=each.type) for each in _MESSAGES.c})
)
_CHANGE = Statement(lambda sqlite: _update(_MESSAGES, CHANGED))
_SAVE = Statement(lambda sqlite: _update(_ROOMS, (*_SAVED, "updated_at")))


def _update(table: Any, names: Sequence[str]) -> Any:
    values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    return update(table).where(table.c.id == bindparam("the_id")).values(values)


# Changing ------------------------------------------------------------------------------------------------------


async def lock(session: AsyncSession, room_ids: Collection[str], *, first: bool = True) -> dict[str, Locked]:
    """The rooms that exist, their rows locked until the transaction ends, always in the order of their ids. ``first``:
    as nearly always, this is how the transaction begins."""
    found = [locked_from(row) for row in await _LOCK.rows(session, {"ids": sorted(room_ids)}, first=first)]
    locked = {room.id: room for room in found}
    staffed = {room.member_id for room in locked.values() if room.member_id}
    if staffed:
        names = await names_of(session, staffed)
        for room in locked.values():
            room.agent = names.get(room.member_id or "")
    return locked


async def open_missing(session: AsyncSession, locked: dict[str, Locked], wanted: Mapping[str, Opening]) -> None:
    """Make those of the ``wanted`` rooms that are not there yet, and lock them too."""
    openings = [(room_id, opening) for room_id, opening in sorted(wanted.items()) if room_id not in locked]
    if not openings:
        return
    await _insert_new(session, Visitor, [_visitor_row(opening) for _, opening in openings])
    await _insert_new(session, Room, [_room_row(room_id, opening) for room_id, opening in openings])
    locked |= await lock(session, [room_id for room_id, _ in openings], first=False)


async def known(session: AsyncSession, posts: Sequence[Post]) -> dict[tuple[str, str], wire.Message]:
    """Those of ``posts`` that are stored already, by room and client id."""
    wanted = {"rooms": list({post.room_id for post in posts}), "clients": list({post.client_id for post in posts})}
    rows = [_named(row) for row in await _KNOWN.rows(session, wanted)]
    return {(row["room_id"], row["client_id"]): message_from(row) for row in rows}


async def messages(session: AsyncSession, message_ids: Collection[str]) -> dict[str, wire.Message]:
    """The messages with these ids (from our own tables, never from outside)."""
    rows = [_named(row) for row in await _FIND.rows(session, {"ids": list(message_ids)})]
    return {row["id"]: message_from(row) for row in rows}


async def save(session: AsyncSession, locked: Iterable[Locked]) -> None:
    """Write what changed: new messages in one statement, rooms in another."""
    changed = [room for room in locked if room.changed]
    if not changed:
        return
    await _bump_desks(session, changed)
    inserts = [row for room in changed for row in room.inserts]
    if inserts:
        await _INSERT.run(session, inserts)
    updates = [row for room in changed for row in room.updates]
    if updates:
        await _CHANGE.run(session, updates)
    at = now()
    rows = [
        {"the_id": room.id, "new_updated_at": at} | {f"new_{name}": getattr(room, name) for name in _SAVED}
        for room in changed
    ]
    await _SAVE.run(session, rows)


def mark_read(room: Locked, side: wire.Author, revision: int) -> bool:
    """Remember that ``side`` has seen everything up to ``revision``; False when that was known. Who has seen the head
    has seen this mark too: marking it again and again changes nothing."""
    if min(revision, room.revision) <= (room.read_visitor if side == "visitor" else room.read_agent):
        return False
    seen_all = revision >= room.revision
    marked = room.bump()
    if side == "visitor":
        room.read_visitor = marked if seen_all else revision
    else:
        room.read_agent = marked if seen_all else revision
        room.tell_desk = True
    room.events.append(wire.RoomRead(room=room.id, revision=room.revision, state=room.state()))
    return True


async def names_of(session: AsyncSession, member_ids: Collection[str]) -> dict[str, wire.AgentView]:
    found = await session.execute(
        select(Member.id, User.name).join(User, User.id == Member.user_id).where(Member.id.in_(member_ids))
    )
    return {member_id: wire.AgentView(member_id, name) for member_id, name in found.all()}


async def _bump_desks(session: AsyncSession, rooms: list[Locked]) -> None:
    """One desk revision for each room that its workspace's desk must hear of; workspaces in the order of their ids."""
    by_workspace: dict[str, list[Locked]] = {}
    for room in rooms:
        if room.tell_desk:
            by_workspace.setdefault(room.workspace_id, []).append(room)
    for workspace_id in sorted(by_workspace):
        told = by_workspace[workspace_id]
        bumped = await session.execute(
            update(Workspace)
            .where(Workspace.id == workspace_id)
            .values(desk_revision=Workspace.desk_revision + len(told))
            .returning(Workspace.desk_revision)
            .execution_options(synchronize_session=False)
        )
        head = bumped.scalar_one()
        for offset, room in enumerate(reversed(told)):
            room.desk_revision = head - offset


async def _insert_new(session: AsyncSession, table: type[Visitor] | type[Room], rows: list[dict[str, Any]]) -> None:
    """Insert what is not there yet: of two tabs, or two nodes, one opens the room."""
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as upsert
    else:
        from sqlalchemy.dialects.postgresql import insert as upsert  # type: ignore[assignment]
    await session.execute(upsert(table.__table__).on_conflict_do_nothing(), rows)  # type: ignore[arg-type]


def locked_from(row: Any) -> Locked:
    return Locked(*row)


def _named(row: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(_MESSAGES.c.keys(), row, strict=True))


def _visitor_row(opening: Opening) -> dict[str, Any]:
    return {
        "id": opening.visitor_id,
        "workspace_id": opening.door.workspace_id,
        "domain_id": opening.door.domain_id,
        "page": opening.page,
        "locale": opening.locale,
        "created_at": now(),
    }


def _room_row(room_id: str, opening: Opening) -> dict[str, Any]:
    return {
        "id": room_id,
        "workspace_id": opening.door.workspace_id,
        "domain_id": opening.door.domain_id,
        "bot_id": opening.door.bot_id,
        "visitor_id": opening.visitor_id,
        "revision": 0,
        "mode": "bot",
        "unsure": 0,
        "language": opening.language,
        "episode": 0,
        "agreed": 0,
        "tag": "",
        "called": [],
        "person": opening.person,
        "context": opening.context or {},
        "read_visitor": 0,
        "read_agent": 0,
        "desk_revision": 0,
        "created_at": now(),
        "updated_at": now(),
    }
