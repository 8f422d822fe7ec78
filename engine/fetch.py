"""The one outbound fetcher (R17): a page from somebody's public server, or a plain reason why not.

What is asked for may come from anybody, so a name is resolved once, every address it has must be public, and the
connection goes to the address that was checked, whatever the name says a moment later. TLS and ``Host`` carry the
name. Redirects pass the same door. Nothing of ours goes along: no cookies, no credentials, no proxy.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import h11
import idna

from engine import unpack
from engine.public import is_public

AGENT = "Frontdesk"  # what robots.txt knows us by
USER_AGENT = f"Mozilla/5.0 (compatible; {AGENT}/1.0)"
SECONDS = 10.0  # wall clock for a page: names, connections, redirects and the last byte
HANDSHAKE = 4.0  # s for TLS to begin: a server that does not speak it would say nothing
LARGEST = 2_000_000  # bytes of a body, after decompression and before
LARGEST_HEAD = 32 * 1024  # bytes of a status line and its headers
REDIRECTS = 3
LONGEST_URL = 2_048  # characters
STEP = 64 * 1024  # bytes read at a time

Code = Literal[
    "address", "port", "credentials", "inside", "unresolved", "unreachable", "tls", "timeout", "redirects", "too_large",
    "garbage",
]  # fmt: skip
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The numeric addresses of a host; raises OSError when it has none."""


class Refused(Exception):
    """There is no page. ``code`` is for programs, ``sentence`` for the person who gave the address; neither holds a
    word of what the other server said."""

    def __init__(self, code: Code, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer with any status. ``url``: where it came from in the end. ``media_type``: such as ``text/html``, in
    lower case, "" if not said. ``charset``: as the header names it, "" if it does not. ``robots``: X-Robots-Tag.
    ``for_good``: each step that led there was permanent (301, 308)."""

    url: str
    status: int
    media_type: str
    charset: str
    robots: str
    body: bytes
    for_good: bool = True


@dataclass(frozen=True, slots=True)
class _Target:
    host: str
    port: int
    secure: bool
    authority: str
    path: str


async def resolved(host: str, port: int) -> Sequence[str]:
    """What the machine's resolver says."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(where[0]) for *_, where in found))


class Fetcher:
    """``allowed``: (address, port) pairs that may be reached although they lead inside, for a network that means it
    and for tests; none by default. ``tls``: the certificates that are believed, the machine's by default."""

    def __init__(
        self,
        *,
        resolve: Resolve = resolved,
        allowed: Collection[tuple[str, int]] = (),
        tls: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self._resolve = resolve
        self._allowed = frozenset(allowed)
        self._tls = tls or ssl.create_default_context()
        self._seconds = seconds

    async def get(self, url: str, *, accept: str = "*/*") -> Fetched:
        """The page at ``url``. Raises :class:`Refused`."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._followed(url, accept)
        except TimeoutError:
            raise Refused("timeout", f"The server took longer than {self._seconds:.0f} seconds.") from None

    async def _followed(self, url: str, accept: str) -> Fetched:
        for_good = True
        for _ in range(REDIRECTS + 1):
            url, target = self._target(url)
            fetched, location = await self._once(url, target, accept)
            if location is None:
                return replace(fetched, for_good=for_good)
            for_good = for_good and fetched.status in (301, 308)
            url = _joined(url, location)
        raise Refused("redirects", f"The address leads on more than {REDIRECTS} times, perhaps in a circle.")

    def _target(self, url: str) -> tuple[str, _Target]:
        parts = parsed(url)
        host, secure = parts.hostname or "", parts.scheme == "https"
        port = parts.port if parts.port is not None else (443 if secure else 80)
        if port not in (80, 443) and port not in {allowed for _, allowed in self._allowed}:
            raise Refused("port", f"The address names port {port}. Only 80 and 443 are read.")
        path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        return urlunsplit(parts), _Target(host, port, secure, parts.netloc, path)

    async def _once(self, url: str, target: _Target, accept: str) -> tuple[Fetched, str | None]:
        reader, writer = await self._connected(target)
        try:
            return await _exchange(url, target, accept, reader, writer)
        except (h11.RemoteProtocolError, unpack.Broken):
            raise Refused("garbage", "The server's answer cannot be understood.") from None
        except unpack.TooLarge:
            raise Refused("too_large", f"The page is larger than {LARGEST / 1e6:.0f} MB.") from None
        except OSError:
            raise Refused("unreachable", "The server broke the connection off.") from None
        finally:
            writer.transport.abort()

    async def _connected(self, target: _Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        tls = self._tls if target.secure else None
        for address in await self._addresses(target):
            try:  # a number, so that nothing is looked up again
                return await asyncio.open_connection(
                    address,
                    target.port,
                    ssl=tls,
                    server_hostname=target.host if tls else None,
                    ssl_handshake_timeout=HANDSHAKE if tls else None,
                    limit=STEP,
                )
            except ssl.SSLCertVerificationError:
                raise Refused("tls", "The server's certificate is not valid for this address.") from None
            except ssl.SSLError:
                raise Refused("tls", "The server does not speak TLS as it should.") from None
            except OSError:
                continue
        raise Refused("unreachable", f"No server answers at {target.host}.")

    async def _addresses(self, target: _Target) -> Sequence[str]:
        name = target.host.rstrip(".")
        if name == "localhost" or name.endswith(".localhost"):  # RFC 6761, whatever this machine's resolver makes of it
            raise Refused("inside", f"{target.host} leads to an address that is not on the public Internet.")
        try:
            found = await self._resolve(target.host, target.port)
        except (OSError, UnicodeError):
            found = ()
        if not found:
            raise Refused("unresolved", f"There is no site named {target.host}.")
        # One address inside is enough: a name that is public and private at once is made to get through here.
        if not all(self._may_reach(address, target.port) for address in found):
            raise Refused("inside", f"{target.host} leads to an address that is not on the public Internet.")
        return found

    def _may_reach(self, address: str, port: int) -> bool:
        return (address, port) in self._allowed or (port in (80, 443) and is_public(address))


def parsed(url: str) -> SplitResult:
    """``url`` taken apart and put right: scheme and host in lower case, the host as DNS knows it (IDNA), the rest in
    ASCII. Raises :class:`Refused` for what is no http(s) address, or carries a name and password."""
    url = url.strip()
    if not url or len(url) > LONGEST_URL or re.search(r"[\x00-\x20\x7f\\]", url):
        raise _no_address()
    try:
        parts = urlsplit(url)
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:  # a bad port, brackets that do not close, a host that DNS cannot hold
        raise _no_address() from None
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise _no_address()
    if parts.username is not None or parts.password is not None:
        raise Refused("credentials", "The address holds a name or password. Only pages that everybody may read work.")
    shown = f"[{host}]" if ":" in host else host
    usual = port is None or port == (443 if parts.scheme == "https" else 80)
    netloc = shown if usual else f"{shown}:{port}"
    return SplitResult(parts.scheme, netloc, _ascii(parts.path) or "/", _ascii(parts.query), "")


def _host(host: str) -> str:
    if "%" in host or any(mark in host for mark in "<>^`{|}\"'"):
        raise _no_address()
    if host.isascii():
        return host.lower()
    return idna.encode(host, uts46=True).decode().lower()


def _ascii(text: str) -> str:
    """Percent-encodes what is not ASCII, as browsers do (UTF-8)."""
    return "".join(c if c.isascii() else "".join(f"%{byte:02X}" for byte in c.encode("utf-8", "replace")) for c in text)


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise Refused("address", "The address leads on to one that is none.") from None


def _no_address() -> Refused:
    return Refused("address", "This is not a web address. It must begin with https:// or http:// and name a site.")


async def _exchange(
    url: str, target: _Target, accept: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> tuple[Fetched, str | None]:
    """One request; what came back, and where it leads on. Raises what the parts raise."""
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=LARGEST_HEAD)
    headers = [
        ("host", target.authority), ("user-agent", USER_AGENT), ("accept", accept),
        ("accept-encoding", "gzip, deflate"), ("connection", "close"),
    ]  # fmt: skip
    writer.write(connection.send(h11.Request(method="GET", target=target.path, headers=headers)) or b"")
    writer.write(connection.send(h11.EndOfMessage()) or b"")
    response = await _next(connection, reader)
    head = 0
    while isinstance(response, h11.InformationalResponse):
        head += 1
        if head > 8:
            raise h11.RemoteProtocolError("endless interim answers")
        response = await _next(connection, reader)
    if not isinstance(response, h11.Response):
        raise h11.RemoteProtocolError("no answer")
    if sum(len(name) + len(value) + 4 for name, value in response.headers) > LARGEST_HEAD:
        raise h11.RemoteProtocolError("endless headers")
    if response.status_code in (301, 302, 303, 307, 308) and (location := _header(response, b"location")):
        return Fetched(url, response.status_code, "", "", "", b""), location
    body = await _body(connection, reader, response)
    media_type, _, parameters = _header(response, b"content-type").partition(";")
    robots = ", ".join(value.decode("latin-1") for name, value in response.headers if name == b"x-robots-tag")
    fetched = Fetched(url, response.status_code, media_type.strip().lower(), _charset(parameters), robots.lower(), body)
    return fetched, None


async def _body(connection: h11.Connection, reader: asyncio.StreamReader, response: h11.Response) -> bytes:
    declared = _header(response, b"content-length")
    if declared.isdecimal() and int(declared) > LARGEST:
        raise unpack.TooLarge
    unpacker, wire = unpack.unpacker(_header(response, b"content-encoding"), LARGEST), 0
    while True:
        event = await _next(connection, reader)
        if isinstance(event, h11.Data):
            wire += len(event.data)
            if wire > LARGEST:
                raise unpack.TooLarge
            unpacker.feed(bytes(event.data))
            await asyncio.sleep(0)  # a server on our own machine is never slow: others get their turn
        else:
            return unpacker.finish()


async def _next(
    connection: h11.Connection, reader: asyncio.StreamReader
) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
    while (event := connection.next_event()) is h11.NEED_DATA:
        connection.receive_data(await reader.read(STEP))
    return event


def _header(response: h11.Response, name: bytes) -> str:
    """The first header of that name; HTTP's own bytes are Latin-1, a location may be UTF-8."""
    value = next((value for each, value in response.headers if each == name), b"")
    try:
        return value.decode("utf-8").strip()
    except UnicodeDecodeError:
        return value.decode("latin-1").strip()


def _charset(parameters: str) -> str:
    found = re.search(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", parameters, re.ASCII | re.IGNORECASE)
    return found.group(1).lower() if found else ""
