"""The page about ratings; it is only read."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console import periods
from console.access import guard
from console.context import console_of
from console.ratings import service


def routes() -> list[BaseRoute]:
    return [Route("/app/{slug}/ratings", show, methods=["GET"])]


async def show(request: Request) -> Response:
    """The figures of the last ``days`` (7, 30 or 90) and the newest ratings."""
    entry = await guard.entered(request)
    console, days = console_of(request), periods.chosen(request)
    async with console.engine.db.read() as session:
        figures = await service.figures(session, entry.membership.workspace_id, days)
        lines = await service.newest(session, entry.membership.workspace_id, days)
    return console.templates.page(
        request,
        "ratings/page.html",
        who=entry.who,
        membership=entry.membership,
        figures=figures,
        lines=lines,
        days=days,
        choices=periods.DAYS,
        content=service.CONTENT,
    )
