"""The page about the widget's speed: figures in plain words, of the workspace's own bots alone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import vitals
from engine.db import now
from engine.models import Bot, Vital
from tests.cast import Company
from tests.console.conftest import Owner, Site

pytestmark = pytest.mark.anyio
PAGE = "/app/acme/speed"


async def measured(site: Site, company: Company, device: vitals.Device = "phone", **values: int) -> None:
    async with site.db.write() as session:
        found = {metric: (values[metric],) for metric in vitals.METRICS if metric in values}
        await vitals.count(session, company.workspace_id, company.bot_id, device, found)


async def test_without_a_visit_the_page_says_when_there_will_be_figures(owner: Owner) -> None:
    page = (await owner.visit.get(PAGE)).text
    assert "Nothing measured yet" in page
    assert "<table" not in page


async def test_r10_the_figures_of_this_workspaces_visits_are_told_in_plain_words(owner: Owner) -> None:
    for value in (*[100] * 70, *[700] * 20, *[2_000] * 10):
        await measured(owner.site, owner.site.cast.acme, open=value)
    await measured(owner.site, owner.site.cast.acme, "desktop", bytes=15_000, failed=0)
    await measured(owner.site, owner.site.cast.globex, token=9_999)
    page = (await owner.visit.get(PAGE)).text
    assert "First word" not in page
    row = page[page.index("Ready to write") : page.index("Fetched")]
    shown = [vitals.value_of(vitals.bucket_of(value)) for value in (100, 700)]
    assert f"{shown[0]} ms" in row
    assert f"{shown[1]} ms" in row
    assert "2.0 s" in row
    assert '<span class="badge warning">Fair</span>' in row
    assert '<td class="right" data-label="Measured">100</td>' in row
    desktop = (await owner.visit.get(PAGE + "?device=desktop")).text
    assert "Ready to write" not in desktop
    assert "KB" in desktop


async def test_the_last_seven_thirty_and_ninety_days_are_told_apart(owner: Owner) -> None:
    acme = owner.site.cast.acme
    row = {"workspace_id": acme.workspace_id, "bot_id": acme.bot_id, "device": "phone", "metric": "open", "bucket": 9}
    async with owner.site.db.write() as session:
        for age in (0, 6, 7, 29, 30, 89, 90):
            session.add(Vital(day=now().date() - timedelta(days=age), count=1, **row))
    for days, count in (("7", 2), ("30", 4), ("90", 6), ("junk", 4)):
        page = (await owner.visit.get(f"{PAGE}?days={days}&bot=nobody&device=toaster")).text
        assert f'data-label="Measured">{count}</td>' in page, days


async def share(site: Site, bot_id: str) -> int:
    async with site.db.read() as session:
        return (await session.scalars(select(Bot.vitals).where(Bot.id == bot_id))).one()


async def test_an_owner_chooses_how_many_visits_are_measured(owner: Owner) -> None:
    bot_id = owner.site.cast.acme.bot_id
    assert await share(owner.site, bot_id) == 10
    for wanted, said in (("0", "measures nothing"), ("25", "measures 25 visits in a hundred")):
        fields = {"csrf": owner.csrf, "bot": bot_id, "share": wanted}
        page = await owner.told(await owner.visit.post(PAGE, fields))
        assert said in page
        assert await share(owner.site, bot_id) == int(wanted)
    page = await owner.told(await owner.visit.post(PAGE, {"csrf": owner.csrf, "bot": bot_id, "share": "33"}))
    assert "Choose one of the list." in page
    assert await share(owner.site, bot_id) == 25


async def test_r10_nobody_else_chooses_for_a_bot(owner: Owner) -> None:
    theirs, ours = owner.site.cast.globex.bot_id, owner.site.cast.acme.bot_id
    refused = await owner.visit.post(PAGE, {"csrf": owner.csrf, "bot": theirs, "share": "50"})
    assert (refused.status_code, await share(owner.site, theirs)) == (404, 10)
    viewer = owner.site.visit()
    await viewer.sign_in("viewer@acme.example")
    assert 'name="share"' not in (await viewer.get(PAGE)).text
    csrf = (await viewer.fields("/auth/sign-out"))["csrf"]
    refused = await viewer.post(PAGE, {"csrf": csrf, "bot": ours, "share": "50"})
    assert (refused.status_code, await share(owner.site, ours)) == (403, 10)
    assert (await viewer.get("/app/globex/speed")).status_code == 404
