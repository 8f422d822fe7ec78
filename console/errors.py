"""What goes wrong, as a page with a sentence, or as JSON for programs; never a stack trace."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ExceptionHandler, Scope

from console import headers
from console.access.doors import Forbidden, NotFound
from console.access.guard import SignedOut
from console.context import console_of
from engine.db import Unreachable

log = logging.getLogger(__name__)

SENTENCES: Final = {
    400: ("bad_request", "That could not be read", "The request is not complete or not well formed. Please try again."),
    403: ("forbidden", "Not with your role", "Your role in this workspace does not include this page. Ask an owner."),
    404: ("not_found", "Nothing here", "This page does not exist, or you are not a member of the workspace it is in."),
    405: ("method_not_allowed", "Not like this", "This address exists, but not for this kind of request."),
    413: ("too_large", "Too large", "What was sent is larger than the 1 MB that this page takes."),
    429: ("too_many_requests", "Too fast", "That was too often in a short time. Wait a little, then try again."),
    500: ("server_error", "Something went wrong", "This is our fault, and it was logged. Please try again."),
    503: ("unavailable", "Back in a moment", "The database does not answer right now. Please try again shortly."),
}
PROGRAMS = ("/api/", "/v1/", "/healthz", "/readyz", "/metrics")  # paths that programs read


def handlers() -> dict[Any, ExceptionHandler]:
    return {
        HTTPException: _refused,
        NotFound: _not_found,
        Forbidden: _forbidden,
        SignedOut: _signed_out,
        Unreachable: _unreachable,
        Exception: _broken,
    }


def too_large(scope: Scope) -> Response:
    return _answer(Request(scope), 413)


async def _refused(request: Request, refused: Exception) -> Response:
    assert isinstance(refused, HTTPException)
    said = refused.detail if refused.detail != HTTPStatus(refused.status_code).phrase else None
    return _answer(request, refused.status_code, said, refused.headers)


async def _not_found(request: Request, absent: Exception) -> Response:
    return _answer(request, 404)


async def _forbidden(request: Request, forbidden: Exception) -> Response:
    return _answer(request, 403)


async def _signed_out(request: Request, signed_out: Exception) -> Response:
    if _is_program(request):
        return JSONResponse({"error": {"code": "signed_out", "message": "Sign in first."}}, 401)
    if request.method != "GET":
        return RedirectResponse("/auth/sign-in", 303)
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/auth/sign-in?next={quote(asked, safe='/')}", 303)


async def _unreachable(request: Request, lost: Exception) -> Response:
    log.warning("%s %s: database unreachable (%s)", request.method, request.url.path, lost)
    return _answer(request, 503, None, {"retry-after": "5"})


async def _broken(request: Request, broken: Exception) -> Response:
    """The outermost answer, beyond the middleware that adds headers: so it brings its own."""
    settings = console_of(request).engine.settings
    return _answer(request, 500, None, headers.common_headers(settings) | headers.page_headers(settings))


def _answer(
    request: Request, status: int, sentence: str | None = None, extra: Mapping[str, str] | None = None
) -> Response:
    code, title, usual = SENTENCES.get(status) or ("error", HTTPStatus(status).phrase, "This did not work.")
    if _is_program(request):
        return JSONResponse({"error": {"code": code, "message": sentence or usual}}, status, extra)
    page = console_of(request).templates.page(
        request, "error.html", status=status, code=status, title=title, sentence=sentence or usual
    )
    page.headers.update(dict(extra or {}))
    return page


def _is_program(request: Request) -> bool:
    return request.url.path.startswith(PROGRAMS)
