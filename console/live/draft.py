"""A reply drafted from the FAQ, for an agent to read, change and send: what the bot would find for what was asked."""

import re
from typing import Any, Final

from sqlalchemy import select

from engine.db import Database
from engine.models import Domain, Message, Room
from engine.ports import Ask, Band, Knowledge

LENGTH: Final = 3_900  # characters of a draft, below what a message may have
_LINK: Final = re.compile(r"!?\[([^\]]*)\]\(([^)\s]*)[^)]*\)")
_MARKS: Final = re.compile(r"\*\*|__|`|^#+\s+", re.MULTILINE)


async def draft(db: Database, knowledge: Knowledge, workspace_id: str, room_id: str) -> dict[str, Any] | None:
    """``{text, title, sure}`` for the visitor's last words, empty where nothing fits; None for a room that is not
    of the workspace (R10). Nothing is stored, no model is asked."""
    asked = (
        select(Message.text)
        .where(Message.room_id == room_id, Message.author == "visitor", Message.text != "")
        .order_by(Message.position.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(Room.domain_id, Room.revision, Domain.knowledge_version, asked.label("text"))
        .join(Domain, Domain.id == Room.domain_id)
        .where(Room.id == room_id, Room.workspace_id == workspace_id)
    )
    async with db.read() as session:
        row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    if row.text:
        ask = Ask(workspace_id, row.domain_id, row.knowledge_version, row.text, room_id, row.revision + 1)
        found = await knowledge.recall(db, ask)
        if found.facts and found.band is not Band.UNSURE:
            best = found.facts[0]
            return {"text": plain(best.answer), "title": best.question, "sure": found.band is Band.SURE}
    return {"text": "", "title": "", "sure": False}


def plain(text: str) -> str:
    """Markdown as one would write it by hand: agents' messages are shown as they are."""
    return _MARKS.sub("", _LINK.sub(_said, text)).strip()[:LENGTH]


def _said(link: re.Match[str]) -> str:
    words, address = link[1].strip(), link[2]
    return words if not address or words == address else f"{words} ({address})" if words else address
