"""The whole way of a message that is left while nobody is there: the real panel, the letters, the desk, the answer."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select, update

from engine import absent
from engine.db import now
from engine.models import Bot, Consent, Job
from knowledge.models import Lead
from tests.console.conftest import Site
from tests.console.screen import SignIn, reply, take
from tests.doubles.smtp import Sink
from tests.servers.parts import free_port

pytestmark = pytest.mark.anyio
NEVER = {"zone": "UTC", "week": [""] * 7, "days": {}}


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: what is new here is the page; the wire below it is proved on both databases elsewhere."""
    return f"sqlite+aiosqlite:///{tmp_path / 'desk.sqlite'}"


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with Sink() as sink:
        yield sink


@pytest.fixture
def more_settings(sink: Sink) -> dict[str, Any]:
    mail = {"SMTP_URL": sink.url, "MAIL_FROM": "chat@acme.example"}
    return {"PORT": free_port(), "STOP_SECONDS": 1, "PULSE_SECONDS": 1} | mail


async def test_a_message_left_at_night_is_answered_in_the_morning_by_mail(
    served: Site, sink: Sink, browser: Browser, sign_in: SignIn
) -> None:
    acme = served.cast.acme
    asked = {"hours": NEVER, "consent": "Kept for a year.", "consent_version": 4, "consent_first": True}
    async with served.db.write() as session:
        await session.execute(update(Bot).where(Bot.id == acme.bot_id).values(**asked))
    panel = await browser.new_page()
    await panel.goto(f"{served.settings.public_url}/v1/panel?bot={acme.key}")
    await panel.get_by_role("button", name="Agree and continue").click()
    await panel.get_by_label("Your message").fill("Can I talk to a person?")
    await panel.keyboard.press("Enter")
    await panel.get_by_label("Your name").fill("Ada")
    await panel.get_by_label("E-mail address").fill("ada@home.example")
    await panel.get_by_label("Your question").fill("Where is my parcel?")
    await panel.get_by_role("checkbox", name="Kept for a year.").check()
    await panel.get_by_role("form", name="Leave a message").get_by_role("button", name="Send").click()
    await expect(panel.locator(".bubble", has_text="the answer comes to ada@home.example")).to_be_visible()
    await expect(panel.locator("form.form")).to_have_count(0)
    await panel.close()

    to = {letter.recipients[0]: letter for letter in await sink.until(2)}
    assert "> Where is my parcel?" in to["owner@acme.example"].text
    assert "We have your message" in to["ada@home.example"].message["subject"]
    async with served.db.read() as session:
        (lead,) = (await session.scalars(select(Lead))).all()
        (consent,) = (await session.scalars(select(Consent))).all()
    assert (lead.name, lead.email) == ("Ada", "ada@home.example")
    assert [(each["text"], each["version"]) for each in lead.consents] == [("Kept for a year.", 4)]
    assert (consent.text, consent.version) == ("Kept for a year.", 4)

    grace = await sign_in("grace")
    await expect(grace.locator(".waiting a .when")).to_contain_text("left a message")
    await take(grace)
    await reply(grace, "It is in Ghent.")
    # The bubble is there before the reply is stored; the line in the list tells that it is.
    await expect(grace.locator(".mine a .preview")).to_have_text("It is in Ghent.")
    async with served.db.write() as session:
        await session.execute(update(Job).where(Job.kind == absent.JOB).values(run_at=now()))
    (*_, answer) = await sink.until(3)
    assert answer.recipients == ("ada@home.example",)
    assert "> It is in Ghent." in answer.text
