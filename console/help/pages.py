"""The page about the Help tab, and its switch."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console import flash
from console.access import doors
from console.access.guard import text_of
from console.context import console_of
from console.help import service
from console.knowledge import frame
from console.knowledge.doors import Inside, changing, inside
from engine.codec import clean
from knowledge import topics
from knowledge.changes import Owner
from knowledge.entries import NotFound

BASE = "/app/{slug}/knowledge/{domain_id}/help"


def routes() -> list[BaseRoute]:
    return [Route(BASE, show, methods=["GET"]), Route(BASE, save, methods=["POST"])]


async def show(request: Request) -> Response:
    at = await inside(request)
    async with console_of(request).engine.db.read() as session:
        bots = await service.bots(session, _owner(at))
        tallies = await topics.tallies(session, at.workspace_id, at.domain_id)
    return frame.page(request, at, "help/page.html", here="/help", bots=bots, tallies=tallies, choices=service.CHOICES)


async def save(request: Request) -> Response:
    """Another choice for one bot."""
    at, form = await changing(request)
    here, choice = f"{at.base}/help", text_of(form, "choice")
    if choice not in dict(service.CHOICES):
        return flash.redirect(request, here, "Choose one of the list.", tone="danger")
    try:
        async with console_of(request).engine.db.write() as session:
            name = await service.switch(session, _owner(at), clean(text_of(form, "bot")), choice)
    except NotFound:
        raise doors.NotFound from None
    return flash.redirect(request, here, f"Saved. {name} shows it to whoever opens the chat from now on.")


def _owner(at: Inside) -> Owner:
    return Owner(at.workspace_id, at.domain_id, at.who.user_id)
