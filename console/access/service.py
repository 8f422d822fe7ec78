"""Sessions and sign-in. A session's cookie holds 256 random bits; the database holds their hash."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.models import Session
from engine.codec import clean
from engine.db import now
from engine.models import User

LIFE = timedelta(days=30)  # after which everybody signs in again
IDLE = timedelta(days=7)  # without a page or a desk socket: the session is over
SEEN_EVERY = timedelta(minutes=5)  # a sign of life is written this often at most
COOKIE = "frontdesk_session"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live session and whose it is."""

    session_id: str
    user_id: str
    email: str
    name: str
    csrf: str
    seen_at: datetime


def cookie_name(secure: bool) -> str:
    """The session cookie's name; ``__Host-`` binds it to this very host where there is https (RFC 6265bis 4.1.3)."""
    return f"__Host-{COOKIE}" if secure else COOKIE


def token_in(cookies: Mapping[str, str]) -> str | None:
    return cookies.get(cookie_name(True)) or cookies.get(cookie_name(False))


def address_of(typed: str) -> str:
    """An e-mail address as it is stored and compared."""
    return clean(typed).strip().casefold()[:254]


async def open_session(session: AsyncSession, user: User, *, ip: str, agent: str) -> str | None:
    """A fresh session for ``user``: the token for its cookie, which is kept nowhere here. None when the password
    was changed since ``user`` was read: what was verified is no longer true."""
    same = select(User.id).where(User.id == user.id, User.password_hash == user.password_hash)
    if (await session.execute(same.with_for_update())).scalar_one_or_none() is None:
        return None
    token = secrets.token_urlsafe(32)
    session.add(
        Session(
            id=_digest(token),
            user_id=user.id,
            csrf=secrets.token_urlsafe(32),
            ip=clean(ip)[:45],
            agent=clean(agent)[:200],
            expires_at=now() + LIFE,
        )
    )
    await session.flush()
    return token


async def find_session(session: AsyncSession, token: str | None) -> SignedIn | None:
    """Whose live session ``token`` opens; None when it is unknown, ended, too old or idle for too long."""
    if not token:
        return None
    at = now()
    alive = (Session.expires_at > at, Session.seen_at > at - IDLE)
    query = (
        select(Session.id, User.id, User.email, User.name, Session.csrf, Session.seen_at)
        .join(User, User.id == Session.user_id)
        .where(Session.id == _digest(token), *alive)
    )
    row = (await session.execute(query)).one_or_none()
    return SignedIn(*row) if row is not None else None


async def mark_seen(session: AsyncSession, session_id: str) -> None:
    await session.execute(update(Session).where(Session.id == session_id).values(seen_at=now()))


async def close_session(session: AsyncSession, token: str | None) -> None:
    """End the session of ``token``, if there is one."""
    if token:
        await session.execute(delete(Session).where(Session.id == _digest(token)))


async def drop_stale(session: AsyncSession) -> None:
    """Forget the sessions that nobody can use any more."""
    at = now()
    await session.execute(delete(Session).where((Session.expires_at <= at) | (Session.seen_at <= at - IDLE)))


async def user_by_address(session: AsyncSession, email: str) -> User | None:
    return (await session.execute(select(User).where(User.email == address_of(email)))).scalar_one_or_none()


async def change_password(session: AsyncSession, user_id: str, password_hash: str) -> None:
    """Set the password and end every session of the user: a stolen cookie is worth nothing afterwards (R11)."""
    await session.execute(update(User).where(User.id == user_id).values(password_hash=password_hash))
    await session.execute(delete(Session).where(Session.user_id == user_id))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
