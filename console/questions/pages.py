"""The pages of filtered questions; plain forms that work without JavaScript."""

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console import flash
from console.access import doors
from console.access.guard import text_of
from console.context import console_of
from console.knowledge import frame
from console.knowledge.doors import Inside, changing, inside
from knowledge import changes, entries, leads, questions
from knowledge.entries import Invalid
from knowledge.models import Question
from knowledge.questions import Draft

BASE = "/app/{slug}/knowledge/{domain_id}/questions"
FIELDS = 120
ROWS = 5  # score rules that the form has room for; saved, it has room for more
PAGE = 50


def routes() -> list[BaseRoute]:
    return [
        Route(BASE, listing, methods=["GET"]),
        Route(BASE + "/answers", answers, methods=["GET"]),
        Route(BASE + "/new", new, methods=["GET"]),
        Route(BASE + "/new", add, methods=["POST"]),
        Route(BASE + "/{question_id}", show, methods=["GET"]),
        Route(BASE + "/{question_id}", save, methods=["POST"]),
        Route(BASE + "/{question_id}/step", step, methods=["POST"]),
    ]


async def listing(request: Request) -> Response:
    at = await inside(request)
    async with console_of(request).engine.db.read() as session:
        found = await questions.listing(session, at.workspace_id, at.domain_id)
        counts = await questions.counts(session, at.workspace_id, at.domain_id)
    return frame.page(request, at, "questions/list.html", here="/questions", questions=found, counts=counts)


async def answers(request: Request) -> Response:
    at = await inside(request)
    page = request.query_params.get("page", "1")
    number = int(page) if page.isascii() and page.isdecimal() and 0 < len(page) < 6 else 1
    async with console_of(request).engine.db.read() as session:
        offset = (max(1, number) - 1) * PAGE
        found = await leads.listing(session, at.workspace_id, at.domain_id, limit=PAGE + 1, offset=offset)
    shown, more, number = found[:PAGE], len(found) > PAGE, max(1, number)
    return frame.page(request, at, "questions/answers.html", here="/questions", leads=shown, more=more, number=number)


async def new(request: Request) -> Response:
    at = await inside(request, edit=True)
    kind = request.query_params.get("kind", "ask")
    return await _form(request, at, Draft("", kind=kind if kind in questions.KINDS else "ask"))


async def add(request: Request) -> Response:
    at, form = await changing(request, fields=FIELDS)
    draft = _draft(form)
    try:
        async with console_of(request).engine.db.write() as session:
            added = await questions.add(session, at.workspace_id, at.domain_id, draft)
            await changes.record(session, at.owner, "questions.add", added.id, {"text": added.text})
    except Invalid as wrong:
        return await _form(request, at, draft, errors=wrong.faults)
    return flash.redirect(request, f"{at.base}/questions", f"“{draft.text[:80]}” is in force from the next message on.")


async def show(request: Request) -> Response:
    at = await inside(request)
    async with console_of(request).engine.db.read() as session:
        question = await _question(session, at, request.path_params["question_id"])
    return await _form(request, at, _draft_of(question), question)


async def save(request: Request) -> Response:
    at, form = await changing(request, fields=FIELDS)
    draft = _draft(form)
    async with console_of(request).engine.db.write() as session:
        question = await _question(session, at, request.path_params["question_id"])
        before = {"text": question.text, "consent": question.consent}
        try:
            await questions.edit(session, question, draft)
        except Invalid as wrong:
            errors: Mapping[str, str] = wrong.faults
        else:
            errors = {}
            after = {"text": question.text, "consent": question.consent}
            await changes.record(session, at.owner, "questions.edit", question.id, {"before": before, "after": after})
    if errors:
        return await _form(request, at, draft, question, errors=errors)
    return flash.redirect(request, f"{at.base}/questions", f"“{draft.text[:80]}” is saved.")


async def step(request: Request) -> Response:
    """Up, down, or away."""
    at, form = await changing(request)
    async with console_of(request).engine.db.write() as session:
        question = await _question(session, at, request.path_params["question_id"])
        if text_of(form, "step") == "delete":
            await questions.remove(session, question)
            await changes.record(session, at.owner, "questions.delete", question.id, {"text": question.text})
            said = f"“{question.text[:80]}” is asked no more. What was answered is kept."
        else:
            await questions.move(session, question, -1 if text_of(form, "step") == "up" else 1)
            said = "The order is changed."
    return flash.redirect(request, f"{at.base}/questions", said)


async def _form(
    request: Request,
    at: Inside,
    draft: Draft,
    question: Question | None = None,
    *,
    errors: Mapping[str, str] | None = None,
) -> Response:
    async with console_of(request).engine.db.read() as session:
        others = await questions.listing(session, at.workspace_id, at.domain_id)
    asked = [each for each in others if each.kind == "ask" and (question is None or each.id != question.id)]
    rows = [*draft.scores, *[{}] * max(1, ROWS - len(draft.scores))]
    return frame.page(
        request,
        at,
        "questions/form.html",
        here="/questions",
        status=422 if errors else 200,
        draft=draft,
        question=question,
        others=asked,
        rows=rows,
        errors=errors or {},
    )


async def _question(session: Any, at: Inside, question_id: str) -> Question:
    try:
        return await questions.question_of(session, at.workspace_id, at.domain_id, question_id)
    except entries.NotFound:
        raise doors.NotFound from None


def _draft(form: FormData) -> Draft:
    condition = {}
    if text_of(form, "condition_question"):
        condition = {
            "question": text_of(form, "condition_question"),
            "is": text_of(form, "condition_is"),
            "value": text_of(form, "condition_value"),
        }
    return questions.cleaned(
        Draft(
            text=text_of(form, "text"),
            kind=text_of(form, "kind"),
            answer_kind=text_of(form, "answer_kind") or "text",
            choices=tuple(text_of(form, "choices").splitlines()),
            required=text_of(form, "required") == "on",
            moment=text_of(form, "moment") or "after_replies",
            after_replies=_whole(text_of(form, "after_replies")),
            condition=condition,
            most_asks=_whole(text_of(form, "most_asks")),
            patterns=tuple(text_of(form, "patterns").splitlines()),
            response=text_of(form, "response"),
            scores=tuple(_scores(form)),
            field=text_of(form, "field"),
            consent=text_of(form, "consent"),
            active=text_of(form, "active") == "on",
        )
    )


def _scores(form: FormData) -> list[dict[str, Any]]:
    """The rules that have points; others are empty rows."""
    found = []
    for row in range(questions.MOST_SCORES):
        points = text_of(form, f"points{row}").strip()
        if points:
            sign, digits = (-1, points[1:]) if points.startswith("-") else (1, points)
            whole = digits.isascii() and digits.isdecimal() and len(digits) < 5
            rule: dict[str, Any] = {
                "is": text_of(form, f"is{row}"),
                "value": text_of(form, f"value{row}")[:200],
                "points": sign * int(digits) if whole else points,
                "reason": text_of(form, f"reason{row}")[:200],
            }
            found.append(rule)
    return found


def _draft_of(question: Question) -> Draft:
    return Draft(
        text=question.text,
        kind=question.kind,
        answer_kind=question.answer_kind,
        choices=tuple(question.choices),
        required=question.required,
        moment=question.moment,
        after_replies=question.after_replies,
        condition=question.condition,
        most_asks=question.most_asks,
        patterns=tuple(question.patterns),
        response=question.response,
        scores=tuple(question.scores),
        field=question.field,
        consent=question.consent,
        active=question.active,
    )


def _whole(text: str) -> int:
    """A whole number, or one that is refused with its field's sentence."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else -1 if text else 1
