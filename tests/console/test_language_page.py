"""The page about a bot's language: the visitor's own, or the one that the owner fixed."""

import httpx2
import pytest
from sqlalchemy import select

from engine import doors
from engine.models import AuditEvent, Bot
from tests.console.conftest import Owner, Site

pytestmark = pytest.mark.anyio


async def spoken(site: Site, bot_id: str) -> str:
    async with site.db.read() as session:
        return (await session.scalars(select(Bot.language).where(Bot.id == bot_id))).one()


async def test_an_owner_fixes_the_language_of_a_bot_and_lets_it_follow_the_visitor_again(owner: Owner) -> None:
    acme = owner.site.cast.acme
    assert await spoken(owner.site, acme.bot_id) == ""
    for language, said in (
        ("de", "Acme bot speaks German"),
        ("zh-Hant", "Acme bot speaks Traditional Chinese"),
        ("zh-Hant", "Acme bot speaks Traditional Chinese"),
        ("", "Acme bot speaks the visitor"),
    ):
        page = await owner.told(await owner.send("/language", {"bot": acme.bot_id, "language": language}))
        assert f"Saved. {said}" in page
        assert await spoken(owner.site, acme.bot_id) == language
        async with owner.site.db.read() as session:
            assert (await doors.door(session, acme.key)).language == language
    async with owner.site.db.read() as session:
        events = (await session.scalars(select(AuditEvent).where(AuditEvent.action == "bot.language"))).all()
    changes = {(event.detail["before"], event.detail["after"]) for event in events}
    assert len(events) == 3
    assert changes == {("", "de"), ("de", "zh-Hant"), ("zh-Hant", "")}


async def test_r10_somebody_elses_bot_and_a_language_that_is_none_change_nothing(owner: Owner) -> None:
    theirs = owner.site.cast.globex.bot_id
    for bot_id in (theirs, "0" * 32, "\0"):
        answer: httpx2.Response = await owner.send("/language", {"bot": bot_id, "language": "de"})
        assert answer.status_code == 404
    assert await spoken(owner.site, theirs) == ""
    bot_id = owner.site.cast.acme.bot_id
    page = await owner.told(await owner.send("/language", {"bot": bot_id, "language": "../en"}))
    assert "Choose one of the list." in page
    assert await spoken(owner.site, bot_id) == ""


async def test_who_may_only_read_sees_the_language_and_cannot_change_it(owner: Owner) -> None:
    visit = owner.site.visit()
    await visit.sign_in("viewer@acme.example")
    page = (await visit.get(owner.base + "/language")).text
    assert "Speaks the visitor" in page
    assert 'name="language"' not in page
    csrf = (await visit.fields("/auth/sign-out"))["csrf"]
    fields = {"csrf": csrf, "bot": owner.site.cast.acme.bot_id, "language": "de"}
    assert (await visit.post(owner.base + "/language", fields)).status_code == 403
    assert await spoken(owner.site, owner.site.cast.acme.bot_id) == ""
