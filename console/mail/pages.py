"""The page about mail. Its test letter goes to the address of who asks for it, and to nobody else."""

from limits import RateLimitItemPerHour
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console import flash
from console.access import doors, guard
from console.access.guard import text_of
from console.context import console_of
from console.mail import service
from engine import letters
from engine.addresses import address
from engine.codec import clean

BASE = "/app/{slug}/mail"
TRIES = RateLimitItemPerHour(10)  # letters that one person may press out, test letters and repeats together


def routes() -> list[BaseRoute]:
    return [
        Route(BASE, show, methods=["GET"]),
        Route(BASE + "/test", test, methods=["POST"]),
        Route(BASE + "/again", again, methods=["POST"]),
    ]


async def show(request: Request) -> Response:
    """How letters leave, and the log of ``page``."""
    entry = await _entered(request)
    console, wanted = console_of(request), request.query_params.get("page", "")
    page = int(wanted) if wanted.isascii() and wanted.isdigit() and int(wanted[:7]) > 0 else 1
    async with console.engine.db.read() as session:
        lines, pages = await service.log(session, entry.membership.workspace_id, min(page, 10_000))
    return flash.page(
        request,
        "mail/page.html",
        who=entry.who,
        membership=entry.membership,
        mailer=console.engine.mailer,
        lines=lines,
        page=page,
        pages=pages,
        states=service.STATES,
    )


async def test(request: Request) -> Response:
    """A letter to who asks for it."""
    entry, _, here = await _changing(request)
    console = console_of(request)
    to = address(entry.who.email)
    if console.engine.mailer is None or to is None:
        said = letters.NO_SERVER if to else "Your own address cannot be mailed."
        return flash.redirect(request, here, said, tone="danger")
    if wait := await _wait(request, entry):
        return wait
    async with console.engine.db.write() as session:
        await service.try_out(session, entry.membership.workspace_id, entry.membership.workspace_name, to)
    return flash.redirect(request, here, f"A letter to {to} is on its way. Its fate is in the list below.")


async def again(request: Request) -> Response:
    """A letter that was given up, once more."""
    entry, form, here = await _changing(request)
    if wait := await _wait(request, entry):
        return wait
    async with console_of(request).engine.db.write() as session:
        found = await letters.again(session, entry.membership.workspace_id, clean(text_of(form, "letter")))
    if not found:
        raise doors.NotFound
    return flash.redirect(request, here, "It is sent again.")


async def _entered(request: Request) -> guard.Entry:
    entry = await guard.entered(request)
    doors.require(entry.membership.may_edit_knowledge)
    return entry


async def _changing(request: Request) -> tuple[guard.Entry, FormData, str]:
    entry = await _entered(request)
    return entry, await guard.form_of(request, entry.who.csrf), f"/app/{entry.membership.slug}/mail"


async def _wait(request: Request, entry: guard.Entry) -> Response | None:
    wait = await console_of(request).engine.limits.hit(f"letters:{entry.membership.member_id}", TRIES)
    if wait is None:
        return None
    said = f"Too many letters at once. The next one can be sent in {-(-wait // 60)} minutes."
    return flash.redirect(request, f"/app/{entry.membership.slug}/mail", said, tone="warning")
