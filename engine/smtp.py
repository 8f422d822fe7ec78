"""Mail over SMTP: one connection a letter, one recipient a letter, and a plain word about what became of it."""

import asyncio
import re
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from typing import Final, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtplib import SMTP
from aiosmtplib.errors import SMTPAuthenticationError, SMTPException, SMTPNotSupported, SMTPResponseException

from engine.addresses import address, words
from engine.db import now
from engine.ports import Mail, MailFailed

SECONDS = 30.0  # of wall clock for one letter: well below the lease of its job, so that no other node sends it too
GOODBYE = 2.0  # s for a server to answer QUIT: the letter is taken already
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")  # RFC 3463: says why, and holds nothing else
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class Smtp:
    """A mail server. ``url``: ``smtps://`` is TLS from the first byte; ``smtp://`` is upgraded by STARTTLS, which is
    insisted on where a password would travel to another machine, else taken where it is offered. ``?tls=required``,
    ``?tls=offered`` and ``?tls=never`` say otherwise. ``sender``: the address letters come from."""

    def __init__(self, url: str, sender: str, *, tls: ssl.SSLContext | None = None, seconds: float = SECONDS) -> None:
        parts = urlsplit(url)
        self.host, self.sender = parts.hostname or "", sender
        self.implicit = parts.scheme == "smtps"
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self.tls = "always" if self.implicit else (parse_qs(parts.query).get("tls") or [self._usual()])[0]
        self.port = parts.port or (465 if self.implicit else 587)
        self._context, self._seconds = tls, seconds

    async def send(self, mail: Mail) -> None:
        """Hand one letter over. Raises :class:`~engine.ports.MailFailed`."""
        message, way = compose(mail, self.sender), _Way()
        try:
            async with asyncio.timeout(self._seconds):
                await self._deliver(mail, message, way)
        except (SMTPException, OSError, TimeoutError) as failed:  # ssl.SSLError is an OSError
            if way.at != "done":
                raise _failure(failed, way.at) from None

    async def _deliver(self, mail: Mail, message: EmailMessage, way: "_Way") -> None:
        client = SMTP(
            hostname=self.host,
            port=self.port,
            local_hostname=self.sender.rpartition("@")[2],  # or the name of this machine would be told
            username=self._user,
            password=self._password,
            use_tls=self.implicit,
            start_tls={"required": True, "offered": None, "never": False}.get(self.tls, False),
            tls_context=self._context,
            timeout=self._seconds,
        )
        try:
            await client.connect()
            way.at = "envelope"
            await client.mail(self.sender)
            way.at = "recipient"
            await client.rcpt(mail.to)
            way.at = "letter"
            await client.data(message.as_bytes())
            way.at = "done"
            await client.quit(timeout=GOODBYE)
        finally:
            client.close()

    def _usual(self) -> str:
        if self.host in _LOOPBACK:
            return "never"
        return "required" if self._password else "offered"


def compose(mail: Mail, sender: str) -> EmailMessage:
    """The message as it goes over the wire. Raises :class:`~engine.ports.MailFailed` for a recipient who is not one
    address (R18)."""
    to = address(mail.to)
    if to is None:
        raise MailFailed("never", "This is not one e-mail address.")
    message = EmailMessage(policy=WIRE)
    message["From"] = Address(words(mail.name, 80), addr_spec=sender)
    message["To"] = Address(addr_spec=to)
    if mail.reply_to and (reply_to := address(mail.reply_to)):
        message["Reply-To"] = Address(addr_spec=reply_to)
    message["Subject"] = words(mail.subject, 150)
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<{mail.id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = mail.automatic  # RFC 3834: no machine is to answer
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


@dataclass(slots=True)
class _Way:
    """How far a letter has come."""

    at: Literal["connecting", "envelope", "recipient", "letter", "done"] = "connecting"


def _failure(failed: Exception, at: str) -> MailFailed:
    """What is to be said of it. Only the refusal of the recipient or of the letter itself is final: the rest is ours
    to mend, and the letter waits for it."""
    if isinstance(failed, SMTPAuthenticationError):
        return MailFailed("later", f"The mail server refuses our sign-in ({_code(failed)}).")
    if isinstance(failed, SMTPNotSupported):
        return MailFailed("later", "The mail server does not offer the encryption or sign-in it must have.")
    if isinstance(failed, SMTPResponseException):
        final = failed.code >= 500 and at in ("recipient", "letter")
        whom = {"recipient": "this recipient", "letter": "the letter", "envelope": "our address"}.get(at, "us")
        return MailFailed("never" if final else "later", f"The mail server refused {whom} ({_code(failed)}).")
    if at == "letter":
        return MailFailed("unknown", "The mail server fell silent while it took the letter: it may have arrived.")
    if isinstance(failed, ssl.SSLError):
        return MailFailed("later", "No encrypted connection to the mail server could be made.")
    return MailFailed("later", "The mail server could not be reached, or fell silent.")


def _code(refused: SMTPResponseException) -> str:
    """The codes alone: a server's words may hold what is nobody's business (R8)."""
    enhanced = _ENHANCED.search(str(refused.message))
    return f"{refused.code} {enhanced[0]}" if enhanced else str(refused.code)
