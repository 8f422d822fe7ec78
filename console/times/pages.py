"""The page about response times; it is only read."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console import periods
from console.access import guard
from console.context import console_of
from console.times import service


def routes() -> list[BaseRoute]:
    return [Route("/app/{slug}/times", show, methods=["GET"])]


async def show(request: Request) -> Response:
    """The figures of the last ``days`` (7, 30 or 90)."""
    entry = await guard.entered(request)
    console, days = console_of(request), periods.chosen(request)
    async with console.engine.db.read() as session:
        figures = await service.figures(session, entry.membership.workspace_id, days)
    return console.templates.page(
        request, "times/page.html", who=entry.who, membership=entry.membership, figures=figures, days=days,
        choices=periods.DAYS, endings=service.ENDINGS, span=service.span, most=service.MOST,
    )  # fmt: skip
