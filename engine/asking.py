"""The filtered question that is open in a room: asked, answered, declined or let go, one at a time.

What a question is and whether words answer it is knowledge's to say; that it is part of the room's lasting state, with
a revision like every other change, is said here.
"""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from engine import protocol as wire
from engine.locked import Locked
from engine.ports import Knowledge, Moment, Noted, Whose

CLOSES: Final = ("answered", "declined", "given_up")


async def ask(
    session: AsyncSession, knowledge: Knowledge, room: Locked, moment: Moment, name: str | None = None
) -> bool:
    """Ask the question that is due now, if one is and none is open; ``name`` is the bot's."""
    if room.question is not None and not room.question.get("again"):
        return False
    found = await knowledge.next_question(session, whose(room), moment)
    if found is None:
        return False
    room.question = dict(found)
    question = room.asked_question()
    assert question is not None
    text = f"{question.text}\n\n{question.consent}" if question.consent else question.text
    message = room.add("bot", text, name=name)
    asked = wire.QuestionAsked(
        room=room.id, revision=room.revision, question=question, message=message, state=room.state()
    )
    room.events.append(asked)
    return True


async def heard(
    session: AsyncSession, knowledge: Knowledge, room: Locked, text: str | None, *, typed: bool
) -> Noted | None:
    """What ``text`` was to the open question; None when none is open. Closed, the room says so."""
    if room.question is None:
        return None
    noted = await knowledge.note(session, whose(room), text, typed=typed)
    if noted.outcome in CLOSES:
        close(room, noted)
    elif noted.open is not None and dict(noted.open) != room.question:
        room.question = dict(noted.open)  # how often it was asked: nothing that a client shows
        room.changed = True
    return noted


def say(room: Locked, text: str, name: str | None = None) -> None:
    """A short word of the bot's that is no answer."""
    message = room.add("bot", text, name=name)
    room.events.append(wire.MessageCreated(room=room.id, revision=room.revision, message=message))


def close(room: Locked, noted: Noted) -> None:
    """The open question was answered, declined or let go."""
    assert room.question is not None
    assert noted.outcome in CLOSES
    question_id, room.question = str(room.question["id"]), None
    room.bump()
    closed = wire.QuestionAnswered(
        room=room.id, revision=room.revision, question_id=question_id, outcome=noted.outcome, state=room.state()
    )
    room.events.append(closed)


def whose(room: Locked) -> Whose:
    return Whose(
        room.workspace_id,
        room.domain_id,
        room.id,
        room.visitor_id,
        room.knowledge_version,
        room.question,
        room.language,
    )
