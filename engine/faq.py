"""The Help tab's requests: the FAQ read over plain HTTP. No socket, no visitor, no row but a word on an answer."""

import hashlib
from dataclasses import asdict

import msgspec
from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from engine import auth, doors
from engine.codec import clean
from engine.db import Unreachable
from engine.doors import Door, NotFound
from engine.limits import network
from engine.models import Domain
from engine.ports import Ask, Engine
from engine.streams import Streams

READS = (RateLimitItemPerMinute(180),)  # of one address: someone who types quickly asks three times a second
WORDS = (RateLimitItemPerMinute(20), RateLimitItemPerDay(300))  # on answers, of one address
AGE = 60  # s that a browser keeps an answer without asking; then the ETag saves its body
LONGEST = 200  # characters of a search that are looked at
BODY = 1_000  # bytes of a word on an answer


class Opinion(msgspec.Struct, forbid_unknown_fields=True):
    """What a reader sends: the entry, and whether its answer helped."""

    id: str
    good: bool


class Refused(Exception):
    """The answer to give instead."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(code)
        body = {"error": {"code": code, "message": message}}
        self.response = JSONResponse(body, status, {"Cache-Control": "no-store"} | headers)


async def read(request: Request) -> Response:
    """``GET /v1/help?bot=KEY``: the FAQ's questions; with ``q`` those that fit it; with ``id`` one with its answer."""
    engine = _engine(request)
    try:
        door = await _door(request, engine)
        await _within(request, engine, door, "read", READS)
        tag, headers = await _tag(request, engine, door)
        if request.headers.get("if-none-match") == headers["ETag"]:
            return _shared(request, door, Response(status_code=304, headers=headers))
        return _shared(request, door, JSONResponse(await _asked(request, engine, door, tag), headers=headers))
    except Refused as refused:
        return refused.response
    except Unreachable:
        return _away()


async def say(request: Request) -> Response:
    """``POST /v1/help?bot=KEY`` with ``{id, good}``: whether it helped. A reader has one word an entry, the last."""
    engine = _engine(request)
    try:
        door = await _door(request, engine, known=True)
        await _within(request, engine, door, "word", WORDS)
        opinion = await _opinion(request)
        voter = auth.voter(engine.settings.secret, door.domain_id, _reader(request, engine, door))
        async with engine.db.write() as session:
            kept = await engine.knowledge.mark_helpful(session, door.domain_id, opinion.id, voter, opinion.good)
        if not kept:
            raise _missing()
        return _shared(request, door, Response(status_code=204, headers={"Cache-Control": "no-store"}))
    except Refused as refused:
        return refused.response
    except Unreachable:
        return _away()


async def _door(request: Request, engine: Engine, *, known: bool = False) -> Door:
    """The bot whose Help tab is open; raises :class:`Refused` where there is none, or for a page that may not ask.
    A browser names the origin of every page but our own panel's, which reads without one; ``known``: not without."""
    try:
        async with engine.db.read() as session:
            door = await doors.door(session, request.query_params.get("bot", ""))
    except NotFound:
        door = None
    if door is None or door.help == "off":
        raise Refused(404, "unknown_bot", "There is no such bot, or it has no Help tab.")
    origin = request.headers.get("origin")
    foreign = request.headers.get("sec-fetch-site", "same-origin") != "same-origin"
    if (origin is None and (known or foreign)) or (origin is not None and not _welcome(origin, engine, door)):
        raise Refused(403, "bad_origin", "This bot may not be used here. Its owner can add the origin to the domain.")
    return door


async def _within(request: Request, engine: Engine, door: Door, what: str, rates: tuple[RateLimitItem, ...]) -> None:
    wait = await engine.limits.hit(f"help:{what}:{door.domain_id}:{_address(request)}", *rates)
    if wait is not None:
        raise Refused(429, "rate_limited", f"That was a lot at once. Go on in {wait} s.", **{"Retry-After": str(wait)})


async def _tag(request: Request, engine: Engine, door: Door) -> tuple[int, dict[str, str]]:
    """The domain's knowledge version, and headers with the ETag of what is asked: any edit changes it."""
    async with engine.db.read() as session:
        version = await session.scalar(select(Domain.knowledge_version).where(Domain.id == door.domain_id)) or 0
    asked = hashlib.sha256(f"{door.domain_id}|{request.url.query}".encode()).hexdigest()[:16]
    return version, {"ETag": f'"{version}-{asked}"', "Cache-Control": f"private, max-age={AGE}"}


async def _asked(request: Request, engine: Engine, door: Door, version: int) -> dict[str, object]:
    if (entry_id := request.query_params.get("id")) is not None:
        async with engine.db.read() as session:
            topic = await engine.knowledge.topic(session, door.domain_id, entry_id)
        if topic is None:
            raise _missing()
        return {"topic": asdict(topic)}
    text = clean(request.query_params.get("q", "")[:LONGEST])
    topics = await engine.knowledge.topics(engine.db, Ask(door.workspace_id, door.domain_id, version, text))
    return {"topics": [{"id": each.id, "question": each.question, "category": each.category} for each in topics]}


async def _opinion(request: Request) -> Opinion:
    body = b""
    async for some in request.stream():
        body += some
        if len(body) > BODY:
            raise Refused(413, "too_large", "This is more than a word on an answer.")
    try:
        return msgspec.json.decode(body, type=Opinion)
    except msgspec.DecodeError:
        raise Refused(400, "bad_request", "Send one JSON object with the entry's id and whether it is good.") from None


def _welcome(origin: str, engine: Engine, door: Door) -> bool:
    return auth.origin_allowed(origin, {*door.origins, *engine.settings.own_origins})


def _reader(request: Request, engine: Engine, door: Door) -> str:
    """Who reads: the visitor of our own panel's cookie (on a page of somebody else's it would speak for whoever wrote
    that page), else their network."""
    if auth.origin_allowed(request.headers.get("origin"), engine.settings.own_origins):
        cookie = request.cookies.get(auth.cookie_name(door.domain_id))
        if visitor_id := auth.visitor_of(engine.settings.secret, door.domain_id, cookie):
            return visitor_id
    return _address(request)


def _shared(request: Request, door: Door, response: Response) -> Response:
    """``response``, readable by the registered page that asked (an inline panel), by our own, and by nobody else."""
    origin = request.headers.get("origin")
    response.headers["Vary"] = "Origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if origin is None or origin not in door.origins:
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    else:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _missing() -> Refused:
    return Refused(404, "not_found", "There is no such answer here any more.")


def _away() -> Response:
    return Refused(503, "unavailable", "The service is not available just now. Try again in a moment.").response


def _address(request: Request) -> str:
    return network(request.client.host if request.client else "")


def _engine(request: Request) -> Engine:
    streams: Streams = request.state.streams
    return streams.engine
