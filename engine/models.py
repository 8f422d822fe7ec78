"""The engine's tables. Every row below a workspace carries its ``workspace_id``, so that each query can be scoped."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base, Id, new_id, now


class Workspace(Base):
    """The owner of everything. ``balance`` and ``held`` are credits and change only in ``engine/ledger.py``;
    ``desk_revision`` counts what changed at its desk. ``routing``: who waits is taken by whoever is quickest (queue),
    or given evenly to those who are free (even), who then have ``answer_seconds`` for their first word."""

    __tablename__ = "workspaces"
    __table_args__ = (
        CheckConstraint("balance >= 0 AND held >= 0 AND held <= balance", name="solvent"),
        CheckConstraint("routing IN ('queue', 'even')", name="routing"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    balance: Mapped[int] = mapped_column(BigInteger, default=0)
    held: Mapped[int] = mapped_column(BigInteger, default=0)
    desk_revision: Mapped[int] = mapped_column(BigInteger, default=0)
    routing: Mapped[str] = mapped_column(String(8), default="queue", server_default="queue")
    answer_seconds: Mapped[int] = mapped_column(Integer, default=120, server_default="120")
    created_at: Mapped[datetime] = mapped_column(default=now)


class User(Base):
    """A person who signs in. ``password_hash`` is Argon2id."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=now)


class Member(Base):
    """A user in a workspace. ``role``: owner, admin, agent, marketer or viewer. ``seen_at``: last sign of life of a
    desk socket of theirs, on any node. ``away``: at the desk, but given no chats. ``capacity``: chats they are given at
    a time; ``given_at``: when the last one was. ``languages`` and ``domains``: of which chats they are given, empty for
    all."""

    __tablename__ = "members"
    __table_args__ = (UniqueConstraint("workspace_id", "user_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    seen_at: Mapped[datetime | None]
    away: Mapped[bool] = mapped_column(default=False, server_default="0")
    capacity: Mapped[int] = mapped_column(Integer, default=5, server_default="5")
    given_at: Mapped[datetime | None]
    languages: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    domains: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    created_at: Mapped[datetime] = mapped_column(default=now)


class Domain(Base):
    """A site. ``allowed_origins`` are exact (scheme, host, port). ``knowledge_version`` grows with every change of
    what the domain knows."""

    __tablename__ = "domains"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(253))
    allowed_origins: Mapped[list[str]] = mapped_column(default=list)
    knowledge_version: Mapped[int] = mapped_column(BigInteger, default=0)
    identity: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    identity_before: Mapped[bool] = mapped_column(default=False, server_default="0")
    created_at: Mapped[datetime] = mapped_column(default=now)


class Bot(Base):
    """Who answers on a domain. ``key`` is public and can be rotated. ``help``: whether its panel has a Help tab with
    the domain's FAQ, and whether that opens first. ``vitals``: of how many visits in a hundred its panel measures
    itself. ``language``: the one it always speaks, empty where it follows the visitor's. ``hours``: as
    ``engine/hours.py`` reads them, None for always. ``consent``: what who leaves a message agrees to. ``mail_to``: who
    reads it, empty for the workspace's owners. ``consent_first``: it is asked for before the first message already."""

    __tablename__ = "bots"
    __table_args__ = (
        CheckConstraint("help IN ('off', 'beside', 'first')", name="help"),
        CheckConstraint("vitals BETWEEN 0 AND 100", name="vitals"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    domain_id: Mapped[str] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(String(64), unique=True, default=new_id)
    name: Mapped[str] = mapped_column(String(80))
    greeting: Mapped[str] = mapped_column(Text, default="")
    persona: Mapped[str] = mapped_column(Text, default="")
    color: Mapped[str] = mapped_column(String(7), default="#2f6f4f")
    suggestions: Mapped[list[str]] = mapped_column(default=list)
    help: Mapped[str] = mapped_column(String(6), default="off")
    vitals: Mapped[int] = mapped_column(default=10)
    language: Mapped[str] = mapped_column(String(16), default="", server_default="")
    hours: Mapped[dict[str, Any] | None]
    consent: Mapped[str] = mapped_column(Text, default="", server_default="")
    consent_version: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    consent_first: Mapped[bool] = mapped_column(default=False, server_default="0")
    identified: Mapped[bool] = mapped_column(default=False, server_default="0")
    mail_to: Mapped[str] = mapped_column(String(254), default="", server_default="")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Vital(Base):
    """How often a panel measured a value on a day (UTC): ``bucket`` as :mod:`engine.vitals` cuts them. Of nobody."""

    __tablename__ = "vitals"
    __table_args__ = (Index("ix_vitals_workspace_id_day", "workspace_id", "day"),)

    bot_id: Mapped[str] = mapped_column(ForeignKey("bots.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    device: Mapped[str] = mapped_column(String(7), primary_key=True)
    metric: Mapped[str] = mapped_column(String(10), primary_key=True)
    bucket: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    count: Mapped[int] = mapped_column(BigInteger)


class Visitor(Base):
    """Somebody on a site, known by a token that is bound to the domain; a row from their first message on."""

    __tablename__ = "visitors"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    domain_id: Mapped[str] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"))
    page: Mapped[str | None] = mapped_column(Text)
    locale: Mapped[str | None] = mapped_column(String(35))
    created_at: Mapped[datetime] = mapped_column(default=now)


class Room(Base):
    """One conversation. ``revision`` is bumped under this row's lock by every lasting change (R3).

    ``answer_id``: the one answer being written, ``answer_lease``: until when its process vouches for it.
    ``asked``: position of a visitor message that waits for that answer to end. ``member_id``: the agent while live,
    ``lease``: until when a waiting or live room stays as it is. ``question``: the filtered question that is open, as
    the visitor sees it. ``desk_revision``: the workspace's when the desk last had to know. ``language``: what the house
    speaks to the visitor. ``episode``: the revision at which the present conversation began. ``ended``: that at which a
    person's part in it ended, while it may be rated; ``score``: that rating, 1 to 5. ``contact``: the message form
    as it was offered, ``left_at``: when it was used, until somebody takes the room; ``mailed``: the position of the
    agent's message that was last to be mailed, 0 for none yet, None without an address. ``agreed``: the version of the
    consent that was given here, 0 for none. ``due``: until when the agent it was given to must have written.
    ``snoozed_until``: when its agent comes back to it. ``tag``: what it was about, said on closing. ``called``: members
    whom a note calls and who have not looked yet.
    """

    __tablename__ = "rooms"
    __table_args__ = (
        Index("ix_rooms_desk", "workspace_id", "desk_revision"),
        Index("ix_rooms_mode", "workspace_id", "mode", "waiting_since"),
        Index("ix_rooms_answer_lease", "answer_lease"),
        Index("ix_rooms_lease", "lease"),
        Index("ix_rooms_left_at", "workspace_id", "left_at"),
        CheckConstraint("mode IN ('bot', 'waiting', 'live', 'closed')", name="mode"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    domain_id: Mapped[str] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"))
    bot_id: Mapped[str] = mapped_column(ForeignKey("bots.id", ondelete="CASCADE"))
    visitor_id: Mapped[str] = mapped_column(ForeignKey("visitors.id", ondelete="CASCADE"))
    revision: Mapped[int] = mapped_column(BigInteger, default=0)
    mode: Mapped[str] = mapped_column(String(8), default="bot")
    member_id: Mapped[str | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    answer_id: Mapped[str | None] = mapped_column(Id)
    answer_lease: Mapped[datetime | None]
    asked: Mapped[int | None] = mapped_column(BigInteger)
    unsure: Mapped[int] = mapped_column(Integer, default=0)
    waiting_since: Mapped[datetime | None]
    lease: Mapped[datetime | None]
    question: Mapped[dict[str, Any] | None]
    language: Mapped[str] = mapped_column(String(16), default="en", server_default="en")
    episode: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    ended: Mapped[int | None] = mapped_column(BigInteger)
    score: Mapped[int | None] = mapped_column(Integer)
    contact: Mapped[dict[str, Any] | None]
    left_at: Mapped[datetime | None]
    mailed: Mapped[int | None] = mapped_column(BigInteger)
    agreed: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    due: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    tag: Mapped[str] = mapped_column(String(40), default="", server_default="")
    called: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    person: Mapped[dict[str, Any] | None]
    context: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    read_visitor: Mapped[int] = mapped_column(BigInteger, default=0)
    read_agent: Mapped[int] = mapped_column(BigInteger, default=0)
    desk_revision: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)


class Message(Base):
    """What was said. ``position`` is the room's revision when it was created, ``revision`` that of its last change.
    ``rating``: the visitor's word on an answer, 1 for good, -1 for bad."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("room_id", "client_id"),
        UniqueConstraint("room_id", "position"),
        Index("ix_messages_room_revision", "room_id", "revision"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    room_id: Mapped[str] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column(BigInteger)
    author: Mapped[str] = mapped_column(String(8))
    client_id: Mapped[str | None] = mapped_column(String(64))
    member_id: Mapped[str | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    name: Mapped[str | None] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(10), default="sent")
    sources: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    offers: Mapped[list[str]] = mapped_column(default=list)
    person: Mapped[bool] = mapped_column(default=False)
    rating: Mapped[int | None]
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default="[]")
    created_at: Mapped[datetime] = mapped_column(default=now)


class Note(Base):
    """What agents tell each other about a room; visitors, models and letters never see it. ``position``: the room's
    revision when it was written, after which it stands. ``mentions``: the members it calls."""

    __tablename__ = "notes"
    __table_args__ = (UniqueConstraint("room_id", "client_id"), Index("ix_notes_room_id", "room_id", "created_at"))

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    room_id: Mapped[str] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"))
    member_id: Mapped[str | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(200))
    client_id: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    mentions: Mapped[list[str]] = mapped_column(default=list)
    position: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Stint(Base):
    """A person's part in a conversation. ``asked_at``: since when the visitor waited; ``answered_at``: the person's
    first word. ``ending``: closed, released, passed_on, gone or unanswered; ``tag``: what it was about."""

    __tablename__ = "stints"
    __table_args__ = (
        Index("ix_stints_workspace_id_claimed_at", "workspace_id", "claimed_at"),
        Index("ix_stints_room_id", "room_id", "claimed_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    room_id: Mapped[str] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"))
    member_id: Mapped[str | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    asked_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime] = mapped_column(default=now)
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ending: Mapped[str] = mapped_column(String(10), default="")
    tag: Mapped[str] = mapped_column(String(40), default="")


class Canned(Base):
    """A reply that is written once and used often; of the whole workspace, or of one ``member_id``. ``shortcut``: what
    is typed after a slash."""

    __tablename__ = "canned"
    __table_args__ = (Index("ix_canned_workspace_id", "workspace_id", "shortcut"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    member_id: Mapped[str | None] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    shortcut: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)


class File(Base):
    """A file that a visitor or an agent sent, or is about to send: then it has no message yet. ``size`` in bytes."""

    __tablename__ = "files"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    room_id: Mapped[str] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[str | None] = mapped_column(Id)
    sender: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(120))
    type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Score(Base):
    """What a visitor thought of a conversation with a person that ended at revision ``ended``: 1 to 5, and why.
    ``member_id``: who had written to them last."""

    __tablename__ = "scores"
    __table_args__ = (
        Index("ix_scores_workspace_created", "workspace_id", "created_at"),
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
    )

    room_id: Mapped[str] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True)
    ended: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    member_id: Mapped[str | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"), index=True)
    score: Mapped[int] = mapped_column(Integer)
    comment: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)


class Consent(Base):
    """What the visitor of a room agreed to before they wrote: the text as it read, with its version."""

    __tablename__ = "consents"

    room_id: Mapped[str] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Hold(Base):
    """Credits set aside for one answer, before its first token. ``state``: open, settled or released."""

    __tablename__ = "holds"
    __table_args__ = (
        Index("ix_holds_state_expires_at", "state", "expires_at"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("state IN ('open', 'settled', 'released')", name="state"),
    )

    reference: Mapped[str] = mapped_column(String(100), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(8), default="open")
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=now)


class LedgerEntry(Base):
    """One line of the bill, never changed (a trigger refuses it). ``amount`` in credits, negative for what was
    spent; the rows of a workspace sum up to its balance (R5). ``detail`` holds what recomputes it: model, tokens,
    price version, entry."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        UniqueConstraint("workspace_id", "reference"),
        Index("ix_ledger_entries_workspace_created", "workspace_id", "created_at"),
        CheckConstraint(
            "kind IN ('grant', 'purchase', 'usage', 'refund', 'expiry', 'adjustment')",
            name="kind",
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    amount: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str] = mapped_column(String(100))
    room_id: Mapped[str | None] = mapped_column(Id)
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Job(Base):
    """Work written in the transaction of the fact that causes it. ``state``: ready, done or dead."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_state_run_at", "state", "run_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(8), default="ready")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[str | None] = mapped_column(String(500))
    run_at: Mapped[datetime] = mapped_column(default=now)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Letter(Base):
    """A mail to one person, and what became of it. ``state``: waiting, sent or failed, with the ``reason`` an owner
    reads. ``doubts``: attempts after which nobody knows whether it arrived. Once sent its words are forgotten."""

    __tablename__ = "letters"
    __table_args__ = (
        Index("ix_letters_workspace_created", "workspace_id", "created_at"),
        CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="state"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    room_id: Mapped[str | None] = mapped_column(ForeignKey("rooms.id", ondelete="SET NULL"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    recipient: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200))
    reply_to: Mapped[str] = mapped_column(String(254), default="")
    subject: Mapped[str] = mapped_column(String(150))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    reason: Mapped[str] = mapped_column(String(200), default="")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    doubts: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]


class AuditEvent(Base):
    """Who changed what."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_workspace_created", "workspace_id", "created_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(100))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)
