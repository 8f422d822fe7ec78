"""A room while a transaction holds its row: what changes it, what is to be inserted, what is to be told. No I/O.

Every lasting change takes the room's next revision from ``bump``; the events gathered here are published by the edge
after the commit (R3).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec import convert
from msgspec.structs import asdict, replace

from engine import protocol as wire
from engine.db import new_id, now
from engine.doors import Opening

CHANGED = ("revision", "text", "state", "sources", "offers", "person", "rating")


@dataclass(frozen=True, slots=True)
class Post:
    """A message that somebody sends. ``opening`` for visitors, ``agent`` for members of the workspace."""

    room_id: str
    client_id: str
    text: str
    opening: Opening | None = None
    agent: wire.AgentView | None = None
    files: tuple[str, ...] = ()


@dataclass(slots=True)
class Locked:
    """A room whose row this transaction holds, the rows to insert, and the events to publish after the commit."""

    id: str
    workspace_id: str
    domain_id: str
    bot_id: str
    visitor_id: str
    revision: int
    mode: wire.Mode
    member_id: str | None
    answer_id: str | None
    answer_lease: datetime | None
    asked: int | None
    unsure: int
    waiting_since: datetime | None
    lease: datetime | None
    question: dict[str, Any] | None
    language: str
    episode: int
    ended: int | None
    score: int | None
    contact: dict[str, Any] | None
    left_at: datetime | None
    mailed: int | None
    agreed: int
    due: datetime | None
    snoozed_until: datetime | None
    tag: str
    called: list[str]
    person: dict[str, Any] | None
    context: dict[str, Any]
    read_visitor: int
    read_agent: int
    desk_revision: int
    knowledge_version: int
    agent: wire.AgentView | None = None
    place: int | None = None
    online: bool = False
    changed: bool = False
    tell_desk: bool = False
    inserts: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    events: list[wire.Event] = field(default_factory=list)

    def bump(self) -> int:
        """The revision of one more lasting change."""
        self.revision += 1
        self.changed = True
        return self.revision

    def add(self, author: wire.Author, text: str, **values: Any) -> wire.Message:
        """A new message at the next revision; the caller appends the event that tells of it."""
        position = self.bump()
        row = {
            "id": new_id(),
            "room_id": self.id,
            "position": position,
            "revision": position,
            "author": author,
            "client_id": None,
            "member_id": None,
            "name": None,
            "text": text,
            "state": "sent",
            "sources": [],
            "attachments": [],
            "offers": [],
            "person": False,
            "rating": None,
            "created_at": now(),
        } | values
        self.inserts.append(row)
        return message_from(row)

    def change(self, message: wire.Message, **values: Any) -> wire.Message:
        """``message`` with ``values``, at the next revision; the caller appends the event that tells of it."""
        changed = replace(message, revision=self.bump(), **values)
        self.updates.append({f"new_{name}": getattr(changed, name) for name in CHANGED} | {"the_id": message.id})
        self.updates[-1]["new_sources"] = [asdict(source) for source in changed.sources]
        return changed

    def say(self, text: str) -> None:
        """A line from the house itself: who came, who went."""
        message = self.add("system", text)
        self.events.append(wire.MessageCreated(room=self.id, revision=self.revision, message=message))

    def state(self) -> wire.RoomState:
        return wire.RoomState(
            mode=self.mode,
            agent=self.agent,
            place=self.place if self.mode == "waiting" else None,
            online=self.online,
            read_visitor=self.read_visitor,
            read_agent=self.read_agent,
            question=self.asked_question(),
            episode=self.episode,
            ended=self.ended,
            score=self.score,
            agreed=self.agreed,
            contact=convert(self.contact, wire.Contact) if self.contact else None,
            person=convert(self.person, wire.Person) if self.person else None,
            context=self.context,
        )

    def asked_question(self) -> wire.Question | None:
        """The filtered question that is open, as clients see it."""
        return convert(self.question, wire.Question) if self.question else None


def message_from(row: Any) -> wire.Message:
    return wire.Message(
        id=row["id"],
        author=row["author"],
        text=row["text"],
        revision=row["revision"],
        position=row["position"],
        state=row["state"],
        created_at=row["created_at"],
        client_id=row["client_id"],
        name=row["name"],
        sources=[wire.Source(**source) for source in row["sources"]],
        attachments=[wire.Attachment(**each) for each in row["attachments"]],
        offers=row["offers"],
        person=row["person"],
        rating=row["rating"],
    )
