"""The playground's page."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console.access.guard import text_of
from console.context import console_of
from console.knowledge import frame
from console.knowledge.doors import Inside, changing, inside
from console.playground import service
from engine.codec import clean
from engine.ports import Ask

BASE = "/app/{slug}/knowledge/{domain_id}/playground"
MOST_EARLIER = 3
LONGEST = 4_000


def routes() -> list[BaseRoute]:
    return [Route(BASE, show, methods=["GET"]), Route(BASE, run, methods=["POST"])]


async def show(request: Request) -> Response:
    at = await inside(request)
    return await _page(request, at, request.query_params.get("text", ""), request.query_params.get("earlier", ""))


async def run(request: Request) -> Response:
    """With the model, which costs what an answer costs."""
    at, form = await changing(request)
    return await _page(request, at, text_of(form, "text"), text_of(form, "earlier"), model=True)


async def _page(request: Request, at: Inside, text: str, earlier: str, *, model: bool = False) -> Response:
    engine = console_of(request).engine
    text = clean(text)[:LONGEST]
    before = [line for line in clean(earlier).splitlines() if line.strip()][-MOST_EARLIER:]
    looked, said = None, None
    if text:
        async with engine.db.read() as session:
            voice = await service.voice_of(session, at.workspace_id, at.domain_id)
        ask = Ask(at.workspace_id, at.domain_id, voice.version, text)
        looked = await service.look(engine.db, engine.settings, engine.provider, ask, before[::-1], voice)
        if model and engine.provider is not None and looked.prompt is not None:
            said = await service.run(engine.db, engine.settings, engine.provider, at.workspace_id, looked, ask, voice)
    return frame.page(
        request,
        at,
        "playground/page.html",
        here="/playground",
        provider=engine.provider,
        text=text,
        earlier="\n".join(before),
        looked=looked,
        answer=said,
    )
