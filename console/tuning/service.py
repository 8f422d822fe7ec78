"""What a caution means, and what it would have made of the last questions that visitors really asked. The questions are
judged once; a caution only draws other lines through their probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from engine.db import Database
from engine.ports import Band
from knowledge import asked
from knowledge.calibration import SURE_OF_SAME, band_of, lines_of
from knowledge.models import KnowledgeSettings

LAST = 200  # questions that are looked at
CHOICES = (10, 30, 50, 70, 90)  # cautions that are shown beside the one in force
EXAMPLES = 8  # of what would change
STEP = 5  # of the slider
NAMES = {10: "Bold", 30: "Open", 50: "As calibrated", 70: "Careful", 90: "Very careful"}
BANDS = {Band.SURE: "from the FAQ", Band.BETWEEN: "by the model", Band.UNSURE: "I don't know"}


@dataclass(frozen=True, slots=True)
class Question:
    """A question that a visitor asked, and how probably its best entry (``entry``, its question) is right."""

    text: str
    room_id: str
    confidence: float
    entry: str


@dataclass(frozen=True, slots=True)
class Change:
    """A question that another caution would have treated differently: who speaks now, and who would."""

    question: Question
    before: str
    after: str

    @property
    def words(self) -> str:
        sure = (
            f"{self.question.confidence:.0%} sure of “{self.question.entry}”" if self.question.entry else "nothing near"
        )
        return f"{self.before} → {self.after}; {sure}"


@dataclass(frozen=True, slots=True)
class Column:
    """What one caution would have done to the questions: how many were answered from the FAQ, given to the model,
    declined; and which of them differently than now."""

    caution: int
    words: str
    faq: int
    model: int
    declined: int
    changed: tuple[Change, ...]


def in_words(caution: int) -> str:
    """What a caution means, for people."""
    lines = lines_of(caution)
    return (
        f"Answers from the FAQ when it is at least {_of_ten(min(lines.high, SURE_OF_SAME))} sure, asks the model from "
        f"{_of_ten(lines.low)} on, and else says that it does not know."
    )


async def settings_of(session: AsyncSession, workspace_id: str, domain_id: str) -> KnowledgeSettings:
    """The domain's settings; the usual ones where it has none yet."""
    found = await session.get(KnowledgeSettings, domain_id)
    usual = {"caution": 50, "embeddings": "off", "publish_check": False, "ask_in_first_reply": False, "country": "US"}
    return found or KnowledgeSettings(domain_id=domain_id, workspace_id=workspace_id, **usual)


async def questions(db: Database, workspace_id: str, domain_id: str) -> list[Question]:
    """The last questions of visitors of this domain, newest first, as its knowledge of now judges them."""
    async with db.read() as session:
        found = await asked.recent(session, workspace_id, domain_id, LAST)
    return [
        Question(each.text, each.room_id, judged.confidence, judged.facts[0].question if judged.facts else "")
        for each, judged in await asked.judged(db, workspace_id, domain_id, found)
    ]


def columns(found: Sequence[Question], now: int) -> list[Column]:
    """The choices and the caution in force, in order."""
    return [column(found, caution, now) for caution in sorted({*CHOICES, now})]


def steps(found: Sequence[Question], now: int) -> list[Column]:
    """Every step of the slider."""
    return [column(found, caution, now) for caution in range(0, 101, STEP)]


def column(found: Sequence[Question], caution: int, now: int) -> Column:
    """What ``caution`` would have done, against the one in force."""
    bands = [(each, band_of(each.confidence, now), band_of(each.confidence, caution)) for each in found]
    then = [band for _, _, band in bands]
    counts = (then.count(Band.SURE), then.count(Band.BETWEEN), then.count(Band.UNSURE))
    changed = [Change(each, BANDS[old], BANDS[new]) for each, old, new in bands if old is not new]
    return Column(caution, in_words(caution), *counts, tuple(changed))


def _of_ten(chance: float) -> str:
    """A probability as people say it: 8 in 10, or 72 in 100 where tenths would be too coarse."""
    hundredths = round(chance * 100)
    return f"{hundredths // 10} in 10" if hundredths % 10 == 0 else f"{hundredths} in 100"
