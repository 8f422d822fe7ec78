"""At the door of every page: who is it, may they, and did this form come from us."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console.access import doors, service
from console.context import console_of
from engine.auth import origin_allowed
from engine.db import now

FIELDS = 30  # of one form at most, unless its page says otherwise
PART = 1024 * 1024  # bytes of one field at most, unless its page says otherwise: the whole body is bounded before
_FORM_COOKIE = "frontdesk_form"
_FORM_LIFE = 12 * 3600  # s that a sign-in page may stay open before its form is too old


class SignedOut(Exception):
    """Nobody is signed in: the page answers with the way to the sign-in."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody signed in, inside a workspace."""

    who: service.SignedIn
    membership: doors.Membership


async def signed_in(request: Request) -> service.SignedIn:
    """Who is signed in; raises :class:`SignedOut`. Leaves a sign of life now and then."""
    who = await current(request)
    if who is None:
        raise SignedOut
    if now() - who.seen_at > service.SEEN_EVERY:
        async with console_of(request).engine.db.write() as session:
            await service.mark_seen(session, who.session_id)
    return who


async def current(request: Request) -> service.SignedIn | None:
    async with console_of(request).engine.db.read() as session:
        return await service.find_session(session, service.token_in(request.cookies))


async def entered(request: Request) -> Entry:
    """Who is signed in and their membership of the workspace in the address; raises :class:`SignedOut` or
    :class:`doors.NotFound`."""
    who = await signed_in(request)
    async with console_of(request).engine.db.read() as session:
        membership = await doors.member_of(session, who.user_id, request.path_params["slug"])
    return Entry(who, membership)


async def form_of(
    request: Request, csrf: str | None, *, fields: int = FIELDS, files: int = 0, largest: int = PART
) -> FormData:
    """The form that was sent, if it carries ``csrf`` and comes from our own origin; else 403. At most ``fields``
    fields and ``files`` files are read; a field may have ``largest`` bytes."""
    origin = request.headers.get("origin")
    if origin is not None and not origin_allowed(origin, console_of(request).engine.settings.own_origins):
        raise HTTPException(403, "This form was sent from another address than this site's own.")
    form = await request.form(max_files=files, max_fields=fields, max_part_size=largest)
    sent = form.get("csrf")
    if not csrf or not isinstance(sent, str) or not hmac.compare_digest(sent.encode(), csrf.encode()):
        raise HTTPException(403, "This form is too old or was not sent from our page. Load the page again.")
    return form


def text_of(form: FormData, field: str) -> str:
    value = form.get(field)
    return value if isinstance(value, str) else ""


def give_form_token(request: Request) -> tuple[str, str]:
    """For forms before anybody is signed in: the value of the browser's form cookie, and the token bound to it."""
    value = request.cookies.get(_form_cookie(request)) or secrets.token_urlsafe(32)
    return value, _form_token(request, value)


def form_token(request: Request) -> str | None:
    """The token that a form from this browser must carry; None without the cookie."""
    value = request.cookies.get(_form_cookie(request))
    return _form_token(request, value) if value else None


def set_form_cookie(request: Request, response: Response, value: str) -> None:
    set_cookie(request, response, _form_cookie(request), value, _FORM_LIFE)


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    secure = console_of(request).engine.settings.secure
    response.set_cookie(name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")


def drop_cookie(request: Request, response: Response, name: str) -> None:
    secure = console_of(request).engine.settings.secure
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")


def _form_cookie(request: Request) -> str:
    return f"__Host-{_FORM_COOKIE}" if console_of(request).engine.settings.secure else _FORM_COOKIE


def _form_token(request: Request, value: str) -> str:
    secret = console_of(request).engine.settings.secret
    return hmac.new(secret, b"form|" + value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
