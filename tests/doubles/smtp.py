"""A mail server over real SMTP, which keeps what it takes and misbehaves on demand.

In process: ``async with Sink() as sink: … sink.url … sink.letters``. What it does with a connection is said by the next
of ``script``, else by ``behave``:

``ok``; a refusal with its code (``450:WHERE``); ``hang:WHERE``; ``cut:WHERE`` (the connection is dropped); ``slow`` (a
pause before each answer). WHERE: hello, mail, rcpt, data (before the letter),
taken (after it was kept).
"""

import asyncio
import base64
import contextlib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Self


@dataclass(frozen=True, slots=True)
class Taken:
    """A letter that was kept: the envelope, and the message in it. ``secure``: it came over TLS."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    secure: bool
    user: str | None

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=default)

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        assert part is not None
        return str(part.get_content())


class _Cut(Exception):
    pass


class Sink:
    """The server, listening while it is entered. ``tls``: STARTTLS is offered with it, or with ``implicit`` TLS is
    spoken from the first byte. ``password``: who signs in must know it, and must sign in."""

    def __init__(
        self,
        *,
        behave: str = "ok",
        script: Sequence[str] = (),
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        password: str | None = None,
    ) -> None:
        self.behave, self.script = behave, list(script)
        self.letters: list[Taken] = []
        self.connections = 0
        self.port = 0
        self.commands: list[str] = []
        self._tls, self._implicit, self._password = tls, implicit, password
        self._came = asyncio.Condition()
        self._tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def until(self, count: int, seconds: float = 15) -> list[Taken]:
        """All letters, once there are ``count`` of them."""
        async with asyncio.timeout(seconds), self._came:
            await self._came.wait_for(lambda: len(self.letters) >= count)
        return self.letters

    async def until_asked(self, count: int, seconds: float = 15) -> None:
        """Return once ``count`` connections came."""
        async with asyncio.timeout(seconds), self._came:
            await self._came.wait_for(lambda: self.connections >= count)

    async def __aenter__(self) -> Self:
        context = self._tls if self._implicit else None
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, ssl=context, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task, writer in list(self._tasks.items()):
            task.cancel()
            writer.transport.abort()  # a task that never began cannot
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        behaviour = self.script.pop(0) if self.script else self.behave
        task = asyncio.create_task(self._converse(_Talk(self, reader, writer, behaviour)))
        self._tasks[task] = writer
        task.add_done_callback(self._tasks.pop)

    async def _converse(self, talk: "_Talk") -> None:
        try:
            async with self._came:
                self._came.notify_all()
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, _Cut):
                await talk.serve()
        finally:
            talk.writer.transport.abort()

    async def keep(self, letter: Taken) -> None:
        self.letters.append(letter)
        async with self._came:
            self._came.notify_all()


class _Talk:
    def __init__(self, sink: Sink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, behaviour: str) -> None:
        self.sink, self.reader, self.writer = sink, reader, writer
        self.name, _, self.where = behaviour.partition(":")
        self.sender, self.recipients = "", list[str]()
        self.user: str | None = None
        self.secure = sink._implicit

    async def serve(self) -> None:
        if not await self.misbehaved("hello"):
            await self.say("220 sink.test ready")
        while line := (await self.reader.readline()).decode("latin-1").rstrip("\r\n"):
            self.sink.commands.append(line)
            verb = line.split(maxsplit=1)[0].upper()
            if verb == "QUIT":
                await self.say("221 bye")
                return
            await getattr(self, f"on_{verb.lower()}", self.unknown)(line)

    async def on_ehlo(self, line: str) -> None:
        offers = ["250-sink.test"]
        if self.sink._tls and not self.secure:
            offers.append("250-STARTTLS")
        if self.sink._password and (self.secure or not self.sink._tls):
            offers.append("250-AUTH PLAIN")
        await self.say("\r\n".join([*offers, "250 8BITMIME"]))

    async def on_starttls(self, line: str) -> None:
        assert self.sink._tls is not None
        await self.say("220 go on")
        await self.writer.start_tls(self.sink._tls)
        self.secure = True

    async def on_auth(self, line: str) -> None:
        _, user, password = base64.b64decode(line.split()[-1]).decode().split("\0")
        if password == self.sink._password:
            self.user = user
            await self.say("235 2.7.0 welcome")
        else:
            await self.say("535 5.7.8 who are you? (hunter2)")

    async def on_mail(self, line: str) -> None:
        if self.sink._password and self.user is None:
            await self.say("530 5.7.0 sign in first")
        elif not await self.misbehaved("mail"):
            self.sender = line.partition("<")[2].partition(">")[0]
            await self.say("250 2.1.0 ok")

    async def on_rcpt(self, line: str) -> None:
        if not await self.misbehaved("rcpt"):
            self.recipients.append(line.partition("<")[2].partition(">")[0])
            await self.say("250 2.1.5 ok")

    async def on_data(self, line: str) -> None:
        if await self.misbehaved("data"):
            return
        await self.say("354 go on")
        body = await self.reader.readuntil(b"\r\n.\r\n")
        raw = body[:-3].replace(b"\r\n..", b"\r\n.")
        await self.sink.keep(Taken(self.sender, tuple(self.recipients), raw, self.secure, self.user))
        if not await self.misbehaved("taken"):
            await self.say("250 2.0.0 taken")

    async def unknown(self, line: str) -> None:
        await self.say("502 5.5.2 no such command")

    async def misbehaved(self, at: str) -> bool:
        if self.name == "slow":
            await asyncio.sleep(0.05)
        if self.where != at:
            return False
        if self.name == "hang":
            await asyncio.sleep(3600)
        if self.name == "cut":
            raise _Cut
        await self.say(f"{self.name} {self.name[0]}.7.1 no, and here is /etc/secret")
        return True

    async def say(self, line: str) -> None:
        self.writer.write(line.encode() + b"\r\n")
        await self.writer.drain()
