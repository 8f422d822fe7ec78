"""The usage page: what there is, and what each answer cost."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console.access import guard
from console.access.doors import require
from console.billing import service
from console.context import console_of


def routes() -> list[BaseRoute]:
    return [Route("/app/{slug}/usage", usage, methods=["GET"])]


async def usage(request: Request) -> Response:
    entry = await guard.entered(request)
    require(entry.membership.may_see_billing)
    console = console_of(request)
    before = request.query_params.get("before")
    async with console.engine.db.read() as session:
        account = await service.account_of(session, entry.membership.workspace_id)
        page = await service.page_of(session, entry.membership.workspace_id, before)
    return console.templates.page(
        request,
        "billing/usage.html",
        who=entry.who,
        membership=entry.membership,
        price=service.price_of(console.engine.settings.OPENAI_MODEL),
        account=account,
        lines=page.lines,
        older=page.older,
        paged=before is not None,
    )
