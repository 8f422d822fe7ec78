"""The pages of the FAQ; plain forms that work without JavaScript. Every step can be taken back."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console import flash
from console.access import doors
from console.access.guard import text_of
from console.context import console_of
from console.entries import service, writing
from console.entries.publication import owner_of, publish, undo_of
from console.entries.service import Wanted
from console.knowledge import frame
from console.knowledge.doors import Inside, changing, inside
from knowledge import bulk, deletion, entries, exports, measuring
from knowledge.changes import Owner
from knowledge.claims import plain
from knowledge.deletion import MOST, Change
from knowledge.entries import Invalid

BASE = "/app/{slug}/knowledge/{domain_id}"
FIELDS = 400  # of the list's form: a page of checkboxes and more
_DONE = {"delete": "deleted", "on": "on", "off": "off", "category": "filed", "first": "first now"}


def routes() -> list[BaseRoute]:
    return [
        Route(BASE, listing, methods=["GET"]),
        Route(BASE + "/entries", many, methods=["POST"]),
        Route(BASE + "/entries/move", move, methods=["POST"]),
        Route(BASE + "/entries/undo", undo, methods=["POST"]),
        Route(BASE + "/entries/export.{kind}", export, methods=["GET"]),
        *writing.routes(BASE),
    ]


async def listing(request: Request) -> Response:
    at = await inside(request)
    wanted = Wanted.of(request.query_params)
    async with console_of(request).engine.db.read() as session:
        shown = await service.shown(session, at.workspace_id, at.domain_id, wanted)
    url = f"{at.base}?{wanted.query}"
    return frame.page(request, at, "entries/list.html", shown=shown, wanted=wanted, url=url, most=MOST, plain=plain)


async def many(request: Request) -> Response:
    """What is done to the entries that are ticked, or with ``every`` to all that the filter shows."""
    at, form = await changing(request, fields=FIELDS)
    step, owner, back = text_of(form, "step"), owner_of(at), _back(at, form)
    if step in ("publish_all", "publish_anyway"):
        return await publish(request, at, _ticked(form), step)
    ids = _ticked(form)
    if text_of(form, "every"):
        async with console_of(request).engine.db.read() as session:
            ids = await service.matching(session, *owner.ids, Wanted.of(writing.texts(form), "of_"))
    if not ids:
        return flash.redirect(request, back, "Tick the entries first.", tone="warning")
    if step == "publish":
        return await publish(request, at, ids, step, back=back)
    try:
        changed = await _change(request, owner, step, ids, text_of(form, "category"))
    except Invalid as wrong:
        return flash.redirect(request, back, wrong.faults["category"], tone="danger")
    if changed is None:
        return flash.redirect(request, back, "Choose what to do with them.", tone="warning")
    count, change_id = changed
    if not count:
        return flash.redirect(request, back, "Nothing changed: they are so already.", tone="warning")
    said = f"{count:,} {'entry is' if count == 1 else 'entries are'} {_DONE[step]}."
    return flash.redirect(request, back, said, undo=undo_of(at, change_id))


async def move(request: Request) -> Response:
    """An entry goes up, down, or to a place."""
    at, form = await changing(request)
    owner, back = owner_of(at), _back(at, form)
    place = text_of(form, "place")
    async with console_of(request).engine.db.write() as session:
        try:
            if entry_id := text_of(form, "up") or text_of(form, "down"):
                moved = await bulk.shift(session, owner, entry_id, -1 if text_of(form, "up") else 1)
            elif place.isascii() and place.isdecimal() and len(place) < 7:
                entry_id = text_of(form, "entry")
                moved = await bulk.place(session, owner, entry_id, int(place))
            else:
                return flash.redirect(request, back, "Write the place as a number, 1 is the first.", tone="warning")
        except entries.NotFound:
            raise doors.NotFound from None
    there = f"{at.base}?page={-(-moved.place // service.PAGE)}#e-{entry_id}"
    said = f"The entry is number {moved.place:,} now."
    return flash.redirect(request, there, said, undo=undo_of(at, moved.change_id))


async def undo(request: Request) -> Response:
    at, form = await changing(request)
    async with console_of(request).engine.db.write() as session:
        try:
            count = await bulk.undo(session, owner_of(at), text_of(form, "change"))
        except entries.NotFound:
            raise doors.NotFound from None
        await measuring.ask_for(session, at.workspace_id, at.domain_id)
    said = f"{count} {'entry is' if count == 1 else 'entries are'} as before." if count else "There is nothing to undo."
    return flash.redirect(request, at.base, said)


async def export(request: Request) -> Response:
    at = await inside(request)
    kind = request.path_params["kind"]
    if kind not in ("csv", "json"):
        raise doors.NotFound
    async with console_of(request).engine.db.read() as session:
        found = await entries.listing(session, at.workspace_id, at.domain_id, limit=100_000)
    body = exports.csv_of(found) if kind == "csv" else exports.json_of(found)
    media = "text/csv; charset=utf-8" if kind == "csv" else "application/json"
    headers = {"content-disposition": f'attachment; filename="faq.{kind}"', "cache-control": "no-store"}
    return Response(body, media_type=media, headers=headers)


async def _change(request: Request, owner: Owner, step: str, ids: list[str], category: str) -> Change | None:
    async with console_of(request).engine.db.write() as session:
        if step == "delete":
            changed = await deletion.remove(session, owner, ids)
        elif step in ("on", "off"):
            changed = await bulk.turn(session, owner, ids, on=step == "on")
        elif step == "first":
            changed = await bulk.put_first(session, owner, ids)
        elif step == "category":
            changed = await bulk.categorise(session, owner, ids, category)
        else:
            return None
        await measuring.ask_for(session, *owner.ids)
        return changed


def _ticked(form: FormData) -> list[str]:
    return [value for value in form.getlist("entry") if isinstance(value, str)]


def _back(at: Inside, form: FormData) -> str:
    """The page of the list that a form was on."""
    wanted = Wanted.of(writing.texts(form), "of_")
    return f"{at.base}?{wanted.query}page={wanted.page}" if wanted != Wanted() else at.base
