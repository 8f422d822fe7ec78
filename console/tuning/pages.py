"""The page on which an owner says how cautious the bot is, and sees what that would have done."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console import flash
from console.access.guard import text_of
from console.context import console_of
from console.knowledge import frame
from console.knowledge.doors import changing, inside
from console.tuning import service
from knowledge import changes, entries, port
from knowledge.changes import Owner

BASE = "/app/{slug}/knowledge/{domain_id}/tuning"
EMBEDDINGS = ("off", "local", "endpoint")


def routes() -> list[BaseRoute]:
    return [Route(BASE, show, methods=["GET"]), Route(BASE, save, methods=["POST"])]


async def show(request: Request) -> Response:
    at = await inside(request)
    db = console_of(request).engine.db
    async with db.read() as session:
        settings = await service.settings_of(session, at.workspace_id, at.domain_id)
    found = await service.asked(db, at.workspace_id, at.domain_id)
    return frame.page(
        request,
        at,
        "tuning/page.html",
        here="/tuning",
        settings=settings,
        asked=len(found),
        columns=service.columns(found, settings.caution),
        names=service.NAMES,
        words=service.in_words(settings.caution),
        examples=service.EXAMPLES,
        available=sorted(port.judge.shelves.askers),
    )


async def save(request: Request) -> Response:
    at, form = await changing(request)
    caution, country = text_of(form, "caution"), text_of(form, "country").strip().upper()
    embeddings = text_of(form, "embeddings") or "off"
    here = f"{at.base}/tuning"
    if not (caution.isascii() and caution.isdecimal() and int(caution[:4] or 0) <= 100):
        return flash.redirect(request, here, "Caution is a number from 0 to 100.", tone="danger")
    if not (len(country) == 2 and country.isascii() and country.isalpha()):
        return flash.redirect(request, here, "A country has two letters, such as US or DE.", tone="danger")
    if embeddings not in EMBEDDINGS:
        return flash.redirect(request, here, "Choose one of the list.", tone="danger")
    async with console_of(request).engine.db.write() as session:
        await entries.bump(session, at.workspace_id, at.domain_id)
        settings = await session.merge(await service.settings_of(session, at.workspace_id, at.domain_id))
        before = {"caution": settings.caution, "embeddings": settings.embeddings}
        settings.caution, settings.country, settings.embeddings = int(caution), country, embeddings
        settings.ask_in_first_reply = text_of(form, "ask_in_first_reply") == "on"
        settings.publish_check = text_of(form, "publish_check") == "on"
        after = {"caution": settings.caution, "embeddings": settings.embeddings}
        owner = Owner(at.workspace_id, at.domain_id, at.who.user_id)
        await changes.record(session, owner, "knowledge.tune", at.domain_id, {"before": before, "after": after})
    return flash.redirect(request, here, "Saved. It holds from the next message on.")
