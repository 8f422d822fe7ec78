"""Somebody's web site on this machine, that a test writes page by page and that may misbehave byte by byte."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeAlias

from engine.fetch import Fetcher

HOST = "shop.test"


@dataclass(frozen=True, slots=True)
class Page:
    """An answer as it should be; its length is declared unless ``headers`` do."""

    body: bytes | str = ""
    status: int = 200
    media_type: str = "text/html; charset=utf-8"
    headers: Sequence[tuple[str, str]] = ()

    def sent(self) -> bytes:
        body = self.body.encode() if isinstance(self.body, str) else self.body
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}", f"content-type: {self.media_type}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if not any(name == "content-length" for name, _ in self.headers):
            lines.append(f"content-length: {len(body)}")
        return "\r\n".join([*lines, "connection: close", "", ""]).encode() + body


Raw: TypeAlias = Callable[[asyncio.StreamWriter], Awaitable[None]]


def moved(to: str, status: int = 302) -> Page:
    return Page(status=status, headers=[("location", to)])


def html(title: str, *sections: tuple[str, str], links: Sequence[str] = (), head: str = "") -> Page:
    """A page with a heading and a text for each of ``sections``, and ``links``."""
    body = "".join(f"<h2>{heading}</h2><p>{text}</p>" for heading, text in sections)
    anchors = "".join(f'<li><a href="{link}">{link}</a></li>' for link in links)
    return Page(
        f"<!doctype html><html lang=en><head><title>{title}</title>{head}</head>"
        f"<body><main><h1>{title}</h1>{body}</main><nav><ul>{anchors}</ul></nav></body></html>"
    )


@dataclass(slots=True)
class Site:
    """``pages`` by path with query; everything else is a 404. ``asked``: the paths in order, ``heads``: what came,
    ``at``: when (s, of the loop's clock)."""

    port: int = 0
    pages: dict[str, Page | Raw] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    at: list[float] = field(default_factory=list)

    def url(self, path: str = "/", host: str = HOST, scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def fetcher(self, *, tls: ssl.SSLContext | None = None, seconds: float = 10) -> Fetcher:
        """One that finds this site under every name, and may reach it."""
        return Fetcher(resolve=_here, allowed={("127.0.0.1", self.port)}, tls=tls, seconds=seconds)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            path = head.split(" ", 2)[1]
            self.asked.append(path)
            self.heads.append(head)
            self.at.append(asyncio.get_running_loop().time())
            page = self.pages.get(path, Page("Nothing here.", 404))
            if isinstance(page, Page):
                writer.write(page.sent())
                await writer.drain()
            else:
                await page(writer)
        writer.close()


@contextlib.asynccontextmanager
async def site(tls: ssl.SSLContext | None = None) -> AsyncIterator[Site]:
    """The site, served until the block ends."""
    here, answering = Site(), set[asyncio.Task[None]]()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        answering.add(task)
        try:
            await here.answer(reader, writer)
        except asyncio.CancelledError:
            pass  # the site is over; asyncio's own callback cannot bear a cancelled task here
        finally:
            writer.transport.abort()
            answering.discard(task)

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    here.port = server.sockets[0].getsockname()[1]
    try:
        yield here
    finally:
        server.close()
        for task in answering:
            task.cancel()
        await asyncio.gather(*answering, return_exceptions=True)


async def _here(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]
