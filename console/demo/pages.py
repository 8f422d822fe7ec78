"""The front door, and the demo shop that has the widget on it."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from console.context import console_of
from console.demo import DEMO
from engine.models import Bot, Workspace
from widget import assets


def routes() -> list[BaseRoute]:
    return [Route("/", front, methods=["GET"]), Route("/demo", shop, methods=["GET"])]


async def front(request: Request) -> Response:
    async with console_of(request).engine.db.read() as session:
        key = await _bot_key(session)
    return RedirectResponse("/demo" if key else "/auth/sign-in", 303)


async def shop(request: Request) -> Response:
    """A plain shop page with the script tag. It may run the widget's script, and frame the panel, nothing else."""
    console = console_of(request)
    async with console.engine.db.read() as session:
        key = await _bot_key(session)
    if key is None:
        raise HTTPException(404, "There is no demo here. `frontdesk seed` makes it.")
    base = _base(request)
    page = assets.demo(key, base)
    policy = (
        f"default-src 'none'; script-src {page.script_src}; style-src {page.style_src}; frame-src {base};"
        f" connect-src {base}; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    headers = {"content-security-policy": policy, "cache-control": "no-cache"}
    return Response(page.body, media_type="text/html; charset=utf-8", headers=headers)


def _base(request: Request) -> str:
    """Our origin as this browser wrote it, where it is one of ours: then the panel and the shop are of one site."""
    settings = console_of(request).engine.settings
    asked = f"{'https' if settings.secure else 'http'}://{request.headers.get('host', '')}".lower()
    return asked if asked in settings.own_origins else settings.public_url


async def _bot_key(session: AsyncSession) -> str | None:
    query = (
        select(Bot.key)
        .join(Workspace, Workspace.id == Bot.workspace_id)
        .where(Workspace.slug == DEMO, Bot.active.is_(True))
        .order_by(Bot.created_at, Bot.id)
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()
