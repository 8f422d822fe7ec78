"""Files as they are sent: each compressed once and off the loop, and known to browsers by its ETag."""

import asyncio
import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Mapping

import brotli
from starlette.requests import Request
from starlette.responses import Response

CODINGS = ("br", "gzip")  # what we can pack, the smaller first


class Packed:
    """What was packed already. ``room``: how many bodies are kept; the least used go (16 MB at 16 KB each)."""

    def __init__(self, room: int = 1_024) -> None:
        self._room = room
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._turn = asyncio.Lock()

    async def body(self, body: bytes, digest: str, coding: str) -> bytes:
        """``body`` in its ``coding``, as small as it gets. The first time that takes some 40 ms of another thread: one
        at a time, so that a crowd that comes at once packs a file once and leaves the other cores alone."""
        if not coding:
            return body
        key = (digest, coding)
        if key not in self._kept:
            async with self._turn:
                if key not in self._kept:
                    self._kept[key] = await asyncio.to_thread(_pack, body, coding)
        self._kept.move_to_end(key)
        packed = self._kept[key]
        while len(self._kept) > self._room:
            self._kept.popitem(last=False)
        return packed

    async def ready(self, *bodies: bytes) -> None:
        """Pack ``bodies`` before anybody asks for them."""
        for body in bodies:
            for coding in CODINGS:
                await self.body(body, _digest(body), coding)

    async def response(self, request: Request, body: bytes, media_type: str, headers: Mapping[str, str]) -> Response:
        """``body`` in the best coding that the browser takes; 304 and nothing where it has that very file."""
        digest, coding = _digest(body), chosen(request.headers.get("accept-encoding", ""))
        etag = f'"{digest}{coding and "-"}{coding}"'
        told = {**headers, "ETag": etag, "Vary": "Accept-Encoding"}
        if etag in _known(request):
            return Response(status_code=304, headers=told)
        packed = await self.body(body, digest, coding)
        return Response(packed, media_type=media_type, headers=told | ({"Content-Encoding": coding} if coding else {}))


def chosen(accept: str) -> str:
    """The coding for an ``Accept-Encoding`` header; empty for none. A weight of 0 refuses it (RFC 9110, 12.5.3)."""
    taken = set()
    for each in accept.lower().split(","):
        name, _, parameters = each.partition(";")
        weight = parameters.strip().removeprefix("q=").strip()
        if not parameters or weight.strip("0."):
            taken.add(name.strip())
    return next((coding for coding in CODINGS if coding in taken), "")


def _known(request: Request) -> set[str]:
    """The ETags that the browser has; the mark of a weak one does not matter to this comparison."""
    return {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:20]


def _pack(body: bytes, coding: str) -> bytes:
    if coding == "br":
        packed: bytes = brotli.compress(body, quality=11)
        return packed
    return gzip.compress(body, 9, mtime=0)
