"""The page of gaps, and the steps that close them; each can be taken back."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from console import flash
from console.access import doors
from console.access.guard import text_of
from console.context import console_of
from console.gaps import service
from console.knowledge import frame
from console.knowledge.doors import Inside, changing, inside
from knowledge import closing, entries, measuring
from knowledge.changes import Owner

BASE = "/app/{slug}/knowledge/{domain_id}/gaps"
FIELDS = 40


def routes() -> list[BaseRoute]:
    return [
        Route(BASE, listing, methods=["GET"]),
        Route(BASE, close, methods=["POST"]),
        Route(BASE + "/undo", undo, methods=["POST"]),
        Route(BASE + "/disagreeing", pair, methods=["POST"]),
    ]


async def listing(request: Request) -> Response:
    at = await inside(request)
    db = console_of(request).engine.db
    page = await service.page(db, at.workspace_id, at.domain_id)
    twins = await service.disagreeing(db, at.workspace_id, at.domain_id)
    async with db.read() as session:
        titles = {entry.id: entry for entry in await entries.listing(session, at.workspace_id, at.domain_id)}
    return frame.page(request, at, "gaps/list.html", here="/gaps", page=page, twins=twins[:30], titles=titles)


async def close(request: Request) -> Response:
    """A group becomes an entry (the form opens with it), part of one, or is set aside."""
    at, form = await changing(request, fields=FIELDS)
    ids = [text for text in text_of(form, "gaps").split(",") if text][:2_000]
    step, owner = text_of(form, "step"), Owner(at.workspace_id, at.domain_id, at.who.user_id)
    here = f"{at.base}/gaps"
    if step == "draft":
        asked = [(name, text_of(form, name)) for name in ("question", "reply")] + [("gaps", ",".join(ids[:100]))]
        asked += [("also", text) for text in form.getlist("also") if isinstance(text, str)]
        return RedirectResponse(f"{at.base}/entries/new?{urlencode(asked)}", 303)
    async with console_of(request).engine.db.write() as session:
        try:
            if step == "merge":
                closed = await closing.merge(session, owner, ids, text_of(form, "entry"))
                said = f"{closed.gaps} questions closed; {len(closed.phrasings)} phrasings added to the entry."
            elif step == "answered":
                closed = await closing.mark_answered(session, owner, ids, text_of(form, "entry"))
                said = f"{closed.gaps} questions closed."
            else:
                closed = await closing.dismiss(session, owner, ids)
                said = f"{closed.gaps} questions set aside."
        except entries.NotFound:
            raise doors.NotFound from None
        await measuring.ask_for(session, *owner.ids)
    if not closed.gaps:
        return flash.redirect(request, here, "Somebody closed these before you.", tone="warning")
    return flash.redirect(request, here, said, undo=_undo(at, closed.change_id))


async def undo(request: Request) -> Response:
    at, form = await changing(request)
    owner = Owner(at.workspace_id, at.domain_id, at.who.user_id)
    async with console_of(request).engine.db.write() as session:
        try:
            opened = await closing.undo(session, owner, text_of(form, "change"))
        except entries.NotFound:
            raise doors.NotFound from None
    return flash.redirect(request, f"{at.base}/gaps", f"{opened} questions are open again.")


async def pair(request: Request) -> Response:
    """Two entries that look like a contradiction and are none."""
    at, form = await changing(request)
    async with console_of(request).engine.db.write() as session:
        try:
            one, other = text_of(form, "first"), text_of(form, "second")
            await service.dismiss_pair(session, at.workspace_id, at.domain_id, one, other)
        except entries.NotFound:
            raise doors.NotFound from None
    return flash.redirect(request, f"{at.base}/gaps", "The pair is not shown again.")


def _undo(at: Inside, change_id: str | None) -> flash.Undo | None:
    return flash.Undo(f"{at.base}/gaps/undo", fields={"change": change_id}) if change_id else None
