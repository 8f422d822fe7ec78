"""The page about the language in which a bot speaks to visitors."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console import flash
from console.access import doors
from console.access.guard import text_of
from console.context import console_of
from console.knowledge import bots, frame
from console.knowledge.doors import changing, inside
from engine.codec import clean
from engine.languages import LANGUAGES
from engine.models import Bot
from knowledge.entries import NotFound

BASE = "/app/{slug}/knowledge/{domain_id}/language"
ADAPTS: Final = ""  # the page's language, else the browser's
CHOICES: Final = ((ADAPTS, "The visitor's own"), *sorted((tag, each.own) for tag, each in LANGUAGES.items()))


def routes() -> list[BaseRoute]:
    return [Route(BASE, show, methods=["GET"]), Route(BASE, save, methods=["POST"])]


async def show(request: Request) -> Response:
    at = await inside(request)
    async with console_of(request).engine.db.read() as session:
        found = await bots.all_with(session, at.owner, Bot.language)
    page = "language/page.html"
    return frame.page(request, at, page, here="/language", bots=found, choices=CHOICES, languages=LANGUAGES)


async def save(request: Request) -> Response:
    """Another language for one bot."""
    at, form = await changing(request)
    here, language = f"{at.base}/language", text_of(form, "language")
    if language not in dict(CHOICES):
        return flash.redirect(request, here, "Choose one of the list.", tone="danger")
    try:
        async with console_of(request).engine.db.write() as session:
            name = await bots.change(session, at.owner, clean(text_of(form, "bot")), Bot.language, language)
    except NotFound:
        raise doors.NotFound from None
    spoken = LANGUAGES[language].english if language else "the visitor's own language"
    return flash.redirect(request, here, f"Saved. {name} speaks {spoken} to whoever opens the chat from now on.")
