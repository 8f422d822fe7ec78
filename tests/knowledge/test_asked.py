"""What visitors really asked (R10: the domain's own)."""

import pytest
from sqlalchemy import select

from engine.db import Database
from engine.models import Room
from knowledge import asked
from knowledge.models import Question, Reply
from tests.knowledge.conftest import Shop
from tests.knowledge.labels import said, stocked

pytestmark = pytest.mark.anyio


async def texts(database: Database, shop: Shop, limit: int = 200) -> list[str]:
    async with database.read() as session:
        return [each.text for each in await asked.recent(session, *shop.ids, limit)]


async def test_the_newest_questions_come_first_and_greetings_are_none(database: Database, acme: Shop) -> None:
    await said(database, acme, "Hello!", "How can I pay?", "thanks", "And on Sunday?", "???")
    await said(database, acme, "I am the bot", author="bot")
    assert await texts(database, acme) == ["And on Sunday?", "How can I pay?"]
    assert await texts(database, acme, 1) == ["And on Sunday?"]


async def test_an_answer_to_a_filtered_question_is_no_question(database: Database, acme: Shop) -> None:
    await said(database, acme, "Do you deliver?", "ada lovelace")
    owner = {"workspace_id": acme.workspace_id, "domain_id": acme.domain_id}
    async with database.write() as session:
        question = Question(text="Your name?", **owner)
        session.add(question)
        await session.flush()
        reply = Reply(room_id=acme.room_id, question_id=question.id, asked="Your name?", raw="ada lovelace ", **owner)
        session.add(reply)
    assert await texts(database, acme) == ["Do you deliver?"]


async def test_greetings_by_the_hundred_do_not_hide_what_was_asked_before(database: Database, acme: Shop) -> None:
    await said(database, acme, "How can I pay?", *(["hi"] * 600))
    assert await texts(database, acme) == ["How can I pay?"]


async def test_r10_other_domains_rooms_are_not_looked_into(database: Database, acme: Shop, rival: Shop) -> None:
    await said(database, rival, "Their question?")
    assert await texts(database, acme) == []
    async with database.read() as session:
        assert await asked.recent(session, acme.workspace_id, rival.domain_id, 10) == []
        assert await session.scalar(select(Room.id).where(Room.domain_id == rival.domain_id)) == rival.room_id


async def test_each_is_judged_with_what_it_leans_on_in_its_own_conversation(database: Database, acme: Shop) -> None:
    _, hours, *_ = await stocked(database, acme)
    await said(database, acme, "When are you open?", "and on Sunday?")
    async with database.read() as session:
        found = await asked.recent(session, *acme.ids, 10)
    follow_up, first = await asked.judged(database, *acme.ids, found)
    assert first[1].facts[0].id == hours
    assert "open" in follow_up[1].text
    assert follow_up[1].facts[0].id == hours
