"""The page about ratings: what visitors said, counted and listed, of this workspace alone."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from engine.db import new_id, now
from engine.models import Room, Score, Visitor
from tests.cast import Company
from tests.console.conftest import Owner, Site

pytestmark = pytest.mark.anyio


async def rated(site: Site, company: Company, score: int, comment: str = "", *, days: int = 0) -> None:
    visitor_id, room_id = new_id(), new_id()
    owner = {"workspace_id": company.workspace_id, "domain_id": company.domain_id}
    at = now() - timedelta(days=days)
    async with site.db.write() as session:
        await session.execute(insert(Visitor).values(id=visitor_id, **owner))
        await session.execute(insert(Room).values(id=room_id, bot_id=company.bot_id, visitor_id=visitor_id, **owner))
        session.add(
            Score(
                room_id=room_id, ended=7, workspace_id=company.workspace_id, member_id=company.grace.member_id,
                score=score, comment=comment, created_at=at, changed_at=at,
            )
        )  # fmt: skip


async def see(owner: Owner, query: str = "") -> str:
    answer = await owner.visit.get("/app/acme/ratings" + query)
    assert answer.status_code == 200
    return answer.text


async def test_r10_ratings_are_counted_and_shown_as_words_and_a_rivals_are_not(owner: Owner) -> None:
    assert "No ratings in this time" in await see(owner)
    acme, globex = owner.site.cast.acme, owner.site.cast.globex
    for score, comment in ((5, "<b>Lovely</b>"), (4, ""), (2, "Slow")):
        await rated(owner.site, acme, score, comment)
    await rated(owner.site, globex, 1, "A rival's")
    await rated(owner.site, acme, 1, "Long ago", days=60)
    page = await see(owner)
    assert "&lt;b&gt;Lovely" in page
    assert "A rival" not in page
    assert "Long ago" not in page
    assert "<dd>67 %</dd>" in page
    assert "<dd>3.7</dd>" in page
    assert "Grace" in page
    assert "Long ago" in await see(owner, "?days=90")
    assert "Long ago" not in await see(owner, "?days=1000000")


async def test_a_viewer_reads_it_without_the_way_to_the_desk(owner: Owner) -> None:
    await rated(owner.site, owner.site.cast.acme, 5, "Lovely")
    visit = owner.site.visit()
    await visit.sign_in("viewer@acme.example")
    page = (await visit.get("/app/acme/ratings")).text
    assert "Lovely" in page
    assert "live?room=" not in page
    assert (await owner.site.visit().get("/app/acme/ratings")).status_code == 303
