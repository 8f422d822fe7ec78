"""The form of one entry: new, from a group of gaps, and changed. What somebody typed is never lost: not to a fault, not
to a preview, not to somebody else who was faster."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console import flash
from console.access import doors
from console.access.guard import text_of
from console.context import console_of
from console.entries import doubles, service
from console.entries.publication import owner_of, publish
from console.knowledge import frame
from console.knowledge.doors import Inside, changing, inside
from console.markdown import rendered
from knowledge import changes, closing, entries, measuring
from knowledge.duplicates import Twin
from knowledge.entries import Draft, Invalid
from knowledge.models import Entry

CONFLICT = (
    "Somebody else changed this entry while you were writing. Your text is below, what the entry says now beside it; "
    "save again to put yours in its place."
)
GONE = "Somebody else deleted this entry while you were writing. Your text is below; saving makes a new entry of it."


@dataclass(frozen=True, slots=True)
class Said:
    """What a form says besides its fields: faults by field, a conflict, an entry that asks the same."""

    errors: Mapping[str, str] | None = None
    conflict: str = ""
    twin: Twin | None = None
    status: int = 200


def routes(base: str) -> list[BaseRoute]:
    return [
        Route(base + "/entries/new", new, methods=["GET"]),
        Route(base + "/entries/new", add, methods=["POST"]),
        Route(base + "/entries/from-gaps", from_gaps, methods=["POST"]),
        *doubles.routes(base),
        Route(base + "/entries/{entry_id}", show, methods=["GET"]),
        Route(base + "/entries/{entry_id}", save, methods=["POST"]),
    ]


async def new(request: Request) -> Response:
    at = await inside(request, edit=True)
    return await _form(request, at, Draft(request.query_params.get("question", "")[:500], ""))


async def from_gaps(request: Request) -> Response:
    """The form for a new entry with what a group of gaps gives to begin with. Nothing is changed yet."""
    at, form = await changing(request)
    async with console_of(request).engine.db.read() as session:
        try:
            draft = await closing.drafted(session, owner_of(at), _ids(text_of(form, "gaps")))
        except entries.NotFound:
            return _too_late(request, at)
    return await _form(request, at, draft, gaps=text_of(form, "gaps"))


async def add(request: Request) -> Response:
    at, form = await changing(request)
    draft, gaps = _draft(form), text_of(form, "gaps")
    if said := await _twin(request, at, draft, form):
        return await _form(request, at, draft, gaps=gaps, said=said)
    try:
        async with console_of(request).engine.db.write() as session:
            if gaps:
                made = await closing.draft(session, owner_of(at), _ids(gaps), draft)
                entry_id, undo = made.entry_id, made.change_id
            else:
                entry = await entries.add(session, at.workspace_id, at.domain_id, draft)
                await changes.record(session, owner_of(at), "entries.add", entry.id, {"after": _plain(entry)})
                entry_id, undo = entry.id, None
            await measuring.ask_for(session, at.workspace_id, at.domain_id)
    except Invalid as wrong:
        return await _form(request, at, draft, gaps=gaps, said=Said(wrong.faults, status=422))
    if entry_id is None:
        return _too_late(request, at)
    then = "is answered from now on" if draft.active else "is kept; it is off"
    back = flash.Undo(f"{at.base}/gaps/undo", fields={"change": undo}) if undo else None
    here = f"{at.base}/gaps" if gaps else at.base
    return flash.redirect(request, here, f"“{_short(draft.question)}” {then}.", undo=back)


async def show(request: Request) -> Response:
    at = await inside(request)
    async with console_of(request).engine.db.read() as session:
        entry = await _entry(session, at, request.path_params["entry_id"])
        if entry is None:
            raise doors.NotFound
    return await _form(request, at, entries.draft_of(entry), entry)


async def save(request: Request) -> Response:
    """Keep what was changed; a draft stays one unless it is published with it."""
    at, form = await changing(request)
    draft, entry_id = _draft(form), request.path_params["entry_id"]
    async with console_of(request).engine.db.read() as session:
        entry = await _entry(session, at, entry_id)
    if entry is None:
        if not await _was_here(request, at, entry_id):
            raise doors.NotFound
        return await _form(request, at, draft, said=Said(conflict=GONE, status=409))
    if entry.draft:
        draft = replace(draft, active=False)
    if said := await _twin(request, at, draft, form, entry_id):
        return await _form(request, at, draft, entry, said=said)
    faults, entry = await _saved(request, at, entry_id, draft, text_of(form, "version"))
    if faults is not None or entry is None:
        gone = Said(conflict=GONE, status=409)
        return await _form(request, at, draft, entry, said=faults or gone)
    if entry.draft and "publish" in form:
        return await publish(request, at, [entry_id], "publish")
    return flash.redirect(request, at.base, f"“{_short(draft.question)}” is saved.")


def texts(form: FormData) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def _saved(
    request: Request, at: Inside, entry_id: str, draft: Draft, version: str
) -> tuple[Said | None, Entry | None]:
    """What stands in the way, or None; and the entry as it is now, None if it is gone. The domain is held first: of two
    who save at once, the second is told."""
    async with console_of(request).engine.db.write() as session:
        await entries.hold(session, at.workspace_id, at.domain_id)
        entry = await _entry(session, at, entry_id)
        if entry is None:
            return None, None
        if version != str(entry.version):
            return Said(conflict=CONFLICT, status=409), entry
        before = _plain(entry)
        try:
            await entries.edit(session, entry, draft)
        except Invalid as wrong:
            return Said(wrong.faults, status=422), entry
        detail = {"before": before, "after": _plain(entry)}
        await changes.record(session, owner_of(at), "entries.edit", entry.id, detail)
        await measuring.ask_for(session, at.workspace_id, at.domain_id)
        return None, entry


async def _entry(session: AsyncSession, at: Inside, entry_id: str) -> Entry | None:
    try:
        return await entries.entry_of(session, at.workspace_id, at.domain_id, entry_id)
    except entries.NotFound:
        return None


async def _was_here(request: Request, at: Inside, entry_id: str) -> bool:
    """Whether there was such an entry in this domain: then its form may be open somewhere."""
    async with console_of(request).engine.db.read() as session:
        return await entries.was_removed(session, at.workspace_id, at.domain_id, entry_id)


async def _twin(request: Request, at: Inside, draft: Draft, form: FormData, entry_id: str = "") -> Said | None:
    """An entry that asks the same already, unless its writer was told and wants this one all the same. A preview says
    so too, and stops nobody."""
    twin = await doubles.twin(request, at, draft.question, entry_id)
    if "preview" in form:
        return Said(twin=twin)
    if twin is None or text_of(form, "despite") == twin.id:
        return None
    return Said(twin=twin, status=409)


async def _form(
    request: Request,
    at: Inside,
    draft: Draft,
    entry: Entry | None = None,
    *,
    gaps: str = "",
    said: Said | None = None,
) -> Response:
    said, site = said or Said(), f"https://{at.domain.name}"
    async with console_of(request).engine.db.read() as session:
        beside = await service.beside(session, at.workspace_id, at.domain_id, entry)
    return frame.page(
        request,
        at,
        "entries/form.html",
        status=said.status,
        draft=draft,
        entry=entry,
        errors=said.errors or {},
        conflict=said.conflict,
        twin=said.twin,
        gaps=gaps,
        beside=beside,
        site=site,
        preview=rendered(draft.answer, site),
        now=rendered(entry.answer, site) if entry and said.conflict else None,
    )


def _too_late(request: Request, at: Inside) -> Response:
    return flash.redirect(request, f"{at.base}/gaps", "Somebody closed these questions before you.", tone="warning")


def _ids(joined: str) -> list[str]:
    return [one for one in joined.split(",") if one][:2_000]


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


def _plain(entry: Entry) -> dict[str, object]:
    return {"question": entry.question, "answer": entry.answer, "alternatives": list(entry.alternatives),
            "category": entry.category, "active": entry.active}  # fmt: skip


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
