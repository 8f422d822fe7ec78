"""The page about the widget's speed, and the choice of how many visits are measured."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console import flash, periods
from console.access import doors, guard
from console.access.guard import text_of
from console.context import console_of
from console.speed import service
from engine.codec import clean
from engine.vitals import DEVICES

BASE = "/app/{slug}/speed"


def routes() -> list[BaseRoute]:
    return [Route(BASE, show, methods=["GET"]), Route(BASE, save, methods=["POST"])]


async def show(request: Request) -> Response:
    """The figures of the last ``days`` (7, 30 or 90), of one ``bot`` and one kind of ``device`` if chosen."""
    entry = await guard.entered(request)
    console, wanted = console_of(request), request.query_params
    days = periods.chosen(request)
    device = wanted["device"] if wanted.get("device") in DEVICES else None
    async with console.engine.db.read() as session:
        bots = await service.bots(session, entry.membership.workspace_id)
        bot = next((each for each in bots if each.id == wanted.get("bot")), None)
        lines = await service.lines(session, entry.membership.workspace_id, days, bot and bot.id, device)
    return flash.page(
        request,
        "speed/page.html",
        who=entry.who,
        membership=entry.membership,
        bots=bots,
        bot=bot,
        days=days,
        device=device,
        lines=lines,
        choices=periods.DAYS,
        devices=DEVICES,
        shares=service.SHARES,
    )


async def save(request: Request) -> Response:
    """Another share of visits for one bot."""
    entry = await guard.entered(request)
    doors.require(entry.membership.may_edit_knowledge)
    form = await guard.form_of(request, entry.who.csrf)
    here = f"/app/{entry.membership.slug}/speed"
    share = next((each for each in service.SHARES if str(each) == text_of(form, "share")), None)
    if share is None:
        return flash.redirect(request, here, "Choose one of the list.", tone="danger")
    whose, bot_id = (entry.membership.workspace_id, entry.who.user_id), clean(text_of(form, "bot"))
    async with console_of(request).engine.db.write() as session:
        name = await service.measure_of(session, *whose, bot_id, share)
    if name is None:
        raise doors.NotFound
    said = f"{name} measures {share} visits in a hundred" if share else f"{name} measures nothing"
    return flash.redirect(request, here, f"Saved. {said} from now on.")
