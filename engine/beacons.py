"""``POST /v1/vitals``: what a panel measured of itself, sent once at the end of a visit. It names nobody."""

import secrets
from typing import Annotated, get_args

import msgspec
from limits import RateLimitItemPerDay, RateLimitItemPerMinute
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from engine import auth, doors, vitals
from engine.db import Unreachable
from engine.doors import Door, NotFound
from engine.limits import network
from engine.ports import Engine
from engine.streams import Streams
from engine.vitals import LARGEST, Device, Metric

SENDER = (RateLimitItemPerMinute(12), RateLimitItemPerDay(300))  # beacons of one address: an office shares one
BOT = (RateLimitItemPerMinute(600),)  # of all of a bot's visitors: beyond it the picture is no clearer
BODY = 2_000  # bytes of one beacon
DONE = {"Cache-Control": "no-store"}

Value = Annotated[int, msgspec.Meta(ge=0, le=LARGEST)]
Values = Annotated[tuple[Value, ...], msgspec.Meta(max_length=20)]


class Beacon(msgspec.Struct, forbid_unknown_fields=True):
    """What one visit measured: as many values of each metric as there were, twenty at most."""

    device: Device
    bytes: Values = ()
    script: Values = ()
    open: Values = ()
    token: Values = ()
    reconnects: Values = ()
    failed: Values = ()


def drawn(request: Request, share: int) -> bool:
    """Whether this visit is one of the ``share`` in a hundred that are measured; never who asks not to be tracked."""
    return not _untracked(request) and secrets.randbelow(100) < share


async def take(request: Request) -> Response:
    """Count a beacon. A browser that asks not to be tracked is not counted, whatever its panel sent."""
    streams: Streams = request.state.streams
    engine = streams.engine
    try:
        async with engine.db.read() as session:
            door = await doors.door(session, request.query_params.get("bot", ""))
    except NotFound:
        return _refused(404, "unknown_bot", "There is no such bot.")
    except Unreachable:
        return _away()
    if not auth.origin_allowed(request.headers.get("origin"), {*door.origins, *engine.settings.own_origins}):
        return _refused(403, "bad_origin", "This bot may not be used here.")
    beacon = await _beacon(request)
    if beacon is None:
        return _refused(400, "bad_request", "This is no beacon of a panel's.")
    if not door.vitals or _untracked(request):
        return Response(status_code=204, headers=DONE)
    if (wait := await _wait(request, engine, door)) is not None:
        return _refused(429, "rate_limited", "That was a lot at once.", **{"Retry-After": str(wait)})
    measured: dict[Metric, tuple[int, ...]] = {metric: getattr(beacon, metric) for metric in get_args(Metric)}
    try:
        async with engine.db.write() as session:
            await vitals.count(session, door.workspace_id, door.bot_id, beacon.device, measured)
    except Unreachable:
        return _away()
    return Response(status_code=204, headers=DONE)


def _untracked(request: Request) -> bool:
    return "1" in (request.headers.get("sec-gpc"), request.headers.get("dnt"))


async def _beacon(request: Request) -> Beacon | None:
    body = b""
    async for some in request.stream():
        body += some
        if len(body) > BODY:
            return None
    try:
        return msgspec.json.decode(body, type=Beacon)
    except msgspec.DecodeError:
        return None


async def _wait(request: Request, engine: Engine, door: Door) -> int | None:
    sender = network(request.client.host if request.client else "")
    wait = await engine.limits.hit(f"vitals:{door.bot_id}:{sender}", *SENDER)
    return wait if wait is not None else await engine.limits.hit(f"vitals:{door.bot_id}", *BOT)


def _refused(status: int, code: str, message: str, **headers: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status, DONE | headers)


def _away() -> Response:
    return _refused(503, "unavailable", "The service is not available just now.")
