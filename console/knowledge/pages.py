"""The landing of a workspace's knowledge: its first domain's."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from console.access import doors, guard
from console.context import console_of
from console.knowledge.doors import domains_of


def routes() -> list[BaseRoute]:
    return [Route("/app/{slug}/knowledge", landing, methods=["GET"])]


async def landing(request: Request) -> Response:
    entry = await guard.entered(request)
    async with console_of(request).engine.db.read() as session:
        domains = await domains_of(session, entry.membership.workspace_id)
    if not domains:
        raise doors.NotFound
    return RedirectResponse(f"/app/{entry.membership.slug}/knowledge/{domains[0].id}", 303)
