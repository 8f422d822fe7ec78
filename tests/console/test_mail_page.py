"""The page about mail: what can be sent, a letter to try it, and what became of each."""

import pytest
from sqlalchemy import select

from engine import letters
from engine.models import Letter
from engine.stationery import Sheet
from tests.console.conftest import Owner, Site

pytestmark = pytest.mark.anyio
PAGE = "/app/acme/mail"
SERVER = {"SMTP_URL": "smtp://ada:hunter2@mx.acme.example", "MAIL_FROM": "chat@acme.example"}


async def see(owner: Owner, path: str = "") -> str:
    answer = await owner.visit.get(PAGE + path)
    assert answer.status_code == 200
    return answer.text


async def letter(site: Site, workspace_id: str, to: str = "ada@home.example", *, state: str = "failed") -> str:
    async with site.db.write() as session:
        written = await letters.write(session, workspace_id, "reply", to, "Acme", Sheet("<b>Your question</b>"))
        written.state, written.reason, written.attempts = state, "The mail server refused it (550).", 3
        return written.id


async def test_without_a_mail_server_the_page_says_so_and_offers_no_letter(owner: Owner) -> None:
    page = await see(owner)
    assert "No mail server is set up, so no letter is sent" in page
    assert "SMTP_URL" in page
    assert "/mail/test" not in page
    answer = await owner.visit.post(PAGE + "/test", {"csrf": owner.csrf})
    assert letters.NO_SERVER in await owner.told(answer)
    async with owner.site.db.read() as session:
        assert (await session.scalars(select(Letter))).all() == []


@pytest.mark.parametrize("more_settings", [SERVER])
async def test_the_page_names_the_server_without_its_password_and_mails_who_asks(owner: Owner) -> None:
    page = await see(owner)
    assert "mx.acme.example, port 587" in page
    assert "STARTTLS, insisted on" in page
    assert "hunter2" not in page
    told = await owner.told(await owner.visit.post(PAGE + "/test", {"csrf": owner.csrf, "to": "eve@evil.example"}))
    assert "A letter to owner@acme.example is on its way" in told
    async with owner.site.db.read() as session:
        (written,) = (await session.scalars(select(Letter))).all()
    assert (written.recipient, written.kind, written.state) == ("owner@acme.example", "test", "waiting")
    for _ in range(11):
        await owner.visit.post(PAGE + "/test", {"csrf": owner.csrf})
    answer = await owner.visit.post(PAGE + "/test", {"csrf": owner.csrf})
    assert "Too many letters" in await owner.told(answer)


@pytest.mark.parametrize("more_settings", [SERVER])
async def test_r10_the_log_tells_each_letters_fate_and_holds_no_rivals(owner: Owner) -> None:
    cast = owner.site.cast
    assert "No letters yet" in await see(owner)
    failed = await letter(owner.site, cast.acme.workspace_id)
    theirs = await letter(owner.site, cast.globex.workspace_id, "bob@rival.example")
    page = await see(owner)
    assert "The mail server refused it (550). 3 attempts." in page
    assert "&lt;b&gt;Your question" in page
    assert "bob@rival.example" not in page
    for foreign in (theirs, "0" * 32, "\0", ""):
        answer = await owner.visit.post(PAGE + "/again", {"csrf": owner.csrf, "letter": foreign})
        assert answer.status_code == 404
    told = await owner.told(await owner.visit.post(PAGE + "/again", {"csrf": owner.csrf, "letter": failed}))
    assert "It is sent again." in told
    assert "Waiting" in told


async def test_a_long_log_has_pages_and_a_number_that_is_none_is_the_first(owner: Owner) -> None:
    for number in range(52):
        await letter(owner.site, owner.site.cast.acme.workspace_id, f"ada{number}@home.example")
    assert "Page 1 of 2" in await see(owner, "?page=0")
    assert "ada0@home.example" in await see(owner, "?page=2")
    for odd in ("-1", "x", "9" * 40, "%00", "²"):
        assert "Letters" in await see(owner, f"?page={odd}")


@pytest.mark.parametrize("role", ["viewer", "marketer", "grace"])
async def test_who_may_not_change_the_bot_sees_no_letters(site: Site, role: str) -> None:
    visit = site.visit()
    await visit.sign_in(f"{role}@acme.example")
    assert (await visit.get(PAGE)).status_code == 403
    csrf = (await visit.fields("/auth/sign-out"))["csrf"]
    for path in ("/test", "/again"):
        assert (await visit.post(PAGE + path, {"csrf": csrf})).status_code == 403


async def test_a_form_from_elsewhere_sends_nothing(owner: Owner) -> None:
    for fields in ({}, {"csrf": "x"}):
        assert (await owner.visit.post(PAGE + "/test", fields)).status_code == 403
