"""A transcript by mail: the visitor's own conversation, to one address, not often, promised only where it is sent."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.models import Letter
from engine.smtp import Smtp
from tests.doubles.smtp import Sink
from tests.engine.test_scores import served_by
from tests.stage import Stage, staged

pytestmark = pytest.mark.anyio
FROM = "chat@acme.example"


async def letters_of(stage: Stage) -> int:
    async with stage.db.read() as session:
        return (await session.execute(select(func.count()).select_from(Letter))).scalar_one()


async def test_the_whole_conversation_arrives_in_order_as_words_and_not_as_markup(
    database_url: str, tmp_path: Path
) -> None:
    async with Sink() as sink, staged(database_url, tmp_path, mailer=Smtp(sink.url, FROM)) as stage:
        async with stage.visitor() as ada, stage.agent() as grace:
            await served_by(ada, grace)
            await ada.send("<script>alert(1)</script>\nsecond line")
            assert (await ada.ask("transcript.send", email=" Ada@Home.example "))["type"] == "ok"
        (letter,) = await sink.until(1)
    assert letter.recipients == ("Ada@home.example",)
    message = letter.message
    assert message["subject"] == "Your conversation with Acme bot"
    assert message["auto-submitted"] == "auto-replied"
    places = [letter.text.index(each) for each in ("> sure", "> Delivery takes", "> Hello Ada", "> second line")]
    assert places == sorted(places)
    assert "Grace" in letter.text
    assert "<script>" not in letter.html
    assert "&lt;script&gt;" in letter.html


@pytest.mark.parametrize(
    "email", ["ada", "", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example", "Ada <a@b.example>"]
)
async def test_r18_what_is_not_one_address_is_refused_with_a_word(
    database_url: str, tmp_path: Path, email: str
) -> None:
    async with Sink() as sink, staged(database_url, tmp_path, mailer=Smtp(sink.url, FROM)) as stage:
        async with stage.visitor() as ada:
            await ada.join()
            await ada.send("sure")
            refused = await ada.ask("transcript.send", email=email)
            assert (refused["type"], refused["code"]) == ("error", "invalid_email")
        assert await letters_of(stage) == 0


async def test_without_a_mail_server_it_is_refused_and_nothing_is_promised(stage: Stage) -> None:
    async with stage.visitor() as ada:
        await ada.join()
        await ada.send("sure")
        refused = await ada.ask("transcript.send", email="ada@home.example")
        assert (refused["code"], refused["message"]) == ("no_mail", "We cannot send e-mail just now.")
    assert await letters_of(stage) == 0


async def test_r15_one_visitor_and_one_reader_get_few_and_a_stranger_gets_none_of_it(
    database_url: str, tmp_path: Path
) -> None:
    async with Sink() as sink, staged(database_url, tmp_path, mailer=Smtp(sink.url, FROM)) as stage:
        async with stage.visitor() as ada, stage.visitor() as bob:
            await ada.join()
            await bob.join()
            assert (await bob.ask("transcript.send", email="eve@evil.example"))["code"] == "not_found"
            await ada.send("sure, my secret")
            await bob.send("sure, mine")
            for _ in range(3):
                assert (await ada.ask("transcript.send", email="ada@home.example"))["type"] == "ok"
            refused = await ada.ask("transcript.send", email="other@home.example")
            assert (refused["code"], refused["retry_after"] > 0) == ("rate_limited", True)
            flood = await bob.ask("transcript.send", email="ADA@home.example")
            assert flood["code"] == "rate_limited"
            assert (await bob.ask("transcript.send", email="bob@home.example"))["type"] == "ok"
        (*_, bobs) = sorted(await sink.until(4), key=lambda letter: letter.recipients)
    assert bobs.recipients == ("bob@home.example",)
    assert "my secret" not in bobs.text
