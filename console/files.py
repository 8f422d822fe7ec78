"""The console's static files: read once, served compressed, for ever cachable under an address that names their
content."""

import gzip
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent / "static"
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
SMALL = 600  # bytes under which compression gains nothing


@dataclass(frozen=True, slots=True)
class File:
    body: bytes
    gzipped: bytes | None
    media_type: str
    etag: str


class Files:
    """Everything below ``/static/``: our own files, and ``extra`` ones by their path (the widget's modules)."""

    def __init__(self, extra: Mapping[str, bytes]) -> None:
        bodies = {**dict(_own()), **extra}
        self._files = {path: _file(path, body) for path, body in sorted(bodies.items())}
        whole = "".join(file.etag for file in self._files.values())
        self.build = hashlib.sha256(whole.encode()).hexdigest()[:12]

    def url(self, path: str) -> str:
        """The address of ``path`` that changes with any file, so that it may be kept for ever. Modules import each
        other by relative paths and so stay inside one build."""
        if path not in self._files:
            raise KeyError(path)
        return f"/static/{self.build}/{path}"

    async def icon(self, request: Request) -> Response:
        """``GET /favicon.ico``: browsers ask for it whatever a page says."""
        return self._answer(request, "icon.svg")

    async def serve(self, request: Request) -> Response:
        return self._answer(request, request.path_params["path"])

    def _answer(self, request: Request, path: str) -> Response:
        build, _, rest = path.partition("/")
        kept = build == self.build
        file = self._files.get(rest if kept else path)
        if file is None:
            raise HTTPException(404)
        caching = "public, max-age=31536000, immutable" if kept else "no-cache"
        headers = {"etag": file.etag, "cache-control": caching, "vary": "accept-encoding"}
        if file.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if file.gzipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            return Response(file.gzipped, media_type=file.media_type, headers=headers)
        return Response(file.body, media_type=file.media_type, headers=headers)


def _own() -> Iterator[tuple[str, bytes]]:
    for file in FOLDER.rglob("*"):
        if file.suffix in TYPES:
            yield file.relative_to(FOLDER).as_posix(), file.read_bytes()


def _file(path: str, body: bytes) -> File:
    gzipped = gzip.compress(body, 9, mtime=0) if len(body) > SMALL else None
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    return File(body, gzipped, TYPES[Path(path).suffix], etag)
