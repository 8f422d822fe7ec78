"""The page about hours, and its form for each bot."""

from functools import cache
from zoneinfo import available_timezones

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console import flash
from console.access import doors
from console.access.guard import text_of
from console.context import console_of
from console.hours import service
from console.knowledge import frame
from console.knowledge.doors import changing, inside
from engine.codec import clean
from engine.hours import Unclear
from knowledge.entries import NotFound

BASE = "/app/{slug}/knowledge/{domain_id}/hours"


def routes() -> list[BaseRoute]:
    return [Route(BASE, show, methods=["GET"]), Route(BASE, save, methods=["POST"])]


async def show(request: Request) -> Response:
    at = await inside(request)
    console = console_of(request)
    async with console.engine.db.read() as session:
        bots = await service.bots(session, at.owner)
    return frame.page(
        request, at, "hours/page.html", here="/hours", bots=bots, names=service.DAYS, zones=_zones(),
        can_mail=console.engine.mailer is not None,
    )  # fmt: skip


async def save(request: Request) -> Response:
    """Other hours for one bot."""
    at, form = await changing(request)
    here = f"{at.base}/hours"
    try:
        wished = service.wish({name: clean(text_of(form, name)) for name in form})
    except Unclear as unclear:
        return flash.redirect(request, here, f"Not saved. {unclear}", tone="danger")
    try:
        async with console_of(request).engine.db.write() as session:
            name = await service.save(session, at.owner, clean(text_of(form, "bot")), wished)
    except NotFound:
        raise doors.NotFound from None
    return flash.redirect(request, here, f"Saved. {name} keeps to it from now on.")


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC"))
