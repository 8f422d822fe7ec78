"""The overview of a workspace: its desk, its credits, and the line that puts the bot on a site."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console.access import guard
from console.billing.service import account_of
from console.context import console_of
from console.demo import DEMO
from engine.models import Bot, Domain, Room


@dataclass(frozen=True, slots=True)
class BotLine:
    name: str
    key: str
    domain: str


def routes() -> list[BaseRoute]:
    return [Route("/app/{slug}/", overview, methods=["GET"]), Route("/app/{slug}", overview, methods=["GET"])]


async def overview(request: Request) -> Response:
    entry = await guard.entered(request)
    console, membership = console_of(request), entry.membership
    async with console.engine.db.read() as session:
        counts = await _counts(session, membership.workspace_id)
        bot = await _bot(session, membership.workspace_id)
        account = await account_of(session, membership.workspace_id) if membership.may_see_billing else None
    return console.templates.page(
        request,
        "overview/home.html",
        who=entry.who,
        membership=membership,
        path=f"/app/{membership.slug}/",
        counts=counts,
        bot=bot,
        account=account,
        public_url=console.engine.settings.public_url,
        demo=membership.slug == DEMO,
    )


async def _counts(session: AsyncSession, workspace_id: str) -> dict[str, int]:
    query = select(Room.mode, func.count()).where(Room.workspace_id == workspace_id).group_by(Room.mode)
    found = dict((await session.execute(query)).all())
    return {mode: found.get(mode, 0) for mode in ("bot", "waiting", "live")}


async def _bot(session: AsyncSession, workspace_id: str) -> BotLine | None:
    query = (
        select(Bot.name, Bot.key, Domain.name)
        .join(Domain, Domain.id == Bot.domain_id)
        .where(Bot.workspace_id == workspace_id, Bot.active.is_(True))
        .order_by(Bot.created_at, Bot.id)
        .limit(1)
    )
    row = (await session.execute(query)).one_or_none()
    return BotLine(*row) if row is not None else None
