"""Nobody is there: the hours and a form instead of an endless wait; what is left reaches the owner, once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from engine import absent, letters
from engine.db import now
from engine.models import Bot, Job, Letter, Member, User
from engine.ports import Contact
from engine.smtp import Smtp
from tests.doubles.smtp import Sink
from tests.stage import Stage, staged
from tests.wire import Client, Frame, fresh_id

pytestmark = pytest.mark.anyio
FROM = "chat@acme.example"
NEVER = {"zone": "UTC", "week": [""] * 7, "days": {}}
FORM = {"name": "Ada", "email": "ada@home.example", "question": "Where is my parcel?", "agree": "yes"}


async def bot(stage: Stage, **values: Any) -> None:
    async with stage.db.write() as session:
        await session.execute(update(Bot).where(Bot.id == stage.cast.acme.bot_id).values(**values))


@contextlib.asynccontextmanager
async def mailing(database_url: str, folder: Path, **settings: Any) -> AsyncIterator[tuple[Stage, Sink]]:
    """A stage whose letters arrive, and whose workspace has an owner."""
    async with Sink() as sink:
        mailer = Smtp(sink.url, FROM)
        async with staged(database_url, folder, mailer=mailer, SMTP_URL=sink.url, MAIL_FROM=FROM, **settings) as stage:
            async with stage.db.write() as session:
                user = User(email="owner@acme.example", name="Olga", password_hash="none")
                session.add(user)
                await session.flush()
                session.add(Member(workspace_id=stage.cast.acme.workspace_id, user_id=user.id, role="owner"))
            yield stage, sink


async def offered(ada: Client) -> Frame:
    """The form as it is offered to who asks for a person."""
    await ada.join()
    assert (await ada.ask("person.request"))["type"] == "ok"
    contact: Frame = (await ada.join())["state"]["contact"]
    return contact


async def submit(ada: Client, *, client_id: str | None = None, **values: str) -> Frame:
    return await ada.ask("form.submit", form_id="contact", client_id=client_id or fresh_id(), values=FORM | values)


async def count(stage: Stage, table: Any) -> int:
    async with stage.db.read() as session:
        return (await session.execute(select(func.count()).select_from(table))).scalar_one()


async def test_outside_the_hours_nobody_waits_and_the_next_opening_is_told(stage: Stage) -> None:
    tomorrow = (now() + timedelta(days=1)).date().isoformat()
    await bot(stage, hours=NEVER | {"days": {tomorrow: "09:00-10:00"}})
    async with stage.visitor() as ada:
        contact = await offered(ada)
        state = (await ada.join())["state"]
    assert contact["opens"] == f"{tomorrow}T09:00:00Z"
    assert (contact["mail"], contact["consent"]) == (False, "")
    assert state["mode"] == "bot"


async def test_within_the_hours_and_with_nobody_there_the_queue_and_the_form_are_both_offered(stage: Stage) -> None:
    async with stage.visitor() as ada:
        assert (await offered(ada))["opens"] is None
        assert (await ada.join())["state"]["mode"] == "waiting"


async def test_with_somebody_at_the_desk_no_form_is_offered_whatever_the_hours_say(stage: Stage) -> None:
    await bot(stage, hours=NEVER)
    async with stage.visitor() as ada, stage.agent() as grace:
        await grace.ask("desk.join", after=0)
        assert await offered(ada) is None
        assert (await ada.join())["state"]["mode"] == "waiting"


async def test_a_message_is_a_lead_with_its_consent_an_open_item_and_a_letter_to_the_owner_and_back(
    database_url: str, tmp_path: Path
) -> None:
    async with mailing(database_url, tmp_path) as (stage, sink):
        await bot(stage, consent="We keep it for a year.", consent_version=3)
        async with stage.visitor() as ada:
            contact = await offered(ada)
            assert (contact["mail"], contact["consent"], contact["version"]) == (True, "We keep it for a year.", 3)
            await bot(stage, consent="Something else.", consent_version=4)  # what was shown is what is agreed to
            assert (await submit(ada))["type"] == "ok"
            joined = await ada.join()
            assert (joined["state"]["contact"], joined["state"]["mode"]) == (None, "bot")
            assert joined["messages"][-1]["text"].endswith("the answer comes to ada@home.example.")
            assert joined["messages"][-2]["text"] == "Where is my parcel?"
            room = joined["room"]
        assert stage.oracle.contacts[room] == Contact("Ada", "ada@home.example", "We keep it for a year.", 3)
        async with stage.agent() as grace:
            lines = (await grace.ask("desk.join", after=0))["rooms"]
            assert [(line["room"], line["mode"], line["left"]) for line in lines] == [(room, "bot", True)]
        to = {letter.recipients[0]: letter for letter in await sink.until(2)}
    owners, adas = to["owner@acme.example"], to["ada@home.example"]
    assert owners.message["reply-to"].addresses[0].addr_spec == "ada@home.example"
    assert "> Where is my parcel?" in owners.text
    assert f"/app/acme/live?room={room}" in owners.text
    assert adas.message["auto-submitted"] == "auto-replied"
    assert "parcel" not in adas.text, "a stranger's words are not sent to whatever address they name"


async def test_r2_a_resend_is_harmless_and_a_second_form_is_not_open(database_url: str, tmp_path: Path) -> None:
    async with mailing(database_url, tmp_path) as (stage, sink), stage.visitor() as ada:
        await offered(ada)
        client_id = fresh_id()
        first, again = [await submit(ada, client_id=client_id) for _ in range(2)]
        assert (first["type"], again["type"]) == ("ok", "ok")
        assert (await submit(ada))["code"] == "not_open"
        await sink.until(2)
        assert await count(stage, Letter) == 2


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"email": "ada"}, "invalid_email"),
        ({"email": "ada@home.example, eve@evil.example"}, "invalid_email"),
        ({"email": "ada@home.example\r\nBcc: eve@evil.example"}, "invalid_email"),
        ({"question": " \n\0 "}, "invalid_question"),
        ({"agree": ""}, "invalid_agree"),
    ],
)
async def test_r18_what_is_missing_or_no_address_is_told_and_nothing_is_kept(
    database_url: str, tmp_path: Path, values: dict[str, str], code: str
) -> None:
    async with mailing(database_url, tmp_path) as (stage, _), stage.visitor() as ada:
        await bot(stage, consent="We keep it for a year.", consent_version=1)
        assert await offered(ada)
        assert (await submit(ada, **values))["code"] == code
        assert await count(stage, Letter) == 0
        assert stage.oracle.contacts == {}
        assert (await submit(ada, name="Ada\r\nBcc: eve@evil.example"))["type"] == "ok"


async def test_r14_a_form_that_is_none_is_refused(stage: Stage) -> None:
    async with stage.visitor() as ada:
        await offered(ada)
        odd: list[dict[str, Any]] = [
            {"form_id": "other", "values": FORM},
            {"form_id": "contact", "values": {"question": "x" * 4_001}},
            {"form_id": "contact", "values": {f"key{n}": "x" for n in range(11)}},
            {"form_id": "contact", "values": {"name": {"$gt": ""}}},
        ]
        for fields in odd:
            assert (await ada.ask("form.submit", client_id=fresh_id(), **fields))["code"] in (
                "bad_command",
                "unknown_command",
            )
        assert (await submit(ada))["type"] == "ok"


async def test_nothing_is_taken_where_no_form_is_offered(stage: Stage) -> None:
    async with stage.visitor() as ada:
        await ada.join()
        assert (await submit(ada))["code"] == "not_open"
        await ada.send("sure")
        assert (await submit(ada))["code"] == "not_open"


async def test_r15_one_visitor_leaves_few_messages_an_hour(stage: Stage) -> None:
    async with stage.visitor() as ada:
        await offered(ada)
        codes = [(await submit(ada, email="no")).get("code") for _ in range(7)]
    assert codes == ["invalid_email"] * 5 + ["rate_limited"] * 2


async def test_t2_a_queue_nobody_serves_ends_with_the_form_once_and_without_a_loop(
    database_url: str, tmp_path: Path
) -> None:
    quick: dict[str, Any] = {"QUEUE_SECONDS": 0.2, "HANDOFF_AFTER_UNSURE": 2}
    async with staged(database_url, tmp_path, **quick) as stage, stage.visitor() as ada:
        await ada.join()
        await ada.ask("person.request")
        await ada.until("room.released")
        state = (await ada.join())["state"]
        assert (state["mode"], bool(state["contact"])) == ("bot", True)
        for number in range(4):  # unsure again and again: nobody is called a second time
            await ada.send(f"unknown {number}")
            await ada.until("answer.finished")
        assert (await ada.join())["state"]["mode"] == "bot"
        kinds = [frame["type"] for frame in ada.heard]
        assert (kinds.count("room.handed_off"), kinds.count("contact.offered")) == (1, 1)
        assert (await submit(ada))["type"] == "ok"


async def test_who_takes_the_room_closes_the_item_and_the_form(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.agent() as grace:
        assert await offered(ada)
        room = (await ada.join())["room"]
        await submit(ada)
        await grace.ask("desk.join", after=0)
        assert (await grace.ask("room.claim", room=room))["type"] == "ok"
        lines = (await grace.ask("desk.join", after=0))["rooms"]
        assert [(line["mode"], line["left"]) for line in lines] == [("live", False)]


# What an agent answers -----------------------------------------------------------------------------------------


async def due(stage: Stage) -> None:
    async with stage.db.write() as session:
        await session.execute(update(Job).where(Job.kind == absent.JOB).values(run_at=now()))


async def replies(stage: Stage) -> list[Letter]:
    async with stage.db.read() as session:
        return list(await session.scalars(select(Letter).where(Letter.kind == "reply")))


async def jobs_left(stage: Stage) -> int:
    async with stage.db.read() as session:
        query = (
            select(func.count()).select_from(Job).where(Job.state == "ready", Job.kind.in_((absent.JOB, letters.JOB)))
        )
        return (await session.execute(query)).scalar_one()


async def test_an_answer_reaches_who_is_gone_in_one_letter_a_silence_with_a_way_back_to_the_site(
    database_url: str, tmp_path: Path
) -> None:
    async with mailing(database_url, tmp_path) as (stage, sink), stage.agent() as grace:
        async with stage.visitor() as ada:
            joined = await ada.join(page="https://acme.example/pots?utm=<b>#x")
            await ada.ask("person.request")
            await submit(ada)
        await sink.until(2)
        room = joined["room"]
        await grace.ask("desk.join", after=0)
        await grace.ask("room.claim", room=room)
        for text in ("It is in Ghent.", "It comes on Monday."):
            assert (await grace.send(text, room=room))["type"] == "ok"
        await due(stage)
        (*_, letter) = await sink.until(3)
        await grace.send("Really.", room=room)
        await due(stage)
        assert len(await replies(stage)) == 1, "the silence goes on: no second letter"
    assert letter.message["subject"] == "Grace answered you"
    assert letter.text.index("> It is in Ghent.") < letter.text.index("> It comes on Monday.")
    assert "Go on in the chat: https://acme.example/pots" in letter.text.splitlines()


async def test_who_reads_it_in_the_chat_gets_no_letter_and_the_next_silence_gets_its_own(
    database_url: str, tmp_path: Path
) -> None:
    async with mailing(database_url, tmp_path) as (stage, sink), stage.agent() as grace, stage.visitor() as ada:
        await offered(ada)
        room = (await ada.join())["room"]
        await submit(ada)
        await sink.until(2)
        await grace.ask("desk.join", after=0)
        await grace.ask("room.claim", room=room)
        ok = await grace.send("Hello", room=room)
        await ada.ask("read.mark", revision=ok["revision"])
        await due(stage)
        while await jobs_left(stage):
            await asyncio.sleep(0.05)
        assert await replies(stage) == []
        await grace.send("Are you there?", room=room)
        await due(stage)
        assert "> Are you there?" in (await sink.until(3))[-1].text


@pytest.mark.parametrize(
    ("page", "back"),
    [
        ("https://acme.example/pots?token=1#x", "https://acme.example/pots"),
        ("https://acme.example", "https://acme.example/"),
        ("https://evil.example/", "https://acme.example/"),
        ("https://acme.example.evil.example/", "https://acme.example/"),
        ("https://acme.example@evil.example/", "https://acme.example/"),
        ("https://acme.example:444/", "https://acme.example/"),
        ("javascript:alert(1)", "https://acme.example/"),
        ("https://acme.example/\u202e", "https://acme.example/"),
        ("http://[", "https://acme.example/"),
        (None, "https://acme.example/"),
    ],
)
def test_the_way_back_never_leads_off_the_owners_own_site(page: str | None, back: str) -> None:
    assert absent.way_back(page, ["https://acme.example"]) == back
    assert absent.way_back(page, []) is None
