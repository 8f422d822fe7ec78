"""What is there before an owner comes to the pages: entries, and questions that got no answer."""

from sqlalchemy import select

from engine.db import new_id
from engine.models import Message, Room, Visitor
from knowledge.models import Entry, Gap
from tests.console.conftest import Owner


async def add(owner: Owner, question: str, answer: str = "An answer.", **fields: str) -> str:
    """An entry, by way of its form; its id. One that asks what another asks is wanted all the same."""
    sent = {"question": question, "answer": answer, "active": "on", **fields}
    answered = await owner.send("/entries/new", sent)
    if answered.status_code == 409:
        answered = await owner.send("/entries/new", sent | {"despite": owner.hidden(answered.text, "despite")})
    await owner.told(answered)
    async with owner.site.db.read() as session:
        query = select(Entry.id).where(Entry.question == question).order_by(Entry.position.desc())
        return (await session.scalars(query)).first() or ""


async def gap(owner: Owner, text: str, *, reason: str = "unsure", reply: str = "", entry_id: str = "") -> str:
    """A question of a visitor of their own, what the bot answered it (from ``entry_id``), and an agent's ``reply``;
    the gap's id."""
    acme = owner.site.cast.acme
    ids = {"workspace_id": acme.workspace_id, "domain_id": acme.domain_id}
    async with owner.site.db.write() as session:
        visitor = Visitor(id=new_id(), **ids)
        session.add(visitor)
        await session.flush()
        room = Room(id=new_id(), bot_id=acme.bot_id, visitor_id=visitor.id, revision=3, **ids)
        session.add(room)
        await session.flush()
        said = [("visitor", text), ("bot", "I do not know."), *([("agent", reply)] if reply else [])]
        messages = [
            Message(id=new_id(), room_id=room.id, position=place, revision=place, author=author, text=words)
            for place, (author, words) in enumerate(said, start=1)
        ]
        messages[1].sources = [{"id": entry_id}] if entry_id else []
        session.add_all(messages)
        filed = Gap(id=new_id(), room_id=room.id, message_id=messages[1].id, text=text, reason=reason, **ids)
        session.add(filed)
    return filed.id
