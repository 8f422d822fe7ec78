"""Signing in and out; plain forms that work without JavaScript."""

import re

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from console.access import doors, guard, service
from console.context import console_of

WRONG = "That e-mail address and password do not belong together."  # the same for an unknown address
HOME = "/dashboard"
_OWN_PATH = re.compile(r"/(?:[A-Za-z0-9_~.-][A-Za-z0-9_~./-]*)?(?:\?[A-Za-z0-9_~./=&%-]*)?\Z")


def routes() -> list[BaseRoute]:
    return [
        Route("/auth/sign-in", show_sign_in, methods=["GET"]),
        Route("/auth/sign-in", sign_in, methods=["POST"]),
        Route("/auth/sign-out", show_sign_out, methods=["GET"]),
        Route("/auth/sign-out", sign_out, methods=["POST"]),
        Route(HOME, dashboard, methods=["GET"]),
    ]


async def show_sign_in(request: Request) -> Response:
    after = own_path(request.query_params.get("next", ""))
    if await guard.current(request) is not None:
        return RedirectResponse(after, 303)
    return _sign_in_page(request, after=after)


async def sign_in(request: Request) -> Response:
    console = console_of(request)
    form = await guard.form_of(request, guard.form_token(request))
    email, after = guard.text_of(form, "email"), own_path(guard.text_of(form, "next"))
    ip = request.client.host if request.client else ""
    wait = await console.attempts.take(ip, service.address_of(email))
    if wait is not None:
        return _wait_page(request, email, after, wait)
    async with console.engine.db.read() as session:
        user = await service.user_by_address(session, email)
    if not await console.passwords.verify(user.password_hash if user else None, guard.text_of(form, "password")):
        return _sign_in_page(request, after=after, email=email, problem=WRONG, status=401)
    assert user is not None
    await console.attempts.give_back(ip, service.address_of(email))
    async with console.engine.db.write() as session:
        await service.close_session(session, service.token_in(request.cookies))
        await service.drop_stale(session)
        agent = request.headers.get("user-agent", "")
        token = await service.open_session(session, user, ip=ip, agent=agent)
    if token is None:
        return _sign_in_page(request, after=after, email=email, problem=WRONG, status=401)
    response = RedirectResponse(after, 303)
    name = service.cookie_name(console.engine.settings.secure)
    guard.set_cookie(request, response, name, token, int(service.LIFE.total_seconds()))
    return response


async def show_sign_out(request: Request) -> Response:
    who = await guard.signed_in(request)
    return console_of(request).templates.page(request, "access/sign_out.html", who=who)


async def sign_out(request: Request) -> Response:
    who = await guard.signed_in(request)
    await guard.form_of(request, who.csrf)
    console = console_of(request)
    async with console.engine.db.write() as session:
        await service.close_session(session, service.token_in(request.cookies))
    response = RedirectResponse("/auth/sign-in", 303)
    guard.drop_cookie(request, response, service.cookie_name(console.engine.settings.secure))
    return response


async def dashboard(request: Request) -> Response:
    who = await guard.signed_in(request)
    async with console_of(request).engine.db.read() as session:
        first = await doors.first_of(session, who.user_id)
    if first is None:
        raise doors.NotFound
    return RedirectResponse(f"/app/{first.slug}/", 303)


def own_path(typed: str) -> str:
    """``typed`` when it is a plain path on this site, else the dashboard: never an address elsewhere."""
    return typed if _OWN_PATH.match(typed) else HOME


def _sign_in_page(
    request: Request, *, after: str, email: str = "", problem: str = "", status: int = 200, wait: int | None = None
) -> Response:
    value, token = guard.give_form_token(request)
    response = console_of(request).templates.page(
        request, "access/sign_in.html", status=status, csrf=token, after=after, email=email, problem=problem
    )
    guard.set_form_cookie(request, response, value)
    if wait is not None:
        response.headers["retry-after"] = str(wait)
    return response


def _wait_page(request: Request, email: str, after: str, wait: int) -> Response:
    minutes = -(-wait // 60)
    when = "a minute" if minutes == 1 else f"{minutes} minutes"
    problem = f"Too many attempts. Try again in {when}."
    return _sign_in_page(request, after=after, email=email, problem=problem, status=429, wait=wait)
