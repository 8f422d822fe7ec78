"""The page of canned replies, and the list that the desk reads."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from console import flash
from console.access import doors, guard
from console.access.guard import Entry, text_of
from console.canned import service
from console.context import console_of
from engine.codec import clean

BASE = "/app/{slug}/canned"


def routes() -> list[BaseRoute]:
    return [
        Route(BASE, show, methods=["GET"]),
        Route(BASE, save, methods=["POST"]),
        Route(BASE + "/delete", drop, methods=["POST"]),
        Route(BASE + ".json", listing, methods=["GET"]),
    ]


async def show(request: Request) -> Response:
    """All that the member can use; with ``edit`` one of them in the form."""
    entry = await _entered(request)
    return await _page(request, entry, edit=clean(request.query_params.get("edit", "")))


async def save(request: Request) -> Response:
    """A new one, or with ``id`` another text for one that is there. What is refused comes back in the form."""
    entry, form = await _changing(request)
    fields = {name: clean(text_of(form, name)) for name in ("id", "shortcut", "text")}
    shared = text_of(form, "shared") == "on"
    try:
        wished = service.wish(fields["shortcut"], fields["text"], shared=shared)
        async with console_of(request).engine.db.write() as session:
            if fields["id"]:
                who = entry.who.user_id
                await service.change(session, entry.membership, who, fields["id"], wished)
            else:
                await service.add(session, entry.membership, entry.who.user_id, wished)
    except service.Unclear as unclear:
        return await _page(request, entry, wrong=str(unclear), typed=fields | {"shared": shared}, status=422)
    return flash.redirect(request, _here(entry), f"Saved. Type /{wished.shortcut} at the desk.")


async def drop(request: Request) -> Response:
    entry, form = await _changing(request)
    async with console_of(request).engine.db.write() as session:
        name = await service.drop(session, entry.membership, entry.who.user_id, clean(text_of(form, "id")))
    return flash.redirect(request, _here(entry), f"/{name} is deleted.")


async def listing(request: Request) -> Response:
    """``{canned: [{shortcut, text, mine}]}`` for the desk."""
    entry = await _entered(request)
    async with console_of(request).engine.db.read() as session:
        found = await service.of(session, entry.membership)
    listed = [{"shortcut": each.shortcut, "text": each.text, "mine": each.mine} for each in found]
    return JSONResponse({"canned": listed}, headers={"Cache-Control": "no-store"})


async def _page(
    request: Request, entry: Entry, *, edit: str = "", wrong: str = "", typed: object = None, status: int = 200
) -> Response:
    console = console_of(request)
    async with console.engine.db.read() as session:
        replies = await service.of(session, entry.membership)
        edited = await service.one(session, entry.membership, edit) if edit else None
    values = typed or edited or {"id": "", "shortcut": "", "text": "", "shared": False}
    return flash.page(
        request, "canned/page.html", status=status, who=entry.who, membership=entry.membership,
        replies=replies, values=values, wrong=wrong, most=service.TEXT,
    )  # fmt: skip


async def _entered(request: Request) -> Entry:
    entry = await guard.entered(request)
    doors.require(entry.membership.may_use_desk)
    return entry


async def _changing(request: Request) -> tuple[Entry, FormData]:
    entry = await _entered(request)
    return entry, await guard.form_of(request, entry.who.csrf)


def _here(entry: Entry) -> str:
    return BASE.format(slug=entry.membership.slug)
