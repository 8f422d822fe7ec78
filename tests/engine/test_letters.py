"""Letters: in the fact's own transaction, sent once, tried again, given up with a word; the same words twice over."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from engine import jobs, letters
from engine.db import Database, now
from engine.models import Job, Letter
from engine.smtp import Smtp
from engine.stationery import Said, Sheet, render
from tests import schema
from tests.cast import Cast, gather
from tests.doubles.smtp import Sink

pytestmark = pytest.mark.anyio
SHEET = Sheet(
    "Your question", ("Dear Ada,",), (Said("Ada", "How long?"),), ("Soon.",), ("Open", "https://acme.example/")
)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    await schema.ready(database_url)
    db = Database(database_url)
    yield db
    await db.dispose()


@pytest.fixture
async def cast(db: Database) -> Cast:
    return await gather(db)


async def write(db: Database, cast: Cast, to: str = "ada@home.example") -> str:
    async with db.write() as session:
        return (await letters.write(session, cast.acme.workspace_id, "reply", to, "Acme bot", SHEET)).id


async def deliver(db: Database, sink: Sink | None) -> int:
    """What is due, once; how many letters were tried."""
    mailer = Smtp(sink.url, "chat@acme.example", seconds=0.7) if sink else None
    return await jobs.run_due(db, {letters.JOB: letters.handler(db, mailer)}, 1)


async def hurry(db: Database) -> None:
    async with db.write() as session:
        await session.execute(update(Job).values(run_at=now() - timedelta(seconds=1)))


async def letter_of(db: Database, letter_id: str) -> Letter:
    async with db.read() as session:
        return (await session.scalars(select(Letter).where(Letter.id == letter_id))).one()


async def test_a_letter_is_sent_once_and_its_words_are_then_forgotten(db: Database, cast: Cast) -> None:
    letter_id = await write(db, cast)
    async with Sink() as sink:
        assert await deliver(db, sink) == 1
        assert await deliver(db, sink) == 0
        (taken,) = sink.letters
    assert taken.message["subject"] == "Your question"
    assert "https://acme.example/" in taken.text
    letter = await letter_of(db, letter_id)
    assert (letter.state, letter.text, letter.html, letter.attempts) == ("sent", "", "", 1)
    assert letter.ended_at is not None


async def test_a_fact_that_is_rolled_back_sends_no_letter(db: Database, cast: Cast) -> None:
    async def breaking() -> None:
        async with db.write() as session:
            await letters.write(session, cast.acme.workspace_id, "reply", "ada@home.example", "Acme", SHEET)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await breaking()
    async with Sink() as sink:
        assert await deliver(db, sink) == 0
        assert sink.connections == 0


async def test_a_refusal_for_now_is_tried_again_with_growing_pauses_and_given_up_with_its_reason(
    db: Database, cast: Cast
) -> None:
    letter_id, pauses = await write(db, cast), []
    async with Sink(behave="450:rcpt") as sink:
        for _ in range(letters.ATTEMPTS):
            assert await deliver(db, sink) == 1
            async with db.read() as session:
                (job,) = (await session.scalars(select(Job))).all()
            pauses.append(round((job.run_at - now()) / timedelta(minutes=1)))
            assert await deliver(db, sink) == 0, "not before its time"
            await hurry(db)
        letter = await letter_of(db, letter_id)
        assert (letter.state, letter.attempts) == ("failed", letters.ATTEMPTS)
        assert letter.reason == "The mail server refused this recipient (450 4.7.1)."
        assert pauses[:-1] == [1, 2, 4, 8, 16, 32, 64]
        assert await deliver(db, sink) == 0
        assert sink.connections == letters.ATTEMPTS


async def test_a_server_that_greylists_takes_it_at_the_second_try(db: Database, cast: Cast) -> None:
    letter_id = await write(db, cast)
    async with Sink(script=["451:rcpt"]) as sink:
        await deliver(db, sink)
        assert (await letter_of(db, letter_id)).state == "waiting"
        await hurry(db)
        await deliver(db, sink)
        assert len(sink.letters) == 1
    letter = await letter_of(db, letter_id)
    assert (letter.state, letter.reason) == ("sent", "")


async def test_a_refusal_for_good_is_not_tried_again_until_the_owner_says_so(db: Database, cast: Cast) -> None:
    letter_id = await write(db, cast)
    async with Sink(script=["550:rcpt"]) as sink:
        await deliver(db, sink)
        assert (await letter_of(db, letter_id)).state == "failed"
        await hurry(db)
        assert await deliver(db, sink) == 0
        async with db.write() as session:
            assert not await letters.again(session, cast.globex.workspace_id, letter_id), "R10: a rival's is none"
            assert await letters.again(session, cast.acme.workspace_id, letter_id)
            assert not await letters.again(session, cast.acme.workspace_id, letter_id), "once is enough"
        assert await deliver(db, sink) == 1
        assert len(sink.letters) == 1


async def test_r18_a_letter_that_may_have_arrived_is_repeated_once_and_then_left(db: Database, cast: Cast) -> None:
    letter_id = await write(db, cast)
    async with Sink(behave="cut:taken") as sink:
        for _ in range(4):
            await deliver(db, sink)
            await hurry(db)
        assert len(sink.letters) == letters.DOUBTS == 2
        assert len({taken.message["message-id"] for taken in sink.letters}) == 1
    letter = await letter_of(db, letter_id)
    assert (letter.state, letter.doubts) == ("failed", 2)
    assert "may have arrived" in letter.reason


async def test_without_a_mail_server_a_letter_left_over_says_so(db: Database, cast: Cast) -> None:
    letter_id = await write(db, cast)
    assert await deliver(db, None) == 1
    letter = await letter_of(db, letter_id)
    assert (letter.state, letter.reason) == ("failed", letters.NO_SERVER)


async def test_what_a_process_that_died_had_claimed_is_sent_by_the_next(db: Database, cast: Cast) -> None:
    await write(db, cast)
    async with db.write() as session:
        assert len(await jobs.claim(session, now(), 5)) == 1  # and then the process is gone
    async with Sink() as sink:
        assert await deliver(db, sink) == 0, "it may still be at work"
        await hurry(db)
        assert await deliver(db, sink) == 1
        assert len(sink.letters) == 1


def test_r13_nothing_that_people_wrote_is_markup_or_looks_like_our_own_words() -> None:
    nasty = "<img src=x onerror=alert(1)>{{ 7 * 7 }}{% raw %}\n-- \nFrom us: click https://evil.example"
    text, html = render(
        Sheet(nasty, (nasty,), (Said(nasty, nasty, now()),), (nasty,), ("Go", "javascript:alert(1)"), nasty)
    )
    assert "<img" not in html
    assert "49" not in html + text
    assert "javascript:" not in html + text
    assert "> From us: click" in text
    assert "&lt;img" in html
