"""What every answer carries, and how large a request may be. Plain ASGI: it sees sockets too and costs nothing."""

import re
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.settings import Settings

BODY_LIMIT = 1_000_000  # bytes of one request's body (R14)
UPLOAD_LIMIT = 5 * 1024 * 1024 + 64 * 1024  # of one that carries a file of 5 MB, with the form around it


def page_headers(settings: Settings) -> dict[str, str]:
    """The headers of a page that nobody may frame and that loads nothing from elsewhere (R12, R13)."""
    sockets = " ".join(sorted("ws" + origin.removeprefix("http") for origin in settings.own_origins))
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self';"
        f" connect-src 'self' {sockets}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return {"content-security-policy": policy, "x-frame-options": "DENY", "cross-origin-opener-policy": "same-origin"}


def common_headers(settings: Settings) -> dict[str, str]:
    """The headers of every answer. ``same-origin`` and not ``no-referrer``: with the latter browsers send
    ``Origin: null`` with our own forms."""
    headers = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
    }
    if settings.secure:
        headers["strict-transport-security"] = "max-age=31536000"
    return headers


class SecurityHeaders:
    """Adds them where a route has not set its own: the widget's panel decides itself who may frame it."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._common = common_headers(settings)
        self._page = page_headers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _add(self, headers: MutableHeaders) -> None:
        if "content-security-policy" not in headers:
            headers.update(self._page)
        for name, value in self._common.items():
            headers.setdefault(name, value)


class BodyLimit:
    """Refuses bodies over the limit: at once by their declared length, else while they are read. ``uploads`` tells the
    paths that take a file, up to :data:`UPLOAD_LIMIT`."""

    def __init__(self, app: ASGIApp, refuse: Callable[[Scope], Response], uploads: re.Pattern[str]) -> None:
        self._app = app
        self._refuse = refuse
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        limit = UPLOAD_LIMIT if self._uploads.fullmatch(scope["path"]) else BODY_LIMIT
        if not declared.isdecimal() or int(declared) > limit:
            await self._refuse(scope)(scope, receive, send)
            return
        received = 0

        async def receive_within() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413)
            return message

        await self._app(scope, receive_within, send)
