"""What another caution would have made of the last questions that visitors really asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import Database
from engine.models import Domain, Message, Room
from engine.ports import Ask, Band
from knowledge import port
from knowledge.calibration import SURE_OF_SAME, band_of, lines_of
from knowledge.models import KnowledgeSettings
from knowledge.smalltalk import is_small_talk

LAST = 200  # questions that are looked at
CHOICES = (10, 30, 50, 70, 90)  # cautions that are shown beside the one in force
EXAMPLES = 8  # of what would change
NAMES = {10: "Bold", 30: "Open", 50: "As calibrated", 70: "Careful", 90: "Very careful"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that a visitor asked, and how probably its best entry is right."""

    text: str
    room_id: str
    confidence: float
    entry: str


@dataclass(frozen=True, slots=True)
class Column:
    """What one caution would have done to the questions: how many were answered from the FAQ, given to the model,
    declined; and how many of them differently than now."""

    caution: int
    words: str
    faq: int
    model: int
    declined: int
    changed: tuple[tuple[Asked, Band, Band], ...]


def in_words(caution: int) -> str:
    """What a caution means, for people."""
    lines = lines_of(caution)
    high = min(lines.high, SURE_OF_SAME)
    return f"Answers by itself from {_tenths(high)} sure, says 'I don't know' below {_tenths(lines.low)}."


async def settings_of(session: AsyncSession, workspace_id: str, domain_id: str) -> KnowledgeSettings:
    """The domain's settings; the usual ones where it has none yet."""
    found = await session.get(KnowledgeSettings, domain_id)
    usual = {"caution": 50, "embeddings": "off", "publish_check": False, "ask_in_first_reply": False, "country": "US"}
    return found or KnowledgeSettings(domain_id=domain_id, workspace_id=workspace_id, **usual)


async def asked(db: Database, workspace_id: str, domain_id: str) -> list[Asked]:
    """The last questions of visitors of this domain, newest first, as its knowledge of now judges them."""
    async with db.read() as session:
        mine = (Room.workspace_id == workspace_id, Room.domain_id == domain_id, Message.author == "visitor")
        query = select(Message.text, Message.room_id).join(Room, Room.id == Message.room_id).where(*mine)
        rows = (await session.execute(query.order_by(Message.created_at.desc()).limit(2 * LAST))).all()
        version = await session.scalar(select(Domain.knowledge_version).where(Domain.id == domain_id)) or 0
    found = []
    for text, room_id in rows:
        if is_small_talk(text):
            continue
        judged = await port.judged(db, Ask(workspace_id, domain_id, version, text), ())
        best = judged.facts[0].question if judged.facts else ""
        found.append(Asked(text, room_id, judged.confidence, best))
        if len(found) == LAST:
            break
    return found


def columns(found: Sequence[Asked], now: int) -> list[Column]:
    """The choices and the caution in force, in order."""
    return [_column(found, caution, now) for caution in sorted({*CHOICES, now})]


def _column(found: Sequence[Asked], caution: int, now: int) -> Column:
    bands = [(each, band_of(each.confidence, now), band_of(each.confidence, caution)) for each in found]
    then = [band for _, _, band in bands]
    changed = tuple(each for each in bands if each[1] is not each[2])
    counts = (then.count(Band.SURE), then.count(Band.BETWEEN), then.count(Band.UNSURE))
    return Column(caution, in_words(caution), *counts, changed)


def _tenths(chance: float) -> str:
    return f"{chance:.0%}"
