"""The live desk: one document; everything in it comes over ``/v1/desk``."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from console.access import guard
from console.access.doors import NotFound, require
from console.context import console_of
from console.live import draft, search, visitor
from console.live.words import words_of
from engine.codec import clean


def routes() -> list[BaseRoute]:
    return [
        Route("/app/{slug}/live", desk, methods=["GET"]),
        Route("/app/{slug}/live/visitor", card, methods=["GET"]),
        Route("/app/{slug}/live/search", find, methods=["GET"]),
        Route("/app/{slug}/live/draft", suggest, methods=["GET"]),
    ]


async def desk(request: Request) -> Response:
    entry = await guard.entered(request)
    require(entry.membership.may_use_desk)
    page = console_of(request).templates.page
    most = console_of(request).engine.settings.FILE_BYTES
    async with console_of(request).engine.db.read() as session:
        members = await visitor.members(session, entry.membership.workspace_id)
    return page(request, "live/desk.html", who=entry.who, membership=entry.membership, most=most, members=members)


async def card(request: Request) -> Response:
    """``GET …/live/visitor?room=ID``: what is known of the visitor of a room, for the agents beside it."""
    entry = await guard.entered(request)
    require(entry.membership.may_use_desk)
    room_id = clean(request.query_params.get("room", ""))
    async with console_of(request).engine.db.read() as session:
        found = await visitor.card(session, entry.membership.workspace_id, room_id)
    if found is None:
        raise NotFound
    return JSONResponse(found, headers={"Cache-Control": "no-store"})


async def find(request: Request) -> Response:
    """``GET …/live/search?q=WORDS&before=CURSOR``: what :func:`console.live.search.find` returns; 400 for a cursor that
    is none of ours."""
    entry = await guard.entered(request)
    require(entry.membership.may_use_desk)
    asked, cursor = (request.query_params.get(name, "") for name in ("q", "before"))
    before = search.place_of(cursor)
    if cursor and before is None:
        raise HTTPException(400)
    words = words_of(clean(asked))
    async with console_of(request).engine.db.read() as session:
        found = await search.find(session, entry.membership.workspace_id, words, before)
    return JSONResponse(found, headers={"Cache-Control": "no-store"})


async def suggest(request: Request) -> Response:
    """``GET …/live/draft?room=ID``, as :func:`console.live.draft.draft` says."""
    entry = await guard.entered(request)
    require(entry.membership.may_use_desk)
    engine, room_id = console_of(request).engine, clean(request.query_params.get("room", ""))
    found = await draft.draft(engine.db, engine.knowledge, entry.membership.workspace_id, room_id)
    if found is None:
        raise NotFound
    return JSONResponse(found, headers={"Cache-Control": "no-store"})
