"""The page about visitors who are signed in to the owner's site."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console import flash
from console.access import doors
from console.access.guard import text_of
from console.context import console_of
from console.identity import service, snippets
from console.knowledge import bots, frame
from console.knowledge.doors import changing, inside
from engine.codec import clean
from engine.models import Bot
from knowledge.entries import NotFound

BASE = "/app/{slug}/knowledge/{domain_id}/identity"


def routes() -> list[BaseRoute]:
    return [
        Route(BASE, show, methods=["GET"]),
        Route(BASE, save, methods=["POST"]),
        Route(f"{BASE}/rotate", rotate, methods=["POST"]),
        Route(f"{BASE}/end", end, methods=["POST"]),
    ]


async def show(request: Request) -> Response:
    """Who may not change anything is not shown the secret either."""
    at = await inside(request)
    engine = console_of(request).engine
    async with engine.db.read() as session:
        found = await bots.all_with(session, at.owner, Bot.identified)
        secret = await service.secret(session, at.owner, engine.settings.secret) if at.may_edit else None
    page = "identity/page.html"
    response = frame.page(
        request, at, page, here="/identity", bots=found, secret=secret, snippets=snippets.SNIPPETS, call=snippets.CALL
    )
    response.headers["Cache-Control"] = "no-store"
    return response


async def save(request: Request) -> Response:
    """Whether one bot talks to the identified alone."""
    at, form = await changing(request)
    identified = text_of(form, "identified") == "on"
    try:
        async with console_of(request).engine.db.write() as session:
            bot_id = clean(text_of(form, "bot"))
            name = await bots.change(session, at.owner, bot_id, Bot.identified, identified)
    except NotFound:
        raise doors.NotFound from None
    who = "only visitors whom your site vouches for" if identified else "every visitor"
    return flash.redirect(request, f"{at.base}/identity", f"Saved. {name} talks to {who}.")


async def rotate(request: Request) -> Response:
    at, _ = await changing(request)
    async with console_of(request).engine.db.write() as session:
        await service.rotate(session, at.owner)
    said = "There is a new secret. The one before still holds until you end it."
    return flash.redirect(request, f"{at.base}/identity", said)


async def end(request: Request) -> Response:
    at, _ = await changing(request)
    async with console_of(request).engine.db.write() as session:
        await service.end(session, at.owner)
    return flash.redirect(request, f"{at.base}/identity", "The secret before holds no more.")
