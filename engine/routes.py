"""What the engine serves: the two sockets, the widget and its parts, the Help tab, files, health and readiness."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from engine import auth, beacons, doors, faq, languages, phrases, uploads
from engine.agents import desk_socket
from engine.db import Unreachable
from engine.doors import Door, NotFound
from engine.languages import LANGUAGES
from engine.packing import Packed
from engine.ports import Engine
from engine.streams import Streams
from engine.visitors import chat

JAVASCRIPT = "text/javascript; charset=utf-8"
FOR_A_WHILE = {  # a new version of what stands on host pages reaches all of them within 5 minutes
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "public, max-age=300, stale-while-revalidate=86400",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}


def routes() -> list[BaseRoute]:
    return [
        WebSocketRoute("/v1/chat", chat),
        WebSocketRoute("/v1/desk", desk_socket),
        Route("/v1/panel", panel),
        Route("/v1/panel/{version}/{language}/{name}", part),
        Route("/v1/help", faq.read, methods=["GET"]),
        Route("/v1/help", faq.say, methods=["POST"]),
        Route("/v1/files", uploads.take, methods=["POST"]),
        Route("/v1/files/{id}", uploads.give, methods=["GET"]),
        Route("/v1/vitals", beacons.take, methods=["POST"]),
        Route("/widget.js", loader),
        Route("/widget/{name}", host),
        Route("/healthz", health),
        Route("/readyz", readiness),
    ]


async def loader(request: Request) -> Response:
    """``GET /widget.js``: what the script tag loads."""
    return await _on_any_page(request, request.state.streams.engine.widget.loader(), "widget.js")


async def host(request: Request) -> Response:
    """``GET /widget/NAME.js``: what the loader imports into the page later, or for what its tag says; and the source
    map of every script, for whose developer tools ask for it."""
    widget, name = request.state.streams.engine.widget, request.path_params["name"]
    if name.endswith(".map"):
        found = (await asyncio.to_thread(widget.source_maps)).get(name)
        return Response(found, media_type="application/json", headers=FOR_A_WHILE) if found else _absent()
    body = widget.hosts().get(name)
    return await _on_any_page(request, body, name) if body else _absent()


async def _on_any_page(request: Request, script: bytes, name: str) -> Response:
    packed: Packed = request.state.streams.engine.packed
    return await packed.response(request, script, JAVASCRIPT, FOR_A_WHILE | {"SourceMap": f"/widget/{name}.map"})


def _absent() -> Response:
    return _problem(404, "not_found", "There is no such part of the widget.")


async def panel(request: Request) -> Response:
    """``GET /v1/panel?bot=KEY&lang=TAG``: the conversation's document, framable by the bot's origins alone. It speaks
    the language of the owner's choice, else of the page (``lang``), else of the browser, and sets the visitor's cookie
    where there is none yet (``HttpOnly``: no script ever reads it), or with ``new`` another one."""
    streams: Streams = request.state.streams
    engine = streams.engine
    try:
        async with engine.db.read() as session:
            door = await doors.door(session, request.query_params.get("bot", ""))
    except NotFound:
        return _problem(404, "unknown_bot", "There is no such bot. Check the data-bot key of the script tag.")
    except Unreachable:
        return _problem(503, "unavailable", "The service is not available just now. Try again in a moment.")
    wishes = (door.language, request.query_params.get("lang"), request.headers.get("accept-language"))
    language = languages.chosen(*wishes)
    parts = f"/v1/panel/{engine.widget.version()}/{language}/"
    ours = {"parts": parts, "vitals": beacons.drawn(request, door.vitals)}
    if door.identified:
        ours["signIn"] = phrases.say("sign_in", language)
    document = engine.widget.panel(_settings(door, engine) | ours, language)
    scripts = " ".join(f"{origin}{parts}" for origin in sorted(engine.settings.own_origins))
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": _policy(
            door, f"{document.script_src} {scripts}", document.style_src, engine.settings.own_origins
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    response = await engine.packed.response(request, document.body, "text/html; charset=utf-8", headers)
    name = auth.cookie_name(door.domain_id)
    known = auth.visitor_of(engine.settings.secret, door.domain_id, request.cookies.get(name))
    if known is None or "new" in request.query_params:
        # Browsers count loopback as secure, so that a site on this machine may frame us just like a site on the web.
        secure = engine.settings.secure or request.url.hostname in ("127.0.0.1", "localhost", "::1")
        cookie = auth.cookie(name, auth.issue(engine.settings.secret, door.domain_id), secure=secure)
        response.headers.append("Set-Cookie", cookie)
    return response


async def part(request: Request) -> Response:
    """``GET /v1/panel/VERSION/LANGUAGE/NAME.js``: kept for ever, its address changes with it; another version's is
    gone."""
    engine: Engine = request.state.streams.engine
    language = request.path_params["language"]
    body = engine.widget.parts(language).get(request.path_params["name"]) if language in LANGUAGES else None
    if body is None or request.path_params["version"] != engine.widget.version():
        return _problem(404, "not_found", "This part of the chat is of another version. Load the page again.")
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
        "SourceMap": f"/widget/{request.path_params['name']}.map",
    }
    return await engine.packed.response(request, body, JAVASCRIPT, headers)


async def health(request: Request) -> Response:
    """``GET /healthz``: the process runs."""
    return JSONResponse({"ok": True}, headers={"Cache-Control": "no-store"})


async def readiness(request: Request) -> Response:
    """``GET /readyz``: 200 when messages can be stored, else 503. A Redis that is gone is told, and is no reason to
    take the node out: it serves on, and polls."""
    engine = request.state.streams.engine
    try:
        await engine.db.ping()
        database = "ok"
    except Unreachable:
        database = "unreachable"
    redis = "none" if not engine.settings.REDIS_URL else "ok" if engine.bus.healthy else "unreachable"
    body = {"ready": database == "ok", "database": database, "redis": redis}
    return JSONResponse(body, 200 if body["ready"] else 503, {"Cache-Control": "no-store"})


def _settings(door: Door, engine: Engine) -> dict[str, object]:
    view = door.view
    return {
        "key": view.key,
        "name": view.name,
        "greeting": view.greeting,
        "color": view.color,
        "suggestions": view.suggestions,
        "help": "" if door.help == "off" else door.help,
        "mail": engine.mailer is not None,
        "most": engine.settings.FILE_BYTES,
        "gate": {"text": door.consent, "version": door.version} if door.consent else None,
        "origins": sorted({*door.origins, *engine.settings.own_origins}),
    }


def _policy(door: Door, script_src: str, style_src: str, own_origins: frozenset[str]) -> str:
    ancestors = " ".join(sorted({*door.origins, *own_origins}))
    return (
        f"default-src 'none'; script-src {script_src}; style-src {style_src}; connect-src 'self'; "
        f"img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
    )


def _problem(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status, {"Cache-Control": "no-store"})
