"""Which filtered question is asked when, what a visitor's words were to it, and which rule of the owner's they meet.

A domain's questions are read once a version and kept, so that a domain without any costs its visitors nothing.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine import phrases
from engine.db import Database, now
from engine.models import Message, Visitor
from engine.ports import Ask, Moment, Noted, Rule, Whose
from knowledge import leads, questions, replies, rules
from knowledge.comparing import holds
from knowledge.models import Entry, KnowledgeSettings, Question, Reply
from knowledge.text import language_of

MOST_PLANS = 2_000  # domains whose questions are kept at hand
ENDED: Final = ("complete", "withheld", "stopped", "failed")


@dataclass(frozen=True, slots=True)
class _Plan:
    """A domain's active questions as they were at ``version``."""

    version: int
    asks: tuple[Question, ...]
    rules: rules.Rules
    in_first_reply: bool
    country: str


_plans: OrderedDict[tuple[str, str], _Plan] = OrderedDict()


async def rule_for(db: Database, ask: Ask) -> Rule | None:
    """The first rule, in the owner's order, that a visitor's words meet."""
    plan = _plans.get((ask.workspace_id, ask.domain_id))
    if plan is None or plan.version < ask.version:
        async with db.read() as session:
            plan = await _plan(session, ask.workspace_id, ask.domain_id, ask.version)
    return rules.met(plan.rules, ask.text)


async def next_question(session: AsyncSession, whose: Whose, moment: Moment) -> Mapping[str, Any] | None:
    """The question that is due now, filed as asked; None where none is."""
    plan = await _plan(session, whose.workspace_id, whose.domain_id, whose.version)
    if whose.open is not None:
        return await _again(session, whose)
    if not plan.asks:
        return None
    filed = await _filed(session, whose.room_id)
    replied = await _answers_so_far(session, whose.room_id) if moment == "reply" else 0
    for question in plan.asks:
        if question.id not in filed and _is_due(question, plan, moment, replied) and _applies(question, filed):
            return await _ask(session, whose, question)
    return None


async def note(session: AsyncSession, whose: Whose, text: str | None, *, typed: bool) -> Noted:
    """What ``text`` says to the open question, filed. A question that the owner took away meanwhile is let go; words
    that one of the owner's rules is for are the rule's, and no answer."""
    assert whose.open is not None
    asked = dict(whose.open)
    plan = await _plan(session, whose.workspace_id, whose.domain_id, whose.version)
    if typed and text is not None and rules.met(plan.rules, text) is not None:
        return Noted("ignored", open=asked)
    reply = await session.scalar(
        select(Reply).where(Reply.room_id == whose.room_id, Reply.id == str(asked.get("reply", "")))
    )
    question = await session.get(Question, str(asked["id"]))
    if reply is None or question is None or not question.active:
        await _file(session, reply, "given_up")
        return Noted("given_up")
    understood = await _understood(session, whose, plan, question, text, typed=typed)
    match understood.state:
        case "answer":
            reply.value, reply.raw = understood.value, (text or "")[: replies.LONGEST]
            await _file(session, reply, "answered")
            await leads.file(session, whose, question, understood.value)
            return Noted("answered", phrases.say("more", whose.language), understood.asks)
        case "declined":
            return await _declined(session, whose.language, question, reply, asked)
        case "invalid":
            return Noted("invalid", understood.sentence, open=asked)
        case _:
            return await _ignored(session, question, reply, asked)


async def _understood(
    session: AsyncSession, whose: Whose, plan: _Plan, question: Question, text: str | None, *, typed: bool
) -> replies.Understood:
    if text is None:
        return replies.Understood("declined")
    kind, locale = cast(replies.Kind, question.answer_kind), None
    if kind in ("number", "date"):
        locale = await session.scalar(select(Visitor.locale).where(Visitor.id == whose.visitor_id))
    wanted = replies.Wanted(
        kind, question.choices, plan.country, locale or "en", now().date(), question.field, whose.language
    )
    return replies.typed(wanted, text) if typed else replies.chosen(wanted, text)


async def _declined(
    session: AsyncSession, language: str, question: Question, reply: Reply, asked: dict[str, Any]
) -> Noted:
    """A question that matters is insisted on once; nobody is kept from help by it."""
    if question.required and not asked.get("insisted"):
        return Noted(
            "invalid", phrases.joined(phrases.say("insist", language), question.text), open=asked | {"insisted": True}
        )
    await _file(session, reply, "declined")
    return Noted("declined", phrases.say("no_matter", language))


async def _ignored(session: AsyncSession, question: Question, reply: Reply, asked: dict[str, Any]) -> Noted:
    """The visitor asked something of their own: it is answered, and then the question is put again or let go."""
    if reply.asks < question.most_asks:
        return Noted("ignored", open=asked | {"again": True})
    await _file(session, reply, "given_up")
    return Noted("given_up")


async def _ask(session: AsyncSession, whose: Whose, question: Question) -> dict[str, Any]:
    owner = {"workspace_id": whose.workspace_id, "domain_id": whose.domain_id, "room_id": whose.room_id}
    reply = Reply(question_id=question.id, asked=question.text, state="asked", asks=1, **owner)
    session.add(reply)
    await session.flush()
    return {
        "id": question.id,
        "text": question.text,
        "kind": question.answer_kind,
        "choices": list(question.choices),
        "required": question.required,
        "consent": question.consent,
        "reply": reply.id,
    }


async def _again(session: AsyncSession, whose: Whose) -> Mapping[str, Any] | None:
    assert whose.open is not None
    reply = await session.scalar(
        select(Reply).where(Reply.room_id == whose.room_id, Reply.id == str(whose.open.get("reply", "")))
    )
    if reply is None:
        return None
    reply.asks += 1
    await session.flush()
    return {name: value for name, value in whose.open.items() if name != "again"}


async def _file(session: AsyncSession, reply: Reply | None, state: str) -> None:
    if reply is not None:
        reply.state = state
        await session.flush()


async def _filed(session: AsyncSession, room_id: str) -> dict[str, Reply]:
    found = await session.scalars(select(Reply).where(Reply.room_id == room_id, Reply.question_id.is_not(None)))
    return {str(reply.question_id): reply for reply in found}


async def _answers_so_far(session: AsyncSession, room_id: str) -> int:
    """Answers of the bot's that ended, the one that is being closed in this transaction among them."""
    query = select(func.count()).select_from(Message)
    written = await session.scalar(
        query.where(Message.room_id == room_id, Message.author == "bot", Message.state.in_((*ENDED, "streaming")))
    )
    return written or 0


def _is_due(question: Question, plan: _Plan, moment: Moment, replied: int) -> bool:
    if moment == "hand_off":
        return question.moment == "before_hand_off"
    if question.moment == "before_hand_off":
        return False
    earliest = 1 if plan.in_first_reply else 2
    return replied >= max(earliest, question.after_replies if question.moment == "after_replies" else 0)


def _applies(question: Question, filed: Mapping[str, Reply]) -> bool:
    """Whether its condition on an earlier answer holds."""
    condition = question.condition
    if not condition:
        return True
    reply = filed.get(str(condition.get("question")))
    state, value = (reply.state, reply.value) if reply is not None else (None, "")
    return holds(str(condition.get("is")), str(condition.get("value", "")), state, value)


async def _plan(session: AsyncSession, workspace_id: str, domain_id: str, version: int) -> _Plan:
    key = (workspace_id, domain_id)
    plan = _plans.get(key)
    if plan is not None and plan.version >= version:
        _plans.move_to_end(key)
        return plan
    found = [each for each in await questions.listing(session, *key) if each.active]
    for each in found:
        session.expunge(each)
    settings = await session.get(KnowledgeSettings, domain_id)
    plan = _Plan(
        version,
        tuple(each for each in found if each.kind == "ask"),
        await _rules(session, domain_id, [each for each in found if each.kind != "ask"]),
        settings.ask_in_first_reply if settings is not None else False,
        settings.country if settings is not None else "US",
    )
    _plans[key] = plan
    if len(_plans) > MOST_PLANS:
        _plans.popitem(last=False)
    return plan


async def _rules(session: AsyncSession, domain_id: str, found: Sequence[Question]) -> rules.Rules:
    """The rules made ready, in the language that most of the domain's entries are in."""
    language = None
    if found:
        spoken = select(Entry.locale).where(Entry.domain_id == domain_id).group_by(Entry.locale)
        language = language_of(await session.scalar(spoken.order_by(func.count().desc()).limit(1)) or "en")
    return rules.learn([(_rule(each), each.patterns) for each in found], language)


def _rule(question: Question) -> Rule:
    kind: Any = question.kind
    return Rule(kind, question.id, question.response)
