"""The pages of the FAQ; plain forms that work without JavaScript. Every step can be taken back."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console import flash
from console.access import doors
from console.access.guard import text_of
from console.context import console_of
from console.entries import service
from console.entries.service import Wanted
from console.knowledge import frame
from console.knowledge.doors import Inside, changing, inside
from console.markdown import rendered
from knowledge import bulk, changes, closing, deletion, entries, exports, measuring, publishing
from knowledge.changes import Owner
from knowledge.entries import Draft, Invalid
from knowledge.models import Entry

BASE = "/app/{slug}/knowledge/{domain_id}"
FIELDS = 400  # of the list's form: a page of checkboxes and more
CONFLICT = (
    "Somebody else changed this entry while you were writing. Your text is below, what the entry says now beside it; "
    "save again to put yours in its place."
)


def routes() -> list[BaseRoute]:
    return [
        Route(BASE, listing, methods=["GET"]),
        Route(BASE + "/entries", many, methods=["POST"]),
        Route(BASE + "/entries/undo", undo, methods=["POST"]),
        Route(BASE + "/entries/new", new, methods=["GET"]),
        Route(BASE + "/entries/new", add, methods=["POST"]),
        Route(BASE + "/entries/export.{kind}", export, methods=["GET"]),
        Route(BASE + "/entries/{entry_id}", show, methods=["GET"]),
        Route(BASE + "/entries/{entry_id}", save, methods=["POST"]),
    ]


async def listing(request: Request) -> Response:
    at = await inside(request)
    wanted = _wanted(request)
    async with console_of(request).engine.db.read() as session:
        shown = await service.shown(session, at.workspace_id, at.domain_id, wanted)
    query = {"search": wanted.search, "category": wanted.category, "state": wanted.state}
    asked = urlencode({name: value for name, value in query.items() if value})
    url = f"{at.base}?{asked}&" if asked else f"{at.base}?"
    return frame.page(request, at, "entries/list.html", shown=shown, wanted=wanted, url=url)


async def new(request: Request) -> Response:
    at = await inside(request, edit=True)
    asked = request.query_params
    draft = Draft(asked.get("question", "")[:500], asked.get("reply", "")[:4_000], tuple(asked.getlist("also"))[:20])
    return _form(request, at, draft)


async def add(request: Request) -> Response:
    at, form = await changing(request)
    draft = _draft(form)
    if "preview" in form:
        return _form(request, at, draft, preview=True)
    gap_ids = [text for text in text_of(form, "gaps").split(",") if text]
    try:
        async with console_of(request).engine.db.write() as session:
            owner = owner_of(at)
            if gap_ids:
                closed = await closing.draft(session, owner, gap_ids, draft)
                entry_id = closed.entry_id
            else:
                entry = await entries.add(session, *owner.ids, draft)
                entry_id = entry.id
                await changes.record(session, owner, "entries.add", entry.id, {"question": entry.question})
            await measuring.ask_for(session, *owner.ids)
    except Invalid as wrong:
        return _form(request, at, draft, errors=wrong.faults, gaps=text_of(form, "gaps"))
    if entry_id is None:
        return flash.redirect(request, f"{at.base}/gaps", "Somebody closed these questions before you.", tone="warning")
    return flash.redirect(request, at.base, f"“{_short(draft.question)}” is answered from now on.")


async def show(request: Request) -> Response:
    at = await inside(request)
    async with console_of(request).engine.db.read() as session:
        entry = await _entry(session, at, request.path_params["entry_id"])
    return _form(request, at, entries.draft_of(entry), entry)


async def save(request: Request) -> Response:
    at, form = await changing(request)
    draft = _draft(form)
    async with console_of(request).engine.db.write() as session:
        entry = await _entry(session, at, request.path_params["entry_id"])
        if "preview" in form:
            return _form(request, at, draft, entry, preview=True)
        if text_of(form, "version") != str(entry.version):
            return _form(request, at, draft, entry, conflict=CONFLICT, status=409)
        before = entries.draft_of(entry)
        owner = owner_of(at)
        try:
            await entries.edit(session, entry, draft)
        except Invalid as wrong:
            return _form(request, at, draft, entry, errors=wrong.faults)
        detail = {"before": _plain(before), "after": _plain(entries.draft_of(entry))}
        await changes.record(session, owner, "entries.edit", entry.id, detail)
        await measuring.ask_for(session, *owner.ids)
    return flash.redirect(request, at.base, f"“{_short(draft.question)}” is saved.")


async def many(request: Request) -> Response:
    """What is done to the entries that are ticked; "all" means every draft."""
    at, form = await changing(request, fields=FIELDS)
    ids = [value for value in form.getlist("entry") if isinstance(value, str)]
    step, owner = text_of(form, "step"), owner_of(at)
    if not ids and step not in ("publish_all", "publish_anyway"):
        return flash.redirect(request, at.base, "Tick the entries first.", tone="warning")
    if step.startswith("publish"):
        return await _publish(request, at, owner, ids, step)
    async with console_of(request).engine.db.write() as session:
        if step == "delete":
            count, change = await deletion.remove(session, owner, ids)
        elif step in ("on", "off"):
            count, change = await bulk.turn(session, owner, ids, on=step == "on")
        elif step == "category":
            try:
                count, change = await bulk.categorise(session, owner, ids, text_of(form, "category"))
            except Invalid as wrong:
                return flash.redirect(request, at.base, wrong.faults["category"], tone="danger")
        elif step == "first":
            place = await bulk.place(session, owner, ids[0], 1)
            return flash.redirect(request, at.base, f"The entry is number {place} now.")
        else:
            return flash.redirect(request, at.base, "Choose what to do with them.", tone="warning")
    said = f"{count} {'entry is' if count == 1 else 'entries are'} {_DONE[step]}."
    return flash.redirect(request, at.base, said, undo=_undo(at, change))


async def undo(request: Request) -> Response:
    at, form = await changing(request)
    async with console_of(request).engine.db.write() as session:
        try:
            count = await bulk.undo(session, owner_of(at), text_of(form, "change"))
        except entries.NotFound:
            raise doors.NotFound from None
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


async def _publish(request: Request, at: Inside, owner: Owner, ids: list[str], step: str) -> Response:
    """Drafts answer visitors from now on; where the owner wants it, only if the labelled questions fare no worse."""
    anyway = step == "publish_anyway" and at.membership.role == "owner"
    published = await publishing.publish(console_of(request).engine.db, owner, ids or None, anyway=anyway)
    if published.refused:
        return frame.page(request, at, "entries/refused.html", published=published, ids=ids)
    said = f"{published.count} {'draft is' if published.count == 1 else 'drafts are'} published."
    return flash.redirect(request, at.base, said, undo=_undo(at, published.change_id))


def owner_of(at: Inside) -> Owner:
    return Owner(at.workspace_id, at.domain_id, at.who.user_id)


async def _entry(session: Any, at: Inside, entry_id: str) -> Entry:
    try:
        return await entries.entry_of(session, at.workspace_id, at.domain_id, entry_id)
    except entries.NotFound:
        raise doors.NotFound from None


def _form(
    request: Request,
    at: Inside,
    draft: Draft,
    entry: Entry | None = None,
    *,
    errors: Mapping[str, str] | None = None,
    conflict: str = "",
    gaps: str = "",
    preview: bool = False,
    status: int = 200,
) -> Response:
    return frame.page(
        request,
        at,
        "entries/form.html",
        status=422 if errors else status,
        draft=draft,
        entry=entry,
        errors=errors or {},
        conflict=conflict,
        gaps=gaps or request.query_params.get("gaps", ""),
        answer=rendered(draft.answer) if draft.answer and (preview or entry) else None,
    )


def _draft(form: FormData) -> Draft:
    return entries.cleaned(
        Draft(
            question=text_of(form, "question"),
            answer=text_of(form, "answer"),
            alternatives=tuple(text_of(form, "alternatives").splitlines()),
            category=text_of(form, "category"),
            locale=text_of(form, "locale"),
            url=text_of(form, "url") or None,
            active=text_of(form, "active") == "on",
        )
    )


def _wanted(request: Request) -> Wanted:
    asked = request.query_params
    page = asked.get("page", "1")
    state = asked.get("state", "")
    return Wanted(
        asked.get("search", "")[:200],
        asked.get("category", "")[:100],
        state if state in service.STATES else "",
        int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 1,
    )


def _undo(at: Inside, change_id: str | None) -> flash.Undo | None:
    return flash.Undo(f"{at.base}/entries/undo", fields={"change": change_id}) if change_id else None


def _plain(draft: Draft) -> dict[str, object]:
    return {"question": draft.question, "answer": draft.answer, "alternatives": list(draft.alternatives),
            "category": draft.category, "active": draft.active}  # fmt: skip


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"


_DONE = {"delete": "deleted", "on": "on", "off": "off", "category": "filed"}
