"""Who a visitor is, in the word of the site they are signed in to: a JWT or an HMAC made with the domain's secret.

Whoever a site vouches for is one visitor on all their devices, and has one room with a bot. What a browser says of its
visitor without a signature is kept as what it is: unverified.
"""

import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import Any, Final

import jwt
from jwt.exceptions import InvalidSubjectError

from engine import auth
from engine import protocol as wire
from engine.codec import clean

AUDIENCE: Final = "frontdesk"  # what a site's token must be meant for
LONGEST: Final = 24 * 3600  # s from now until a token's `exp` at most
LEEWAY: Final = 60  # s by which the site's clock may differ from ours
SESSION: Final = 24 * 3600  # s for which a panel that is open needs no new token
CONTEXT: Final = 20  # things that a page may say of its visitor
NAME: Final = 40  # characters of what one of them is called
VALUE: Final = 200  # and of what it is
LIMITS: Final = {"id": 200, "name": 200, "email": 254}  # characters


class BadIdentity(Exception):
    """It proves nothing; the text says why, to the site's developer."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a site vouches for. ``verified``: name and e-mail address are signed as well."""

    id: str
    name: str = ""
    email: str = ""
    verified: bool = False


def secret_of(secret: bytes, domain_id: str, generation: int) -> str:
    """What a site signs with: 64 hex digits, made anew by the next ``generation``."""
    return hmac.new(secret, f"identity|{domain_id}|{generation}".encode(), hashlib.sha256).hexdigest()


def visitor_of(secret: bytes, domain_id: str, person: Person) -> str:
    """The visitor's id, the same wherever they sign in."""
    return auth.person_of(secret, domain_id, person.id)


def vouched(secrets: tuple[str, ...], told: wire.Identity) -> Person:
    """The person that ``told`` proves with one of ``secrets``. Raises :class:`BadIdentity`."""
    if told.token is not None:
        return _of_token(secrets, told.token)
    if not told.user_id or not told.hash:
        raise BadIdentity("Give either a token, or a userId with its hash.")
    for secret in secrets:
        expected = hmac.new(secret.encode(), told.user_id.encode(), hashlib.sha256).hexdigest()
        if hmac.compare_digest(expected.encode(), told.hash.lower().encode()):
            return _person(told.user_id, told.name, told.email, verified=False)
    raise BadIdentity("The hash is not the HMAC-SHA256 of userId with this domain's identity secret, in hex digits.")


def context_of(told: Any) -> dict[str, str]:
    """What a page says of its visitor, as it is kept: the first ``CONTEXT`` plain values, as text."""
    if not isinstance(told, dict):
        return {}
    plain = [(name, value) for name, value in told.items() if isinstance(value, str | int | float) and value != ""]
    return {clean(name)[:NAME]: clean(str(value))[:VALUE] for name, value in plain[:CONTEXT]}


def _of_token(secrets: tuple[str, ...], token: str) -> Person:
    claims = _claims(secrets, token)
    if not isinstance(claims["exp"], int | float):
        raise BadIdentity("The token's exp must be a number: the seconds since 1970.")
    if claims["exp"] > time.time() + LONGEST + LEEWAY:
        raise BadIdentity("The token's exp is more than 24 hours ahead. Make a fresh one for each page view.")
    return _person(claims["sub"], claims.get("name"), claims.get("email"), verified=True)


def _claims(secrets: tuple[str, ...], token: str) -> dict[str, Any]:
    bad: jwt.InvalidTokenError | None = None
    for secret in secrets:
        try:
            return jwt.decode(
                token,
                secret,
                algorithms=["HS256"],
                audience=AUDIENCE,
                leeway=LEEWAY,
                options={"require": ["exp", "sub", "aud"]},
            )
        except jwt.InvalidSignatureError as error:
            bad = bad or error
        except jwt.InvalidTokenError as error:
            bad = error
            break
    raise BadIdentity(_why(bad)) from None


def _why(error: jwt.InvalidTokenError | None) -> str:
    match error:
        case jwt.ExpiredSignatureError():
            return "The token has expired. Make a fresh one for each page view."
        case jwt.MissingRequiredClaimError():
            return f"The token has no {error.claim} claim: it needs sub, exp and aud."
        case jwt.InvalidAudienceError():
            return f'The token\'s aud is not "{AUDIENCE}".'
        case jwt.InvalidSignatureError():
            return "The token is not signed with this domain's identity secret."
        case InvalidSubjectError():
            return "The token's sub must be a text: your user's id in quotes, also where it is a number."
        case jwt.InvalidAlgorithmError():
            return "The token must be signed with HS256."
        case _:
            return "The token is no JWT that can be read."


def _person(user_id: Any, name: Any, email: Any, *, verified: bool) -> Person:
    values = {"id": user_id, "name": name or "", "email": email or ""}
    for field, value in values.items():
        if not isinstance(value, str) or len(value) > LIMITS[field]:
            raise BadIdentity(f"{field} must be a text of at most {LIMITS[field]} characters.")
        values[field] = clean(value)
    if not values["id"]:
        raise BadIdentity("The user's id is empty.")
    return Person(values["id"], values["name"], values["email"], verified)
