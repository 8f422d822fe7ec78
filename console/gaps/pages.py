"""The page of gaps and that of entries that disagree, and the steps that close them; each can be taken back."""

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console import flash
from console.access import doors
from console.access.guard import text_of
from console.context import console_of
from console.gaps import choosing, disagreeing, service
from console.knowledge import frame
from console.knowledge.doors import Inside, changing, inside
from engine.codec import clean
from knowledge import closing, entries, measuring, merging
from knowledge.changes import Owner
from knowledge.claims import plain
from knowledge.closing import Closed
from knowledge.gaps import MOST_OPEN

BASE = "/app/{slug}/knowledge/{domain_id}/gaps"
GONE = "Somebody deleted or merged that entry before you."
CLOSED = "Somebody closed these questions before you."
_MERGED = "One entry answers both now, in the words of the two."
_SETTLED = {"first": _MERGED, "second": _MERGED, "both": "Both stay. The pair is not shown again."}


def routes() -> list[BaseRoute]:
    return [
        Route(BASE, listing, methods=["GET"]),
        Route(BASE, close, methods=["POST"]),
        Route(BASE + "/choose", choose, methods=["POST"]),
        Route(BASE + "/undo", undo, methods=["POST"]),
        Route(BASE + "/disagreeing", pairs, methods=["GET"]),
        Route(BASE + "/disagreeing", settle, methods=["POST"]),
        Route(BASE + "/disagreeing/undo", unsettle, methods=["POST"]),
    ]


async def listing(request: Request) -> Response:
    at = await inside(request)
    asked = request.query_params.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 1
    page = await service.page(console_of(request).engine.db, at.workspace_id, at.domain_id, number)
    known = disagreeing.known(at.workspace_id, at.domain_id)
    return frame.page(request, at, "gaps/list.html", here="/gaps", page=page, disagree=known)


async def choose(request: Request) -> Response:
    """The entries that a group could become part of: the nearest ones, or those that are looked for. Nothing is changed
    yet."""
    at, form = await changing(request)
    gaps, search = _ids(form), clean(text_of(form, "search"))[:200]
    db = console_of(request).engine.db
    choice = await choosing.choice(db, at.owner, gaps, search)
    if choice is None:
        return flash.redirect(request, f"{at.base}/gaps", CLOSED, tone="warning")
    return frame.page(
        request, at, "gaps/choose.html", here="/gaps", choice=choice, gaps=gaps, search=search, plain=plain
    )


async def close(request: Request) -> Response:
    """A group becomes part of an entry, or is set aside. Becoming one begins with the entry's form."""
    at, form = await changing(request)
    step, owner, here = text_of(form, "step"), at.owner, f"{at.base}/gaps"
    async with console_of(request).engine.db.write() as session:
        try:
            closed = await _closed(session, owner, step, _ids(form), text_of(form, "entry"))
        except entries.NotFound:
            return await _gone(session, request, at, here, text_of(form, "entry"))
        if closed is not None and closed.phrasings:
            await measuring.ask_for(session, *owner.ids)
    if closed is None:
        return flash.redirect(request, here, "Choose what to do with them.", tone="warning")
    if not closed.gaps:
        return flash.redirect(request, here, CLOSED, tone="warning")
    back = flash.Undo(f"{here}/undo", fields={"change": closed.change_id}) if closed.change_id else None
    return flash.redirect(request, here, _said(step, closed), undo=back)


async def undo(request: Request) -> Response:
    at, form = await changing(request)
    async with console_of(request).engine.db.write() as session:
        try:
            opened = await closing.undo(session, at.owner, text_of(form, "change"))
        except entries.NotFound:
            raise doors.NotFound from None
        await measuring.ask_for(session, at.workspace_id, at.domain_id)
    said = f"{_questions(opened)} open again." if opened else "There is nothing to undo."
    return flash.redirect(request, f"{at.base}/gaps", said)


async def pairs(request: Request) -> Response:
    at = await inside(request)
    page = await disagreeing.page(console_of(request).engine.db, at.workspace_id, at.domain_id)
    return frame.page(request, at, "gaps/disagreeing.html", here="/gaps", page=page, plain=plain)


async def settle(request: Request) -> Response:
    """Of two entries that ask the same one stays, or both do: then the pair is not shown again."""
    at, form = await changing(request)
    first, second, step = (text_of(form, name) for name in ("first", "second", "step"))
    owner, here = at.owner, f"{at.base}/gaps/disagreeing"
    if step not in _SETTLED:
        return flash.redirect(request, here, "Choose what to do with them.", tone="warning")
    async with console_of(request).engine.db.write() as session:
        try:
            if step == "both":
                change = await merging.settle(session, owner, first, second)
            else:
                keep, drop = (first, second) if step == "first" else (second, first)
                change = await merging.merge(session, owner, keep, drop)
                await measuring.ask_for(session, *owner.ids)
        except entries.NotFound:
            return await _gone(session, request, at, here, first, second)
    return flash.redirect(request, here, _SETTLED[step], undo=flash.Undo(f"{here}/undo", fields={"change": change}))


async def unsettle(request: Request) -> Response:
    at, form = await changing(request)
    async with console_of(request).engine.db.write() as session:
        try:
            done = await merging.undo(session, at.owner, text_of(form, "change"))
        except entries.NotFound:
            raise doors.NotFound from None
        await measuring.ask_for(session, at.workspace_id, at.domain_id)
    said = "The two entries are as before." if done else "There is nothing to undo."
    return flash.redirect(request, f"{at.base}/gaps/disagreeing", said)


async def _closed(session: AsyncSession, owner: Owner, step: str, ids: list[str], entry_id: str) -> Closed | None:
    """What the step did; None where it is none of ours."""
    match step:
        case "merge":
            return await closing.merge(session, owner, ids, entry_id)
        case "answered":
            return await closing.mark_answered(session, owner, ids, entry_id)
        case "dismiss":
            return await closing.dismiss(session, owner, ids)
    return None


async def _gone(session: AsyncSession, request: Request, at: Inside, here: str, *entry_ids: str) -> Response:
    """Somebody else was faster: one of the entries was here, and is not any more. Others never were."""
    for entry_id in entry_ids:
        if await entries.was_removed(session, at.workspace_id, at.domain_id, entry_id):
            return flash.redirect(request, here, GONE, tone="warning")
    raise doors.NotFound


def _ids(form: FormData) -> list[str]:
    return [text for text in text_of(form, "gaps").split(",") if text][:MOST_OPEN]


def _said(step: str, closed: Closed) -> str:
    if step == "merge":
        count = len(closed.phrasings)
        added = (
            f"{count} new {'phrasing' if count == 1 else 'phrasings'}" if count else "no new phrasing: it had them all"
        )
        return f"{_questions(closed.gaps)} closed; the entry got {added}."
    return f"{_questions(closed.gaps)} {'closed' if step == 'answered' else 'set aside'}."


def _questions(count: int) -> str:
    return f"{count:,} {'question is' if count == 1 else 'questions are'}"
