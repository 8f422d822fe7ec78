"""What was just done, said once on the page that comes next, with the way back where there is one.

It travels in a cookie of ours, signed, so that nobody else can put words on a page.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.access import guard
from console.context import console_of

COOKIE: Final = "frontdesk_said"
_LIFE = 60  # s: whoever does not follow the redirect by then is told nothing
LONGEST = 400  # characters of a sentence: a cookie has 4 KB in all

Tone = Literal["ok", "warning", "danger"]


@dataclass(frozen=True, slots=True)
class Undo:
    """A form that takes back what was done: where it posts to, its button's label, its hidden fields."""

    action: str
    label: str = "Undo"
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence for the top of a page."""

    text: str
    tone: Tone = "ok"
    undo: Undo | None = None


def redirect(request: Request, url: str, text: str, *, tone: Tone = "ok", undo: Undo | None = None) -> Response:
    """Go to ``url`` (a path of ours) after a change, where ``text`` is said once."""
    response = RedirectResponse(url, 303)
    way_back = undo and {"action": undo.action, "label": undo.label, "fields": dict(undo.fields)}
    value = {"text": text[:LONGEST], "tone": tone, "undo": way_back}
    body = base64.urlsafe_b64encode(json.dumps(value).encode())
    guard.set_cookie(request, response, COOKIE, f"{body.decode()}.{_signature(request, body)}", _LIFE)
    return response


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """The page ``template``, which finds what the last page wanted to be said as ``said``."""
    said = heard(request)
    response = console_of(request).templates.page(request, template, status=status, said=said, **context)
    if said is not None:
        forget(request, response)
    return response


def heard(request: Request) -> Said | None:
    """What the last page wanted to be said here; None when nothing, or nothing of ours."""
    body, _, signature = request.cookies.get(COOKIE, "").rpartition(".")
    if not body or not hmac.compare_digest(signature.encode(), _signature(request, body.encode()).encode()):
        return None
    value = json.loads(base64.urlsafe_b64decode(body))
    undo = Undo(**value["undo"]) if value["undo"] else None
    return Said(value["text"], value["tone"], undo)


def forget(request: Request, response: Response) -> None:
    """Say it once only."""
    guard.drop_cookie(request, response, COOKIE)


def _signature(request: Request, body: bytes) -> str:
    secret = console_of(request).engine.settings.secret
    return hmac.new(secret, b"said|" + body, hashlib.sha256).hexdigest()
