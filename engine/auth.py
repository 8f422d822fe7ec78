"""Who is at the door: visitor tokens bound to a domain, and exact origins."""

import hashlib
import hmac
from collections.abc import Collection

from engine.db import new_id

COOKIE_AGE = 365 * 24 * 3600  # s a visitor is remembered on their own browser


def issue(secret: bytes, domain_id: str) -> str:
    """A fresh visitor token: 128 random bits, signed for ``domain_id`` alone (R11)."""
    visitor_id = new_id()
    return f"{visitor_id}.{_sign(secret, 'visitor', domain_id, visitor_id)}"


def visitor_of(secret: bytes, domain_id: str, token: str | None) -> str | None:
    """The visitor's id in ``token``; None when it is forged, foreign or broken."""
    visitor_id, _, signature = (token or "").partition(".")
    if len(visitor_id) != 32 or not signature.isascii():
        return None
    expected = _sign(secret, "visitor", domain_id, visitor_id)
    return visitor_id if hmac.compare_digest(expected, signature) else None


def room_of(secret: bytes, bot_id: str, visitor_id: str) -> str:
    """The id of the one room a visitor has with a bot. It is derived, so that two tabs that open at once, before
    anything is stored, mean the same room."""
    return _sign(secret, "room", bot_id, visitor_id)


def voter(secret: bytes, domain_id: str, reader: str) -> str:
    """Tells the readers of one domain's FAQ apart, and says nothing of who they are."""
    return _sign(secret, "voter", domain_id, reader)


def person_of(secret: bytes, domain_id: str, user_id: str) -> str:
    """The visitor's id of whom a site vouches for: 32 hex digits, the same on every device."""
    return _sign(secret, "person", domain_id, user_id)


def session(secret: bytes, domain_id: str, visitor_id: str, expires: int) -> str:
    """What a panel joins again with for as long as it is open, after its site vouched for its visitor. ``expires``: s
    since the epoch. It is never stored in a browser."""
    stamp = f"{expires:012d}"
    return f"{visitor_id}.{stamp}.{_sign(secret, 'session', domain_id, visitor_id, stamp)}"


def in_session(secret: bytes, domain_id: str, token: str | None, now: float) -> str | None:
    """The visitor's id in a :func:`session` token that still holds."""
    visitor_id, stamp, signature = [*(token or "").split("."), "", "", ""][:3]
    if len(visitor_id) != 32 or not stamp.isdecimal() or not (token or "").isascii():
        return None
    expected = _sign(secret, "session", domain_id, visitor_id, stamp)
    return visitor_id if hmac.compare_digest(expected, signature) and now < int(stamp) else None


def cookie_name(domain_id: str) -> str:
    return f"frontdesk_{domain_id}"


def cookie(name: str, token: str, *, secure: bool) -> str:
    """The ``Set-Cookie`` value that keeps ``token`` where no script reads it. ``secure``: also inside a frame of
    another site, partitioned by it (CHIPS); http.cookies writes ``Partitioned`` from Python 3.14 on only."""
    where = "SameSite=None; Secure; Partitioned" if secure else "SameSite=Lax"
    return f"{name}={token}; Max-Age={COOKIE_AGE}; Path=/v1; HttpOnly; {where}"


def origin_allowed(origin: str | None, allowed: Collection[str]) -> bool:
    """Whether ``origin`` is exactly one of ``allowed``; a missing or ``null`` one never is (R12)."""
    return origin is not None and origin != "null" and origin in allowed


def _sign(secret: bytes, purpose: str, *ids: str) -> str:
    """128 bits as 32 hex digits. The ids have a fixed length, but perhaps the last, so joining them is unambiguous."""
    message = "|".join((purpose, *ids)).encode()
    return hmac.new(secret, message, hashlib.sha256).hexdigest()[:32]
