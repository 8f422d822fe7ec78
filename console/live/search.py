"""Search over what was said, and noted, in a workspace's rooms (R10)."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Subquery, and_, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from engine.models import Message, Note, Room

WORDS: Final = 10
LENGTH: Final = 200  # characters of what is searched for
ROOMS: Final = 5_000  # of the workspace, those that changed last: nothing older is looked into
PAGE: Final = 20
EXCERPT: Final = 160  # characters
TITLE: Final = 80
ROWS: Final = 1_000  # hits that are read for one page's excerpts


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the time of its last room's newest hit, and that room."""

    at: datetime
    room: str


def words_of(text: str) -> list[str]:
    return text[:LENGTH].split()[:WORDS]


def cursor_of(text: str) -> Cursor | None:
    """What :func:`find` gave as ``more``; None for anything else."""
    at, _, room = text.partition(" ")
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return None
    return Cursor(found, room) if room and found.tzinfo else None


async def find(session: AsyncSession, workspace_id: str, text: str, after: Cursor | None = None) -> dict[str, Any]:
    """The rooms in which one message or note has all the words, the newest hit first, ``PAGE`` at a time:
    ``{found: [{room, title, excerpt, at, author}], more}``. Upper and lower case are the same; beyond ASCII, where
    databases differ, in words that are written all in one or capitalized."""
    words = words_of(text)
    if not words:
        return {"found": [], "more": None}
    hits = _hits(workspace_id, words)
    newest = func.max(hits.c.at)
    query = select(hits.c.room_id, newest.label("at")).group_by(hits.c.room_id)
    if after is not None:
        query = query.having(or_(newest < after.at, and_(newest == after.at, hits.c.room_id > after.room)))
    rows = (await session.execute(query.order_by(newest.desc(), hits.c.room_id).limit(PAGE + 1))).all()
    page = rows[:PAGE]
    if not page:
        return {"found": [], "more": None}
    shown = await _shown(session, hits, [row.room_id for row in page])
    found = [shown[row.room_id] | {"room": row.room_id} for row in page]
    more = f"{page[-1].at.isoformat()} {page[-1].room_id}" if len(rows) > PAGE else None
    first = re.compile("|".join(re.escape(word) for word in words), re.IGNORECASE)
    return {"found": [each | {"excerpt": excerpt(each.pop("text"), first)} for each in found], "more": more}


def excerpt(text: str, words: re.Pattern[str]) -> str:
    """At most ``EXCERPT`` characters of ``text`` around the first of the words."""
    line = " ".join(text.split())
    hit = words.search(line)
    start = max(0, min(hit.start() - EXCERPT // 3 if hit else 0, len(line) - EXCERPT))
    end = start + EXCERPT
    before, after = start > 0, end < len(line)
    return "…" * before + line[start + before : end - after] + "…" * after


def _hits(workspace_id: str, words: list[str]) -> Subquery:
    recent = select(Room.id).where(Room.workspace_id == workspace_id).order_by(Room.updated_at.desc()).limit(ROOMS)
    rooms = recent.subquery()
    said = select(Message.room_id, Message.text, Message.created_at.label("at"), Message.author, Message.name).where(
        Message.room_id.in_(select(rooms.c.id)),
        Message.author.in_(("visitor", "bot", "agent")),
        *[_has(Message.text, word) for word in words],
    )
    noted = select(
        Note.room_id, Note.text, Note.created_at.label("at"), literal("note").label("author"), Note.name
    ).where(
        Note.workspace_id == workspace_id,
        Note.room_id.in_(select(rooms.c.id)),
        *[_has(Note.text, word) for word in words],
    )
    return union_all(said, noted).subquery("hits")


def _has(column: Any, word: str) -> Any:
    """Does the text have this word, whatever its case? ``%`` and ``_`` are characters like others."""
    forms = {word, word.lower(), word.upper(), word.capitalize()} if not word.isascii() else {word}
    return or_(*[column.icontains(form, autoescape=True) for form in sorted(forms)])


async def _shown(session: AsyncSession, hits: Subquery, room_ids: list[str]) -> dict[str, dict[str, Any]]:
    """Each room's newest hit, with the room's first words."""
    first = select(Message.text).where(Message.room_id == hits.c.room_id, Message.author == "visitor")
    title = first.where(Message.text != "").order_by(Message.position).limit(1).scalar_subquery()
    query = select(hits, title.label("title")).where(hits.c.room_id.in_(room_ids)).order_by(hits.c.at.desc())
    found: dict[str, dict[str, Any]] = {}
    for row in (await session.execute(query.limit(ROWS))).all():
        values = {"title": " ".join((row.title or "").split())[:TITLE], "text": row.text, "at": row.at.isoformat()}
        found.setdefault(row.room_id, values | {"author": row.name or row.author})
    return found
