"""What an agent said where the bot did not know: an answer to begin with, without what was meant for one visitor."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from engine.models import Message, Room
from knowledge.smalltalk import is_small_talk

MOST_MESSAGES = 5  # of an agent after the question that are looked at: further on it is about something else
SHORTEST = 12  # characters that answer anything

_OPENINGS = re.compile(
    r"(?:(?:hi|hello|hey|hallo|dear|good (?:morning|afternoon|evening|day))(?: \w+){0,2} ?[.!?,\n]"
    r"|(?:thanks|thank you)(?: (?:for|so|very)\b[^.!?\n]{0,60})?[.!?,\n]"
    r"|(?:i['’]?m|this is|my name is) \w+(?: from [^.!?\n]{1,40}| here)?[.!?,\n]"
    r"|sorry (?:for|about) the (?:wait|delay)[^.!?\n]{0,40}[.!?\n]|(?:great|good) question[.!\n]"
    r"|(?:let me|i['’]ll|i will) (?:check|look|see)[^.!?\n]{0,60}[.!?\n])\s*",
    re.IGNORECASE,
)
_CLOSINGS = re.compile(
    r"\s*(?:(?:is there )?anything else[^.!?\n]{0,60}[.!?]?|(?:please )?(?:let me|let us) know if[^.!?\n]{0,80}[.!?]?"
    r"|(?:i )?hope (?:this|that) helps[^.!?\n]{0,20}[.!?]?|have a (?:nice|good|great|lovely)[^.!?\n]{0,30}[.!?]?"
    r"|(?:kind |best |warm )?regards,?[^.!?\n]{0,40}|cheers,?[^.!?\n]{0,20}[.!]?|(?:many )?thanks[.!]?)\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Failed:
    """An answer that failed a visitor: the ids of the entries it came from, and what an agent said after it ("" where
    nobody answered)."""

    entries: tuple[str, ...]
    reply: str


async def after(session: AsyncSession, workspace_id: str, answer_ids: Sequence[str]) -> dict[str, Failed]:
    """By the id of an answer that failed, what came of it; in two statements, however many there are. Rooms of other
    workspaces are not looked into (R10)."""
    mine = select(Message.id, Message.sources).join(Room, Room.id == Message.room_id)
    query = mine.where(Message.id.in_(answer_ids), Room.workspace_id == workspace_id)
    sources = {
        id: tuple(str(each.get("id", "")) for each in found) for id, found in (await session.execute(query)).all()
    }
    said = await replies(session, workspace_id, list(sources))
    return {id: Failed(found, said.get(id, "")) for id, found in sources.items()}


async def replies(session: AsyncSession, workspace_id: str, answer_ids: Sequence[str]) -> dict[str, str]:
    """By the id of an answer that failed, the first thing that an agent said to it and that answers something."""
    failed, later = aliased(Message), aliased(Message)
    query = (
        select(failed.id, later.text)
        .join(Room, Room.id == failed.room_id)
        .join(later, later.room_id == failed.room_id)
        .where(failed.id.in_(answer_ids), Room.workspace_id == workspace_id)
        .where(later.author == "agent", later.position > failed.position)
        .order_by(failed.id, later.position)
    )
    heard: dict[str, list[str]] = {}
    for answer_id, text in (await session.execute(query)).all():
        heard.setdefault(answer_id, []).append(text)
    answers = {id: next(filter(None, map(cleaned, texts[:MOST_MESSAGES])), "") for id, texts in heard.items()}
    return {id: answer for id, answer in answers.items() if answer}


def cleaned(said: str) -> str:
    """``said`` without greeting, thanks and farewell; empty where nothing is left that answers anything, or where it
    asks something back."""
    text = said.strip()
    while opened := _OPENINGS.match(text):
        text = text[opened.end() :]
    while (shorter := _CLOSINGS.sub("", text)) != text:
        text = shorter
    text = text.strip()
    if len(text) < SHORTEST or text.endswith("?") or is_small_talk(text):
        return ""
    return text[0].upper() + text[1:]
