"""The page about hours: set by the owner, read by everybody, a version for each consent."""

import pytest
from sqlalchemy import select

from engine.models import AuditEvent, Bot
from tests.console.conftest import Owner, Site

pytestmark = pytest.mark.anyio
WEEK = {f"day{number}": "09:00-12:00, 13:00-17:00" if number < 5 else "" for number in range(7)}
FORM = {
    "limited": "on", "zone": "Europe/Berlin", "days": "2026-12-24 09:00-12:00\n2026-12-25 closed\n", "consent": "",
    "mail_to": "",
} | WEEK  # fmt: skip


async def bot_of(site: Site, bot_id: str) -> Bot:
    async with site.db.read() as session:
        return (await session.scalars(select(Bot).where(Bot.id == bot_id))).one()


async def test_an_owner_sets_the_hours_and_finds_them_again(owner: Owner) -> None:
    bot_id = owner.site.cast.acme.bot_id
    assert "Open now" in await owner.see("/hours")
    page = await owner.told(await owner.send("/hours", {"bot": bot_id, **FORM, "mail_to": "desk@acme.example"}))
    assert "Saved. Acme bot keeps to it" in page
    stored = await bot_of(owner.site, bot_id)
    assert stored.hours == {
        "zone": "Europe/Berlin",
        "week": ["09:00-12:00, 13:00-17:00"] * 5 + ["", ""],
        "days": {"2026-12-24": "09:00-12:00", "2026-12-25": ""},
    }
    assert (stored.mail_to, stored.consent_first) == ("desk@acme.example", False)
    assert 'value="09:00-12:00, 13:00-17:00"' in page
    assert "2026-12-25 closed" in page
    page = await owner.told(await owner.send("/hours", {"bot": bot_id, **FORM, "limited": ""}))
    assert "Open now" in page
    assert (await bot_of(owner.site, bot_id)).hours is None


async def test_another_consent_is_another_version_and_one_line_in_the_log(owner: Owner) -> None:
    bot_id = owner.site.cast.acme.bot_id
    for consent, version in (("<b>Yes</b>", 1), ("<b>Yes</b>", 1), ("No", 2)):
        await owner.send("/hours", {"bot": bot_id, **FORM, "consent": consent})
        assert "<b>Yes" not in await owner.see("/hours")
        assert (await bot_of(owner.site, bot_id)).consent_version == version
    await owner.send("/hours", {"bot": bot_id, **FORM, "consent": "No", "consent_first": "on"})
    stored = await bot_of(owner.site, bot_id)
    assert (stored.consent_first, stored.consent_version) == (True, 2)
    async with owner.site.db.read() as session:
        events = (await session.scalars(select(AuditEvent).where(AuditEvent.action == "bot.hours"))).all()
    assert len(events) == 3


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"zone": "Mars"}, "Choose a time zone"),
        ({"day0": "nine to five"}, "is no span of time"),
        ({"day0": "17:00-09:00"}, "does not end after it begins"),
        ({"days": "Christmas closed"}, "is no date"),
        ({"mail_to": "a@b.example, c@d.example"}, "not one e-mail address"),
    ],
)
async def test_what_cannot_be_read_is_said_and_nothing_changes(owner: Owner, fields: dict[str, str], said: str) -> None:
    bot_id = owner.site.cast.acme.bot_id
    page = await owner.told(await owner.send("/hours", {"bot": bot_id, **FORM, **fields}))
    assert said in page
    assert (await bot_of(owner.site, bot_id)).hours is None


async def test_r10_a_rivals_bot_has_no_hours_here_and_a_viewer_only_reads(owner: Owner) -> None:
    theirs = owner.site.cast.globex.bot_id
    for bot_id in (theirs, "0" * 32, "\0"):
        assert (await owner.send("/hours", {"bot": bot_id, **FORM})).status_code == 404
    assert (await bot_of(owner.site, theirs)).hours is None
    await owner.send("/hours", {"bot": owner.site.cast.acme.bot_id, **FORM})
    visit = owner.site.visit()
    await visit.sign_in("viewer@acme.example")
    page = (await visit.get(owner.base + "/hours")).text
    assert "09:00-12:00, 13:00-17:00" in page
    assert 'name="zone"' not in page
    csrf = (await visit.fields("/auth/sign-out"))["csrf"]
    fields = {"csrf": csrf, "bot": owner.site.cast.acme.bot_id, **FORM}
    assert (await visit.post(owner.base + "/hours", fields)).status_code == 403
