"""What the engine needs from outside, as Protocols, and the values that cross.

``console/app.py`` is the only place that passes the real ones in; ``mypy --strict`` checks there that they fit.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Protocol

from limits import RateLimitItem
from sqlalchemy.ext.asyncio import AsyncSession

from engine.bus import Bus
from engine.crew import Crew
from engine.db import Database
from engine.packing import Packed
from engine.settings import Settings


class Band(StrEnum):
    """How sure knowledge is of its best fact; it alone decides who speaks."""

    SURE = "sure"  # the entry's own text is the answer: no model, 0 credits
    BETWEEN = "between"  # the model may answer, grounded in the facts
    UNSURE = "unsure"  # say so, offer the nearest questions and a person


@dataclass(frozen=True, slots=True)
class Ask:
    """One visitor message put to a domain's knowledge. ``version`` is the domain's knowledge version as read in
    the transaction that stored the message, so that an edit takes effect on the next message in every process.
    ``room_id`` and ``position`` (of the answer to be written) tell where the turns before it stand, for a question
    that only makes sense after them; a question asked outside a conversation has none."""

    workspace_id: str
    domain_id: str
    version: int
    text: str
    room_id: str | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class Fact:
    """An entry that may answer: its id, its question, its own answer (Markdown) and how well it fits."""

    id: str
    question: str
    answer: str
    score: float
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A filtered question that matches what a visitor asks: ``block`` answers with the owner's ``response`` (a polite
    refusal or a fixed answer) and nothing else, ``route`` says ``response`` and brings a person in."""

    kind: Literal["block", "route"]
    question_id: str
    response: str


@dataclass(frozen=True, slots=True)
class Recall:
    """What knowledge answers: the band, the facts (best first, at most 5), and questions to offer (at most 3).
    ``confidence``: how probable it is (0 to 1) that the first fact is the right one, as calibrated on this domain.
    ``rule``: if one matches, it comes before any answer."""

    band: Band
    facts: tuple[Fact, ...]
    nearest: tuple[str, ...]
    confidence: float = 0.0
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class Missed:
    """A question that got no sure answer, or one whose answer the visitor rated badly; knowledge files it as a gap."""

    workspace_id: str
    domain_id: str
    room_id: str
    message_id: str
    text: str
    reason: Literal["unsure", "rated"] = "unsure"


@dataclass(frozen=True, slots=True)
class Whose:
    """The room a filtered question is for. ``open``: the question that is open there, as it was asked. ``locked`` by
    the caller's transaction. ``language``: what the visitor is spoken to in."""

    workspace_id: str
    domain_id: str
    room_id: str
    visitor_id: str
    version: int
    open: Mapping[str, Any] | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Noted:
    """What a visitor's words were to the question that was open. ``answered``, ``declined`` and ``given_up`` close it;
    ``invalid`` leaves it open, ``ignored`` too, perhaps changed (``open``: it counts how often it was asked). ``said``:
    a word of the bot's; ``asks``: the words also ask something, which is to be answered."""

    outcome: Literal["answered", "declined", "given_up", "invalid", "ignored"]
    said: str = ""
    asks: bool = False
    open: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Who left a message while nobody was there, and what they agreed to (empty: nothing was asked)."""

    name: str
    email: str
    consent: str
    version: int


Moment = Literal["reply", "hand_off"]
"""When a filtered question may be asked: after an answer of the bot's, or when a person is called."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One entry as the Help tab lists it. ``answer`` (Markdown) and ``url`` only where that one was asked for."""

    id: str
    question: str
    category: str
    answer: str = ""
    url: str | None = None


class Knowledge(Protocol):
    """What a domain knows. A module satisfies it (``knowledge/port.py``)."""

    async def recall(self, db: Database, ask: Ask) -> Recall:
        """The facts for ``ask``, only ever of ``ask.domain_id`` (R20)."""

    async def file_gaps(self, session: AsyncSession, missed: Sequence[Missed]) -> None:
        """File what was not answered, in the caller's transaction."""

    async def note(self, session: AsyncSession, whose: Whose, text: str | None, *, typed: bool) -> Noted:
        """What ``text`` says to the open question, filed in the caller's transaction. ``typed``: it is a message, not a
        control's value; None declines."""

    async def next_question(self, session: AsyncSession, whose: Whose, moment: Moment) -> Mapping[str, Any] | None:
        """The filtered question to ask now, filed as asked in the caller's transaction; None where none is due. It
        has at least what :class:`engine.protocol.Question` has."""

    async def file_contact(self, session: AsyncSession, whose: Whose, contact: Contact) -> None:
        """File who the visitor of a room is, in the caller's transaction."""

    async def address_of(self, session: AsyncSession, workspace_id: str, room_id: str) -> str:
        """The e-mail address that the visitor of a room left; empty where none is known, or the room is another
        workspace's."""

    async def topics(self, db: Database, ask: Ask) -> tuple[Topic, ...]:
        """The active FAQ of ``ask``'s domain alone: in the owner's order, or with a text what fits it, best first."""

    async def topic(self, session: AsyncSession, domain_id: str, entry_id: str) -> Topic | None:
        """One active entry of the domain with its answer; None for what is absent or another domain's."""

    async def mark_helpful(self, session: AsyncSession, domain_id: str, entry_id: str, voter: str, good: bool) -> bool:
        """Keep what ``voter`` (32 hex digits that name nobody) thinks of an entry's answer; a second word replaces the
        first. False for an entry that is absent or another domain's."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message of the conversation, as the model is shown it."""

    author: Literal["visitor", "bot", "agent"]
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent to a model: (role, content) pairs, their size in tokens as counted here, and the ids of the facts
    that are in it. ``schema``: the JSON schema that the reply is wished to have. It stays a wish, because not every
    server knows how: who asks reads the reply as it would read a stranger's."""

    messages: tuple[tuple[Literal["system", "user", "assistant"], str], ...]
    tokens: int
    facts: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider reported them. Untrusted: settle clamps what it costs (R7)."""

    prompt_tokens: int
    completion_tokens: int


class UpstreamFailed(Exception):
    """The provider gave no (more) answer. ``code`` is ours; nothing of the upstream's body is kept (R8)."""

    def __init__(self, code: Literal["unreachable", "timeout", "refused", "busy", "garbage", "too_large"]) -> None:
        super().__init__(code)
        self.code = code


class Provider(Protocol):
    """A language model that streams."""

    @property
    def model(self) -> str: ...

    def count(self, text: str) -> int:
        """Tokens of ``text`` (an honest estimate where the ranks cannot be had)."""

    def stream(self, prompt: Prompt, *, max_tokens: int) -> AsyncGenerator[str | Usage]:
        """Pieces of text as they come, and the usage where the provider sends one. Closing the iterator closes the
        upstream connection. Raises :class:`UpstreamFailed`; at most one retry, and only before the first piece."""

    async def aclose(self) -> None: ...


Handler = Callable[[dict[str, Any]], Awaitable[datetime | None]]
"""Does the job with this payload; may run twice after a crash. Returns when it wants to run again, None when done."""


class Limiter(Protocol):
    """Counts how often something is done."""

    async def hit(self, key: str, *rates: RateLimitItem) -> int | None:
        """Count one hit on ``key``; None when every rate allows it, else the seconds to wait."""

    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Agent:
    """A signed-in member at the desk of one workspace. ``lead``: may pass on also what others have."""

    workspace_id: str
    member_id: str
    name: str
    lead: bool = False


class Desk(Protocol):
    """Who an agent's socket belongs to: the console's sessions, which the engine cannot see."""

    async def agent(self, db: Database, cookies: Mapping[str, str], workspace: str | None) -> Agent | None:
        """The member behind ``cookies`` in the workspace with slug ``workspace`` (their first one if None); None
        when signed out, expired or not a member."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One letter to one address. ``id``: the same at every attempt, so that a reader's mailbox can tell a repeat.
    ``name``: whose letter it is, shown beside our address. ``automatic``: as RFC 3834 has it."""

    id: str
    to: str
    name: str
    subject: str
    text: str
    html: str
    reply_to: str = ""
    automatic: Literal["auto-generated", "auto-replied"] = "auto-generated"


class MailFailed(Exception):
    """A letter was not taken. ``fate``: ``later`` (try again), ``never`` (it is refused for good), ``unknown`` (it may
    have arrived). ``reason``: a sentence for the owner, without a word of the server's."""

    def __init__(self, fate: Literal["later", "never", "unknown"], reason: str) -> None:
        super().__init__(reason)
        self.fate, self.reason = fate, reason


class Mailer(Protocol):
    """Sends letters. ``sender``: the address they come from; ``host``, ``port`` and ``tls`` are shown to owners."""

    sender: str
    host: str
    port: int
    tls: str

    async def send(self, mail: Mail) -> None:
        """Hand the letter over; raises :class:`MailFailed`. Ends within a minute, whatever the server does."""


class Document(Protocol):
    """A page and the ``script-src`` and ``style-src`` sources (hashes) that its inline parts need."""

    @property
    def body(self) -> bytes: ...
    @property
    def script_src(self) -> str: ...
    @property
    def style_src(self) -> str: ...


class Widget(Protocol):
    """The files of the widget, ready to send."""

    def loader(self) -> bytes:
        """``/widget.js``."""

    def hosts(self) -> dict[str, bytes]:
        """File name → bytes of the modules that the loader imports into the host page."""

    def source_maps(self) -> dict[str, bytes]:
        """File name (``NAME.js.map``) → the source map of each script."""

    def panel(self, bot: Mapping[str, object], language: str) -> Document:
        """The panel's document for one bot in one language, script and style inside; ``bot`` is embedded as JSON."""

    def parts(self, language: str) -> Mapping[str, bytes]:
        """File name → script of what the panel loads when it is first needed, with its words in that language."""

    def version(self) -> str:
        """Changes with the panel and with each of its parts; letters and digits."""


@dataclass(slots=True)
class Engine:
    """Everything a socket, a job or an answer task needs, wired once at start."""

    settings: Settings
    db: Database
    bus: Bus
    crew: Crew
    knowledge: Knowledge
    desk: Desk
    widget: Widget
    limits: Limiter
    provider: Provider | None = None
    mailer: Mailer | None = None  # None: the product cannot mail, and says so
    handlers: dict[str, Handler] = field(default_factory=dict)  # of jobs that the floors above have, by kind
    packed: Packed = field(default_factory=Packed)
    sockets: set[object] = field(default_factory=set)
