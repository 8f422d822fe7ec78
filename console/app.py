"""``create(settings)``: the one place where everything is wired."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

import console.access.pages
import console.billing.pages
import console.canned.pages
import console.demo.pages
import console.drafting.pages
import console.entries.pages
import console.evaluation.pages
import console.gaps.pages
import console.help.pages
import console.hours.pages
import console.identity.pages
import console.knowledge.pages
import console.language.pages
import console.live.pages
import console.mail.pages
import console.overview.pages
import console.playground.pages
import console.questions.pages
import console.ratings.pages
import console.routing.pages
import console.sources.pages
import console.speed.pages
import console.times.pages
import console.tuning.pages
import engine.routes
from console import errors
from console.access.attempts import Attempts
from console.access.passwords import Passwords
from console.assembly import assemble, running
from console.context import Console
from console.files import Files
from console.headers import BodyLimit, SecurityHeaders
from console.templates import Templates
from engine.settings import Settings
from widget import assets


def create(settings: Settings, *, alone: bool = False, passwords: Passwords | None = None) -> Starlette:
    """The application. ``alone``: no other process can be on this database (see :func:`assembly.running`)."""
    engine_ = assemble(settings)
    attempts = Attempts(settings.REDIS_URL)
    files = Files({f"widget/{name}": body for name, body in assets.modules().items()})

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        async with running(engine_, alone=alone) as streams:
            yield {"streams": streams}
        await attempts.aclose()

    app = Starlette(
        routes=[
            *engine.routes.routes(),
            Route("/static/{path:path}", files.serve, methods=["GET"]),
            Route("/favicon.ico", files.icon, methods=["GET"]),
            *console.access.pages.routes(),
            *console.demo.pages.routes(),
            *console.live.pages.routes(),
            *console.canned.pages.routes(),
            *console.knowledge.pages.routes(),
            *console.drafting.pages.routes(),
            *console.entries.pages.routes(),
            *console.evaluation.pages.routes(),
            *console.gaps.pages.routes(),
            *console.help.pages.routes(),
            *console.hours.pages.routes(),
            *console.identity.pages.routes(),
            *console.language.pages.routes(),
            *console.playground.pages.routes(),
            *console.questions.pages.routes(),
            *console.sources.pages.routes(),
            *console.tuning.pages.routes(),
            *console.speed.pages.routes(),
            *console.mail.pages.routes(),
            *console.ratings.pages.routes(),
            *console.routing.pages.routes(),
            *console.times.pages.routes(),
            *console.billing.pages.routes(),
            *console.overview.pages.routes(),
        ],
        middleware=[
            Middleware(SecurityHeaders, settings=settings),
            Middleware(BodyLimit, refuse=errors.too_large, uploads=console.sources.pages.UPLOADS),
        ],
        exception_handlers=errors.handlers(),
        lifespan=lifespan,
    )
    app.state.console = Console(
        engine=engine_,
        passwords=passwords or Passwords(),
        attempts=attempts,
        files=files,
        templates=Templates(files),
    )
    return app
