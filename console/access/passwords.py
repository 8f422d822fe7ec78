"""Passwords: Argon2id, in a thread, two at once. A verification takes the same work whether the account exists."""

import secrets
from collections.abc import Callable
from typing import TypeVar

import anyio
from anyio.to_thread import run_sync
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2  # hashes at a time: each takes 64 MiB and a core for about 0.1 s
LONGEST = 1_000  # characters of a password that are looked at
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # of a made password: none is read for another
_GROUPS = 4  # of five letters each: 99 bits

T = TypeVar("T")


class Passwords:
    """Hashes and verifies. ``hasher`` carries the cost; tests pass a cheap one."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = anyio.CapacityLimiter(AT_ONCE)
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        return await self._in_turn(lambda: self._hasher.hash(_bytes(password)))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether ``password`` is the one behind ``stored``. None (no such account) costs the same work."""
        return await self._in_turn(lambda: self._verify(stored, password))

    async def _in_turn(self, work: Callable[[], T]) -> T:
        return await run_sync(work, limiter=self._turns)

    def _verify(self, stored: str | None, password: str) -> bool:
        nobodys = self._nobody()  # made by the first call of all, whoever it is for
        try:
            self._hasher.verify(stored or nobodys, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    def _nobody(self) -> str:
        if self._nobodys is None:
            self._nobodys = self._hasher.hash(secrets.token_bytes(32))
        return self._nobodys


def generate() -> str:
    """A password that can be read out and typed: four groups of five letters and digits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(_GROUPS))


def _bytes(password: str) -> bytes:
    return password[:LONGEST].encode("utf-8", "surrogatepass")
