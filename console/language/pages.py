"""The page about the language in which a bot speaks to visitors."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console import flash
from console.access import doors
from console.access.guard import text_of
from console.context import console_of
from console.knowledge import frame
from console.knowledge.doors import Inside, changing, inside
from console.language import service
from engine.codec import clean
from engine.languages import LANGUAGES
from knowledge.changes import Owner
from knowledge.entries import NotFound

BASE = "/app/{slug}/knowledge/{domain_id}/language"


def routes() -> list[BaseRoute]:
    return [Route(BASE, show, methods=["GET"]), Route(BASE, save, methods=["POST"])]


async def show(request: Request) -> Response:
    at = await inside(request)
    async with console_of(request).engine.db.read() as session:
        bots = await service.bots(session, _owner(at))
    page = "language/page.html"
    return frame.page(request, at, page, here="/language", bots=bots, choices=service.CHOICES, languages=LANGUAGES)


async def save(request: Request) -> Response:
    """Another language for one bot."""
    at, form = await changing(request)
    here, language = f"{at.base}/language", text_of(form, "language")
    if language not in dict(service.CHOICES):
        return flash.redirect(request, here, "Choose one of the list.", tone="danger")
    try:
        async with console_of(request).engine.db.write() as session:
            name = await service.choose(session, _owner(at), clean(text_of(form, "bot")), language)
    except NotFound:
        raise doors.NotFound from None
    spoken = LANGUAGES[language].english if language else "the visitor's own language"
    return flash.redirect(request, here, f"Saved. {name} speaks {spoken} to whoever opens the chat from now on.")


def _owner(at: Inside) -> Owner:
    return Owner(at.workspace_id, at.domain_id, at.who.user_id)
