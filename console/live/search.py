"""Search over what was said and noted in a workspace's rooms.

SQLite and PostgreSQL do not agree on upper and lower case beyond ASCII, so the words are compared here, over a window
of bounded size, and mean the same on both. The window's rows come newest first and in pieces: it is left as soon as a
page is full, and between two pieces other tasks have their turn.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from console.live.words import excerpt, has_all
from engine import desk
from engine.models import Message, Note, Room

PAGE: Final = 20  # rooms
PIECE: Final = 500  # rows that are read and compared at once


@dataclass(frozen=True, slots=True)
class Window:
    """What is looked through: of the ``rooms`` that changed last the newest ``depth`` revisions, and of all said and
    noted in these the newest ``texts``."""

    rooms: int = 2_000
    depth: int = 500
    texts: int = 20_000


WINDOW: Final = Window()


class Place(NamedTuple):
    """Where a hit stands in the order of all: its time in µs since 1970, then its room."""

    at: int
    room_id: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A room's newest text that has all the words. ``author``: visitor, agent, bot, or note for a private one."""

    room_id: str
    text: str
    at: datetime
    author: str

    @property
    def place(self) -> Place:
        return Place((self.at - _EPOCH) // timedelta(microseconds=1), self.room_id)


def cursor(place: Place) -> str:
    return f"{place.at}-{place.room_id}"


def place_of(text: str) -> Place | None:
    """What :func:`cursor` wrote; None for anything else."""
    found = _CURSOR.fullmatch(text)
    return Place(int(found[1]), found[2]) if found else None


async def find(
    session: AsyncSession,
    workspace_id: str,
    words: Sequence[str],
    before: Place | None = None,
    window: Window = WINDOW,
) -> dict[str, Any]:
    """The rooms in which one message or note has all the ``words``, whatever their case, the newest hit first and each
    room once: ``{found: [{room, title, excerpt, at, author}], more}``, where ``more`` is the cursor of the next page or
    None. Nothing is found outside the ``window``. A room that speaks again between two pages is on none of them twice.
    """
    hits = await _hits(session, _texts(workspace_id, window), words, before) if words else []
    page = hits[:PAGE]
    titles = {
        line.room: line.title
        for owner, _, line in await desk.lines(session, [hit.room_id for hit in page])
        if owner == workspace_id
    }
    found = [
        {
            "room": hit.room_id,
            "title": titles[hit.room_id],
            "excerpt": excerpt(hit.text, words),
            "at": hit.at.isoformat(),
            "author": hit.author,
        }
        for hit in page
        if hit.room_id in titles  # one that was deleted meanwhile has no title
    ]
    return {"found": found, "more": cursor(page[-1].place) if len(hits) > PAGE else None}


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR: Final = re.compile(r"([0-9]{1,17})-([0-9a-f]{32})")


async def _hits(session: AsyncSession, texts: Select[Any], words: Sequence[str], before: Place | None) -> list[Hit]:
    """One page of them and one more, if there is one. A room counts with its newest hit alone, also where that is on
    an earlier page."""
    seen: set[str] = set()
    hits: list[Hit] = []
    rows = await session.stream(texts, execution_options={"yield_per": PIECE})
    try:
        async for piece in rows.partitions():
            for row in piece:
                if row.room_id in seen or not has_all(row.text, words):
                    continue
                seen.add(row.room_id)
                hit = Hit(*row)
                if before is None or hit.place < before:
                    hits.append(hit)
                if len(hits) > PAGE:
                    return hits
    finally:
        await rows.close()
    return hits


def _texts(workspace_id: str, window: Window) -> Select[Any]:
    """Newest first, and where times are the same in the order of :class:`Place`."""
    rooms = (
        select(Room.id, Room.revision)
        .where(Room.workspace_id == workspace_id)
        .order_by(Room.updated_at.desc(), Room.id)
        .limit(window.rooms)
        .subquery()
    )
    said = (
        select(Message.room_id, Message.text, Message.created_at, Message.author)
        .join(rooms, rooms.c.id == Message.room_id)
        .where(Message.position > rooms.c.revision - window.depth, Message.author != "system", Message.text != "")
    )
    noted = (
        select(Note.room_id, Note.text, Note.created_at, literal("note").label("author"))
        .join(rooms, rooms.c.id == Note.room_id)
        .where(Note.workspace_id == workspace_id, Note.position > rooms.c.revision - window.depth)
    )
    texts = union_all(said, noted).subquery()
    return select(texts).order_by(texts.c.created_at.desc(), texts.c.room_id.desc()).limit(window.texts)
