"""Whether an answer is what a condition or a score rule says. Pure."""

from decimal import Decimal, InvalidOperation

from knowledge.text import normalise


def holds(how: str, wanted: str, state: str | None, value: str) -> bool:
    """``state``: what became of the question (None: not asked yet), ``value``: its normalised answer. Numbers and dates
    are compared as such (ISO 8601 in its order)."""
    if how == "declined":
        return state in ("declined", "given_up")
    if state != "answered":
        return False
    match how:
        case "answered":
            return True
        case "equals":
            return normalise(value) == normalise(wanted)
        case "not":
            return normalise(value) != normalise(wanted)
        case "contains":
            return normalise(wanted) in normalise(value)
        case "above" | "below":
            return _compared(value, wanted) == (1 if how == "above" else -1)
        case _:
            return False


def _compared(value: str, wanted: str) -> int:
    """-1, 0 or 1 as ``value`` is below, equal to or above ``wanted``; 0 where they cannot be compared."""
    try:
        a, b = Decimal(value), Decimal(wanted)
    except InvalidOperation:
        if not _is_date(value) or not _is_date(wanted):
            return 0
        return (value > wanted) - (value < wanted)
    return (a > b) - (a < b)


def _is_date(text: str) -> bool:
    return len(text) == 10 and text[4] == text[7] == "-" and text.replace("-", "").isdecimal()
