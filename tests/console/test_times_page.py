"""The page about response times: computed from what really was, of this workspace alone."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from console.times import service
from engine.db import new_id, now
from engine.models import Room, Stint, Visitor
from tests.cast import Company
from tests.console.conftest import Owner, Site

pytestmark = pytest.mark.anyio


async def stint(
    site: Site, company: Company, *, waited: int | None = None, answered: int | None = 10, closed: int | None = None,
    days: int = 0, member: str | None = "grace", **values: Any,
) -> None:  # fmt: skip
    """Somebody's part: the seconds the visitor waited, until the first word, and until it was closed."""
    visitor_id, room_id, at = new_id(), new_id(), now() - timedelta(days=days, hours=5)
    owner = {"workspace_id": company.workspace_id, "domain_id": company.domain_id}

    def after(seconds: int | None) -> Any:
        return None if seconds is None else at + timedelta(seconds=seconds)

    async with site.db.write() as session:
        await session.execute(insert(Visitor).values(id=visitor_id, **owner))
        await session.execute(insert(Room).values(id=room_id, bot_id=company.bot_id, visitor_id=visitor_id, **owner))
        session.add(
            Stint(
                workspace_id=company.workspace_id, room_id=room_id, claimed_at=at, answered_at=after(answered),
                member_id=getattr(company, member).member_id if member else None, ended_at=after(closed),
                asked_at=None if waited is None else at - timedelta(seconds=waited),
                ending="closed" if closed is not None else "", **values,
            )
        )  # fmt: skip


async def see(owner: Owner, query: str = "") -> str:
    answer = await owner.visit.get("/app/acme/times" + query)
    assert answer.status_code == 200
    return answer.text


async def test_r10_times_are_counted_by_agent_and_a_rivals_are_not(owner: Owner) -> None:
    assert "Nobody took a chat in this time" in await see(owner)
    site, acme = owner.site, owner.site.cast.acme
    await stint(site, acme, waited=20, answered=10, closed=600, tag="<i>Refund</i>")
    await stint(site, acme, waited=None, answered=90, closed=7_800)
    await stint(site, acme, member="linus", answered=None)
    await stint(site, acme, member=None, answered=5)
    await stint(site, acme, waited=86_400, days=60)
    await stint(site, site.cast.globex, waited=4_000)
    page = await see(owner)
    for figure in (
        "<dd>30 s</dd>",
        "<dd>1 min 30 s</dd>",
        "<dd>10 min 00 s</dd>",
        service.GONE,
        "2 closed, 2 still open",
    ):
        assert figure in page, figure
    assert "&lt;i&gt;Refund" in page
    assert "Linus" in page
    assert "1 h" not in page
    assert "days</dd>" not in page
    assert "24 h 00 min" in await see(owner, "?days=90")


@pytest.mark.parametrize(
    ("seconds", "median", "ninety"),
    [([], None, None), ([7], 7, 7), ([1, 2], 1, 2), (range(1, 11), 5, 9), (range(1, 101), 50, 90)],
)
def test_a_percentile_is_a_time_that_was(seconds: Any, median: float | None, ninety: float | None) -> None:
    found = service.times(timedelta(seconds=each) for each in seconds)
    assert (found.count, found.median, found.ninety) == (len(seconds), median, ninety)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "–"), (0, "0 s"), (59.4, "59 s"), (60, "1 min 00 s"), (3_599, "59 min 59 s"), (3_600, "1 h 00 min"),
        (172_800, "2 days"),
    ],
)  # fmt: skip
def test_a_span_is_said_in_words(seconds: float | None, said: str) -> None:
    assert service.span(seconds) == said
