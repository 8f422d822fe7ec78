"""What a model suggests, to choose from; plain forms that work without JavaScript.

Asking leads to a page of its own that shows what came: loading it again asks nothing and costs nothing.
"""

from collections.abc import Awaitable, Callable

from limits import RateLimitItemPerMinute
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from console import flash
from console.access import doors
from console.access.guard import text_of
from console.context import console_of
from console.knowledge import frame
from console.knowledge.doors import Inside, changing, inside
from console.markdown import rendered
from engine.ports import Provider
from knowledge import consulting, entries, measuring, sources, suggesting, writing
from knowledge.entries import Invalid
from knowledge.suggesting import Suggested

BASE = "/app/{slug}/knowledge/{domain_id}"
OFTEN = RateLimitItemPerMinute(20)  # requests to the model that one workspace may make by hand (R15)
FIELDS = 40
TOO_OFTEN = "That was too often for one minute. Try again in a moment."


def routes() -> list[BaseRoute]:
    return [
        Route(BASE + "/entries/{entry_id}/suggestions", suggest, methods=["POST"]),
        Route(BASE + "/entries/{entry_id}/suggestions/{change_id}", suggestions, methods=["GET"]),
        Route(BASE + "/entries/{entry_id}/suggestions/{change_id}", take, methods=["POST"]),
        Route(BASE + "/gaps/drafted", draft, methods=["POST"]),
        Route(BASE + "/gaps/drafted/{change_id}", drafted, methods=["GET"]),
        Route(BASE + "/import/{source_id}/stop-writing", stop, methods=["POST"]),
    ]


async def suggest(request: Request) -> Response:
    """Have phrasings suggested for an entry, as it is saved."""
    at, _ = await changing(request)
    db, entry_id = console_of(request).engine.db, request.path_params["entry_id"]
    here = f"{at.base}/entries/{entry_id}"
    return await _asked(
        request, at, lambda model: suggesting.phrasings(db, model, at.owner, entry_id), here, f"{here}/suggestions"
    )


async def suggestions(request: Request) -> Response:
    at = await inside(request, edit=True)
    entry_id, change_id = request.path_params["entry_id"], request.path_params["change_id"]
    async with console_of(request).engine.db.read() as session:
        try:
            entry, found = await suggesting.suggested(session, at.owner, entry_id, change_id)
        except entries.NotFound:
            raise doors.NotFound from None
    return frame.page(request, at, "drafting/phrasings.html", entry=entry, found=found, change_id=change_id)


async def take(request: Request) -> Response:
    """Those that are ticked become the entry's."""
    at, form = await changing(request)
    entry_id, change_id = request.path_params["entry_id"], request.path_params["change_id"]
    here = f"{at.base}/entries/{entry_id}"
    chosen = [text for text in form.getlist("phrasing") if isinstance(text, str)]
    if not chosen:
        said = "Tick those that visitors would type."
        return flash.redirect(request, f"{here}/suggestions/{change_id}", said, tone="warning")
    async with console_of(request).engine.db.write() as session:
        try:
            count = await suggesting.take(session, at.owner, entry_id, change_id, chosen)
        except entries.NotFound:
            raise doors.NotFound from None
        except Invalid as wrong:
            return flash.redirect(request, here, next(iter(wrong.faults.values())), tone="danger")
        if count:
            await measuring.ask_for(session, at.workspace_id, at.domain_id)
    said = f"{count} {'phrasing is' if count == 1 else 'phrasings are'} added."
    return flash.redirect(request, here, said if count else "The entry has them already.")


async def draft(request: Request) -> Response:
    """Have an answer drafted for a group of gaps."""
    at, form = await changing(request, fields=FIELDS)
    ids = [text for text in text_of(form, "gaps").split(",") if text][: suggesting.MOST_GAPS]
    db, here = console_of(request).engine.db, f"{at.base}/gaps"
    return await _asked(request, at, lambda model: suggesting.answer(db, model, at.owner, ids), here, f"{here}/drafted")


async def drafted(request: Request) -> Response:
    at = await inside(request, edit=True)
    async with console_of(request).engine.db.read() as session:
        try:
            found = await suggesting.drafted(session, at.owner, request.path_params["change_id"])
        except entries.NotFound:
            raise doors.NotFound from None
    return frame.page(request, at, "drafting/answer.html", here="/gaps", found=found, answer=rendered(found.text))


async def stop(request: Request) -> Response:
    """The model writes no further questions for an import."""
    at, _ = await changing(request)
    source_id = request.path_params["source_id"]
    async with console_of(request).engine.db.write() as session:
        try:
            source = await sources.source_of(session, at.workspace_id, at.domain_id, source_id)
        except entries.NotFound:
            raise doors.NotFound from None
        stopped = await writing.stop(session, source)
    said = "The model stops. What it wrote stays." if stopped else "It was done already."
    return flash.redirect(request, f"{at.base}/import/{source_id}", said)


async def _asked(
    request: Request, at: Inside, ask: Callable[[Provider], Awaitable[Suggested]], here: str, there: str
) -> Response:
    """To the page that shows what came, or back to where it was asked for, with the reason why nothing did."""
    engine = console_of(request).engine
    if engine.provider is None:
        return flash.redirect(request, here, consulting.NO_MODEL, tone="warning")
    if await engine.limits.hit(f"draft:{at.workspace_id}", OFTEN) is not None:
        return flash.redirect(request, here, TOO_OFTEN, tone="warning")
    try:
        found = await ask(engine.provider)
    except entries.NotFound:
        raise doors.NotFound from None
    if found.change_id is None:
        return flash.redirect(request, here, found.reason, tone="warning")
    return RedirectResponse(f"{there}/{found.change_id}", 303)
