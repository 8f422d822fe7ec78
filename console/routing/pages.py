"""The page about who is given the chats that wait; owners and admins change it, the desk reads it."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console import flash
from console.access import doors, guard
from console.access.guard import Entry, text_of
from console.context import console_of
from console.routing import service
from engine.codec import clean
from engine.languages import LANGUAGES

BASE = "/app/{slug}/routing"


def routes() -> list[BaseRoute]:
    return [
        Route(BASE, show, methods=["GET"]),
        Route(BASE, save, methods=["POST"]),
        Route(BASE + "/member", share, methods=["POST"]),
    ]


async def show(request: Request) -> Response:
    entry = await guard.entered(request)
    doors.require(entry.membership.may_use_desk)
    console, workspace_id = console_of(request), entry.membership.workspace_id
    async with console.engine.db.read() as session:
        rule = await service.rule(session, workspace_id)
        colleagues = await service.colleagues(session, workspace_id)
        sites = await service.sites(session, workspace_id)
    return flash.page(
        request,
        "routing/page.html",
        who=entry.who,
        membership=entry.membership,
        rule=rule,
        colleagues=colleagues,
        sites=sites,
        ways=service.WAYS,
        seconds=service.ANSWER_SECONDS,
        capacity=service.CAPACITY,
        languages=LANGUAGES,
    )


async def save(request: Request) -> Response:
    """Another way to give chats out."""
    entry, form, here = await _changing(request)
    try:
        wished = service.wished_rule(text_of(form, "way"), text_of(form, "seconds"))
    except service.Unclear as unclear:
        return flash.redirect(request, here, f"Not saved. {unclear}", tone="danger")
    async with console_of(request).engine.db.write() as session:
        await service.set_rule(session, entry.membership.workspace_id, entry.who.user_id, wished)
    return flash.redirect(request, here, "Saved. It holds for whoever asks for a person from now on.")


async def share(request: Request) -> Response:
    """Other chats for one member."""
    entry, form, here = await _changing(request)
    workspace_id = entry.membership.workspace_id
    languages, domains = ([str(value) for value in form.getlist(name)] for name in ("languages", "domains"))
    async with console_of(request).engine.db.write() as session:
        try:
            known = await service.sites(session, workspace_id)
            wished = service.wished_share(text_of(form, "capacity"), languages, domains, known)
        except service.Unclear as unclear:
            return flash.redirect(request, here, f"Not saved. {unclear}", tone="danger")
        member_id = clean(text_of(form, "member"))
        name = await service.set_share(session, workspace_id, entry.who.user_id, member_id, wished)
    return flash.redirect(request, here, f"Saved for {name}.")


async def _changing(request: Request) -> tuple[Entry, FormData, str]:
    entry = await guard.entered(request)
    doors.require(entry.membership.may_lead)
    form = await guard.form_of(request, entry.who.csrf, fields=200)
    return entry, form, BASE.format(slug=entry.membership.slug)
