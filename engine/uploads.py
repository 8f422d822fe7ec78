"""``POST /v1/files`` and ``GET /v1/files/ID``: what visitors and agents send each other besides words."""

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from limits import RateLimitItemPerDay, RateLimitItemPerMinute
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from engine import auth, codec, consents, doors, files, filetypes, languages, phrases
from engine.bus import Draft
from engine.db import Unreachable
from engine.doors import Door, NotFound, Opening
from engine.files import Sender
from engine.limits import network
from engine.locked import Locked
from engine.ports import Engine
from engine.streams import Streams

VISITOR = (RateLimitItemPerMinute(10), RateLimitItemPerDay(100))  # files of one visitor, or agent
NETWORK = (RateLimitItemPerMinute(60), RateLimitItemPerDay(1_000))  # of one address: an office shares one
STORED = {"Cache-Control": "no-store"}


class Refused(Exception):
    """``key``: the sentence for it, in the words of ``engine/words``."""

    def __init__(self, status: int, code: str, key: str, **values: int) -> None:
        super().__init__(code)
        self.status, self.code, self.key, self.values = status, code, key, values


@dataclass(frozen=True, slots=True)
class Uploader:
    """Who sends a file into which room. ``opening``: what makes the room where there is none yet."""

    id: str
    room_id: str
    sender: Sender
    opening: Opening | None = None
    workspace_id: str | None = None


async def take(request: Request) -> Response:
    """Keep the body as a file, named by ``name``: of a visitor to the bot ``bot`` (cookie, or ``Authorization: Bearer``
    with the token they joined with), or of an agent into ``room``. ``{id, name, type, size}``."""
    streams: Streams = request.state.streams
    language = languages.chosen(request.headers.get("accept-language"))
    try:
        who = await _uploader(request, streams.engine)
        await _slowly(request, streams.engine, who)
        body = await _body(request, streams.engine.settings.FILE_BYTES)
        return await _kept(streams, who, files.called(codec.clean(request.query_params.get("name", ""))), body)
    except Refused as no:
        said = phrases.say(no.key, language, **no.values)
        headers = STORED | ({"Retry-After": str(no.values["seconds"])} if "seconds" in no.values else {})
        return JSONResponse({"error": {"code": no.code, "message": said}}, no.status, headers)
    except Unreachable:
        said = phrases.say("unavailable", language)
        return JSONResponse({"error": {"code": "unavailable", "message": said}}, 503, STORED | {"Retry-After": "5"})
    except ClientDisconnect:
        return Response(status_code=400)


async def give(request: Request) -> Response:
    """The file, to whoever is in its room. Absent and forbidden are the same."""
    engine: Engine = request.state.streams.engine
    file_id = request.path_params["id"]
    async with engine.db.read() as session:
        found = await files.held(session, file_id) if len(file_id) == 32 and file_id.isalnum() else None
    if found is None or not await _may_see(request, engine, found):
        return JSONResponse({"error": {"code": "not_found", "message": "There is no such file."}}, 404, STORED)
    way = "inline" if found.type in filetypes.SHOWN else "attachment"
    headers = {
        "Cache-Control": "private, max-age=31536000, immutable",
        "Content-Disposition": f"{way}; filename*=UTF-8''{quote(found.name)}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(found.body, media_type=found.type, headers=headers)


# Who -----------------------------------------------------------------------------------------------------------


async def _uploader(request: Request, engine: Engine) -> Uploader:
    if not auth.origin_allowed(request.headers.get("origin"), engine.settings.own_origins):
        raise Refused(403, "bad_origin", "no_room")
    room_id = request.query_params.get("room")
    return await (_agent(request, engine, room_id) if room_id else _visitor(request, engine))


async def _agent(request: Request, engine: Engine, room_id: str) -> Uploader:
    agent = await engine.desk.agent(engine.db, request.cookies, request.query_params.get("workspace"))
    if agent is None:
        raise Refused(404, "not_found", "no_room")
    try:
        async with engine.db.read() as session:
            await doors.for_member(session, agent.workspace_id, codec.clean(room_id))
    except NotFound:
        raise Refused(404, "not_found", "no_room") from None
    return Uploader(agent.member_id, codec.clean(room_id), "agent", workspace_id=agent.workspace_id)


async def _visitor(request: Request, engine: Engine) -> Uploader:
    try:
        async with engine.db.read() as session:
            door = await doors.door(session, request.query_params.get("bot", ""))
    except NotFound:
        raise Refused(404, "unknown_bot", "no_room") from None
    visitor_id, identified = _known(request, engine, door)
    if visitor_id is None:
        raise Refused(401, "not_joined", "no_room")
    if door.identified and not identified:
        raise Refused(403, "identify_first", "sign_in")
    room_id = auth.room_of(engine.settings.secret, door.bot_id, visitor_id)
    if door.consent:
        async with engine.db.read() as session:
            if not await consents.given(session, room_id, door.version):
                raise Refused(403, "consent_needed", "agree")
    spoken = languages.chosen(door.language, request.headers.get("accept-language"))
    return Uploader(visitor_id, room_id, "visitor", Opening(door, visitor_id, language=spoken))


def _known(request: Request, engine: Engine, door: Door) -> tuple[str | None, bool]:
    """The visitor, and whether their site vouched for them."""
    secret, token = engine.settings.secret, request.headers.get("authorization", "").removeprefix("Bearer ")
    if (person := auth.in_session(secret, door.domain_id, token, time.time())) is not None:
        return person, True
    cookie = request.cookies.get(auth.cookie_name(door.domain_id))
    return auth.visitor_of(secret, door.domain_id, cookie) or auth.visitor_of(secret, door.domain_id, token), False


async def _may_see(request: Request, engine: Engine, found: files.Held) -> bool:
    bot = request.query_params.get("bot")
    if bot is None:
        agent = await engine.desk.agent(engine.db, request.cookies, request.query_params.get("workspace"))
        return agent is not None and agent.workspace_id == found.workspace_id
    try:
        async with engine.db.read() as session:
            door = await doors.door(session, bot)
    except NotFound:
        return False
    visitor_id, _ = _known(request, engine, door)
    return visitor_id is not None and auth.room_of(engine.settings.secret, door.bot_id, visitor_id) == found.room_id


# What ----------------------------------------------------------------------------------------------------------


async def _slowly(request: Request, engine: Engine, who: Uploader) -> None:
    ip = network(request.client.host if request.client else "")
    wait = await engine.limits.hit(f"file:{who.id}", *VISITOR)
    wait = wait if wait is not None else await engine.limits.hit(f"file:{ip}", *NETWORK)
    if wait is not None:
        raise Refused(429, "rate_limited", "later", seconds=wait)


async def _body(request: Request, most: int) -> bytes:
    """Never more than ``most`` bytes are read, whatever the sender said of it."""
    told = request.headers.get("content-length", "")
    body = bytearray()
    if not (told.isdecimal() and int(told) > most):
        async for some in request.stream():
            body += some
            if len(body) > most:
                break
        else:
            return bytes(body)
    raise Refused(413, "too_large", "file_large", most=most // 1_000_000)


async def _kept(streams: Streams, who: Uploader, name: str, body: bytes) -> Response:
    kind = filetypes.kind_of(name, body)
    if kind is None:
        raise Refused(415, "bad_type", "file_type")

    async def keep(session: Any, room: Locked, draft: Draft | None) -> str | None:
        return await files.keep(session, room, who.sender, name, kind, body)

    file_id = await streams.change(who.room_id, keep, who.opening)
    if file_id is None:
        raise Refused(413, "room_full", "files_full")
    return JSONResponse({"id": file_id, "name": name, "type": kind.type, "size": len(body)}, 201, STORED)
