"""The wire is data: each command and event comes back from it the same, under the names that are documented."""

import json
from datetime import UTC, datetime
from typing import Any, get_args

import msgspec
import pytest

from engine import codec
from engine import protocol as wire

AT = datetime(2026, 1, 2, tzinfo=UTC)
MESSAGE = wire.Message(
    id="m",
    author="bot",
    text="Two days. 🌿",
    revision=4,
    position=3,
    state="complete",
    created_at=AT,
    client_id="c",
    name="Bot",
    sources=[wire.Source("e", "How long?", "https://x.example")],
    offers=["How?"],
    person=True,
)
GRACE = wire.AgentView("a", "Grace")
STATE = wire.RoomState(mode="live", agent=GRACE, online=True, read_visitor=2, read_agent=3)
QUESTION = wire.Question(id="q", text="How large?", kind="choice", choices=["Small", "Large"], consent="Agreed.")
BOT = wire.BotView("k", "Bot", "Hello", "#000000", ["How?"])
LINE = wire.RoomSummary(
    room="r", revision=4, mode="live", title="t", preview="p", waiting_since=None, updated_at=AT, agent=GRACE
)

NOTE = wire.Note(
    id="n", client_id="c", text="Regular", name="Grace", member="m", mentions=["m"], position=4, created_at=AT
)
COMMANDS: dict[str, dict[str, Any]] = {
    "room.join": {"after": 3, "token": "t", "page": "https://x.example", "locale": "de"},
    "message.send": {"client_id": "c-1", "text": "Hello"},
    "answer.stop": {},
    "answer.rate": {"message_id": "m", "good": True},
    "question.answer": {"question_id": "q", "value": "Small"},
    "person.request": {},
    "room.rate": {"score": 4, "comment": "Kind"},
    "room.restart": {},
    "transcript.send": {"email": "ada@home.example"},
    "consent.give": {"version": 2},
    "form.submit": {"form_id": "contact", "client_id": "c-1", "values": {"email": "ada@home.example"}},
    "typing.set": {"on": True},
    "read.mark": {"revision": 3},
}
AGENT_COMMANDS: dict[str, dict[str, Any]] = {
    "desk.join": {"after": 3},
    "room.watch": {"room": "r", "after": 3},
    "room.claim": {"room": "r"},
    "room.release": {"room": "r"},
    "room.close": {"room": "r", "tag": "Refund"},
    "room.assign": {"room": "r", "member": "m", "note": "Be kind"},
    "room.snooze": {"room": "r", "until": AT},
    "note.send": {"room": "r", "client_id": "c-1", "text": "Regular", "mentions": ["m"]},
    "notes.read": {"room": "r"},
    "away.set": {"on": True},
    "message.send": {"room": "r", "client_id": "c-1", "text": "Hello"},
    "typing.set": {"room": "r", "on": False},
    "read.mark": {"room": "r", "revision": 3},
}
R: dict[str, Any] = {"room": "r", "revision": 4}
EVENTS: list[tuple[wire.Event, set[str]]] = [
    (
        wire.RoomJoined(**R, mode="live", agent=GRACE, state=STATE, messages=[MESSAGE], bot=BOT, token="t", draft="x"),
        {
            "room",
            "revision",
            "mode",
            "agent",
            "state",
            "messages",
            "bot",
            "token",
            "draft",
            "reset",
            "more",
            "panel",
            "identified",
            "ref",
        },
    ),
    (wire.MessageCreated(**R, message=MESSAGE), {"room", "revision", "message"}),
    (wire.MessageChanged(**R, message=MESSAGE), {"room", "revision", "message"}),
    (wire.AnswerStarted(**R, message_id="m", message=MESSAGE), {"room", "revision", "message_id", "message"}),
    (wire.AnswerDelta(room="r", message_id="m", at=3, text="x"), {"room", "message_id", "at", "text"}),
    (
        wire.AnswerFinished(**R, message_id="m", message=MESSAGE, state="complete", sources=[], credits=1),
        {"room", "revision", "message_id", "message", "state", "sources", "credits"},
    ),
    (wire.RoomHandedOff(**R, reason="asked", state=STATE, place=1), {"room", "revision", "reason", "state", "place"}),
    (wire.RoomClaimed(**R, agent=GRACE, state=STATE), {"room", "revision", "agent", "state"}),
    (wire.RoomReleased(**R, state=STATE), {"room", "revision", "state"}),
    (wire.RoomClosed(**R, state=STATE), {"room", "revision", "state"}),
    (wire.RoomOpened(**R, state=STATE), {"room", "revision", "state"}),
    (wire.RoomRestarted(**R, state=STATE), {"room", "revision", "state"}),
    (wire.RoomRated(**R, state=STATE), {"room", "revision", "state"}),
    (wire.ConsentGiven(**R, state=STATE), {"room", "revision", "state"}),
    (wire.RoomIdentified(**R, state=STATE), {"room", "revision", "state"}),
    (wire.ContactOffered(**R, state=STATE), {"room", "revision", "state"}),
    (wire.ContactLeft(**R, state=STATE), {"room", "revision", "state"}),
    (
        wire.QuestionAsked(**R, question=QUESTION, message=MESSAGE, state=STATE),
        {"room", "revision", "question", "message", "state"},
    ),
    (
        wire.QuestionAnswered(**R, question_id="q", outcome="answered", state=STATE),
        {"room", "revision", "question_id", "outcome", "state"},
    ),
    (wire.RoomRead(**R, state=STATE), {"room", "revision", "state"}),
    (wire.TypingChanged(room="r", author="agent", on=True, name="Grace"), {"room", "author", "on", "name"}),
    (wire.PresenceChanged(room="r", online=True, place=2), {"room", "online", "place"}),
    (wire.Pulse(room="r", revision=4), {"room", "revision"}),
    (wire.DeskJoined(revision=4, rooms=[LINE], me=GRACE), {"revision", "rooms", "me", "reset", "ref"}),
    (wire.DeskChanged(revision=4, room=LINE), {"revision", "room"}),
    (wire.DeskPulse(revision=4), {"revision"}),
    (wire.ColleaguesChanged(colleagues=[wire.Colleague(id="m", name="Grace", chats=2)]), {"colleagues"}),
    (wire.NotesListed(room="r", notes=[NOTE]), {"room", "notes"}),
    (wire.Ok(ref="r", revision=4, client_id="c", message_id="m"), {"ref", "revision", "client_id", "message_id"}),
    (
        wire.Error(code="busy", message="Later.", retry_after=2),
        {"code", "message", "ref", "retry_after", "client_id"},
    ),
]


def tag(kind: type) -> str:
    return str(kind.__struct_config__.tag)  # type: ignore[attr-defined]


def below(kind: type) -> set[type]:
    """The kinds that can be sent."""
    children: list[type] = kind.__subclasses__()
    return {leaf for child in children for leaf in below(child)} if children else {kind}


@pytest.mark.parametrize(
    ("decode", "union", "table"),
    [
        (codec.decode_visitor, wire.VisitorCommand, COMMANDS),
        (codec.decode_agent, wire.AgentCommand, AGENT_COMMANDS),
    ],
)
def test_every_command_is_read_as_it_was_written(decode: Any, union: Any, table: dict[str, dict[str, Any]]) -> None:
    assert {tag(kind) for kind in get_args(union)} == table.keys()
    for name, fields in table.items():
        command = decode(_frame(type=name, ref="r-1", unknown=1, **fields))
        assert tag(type(command)) == name
        assert {field: getattr(command, field) for field in fields} == fields
        assert command.ref == "r-1"
        assert decode(msgspec.json.encode(command).decode()) == command
        assert decode(_frame(type=name, **fields)).ref is None


def _frame(**fields: Any) -> str:
    return msgspec.json.encode(fields).decode()


def test_every_event_goes_over_the_wire_and_comes_back_the_same() -> None:
    assert {type(event) for event, _ in EVENTS} == below(wire.Event)
    for event, _ in EVENTS:
        assert msgspec.json.decode(codec.encode(event), type=type(event)) == event


def test_every_event_has_the_fields_that_are_documented_and_no_other() -> None:
    for event, fields in EVENTS:
        frame = json.loads(codec.encode(event))
        assert frame.keys() == fields | {"type"}, frame["type"]
        assert frame["type"] == tag(type(event))


def test_events_are_past_and_every_lasting_one_carries_room_and_revision() -> None:
    passing = {"answer.delta", "typing.changed", "presence.changed", "desk.joined", "desk.changed", "desk.pulse"}
    passing |= {"colleagues.changed", "notes.listed"}
    for event, fields in EVENTS:
        if tag(type(event)) not in passing | {"ok", "error"}:
            assert {"room", "revision"} <= fields


def test_a_message_has_the_fields_that_are_documented() -> None:
    frame = json.loads(codec.encode(wire.MessageCreated(room="r", revision=4, message=MESSAGE)))
    assert frame["message"] == {
        "id": "m",
        "client_id": "c",
        "author": "bot",
        "name": "Bot",
        "text": "Two days. 🌿",
        "revision": 4,
        "position": 3,
        "state": "complete",
        "sources": [{"id": "e", "title": "How long?", "url": "https://x.example"}],
        "attachments": [],
        "offers": ["How?"],
        "person": True,
        "rating": None,
        "created_at": "2026-01-02T00:00:00Z",
    }


def test_no_two_frames_share_a_name() -> None:
    names = [tag(kind) for kind in below(wire.Event)]
    assert len(names) == len(set(names))
    commands = {tag(kind) for kind in below(wire.Command)}
    assert commands == COMMANDS.keys() | AGENT_COMMANDS.keys()
    assert not commands & set(names)
