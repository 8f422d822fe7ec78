"""The wire, version 1: every command and every event as data (``engine/codec.py`` reads and writes them). No I/O.

Commands are imperative (``message.send``), events past (``message.created``). One JSON object a text frame. A lasting
event carries ``room`` and ``revision``; a client that sees ``revision > have + 1`` joins again with what it has.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

VERSION = "frontdesk.v1"  # the WebSocket subprotocol
FRAME_LIMIT = 64 * 1024  # bytes of one incoming frame (R14); over it the socket closes with 1009
TEXT_LIMIT = 4_000  # characters of one chat message (R14)
DEPTH_LIMIT = 32  # nesting of a command's JSON (R14)
PAGE = 200  # messages in one room.joined at most; ``more`` tells that older ones exist
PAGE_TEXT = 200_000  # characters in one room.joined at most: below the 1 MiB that a socket may have queued (R16)

Ref = Annotated[str, Meta(max_length=64)]
OutsideId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+\Z")]
ClientId = OutsideId
Revision = Annotated[int, Meta(ge=0, le=2**53)]
Mode = Literal["bot", "waiting", "live", "closed"]
Author = Literal["visitor", "bot", "agent", "system"]
State = Literal["sent", "streaming", "complete", "stopped", "failed", "withheld"]


# Commands ------------------------------------------------------------------------------------------------------


class Command(Struct, frozen=True, kw_only=True, tag_field="type"):
    ref: Ref | None = None


class Identity(Struct, frozen=True, kw_only=True):
    """Who the visitor is, in the word of the site: ``token`` (a JWT), or ``user_id`` with ``hash`` (its HMAC) and what
    the page says besides, unsigned."""

    token: Annotated[str, Meta(max_length=4_000)] | None = None
    user_id: Annotated[str, Meta(max_length=200)] | None = None
    hash: Annotated[str, Meta(max_length=64)] | None = None
    name: Annotated[str, Meta(max_length=200)] | None = None
    email: Annotated[str, Meta(max_length=254)] | None = None


class RoomJoin(Command, frozen=True, kw_only=True, tag="room.join"):
    """Open or resume. ``after`` is the highest revision seen, 0 for none; ``token`` only where no cookie is, or the one
    that a join with an ``identity`` was answered with. ``context``: what the page says of its visitor, by name; what
    is no plain value is left out."""

    after: Revision = 0
    identity: Identity | None = None
    context: Any = None
    token: Annotated[str, Meta(max_length=200)] | None = None
    page: Annotated[str, Meta(max_length=2_000)] | None = None
    locale: Annotated[str, Meta(max_length=35)] | None = None


class MessageSend(Command, frozen=True, kw_only=True, tag="message.send"):
    """``client_id`` is made by the client and unique in the room: a resend is harmless. Agents name the ``room``.
    ``files``: what was uploaded for it (``POST /v1/files``); with some the text may be empty."""

    client_id: ClientId
    text: str
    room: OutsideId | None = None
    files: Annotated[list[OutsideId], Meta(max_length=5)] = field(default_factory=list)


class AnswerStop(Command, frozen=True, kw_only=True, tag="answer.stop"):
    """Stop the answer that is being written; what was delivered is kept."""


class AnswerRate(Command, frozen=True, kw_only=True, tag="answer.rate"):
    """The visitor's word on an answer that has ended: did it help? The last word counts; the same again is harmless."""

    message_id: OutsideId
    good: bool


class QuestionAnswer(Command, frozen=True, kw_only=True, tag="question.answer"):
    """The answer to the filtered question that is open, by its control; ``value`` null declines. A resend is
    harmless."""

    question_id: OutsideId
    value: Annotated[str, Meta(max_length=1_000)] | None = None


class PersonRequest(Command, frozen=True, kw_only=True, tag="person.request"):
    """Ask for a person."""


class RoomRate(Command, frozen=True, kw_only=True, tag="room.rate"):
    """What the visitor thought of the conversation with a person that has ended, 1 to 5; the last word counts."""

    score: Annotated[int, Meta(ge=1, le=5)]
    comment: Annotated[str, Meta(max_length=1_000)] = ""


class RoomRestart(Command, frozen=True, kw_only=True, tag="room.restart"):
    """Begin a new conversation in the same place: what was said stays readable and is not spoken of any more."""


class TranscriptSend(Command, frozen=True, kw_only=True, tag="transcript.send"):
    """Mail what was said here to this address."""

    email: Annotated[str, Meta(max_length=254)]


class ConsentGive(Command, frozen=True, kw_only=True, tag="consent.give"):
    """Agree to the bot's consent, in the version that was shown; where it is asked for first, nothing comes before."""

    version: Annotated[int, Meta(ge=1, le=2**31 - 1)]


class FormSubmit(Command, frozen=True, kw_only=True, tag="form.submit"):
    """The form that is offered in the room's state, filled in: ``contact`` takes ``name``, ``email``, ``question``, and
    ``agree`` ("yes") where a consent is shown. A resend of ``client_id`` is harmless."""

    form_id: Literal["contact"]
    client_id: ClientId
    values: Annotated[
        dict[Annotated[str, Meta(max_length=20)], Annotated[str, Meta(max_length=4_000)]], Meta(max_length=10)
    ]


class TypingSet(Command, frozen=True, kw_only=True, tag="typing.set"):
    on: bool
    room: OutsideId | None = None


class ReadMark(Command, frozen=True, kw_only=True, tag="read.mark"):
    """Everything up to ``revision`` was seen."""

    revision: Revision
    room: OutsideId | None = None


class DeskJoin(Command, frozen=True, kw_only=True, tag="desk.join"):
    """``after`` is the desk's own revision: rooms that changed since then come back, at 0 all that are open."""

    after: Revision = 0


class RoomWatch(Command, frozen=True, kw_only=True, tag="room.watch"):
    room: OutsideId
    after: Revision = 0


class RoomClaim(Command, frozen=True, kw_only=True, tag="room.claim"):
    room: OutsideId


class RoomRelease(Command, frozen=True, kw_only=True, tag="room.release"):
    room: OutsideId


class RoomClose(Command, frozen=True, kw_only=True, tag="room.close"):
    """``tag``: a word for what it was about, for the desk's own figures."""

    room: OutsideId
    tag: Annotated[str, Meta(max_length=40)] = ""


class RoomAssign(Command, frozen=True, kw_only=True, tag="room.assign"):
    """Give the room to the colleague ``member``, who must be at the desk; ``note`` is for them alone."""

    room: OutsideId
    member: OutsideId
    note: Annotated[str, Meta(max_length=4_000)] = ""


class RoomSnooze(Command, frozen=True, kw_only=True, tag="room.snooze"):
    """Put a room of one's own aside ``until`` then, or until the visitor writes."""

    room: OutsideId
    until: datetime


class NoteSend(Command, frozen=True, kw_only=True, tag="note.send"):
    """A note that only agents see. ``mentions``: the members it calls. A resend of ``client_id`` is harmless."""

    room: OutsideId
    client_id: ClientId
    text: str
    mentions: Annotated[list[OutsideId], Meta(max_length=20)] = field(default_factory=list)


class NotesRead(Command, frozen=True, kw_only=True, tag="notes.read"):
    """Ask for a room's notes: when its line at the desk counts others than one has, and when one opens it."""

    room: OutsideId


class AwaySet(Command, frozen=True, kw_only=True, tag="away.set"):
    """At the desk, and given no chats; or given some again."""

    on: bool


VisitorCommand = (
    RoomJoin
    | MessageSend
    | AnswerStop
    | AnswerRate
    | QuestionAnswer
    | PersonRequest
    | RoomRate
    | RoomRestart
    | TranscriptSend
    | FormSubmit
    | ConsentGive
    | TypingSet
    | ReadMark
)
AgentCommand = (
    DeskJoin
    | RoomWatch
    | RoomClaim
    | RoomRelease
    | RoomClose
    | RoomAssign
    | RoomSnooze
    | NoteSend
    | NotesRead
    | AwaySet
    | MessageSend
    | TypingSet
    | ReadMark
)

# Values --------------------------------------------------------------------------------------------------------


class Source(Struct, frozen=True):
    """An entry an answer rests on."""

    id: str
    title: str
    url: str | None = None


class Attachment(Struct, frozen=True):
    """A file that went with a message: ``GET /v1/files/ID`` has it. ``size`` in bytes."""

    id: str
    name: str
    type: str
    size: int


class Message(Struct, frozen=True, kw_only=True):
    """One message. ``position`` is the revision at which it was created: it orders. ``offers`` are questions a
    visitor may click; ``person`` says that a person is offered; ``rating`` is the visitor's word on an answer:
    1 good, -1 bad."""

    id: str
    author: Author
    text: str
    revision: int
    position: int
    state: State
    created_at: datetime
    client_id: str | None = None
    name: str | None = None
    sources: list[Source] = []
    attachments: list[Attachment] = []
    offers: list[str] = []
    person: bool = False
    rating: int | None = None


class AgentView(Struct, frozen=True):
    """The person in the room, as the visitor sees them."""

    id: str
    name: str


class Question(Struct, frozen=True, kw_only=True):
    """A filtered question that is open. ``kind``: text, email, phone, number, date or choice (one of ``choices``).
    ``required``: it is insisted on once. ``consent``: what who answers agrees to."""

    id: str
    text: str
    kind: str
    choices: list[str] = []
    required: bool = False
    consent: str = ""


class Contact(Struct, frozen=True, kw_only=True):
    """The form that leaves a message. ``opens``: when somebody is there again, if that is known; ``mail``: the answer
    comes by mail; ``consent``: what who fills it in must agree to, in its ``version``."""

    opens: datetime | None = None
    mail: bool = False
    consent: str = ""
    version: int = 0


class Person(Struct, frozen=True, kw_only=True):
    """Whom the site vouches for. ``verified``: name and e-mail address are signed too, not only said by the page."""

    id: str
    name: str = ""
    email: str = ""
    verified: bool = False


class RoomState(Struct, frozen=True, kw_only=True):
    """Everything lasting about a room that is no message. It rides on every room event, so that each alone brings
    a client to the truth. ``place``: 1 is next in the queue. ``read_*``: highest revision the side has seen.
    ``question``: the filtered question that is open. ``episode``: the revision at which the present conversation began.
    ``ended``: that at which a person's part in it ended, while it may be rated, and ``score`` its rating, 1 to 5.
    ``contact``: the form that leaves a message, while it is offered. ``agreed``: the version of the consent
    that was given, 0 for none. ``person``: who the visitor is, where their site says so.
    ``context``: what the page says besides, unsigned."""

    mode: Mode
    agent: AgentView | None = None
    place: int | None = None
    online: bool = False
    read_visitor: int = 0
    read_agent: int = 0
    question: Question | None = None
    episode: int = 0
    ended: int | None = None
    score: int | None = None
    contact: Contact | None = None
    agreed: int = 0
    person: Person | None = None
    context: dict[str, str] = {}


class BotView(Struct, frozen=True):
    """What the widget shows of the bot."""

    key: str
    name: str
    greeting: str
    color: str
    suggestions: list[str]


class Colleague(Struct, frozen=True, kw_only=True):
    """A member who is at the desk. ``away``: given no chats just now; ``chats``: those they have."""

    id: str
    name: str
    away: bool = False
    chats: int = 0
    capacity: int = 0


class Note(Struct, frozen=True, kw_only=True):
    """What an agent told the others. It stands after revision ``position``; ``mentions``: the members it calls."""

    id: str
    client_id: str
    text: str
    name: str
    member: str | None
    mentions: list[str]
    position: int
    created_at: datetime


class RoomSummary(Struct, frozen=True, kw_only=True):
    """One line of the desk's lists. Times are UTC. ``notes``: how many there are; ``called``: the members whom one of
    them calls and who have not looked; ``snoozed_until``: when its agent comes back to it; ``due``: until when whom it
    was given to must have written; ``tag``: the word it was closed with."""

    room: str
    revision: int
    mode: Mode
    title: str
    preview: str
    waiting_since: datetime | None
    updated_at: datetime
    agent: AgentView | None = None
    unread: int = 0
    bot: str = ""
    left: bool = False  # a message was left here while nobody was there
    notes: int = 0
    called: list[str] = []
    snoozed_until: datetime | None = None
    due: datetime | None = None
    tag: str = ""


# Events --------------------------------------------------------------------------------------------------------


class Event(Struct, frozen=True, kw_only=True, tag_field="type"):
    pass


class RoomEvent(Event, frozen=True, kw_only=True):
    """``revision`` is the room's after this change."""

    room: str
    revision: int


class RoomJoined(RoomEvent, frozen=True, kw_only=True, tag="room.joined"):
    """The room's state and every message whose revision is above the ``after`` that was sent. ``reset`` means that
    the client's position was unknown: drop what you have. ``draft`` is the text so far of the one message whose
    state is ``streaming``. ``more``: older messages than the oldest one here exist (only on a join with after 0). After
    a long absence several of these come in a row, each from where the last one ended. ``panel``: the version of the
    widget that this server has; a panel of another one loads itself anew when it harms nobody. ``identified``: the
    visitor is who their site says, and ``token`` is for this panel's memory alone."""

    mode: Mode
    agent: AgentView | None
    state: RoomState
    messages: list[Message]
    bot: BotView
    token: str | None = None
    draft: str | None = None
    reset: bool = False
    more: bool = False
    panel: str | None = None
    identified: bool = False
    ref: str | None = None


class MessageCreated(RoomEvent, frozen=True, kw_only=True, tag="message.created"):
    message: Message


class MessageChanged(RoomEvent, frozen=True, kw_only=True, tag="message.changed"):
    """A message that was there is another now: an answer was rated."""

    message: Message


class AnswerStarted(RoomEvent, frozen=True, kw_only=True, tag="answer.started"):
    message_id: str
    message: Message


class AnswerDelta(Event, frozen=True, kw_only=True, tag="answer.delta"):
    """``at`` is the offset in characters (code points) at which ``text`` belongs. Not lasting."""

    room: str
    message_id: str
    at: int
    text: str


class AnswerFinished(RoomEvent, frozen=True, kw_only=True, tag="answer.finished"):
    message_id: str
    message: Message
    state: State
    sources: list[Source]
    credits: int


class RoomHandedOff(RoomEvent, frozen=True, kw_only=True, tag="room.handed_off"):
    reason: str
    state: RoomState
    place: int | None = None


class RoomClaimed(RoomEvent, frozen=True, kw_only=True, tag="room.claimed"):
    agent: AgentView
    state: RoomState


class RoomReleased(RoomEvent, frozen=True, kw_only=True, tag="room.released"):
    state: RoomState


class RoomClosed(RoomEvent, frozen=True, kw_only=True, tag="room.closed"):
    state: RoomState


class RoomOpened(RoomEvent, frozen=True, kw_only=True, tag="room.opened"):
    """A closed room was written in again: it is back with the bot."""

    state: RoomState


class RoomRestarted(RoomEvent, frozen=True, kw_only=True, tag="room.restarted"):
    """A new conversation began; the older one stays above it."""

    state: RoomState


class RoomRated(RoomEvent, frozen=True, kw_only=True, tag="room.rated"):
    """The visitor rated a person's part in the conversation."""

    state: RoomState


class ConsentGiven(RoomEvent, frozen=True, kw_only=True, tag="consent.given"):
    """The visitor agreed to what the bot asks for first."""

    state: RoomState


class RoomIdentified(RoomEvent, frozen=True, kw_only=True, tag="room.identified"):
    """The site says another thing of who the visitor is."""

    state: RoomState


class ContactOffered(RoomEvent, frozen=True, kw_only=True, tag="contact.offered"):
    """Nobody is there: the visitor may leave a message."""

    state: RoomState


class ContactLeft(RoomEvent, frozen=True, kw_only=True, tag="contact.left"):
    """The visitor left a message."""

    state: RoomState


class QuestionAsked(RoomEvent, frozen=True, kw_only=True, tag="question.asked"):
    """The bot asks a filtered question: the message that asks it, and the question in the room's state."""

    question: Question
    message: Message
    state: RoomState


class QuestionAnswered(RoomEvent, frozen=True, kw_only=True, tag="question.answered"):
    """A filtered question is no longer open: ``outcome`` is answered, declined or given_up."""

    question_id: str
    outcome: Literal["answered", "declined", "given_up"]
    state: RoomState


class RoomRead(RoomEvent, frozen=True, kw_only=True, tag="room.read"):
    state: RoomState


class TypingChanged(Event, frozen=True, kw_only=True, tag="typing.changed"):
    """Not lasting: a client lets it lapse after 6 s."""

    room: str
    author: Author
    on: bool
    name: str | None = None


class PresenceChanged(Event, frozen=True, kw_only=True, tag="presence.changed"):
    """Not lasting. ``online``: is anybody at the desk."""

    room: str
    online: bool
    place: int | None = None


class Pulse(Event, frozen=True, kw_only=True, tag="pulse"):
    """Every 10 s, the head: a lost last event is noticed within 15 s (R4)."""

    room: str
    revision: int


class DeskJoined(Event, frozen=True, kw_only=True, tag="desk.joined"):
    """The rooms that changed since ``after`` (all open ones at 0), and the desk's own revision."""

    revision: int
    rooms: list[RoomSummary]
    me: AgentView
    reset: bool = False
    ref: str | None = None


class DeskChanged(Event, frozen=True, kw_only=True, tag="desk.changed"):
    revision: int
    room: RoomSummary


class DeskPulse(Event, frozen=True, kw_only=True, tag="desk.pulse"):
    revision: int


class ColleaguesChanged(Event, frozen=True, kw_only=True, tag="colleagues.changed"):
    """Who is at the desk. Not lasting: it comes with every pulse."""

    colleagues: list[Colleague]


class NotesListed(Event, frozen=True, kw_only=True, tag="notes.listed"):
    """All notes of a room, the oldest first; of very many the newest."""

    room: str
    notes: list[Note]


class Ok(Event, frozen=True, kw_only=True, tag="ok"):
    """The command ``ref`` is done; for what lasts, committed at ``revision`` before this left."""

    ref: str | None = None
    revision: int | None = None
    client_id: str | None = None
    message_id: str | None = None


class Error(Event, frozen=True, kw_only=True, tag="error"):
    """``code`` is stable, ``message`` a sentence a person can act on, ``retry_after`` in seconds."""

    code: str
    message: str
    ref: str | None = None
    retry_after: int | None = None
    client_id: str | None = None
