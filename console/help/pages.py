"""The page about the Help tab, and its switch."""

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
from engine.models import Bot
from knowledge import topics
from knowledge.entries import NotFound

BASE = "/app/{slug}/knowledge/{domain_id}/help"
CHOICES: Final = (
    ("off", "No Help tab"),
    ("beside", "A Help tab; the chat opens first"),
    ("first", "A Help tab that opens first"),
)


def routes() -> list[BaseRoute]:
    return [Route(BASE, show, methods=["GET"]), Route(BASE, save, methods=["POST"])]


async def show(request: Request) -> Response:
    at = await inside(request)
    async with console_of(request).engine.db.read() as session:
        found = await bots.all_with(session, at.owner, Bot.help)
        tallies = await topics.tallies(session, at.workspace_id, at.domain_id)
    return frame.page(request, at, "help/page.html", here="/help", bots=found, tallies=tallies, choices=CHOICES)


async def save(request: Request) -> Response:
    """Another choice for one bot."""
    at, form = await changing(request)
    here, choice = f"{at.base}/help", text_of(form, "choice")
    if choice not in dict(CHOICES):
        return flash.redirect(request, here, "Choose one of the list.", tone="danger")
    try:
        async with console_of(request).engine.db.write() as session:
            name = await bots.change(session, at.owner, clean(text_of(form, "bot")), Bot.help, choice)
    except NotFound:
        raise doors.NotFound from None
    return flash.redirect(request, here, f"Saved. {name} shows it to whoever opens the chat from now on.")
