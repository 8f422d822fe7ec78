"""The live desk: one document; everything in it comes over ``/v1/desk``."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console.access import guard
from console.access.doors import require
from console.context import console_of


def routes() -> list[BaseRoute]:
    return [Route("/app/{slug}/live", desk, methods=["GET"])]


async def desk(request: Request) -> Response:
    entry = await guard.entered(request)
    require(entry.membership.may_use_desk)
    page = console_of(request).templates.page
    most = console_of(request).engine.settings.FILE_BYTES
    return page(request, "live/desk.html", who=entry.who, membership=entry.membership, most=most)
