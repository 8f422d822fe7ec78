"""The time that a page of figures looks back: the last 7, 30 or 90 days."""

from typing import Final

from starlette.requests import Request

DAYS: Final = (7, 30, 90)


def chosen(request: Request) -> int:
    """What ``days`` of the address says, one of ``DAYS``; 30 otherwise."""
    wanted = request.query_params.get("days")
    return next((days for days in DAYS if str(days) == wanted), 30)
