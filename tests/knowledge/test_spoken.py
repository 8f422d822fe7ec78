"""What an agent said after the bot did not know, as far as it answers anything and is meant for everybody."""

import pytest
from sqlalchemy import update

from engine.db import Database, new_id
from engine.models import Message, Room
from knowledge import spoken
from tests.knowledge.conftest import Shop

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Hi Ada! We deliver on Sundays too.", "We deliver on Sundays too."),
        ("Good morning, thanks for waiting. it takes two days. Anything else?", "It takes two days."),
        ("I'm Grace from the shop. You can pay by card. Hope this helps!", "You can pay by card."),
        ("Let me check that for you. The pot is 20 cm wide.\nKind regards, Grace", "The pot is 20 cm wide."),
        ("Which order is it about, please?", ""),
        ("Hello!", ""),
        ("One moment", ""),
    ],
)
def test_greeting_thanks_and_farewell_are_not_part_of_an_answer(said: str, left: str) -> None:
    assert spoken.cleaned(said) == left


async def talked(database: Database, shop: Shop, *said: tuple[str, str]) -> list[str]:
    """Messages after one another in the shop's room; their ids."""
    ids = [new_id() for _ in said]
    async with database.write() as session:
        for place, (id, (author, text)) in enumerate(zip(ids, said, strict=True), start=1):
            session.add(Message(id=id, room_id=shop.room_id, position=place, revision=place, author=author, text=text))
        await session.execute(update(Room).where(Room.id == shop.room_id).values(revision=len(said)))
    return ids


async def test_the_first_thing_that_answers_after_the_failure_is_taken(database: Database, acme: Shop) -> None:
    ids = await talked(
        database,
        acme,
        ("agent", "Something said long before the question."),
        ("visitor", "Do you rent plants?"),
        ("bot", "I do not know."),
        ("agent", "Hi!"),
        ("visitor", "We need forty of them for a wedding."),
        ("agent", "Yes, we rent plants for a day or a week."),
        ("agent", "The van comes at noon."),
    )
    async with database.read() as session:
        assert await spoken.replies(session, acme.workspace_id, [ids[2]]) == {
            ids[2]: "Yes, we rent plants for a day or a week."
        }
        assert await spoken.replies(session, acme.workspace_id, [ids[6]]) == {}


async def test_r10_rooms_of_another_are_not_listened_to(database: Database, acme: Shop, rival: Shop) -> None:
    ids = await talked(database, acme, ("bot", "I do not know."), ("agent", "Yes, we rent plants for a day."))
    async with database.read() as session:
        assert await spoken.after(session, acme.workspace_id, ids[:1])
        assert await spoken.after(session, rival.workspace_id, ids[:1]) == {}
        assert await spoken.replies(session, rival.workspace_id, ids[:1]) == {}
