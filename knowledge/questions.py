"""Filtered questions as the owner writes them: add, edit, remove, order. Every change raises the domain's knowledge
version, so that the next message in every process goes by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, get_args

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.codec import clean
from knowledge import entries, replies
from knowledge.entries import Invalid, NotFound
from knowledge.models import QUESTION_LENGTH, Question, Reply

KINDS: Final = ("ask", "block", "route")
MOMENTS: Final = ("start", "after_replies", "before_hand_off")
FIELDS: Final = ("", "name", "email", "phone", "company")
CONDITIONS: Final = ("equals", "not", "contains", "above", "below", "answered", "declined")
MOST_QUESTIONS = 50  # a domain: a visitor who is asked more is gone
MOST_CHOICES, MOST_PATTERNS, MOST_SCORES = 20, 50, 20
CHOICE_LENGTH = 100  # characters of a choice: it is a button
RESPONSE_LENGTH = 2_000
MOST_ASKS, MOST_REPLIES = 5, 50


@dataclass(frozen=True, slots=True)
class Draft:
    """A filtered question as somebody wrote it; the fields are those of :class:`~knowledge.models.Question`."""

    text: str
    kind: str = "ask"
    answer_kind: str = "text"
    choices: tuple[str, ...] = ()
    required: bool = False
    moment: str = "after_replies"
    after_replies: int = 1
    condition: Mapping[str, Any] = field(default_factory=dict)
    most_asks: int = 1
    patterns: tuple[str, ...] = ()
    response: str = ""
    scores: tuple[Mapping[str, Any], ...] = ()
    field: str = ""
    consent: str = ""
    active: bool = True


async def question_of(session: AsyncSession, workspace_id: str, domain_id: str, question_id: str) -> Question:
    """The door: the question with that id in that domain of that workspace, or :class:`NotFound`."""
    mine = (Question.workspace_id == workspace_id, Question.domain_id == domain_id)
    found = await session.scalar(select(Question).where(Question.id == question_id, *mine))
    if found is None:
        raise NotFound
    return found


async def listing(session: AsyncSession, workspace_id: str, domain_id: str) -> list[Question]:
    """A domain's questions in their order; none for a domain of another workspace."""
    mine = (Question.workspace_id == workspace_id, Question.domain_id == domain_id)
    return list(await session.scalars(select(Question).where(*mine).order_by(Question.position, Question.id)))


async def add(session: AsyncSession, workspace_id: str, domain_id: str, draft: Draft) -> Question:
    """A new question, last in order. Raises :class:`Invalid`, and :class:`NotFound` for a foreign domain."""
    draft = cleaned(draft)
    await entries.bump(session, workspace_id, domain_id)
    there = await listing(session, workspace_id, domain_id)
    _check(draft, there, None)
    if len(there) >= MOST_QUESTIONS:
        raise Invalid({"text": f"There are {len(there)} questions already. Remove one first."})
    position = there[-1].position + 1 if there else 0
    added = Question(workspace_id=workspace_id, domain_id=domain_id, position=position, **_columns(draft))
    session.add(added)
    await session.flush()
    return added


async def edit(session: AsyncSession, question: Question, draft: Draft) -> None:
    """``question`` as ``draft`` has it; another consent text is a new version of it. Raises :class:`Invalid`."""
    draft = cleaned(draft)
    await entries.bump(session, question.workspace_id, question.domain_id)
    _check(draft, await listing(session, question.workspace_id, question.domain_id), question)
    if draft.consent != question.consent:
        question.consent_version += 1
    for name, value in _columns(draft).items():
        setattr(question, name, value)
    await session.flush()


async def remove(session: AsyncSession, question: Question) -> None:
    """``question`` is asked no more; what was answered stays, under the question as it was asked. What was asked on
    condition of its answer is switched off: without the condition it would be asked of everybody."""
    await entries.bump(session, question.workspace_id, question.domain_id)
    for other in await listing(session, question.workspace_id, question.domain_id):
        if other.condition.get("question") == question.id:
            other.condition, other.active = {}, False
    await session.delete(question)
    await session.flush()


async def move(session: AsyncSession, question: Question, by: int) -> None:
    """One place up (-1) or down (1)."""
    await entries.bump(session, question.workspace_id, question.domain_id)
    there = await listing(session, question.workspace_id, question.domain_id)
    place = there.index(question)
    there.insert(max(0, place + by), there.pop(place))
    for position, each in enumerate(there):
        each.position = position
    await session.flush()


async def counts(session: AsyncSession, workspace_id: str, domain_id: str) -> dict[str, dict[str, int]]:
    """How often each question was asked to a visitor, by what came of it."""
    query = (
        select(Reply.question_id, Reply.state, func.count())
        .where(Reply.workspace_id == workspace_id, Reply.domain_id == domain_id, Reply.question_id.is_not(None))
        .group_by(Reply.question_id, Reply.state)
    )
    found: dict[str, dict[str, int]] = {}
    for question_id, state, number in (await session.execute(query)).all():
        found.setdefault(str(question_id), {})[state] = number
    return found


def cleaned(draft: Draft) -> Draft:
    """``draft`` trimmed, without what no database should hold, empty and repeated lines left out."""
    return replace(
        draft,
        text=" ".join(clean(draft.text).split()),
        choices=_lines(draft.choices),
        patterns=_lines(draft.patterns),
        response=clean(draft.response),
        consent=clean(draft.consent),
        condition={name: clean(str(value)) for name, value in draft.condition.items()} if draft.condition else {},
    )


def faults(draft: Draft) -> dict[str, str]:
    """What is wrong with a cleaned draft: by field, a sentence its writer can act on. Empty if nothing is."""
    found: dict[str, str] = {}
    for name, value, allowed in (
        ("kind", draft.kind, KINDS),
        ("answer_kind", draft.answer_kind, get_args(replies.Kind)),
        ("moment", draft.moment, MOMENTS),
        ("field", draft.field, FIELDS),
    ):
        if value not in allowed:
            found[name] = "Choose one of the list."
    if not draft.text:
        found["text"] = "Write what the bot should ask." if draft.kind == "ask" else "Give the rule a name."
    elif len(draft.text) > QUESTION_LENGTH:
        found["text"] = f"The text has {len(draft.text)} characters. Shorten it to at most {QUESTION_LENGTH}."
    return found | (_ask_faults(draft) if draft.kind == "ask" else _rule_faults(draft))


def _ask_faults(draft: Draft) -> dict[str, str]:
    found: dict[str, str] = {}
    if draft.answer_kind == "choice" and not 2 <= len(draft.choices) <= MOST_CHOICES:
        found["choices"] = f"Give 2 to {MOST_CHOICES} choices, one a line."
    elif any(len(choice) > CHOICE_LENGTH for choice in draft.choices):
        found["choices"] = f"A choice may have {CHOICE_LENGTH} characters: it is a button."
    if not 1 <= draft.after_replies <= MOST_REPLIES:
        found["after_replies"] = f"A number from 1 to {MOST_REPLIES}."
    if not 1 <= draft.most_asks <= MOST_ASKS:
        found["most_asks"] = f"A number from 1 to {MOST_ASKS}: who did not answer by then will not."
    if draft.condition and draft.condition.get("is") not in CONDITIONS:
        found["condition"] = "Choose how the earlier answer is compared."
    if len(draft.consent) > RESPONSE_LENGTH:
        found["consent"] = f"At most {RESPONSE_LENGTH:,} characters."
    if len(draft.scores) > MOST_SCORES:
        found["scores"] = f"At most {MOST_SCORES} rules."
    for rule in draft.scores:
        if rule.get("is") not in CONDITIONS or not isinstance(rule.get("points"), int):
            found["scores"] = "Each rule needs a comparison and whole points."
    return found


def _rule_faults(draft: Draft) -> dict[str, str]:
    found: dict[str, str] = {}
    if not 1 <= len(draft.patterns) <= MOST_PATTERNS:
        found["patterns"] = f"Give 1 to {MOST_PATTERNS} phrases a visitor would use, one a line."
    elif any(len(pattern) > QUESTION_LENGTH for pattern in draft.patterns):
        found["patterns"] = f"A phrase may have {QUESTION_LENGTH} characters."
    if not draft.response:
        found["response"] = "Write what the visitor should read."
    elif len(draft.response) > RESPONSE_LENGTH:
        found["response"] = f"At most {RESPONSE_LENGTH:,} characters."
    return found


def _check(draft: Draft, there: Sequence[Question], own: Question | None) -> None:
    """Raise :class:`Invalid` for what is wrong with ``draft``, its condition's question included: one of this domain
    (R10) and not itself."""
    found = faults(draft)
    asked = {each.id for each in there if each.kind == "ask" and (own is None or each.id != own.id)}
    if draft.condition and draft.condition.get("question") not in asked:
        found.setdefault("condition", "The condition needs another question of this list.")
    if found:
        raise Invalid(found)


def _lines(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for value in values if (line := " ".join(clean(value).split()))))


def _columns(draft: Draft) -> dict[str, Any]:
    return {
        "text": draft.text,
        "kind": draft.kind,
        "answer_kind": draft.answer_kind,
        "choices": list(draft.choices),
        "required": draft.required,
        "moment": draft.moment,
        "after_replies": draft.after_replies,
        "condition": dict(draft.condition),
        "most_asks": draft.most_asks,
        "patterns": list(draft.patterns),
        "response": draft.response,
        "scores": [dict(rule) for rule in draft.scores],
        "field": draft.field,
        "consent": draft.consent,
        "active": draft.active,
    }
