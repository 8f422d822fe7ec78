"""What a text claims that can be checked: a price, a time, a name, in one normal form however it is written.

"$5", "5 dollars" and "USD 5.00" are one price; "9 am", "09:00" and "9 Uhr" one time; "two days", "48 hours" and
"2 Tage" one span.
"""

from fractions import Fraction
from typing import NamedTuple

Key = tuple[str, ...]


class Claim(NamedTuple):
    """``kind``: number, price, percent, time, span, amount, date, month, weekday, phone, email, link, code, name or
    free. Any of ``keys`` in the facts supports it; a fact's claim supports under its ``keys`` and under ``also``.
    ``soft``: it supports others, and needs no support itself (the "a" of "a day")."""

    kind: str
    keys: tuple[Key, ...]
    also: tuple[Key, ...] = ()
    soft: bool = False


def shown(value: Fraction) -> str:
    """``value`` in a key."""
    return str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


def number(value: Fraction) -> Claim:
    """A number that counts nothing we know a unit of."""
    return Claim("number", (("number", shown(value)),), (("bare", shown(value)),))
