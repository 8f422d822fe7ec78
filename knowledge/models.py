"""What a domain knows and wants to know: FAQ entries and where they came from, filtered questions and what visitors
answered, what nobody could answer yet, and the labelled questions it is measured with."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base, Id, new_id, now

QUESTION_LENGTH = 500  # characters of a question or of one alternative: a visitor never writes a longer one
ANSWER_LENGTH = 20_000  # characters of an answer (Markdown); equal to the limit of an imported cell
CATEGORY_LENGTH = 100
URL_LENGTH = 2_048


def _workspace() -> Mapped[str]:
    return mapped_column(Id, ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)


def _domain() -> Mapped[str]:
    return mapped_column(Id, ForeignKey("domains.id", ondelete="CASCADE"))


# The FAQ -------------------------------------------------------------------------------------------------------


class Entry(Base):
    """One FAQ entry: a question, other ways of putting it, and the owner's own answer (Markdown). ``version``: the
    domain's knowledge version at its last change. A ``draft`` came from an import and was never published: it is not
    ``active`` until somebody publishes it. ``imprint``: what an import wrote, as :mod:`knowledge.imprint` takes it."""

    __tablename__ = "entries"
    __table_args__ = (
        Index("ix_entries_domain_id_active_position", "domain_id", "active", "position"),
        Index("ix_entries_domain_id_version", "domain_id", "version"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = _workspace()
    domain_id: Mapped[str] = _domain()
    question: Mapped[str] = mapped_column(Text)
    alternatives: Mapped[list[str]] = mapped_column(default=list)
    answer: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(CATEGORY_LENGTH), default="")
    locale: Mapped[str] = mapped_column(String(35), default="en")
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    draft: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(BigInteger, default=0)
    source: Mapped[str] = mapped_column(String(64), default="manual")
    source_id: Mapped[str | None] = mapped_column(Id, ForeignKey("sources.id", ondelete="SET NULL"), index=True)
    page_id: Mapped[str | None] = mapped_column(Id, ForeignKey("source_pages.id", ondelete="SET NULL"), index=True)
    url: Mapped[str | None] = mapped_column(String(URL_LENGTH))
    imprint: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class Removal(Base):
    """An entry that is gone, and the knowledge version since when: how a process that holds an older index hears of
    it without reading everything again."""

    __tablename__ = "removals"
    __table_args__ = (Index("ix_removals_domain_id_version", "domain_id", "version"),)

    entry_id: Mapped[str] = mapped_column(Id, primary_key=True)
    workspace_id: Mapped[str] = _workspace()
    domain_id: Mapped[str] = _domain()
    version: Mapped[int] = mapped_column(BigInteger)


class KnowledgeSettings(Base):
    """How one domain uses what it knows. ``caution`` 0 (answer often) to 100 (answer only when very sure), 50 as
    calibrated. ``embeddings``: off, local or endpoint. ``publish_check``: drafts are published only when the
    evaluation is no worse with them. ``country``: where phone numbers without a prefix are (ISO 3166)."""

    __tablename__ = "knowledge_settings"
    __table_args__ = (
        CheckConstraint("caution BETWEEN 0 AND 100", name="caution"),
        CheckConstraint("embeddings IN ('off', 'local', 'endpoint')", name="embeddings"),
    )

    domain_id: Mapped[str] = mapped_column(Id, ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True)
    workspace_id: Mapped[str] = _workspace()
    caution: Mapped[int] = mapped_column(default=50)
    embeddings: Mapped[str] = mapped_column(String(8), default="off")
    publish_check: Mapped[bool] = mapped_column(default=False)
    ask_in_first_reply: Mapped[bool] = mapped_column(default=False)
    country: Mapped[str] = mapped_column(String(2), default="US")


class Verdict(Base):
    """What somebody who read an entry in the Help tab thought of its answer. ``voter``: a keyed hash that tells two
    readers of one domain apart, and nothing else of them."""

    __tablename__ = "verdicts"

    entry_id: Mapped[str] = mapped_column(Id, ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True)
    voter: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = _workspace()
    domain_id: Mapped[str] = mapped_column(Id, ForeignKey("domains.id", ondelete="CASCADE"), index=True)
    good: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Embedding(Base):
    """A vector that was computed once: ``dimension`` little-endian 32-bit floats of length 1, for a text known by its
    SHA-256. A cache, but a paid one: it is kept, and backed up, like everything else."""

    __tablename__ = "embeddings"

    workspace_id: Mapped[str] = mapped_column(Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    model: Mapped[str] = mapped_column(String(100), primary_key=True)
    content_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    dimension: Mapped[int]
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=now)


# Imports -------------------------------------------------------------------------------------------------------


class Source(Base):
    """One import: a file, an address, a sitemap or a crawled site, and what became of it. ``report`` counts what came
    in and lists faults by row; pages have their own rows. ``charge``: the reference of the hold on its credits.
    ``look``: how often its pages were looked at, this time included. ``memo``: what the job must know from slice to
    slice. ``next_at``: when it is looked at again by itself."""

    __tablename__ = "sources"
    __table_args__ = (
        Index("ix_sources_domain_id_created_at", "domain_id", "created_at"),
        CheckConstraint(
            "kind IN ('csv', 'json', 'markdown', 'text', 'html', 'pdf', 'docx', 'url', 'sitemap', 'crawl')",
            name="kind",
        ),
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled', 'undone')", name="state"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = _workspace()
    domain_id: Mapped[str] = _domain()
    user_id: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(255))
    url: Mapped[str | None] = mapped_column(String(URL_LENGTH))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    look: Mapped[int] = mapped_column(default=1)
    memo: Mapped[dict[str, Any]] = mapped_column(default=dict)
    charge: Mapped[str | None] = mapped_column(String(100))
    checked_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class SourceFile(Base):
    """The uploaded bytes, until the job that reads them is done: in the database, where every node can read them."""

    __tablename__ = "source_files"

    source_id: Mapped[str] = mapped_column(Id, ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True)
    workspace_id: Mapped[str] = _workspace()
    data: Mapped[bytes] = mapped_column(LargeBinary)


class SourcePage(Base):
    """One page of a source: what it held at the last look, and why it gave nothing. ``depth``: links from the start.
    ``look``: when it was last found linked. ``missing``: looks in a row that found nothing there any more."""

    __tablename__ = "source_pages"
    __table_args__ = (
        UniqueConstraint("source_id", "url"),
        CheckConstraint("state IN ('waiting', 'ok', 'unchanged', 'changed', 'gone', 'failed')", name="state"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = _workspace()
    source_id: Mapped[str] = mapped_column(Id, ForeignKey("sources.id", ondelete="CASCADE"))
    url: Mapped[str] = mapped_column(String(URL_LENGTH))
    title: Mapped[str] = mapped_column(String(300), default="")
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    reason: Mapped[str] = mapped_column(String(500), default="")
    entries: Mapped[int] = mapped_column(default=0)
    depth: Mapped[int] = mapped_column(default=0)
    look: Mapped[int] = mapped_column(default=1)
    missing: Mapped[int] = mapped_column(default=0)
    fetched_at: Mapped[datetime | None]


class SiteTurn(Base):
    """Which import reads a site now, whoever owns it: a site is asked for one page at a time. ``wanted``: another
    waits."""

    __tablename__ = "site_turns"

    host: Mapped[str] = mapped_column(String(300), primary_key=True)
    holder: Mapped[str] = mapped_column(Id)
    until: Mapped[datetime]
    wanted: Mapped[bool] = mapped_column(default=False)


# Filtered questions --------------------------------------------------------------------------------------------


class Question(Base):
    """A filtered question. ``ask``: what the owner wants to know (``answer_kind``, ``choices``), asked at ``moment``,
    at most ``most_asks`` times a visitor. ``block`` and ``route`` match what a visitor asks (``patterns``) and answer
    with ``response``, or hand off. ``condition``: ``{question, is, value}`` over an earlier answer. ``scores``:
    ``[{is, value, points, reason}]``. ``field``: which field of the lead the answer fills."""

    __tablename__ = "questions"
    __table_args__ = (
        Index("ix_questions_domain_id_position", "domain_id", "position"),
        CheckConstraint("kind IN ('ask', 'block', 'route')", name="kind"),
        CheckConstraint("answer_kind IN ('text', 'email', 'phone', 'number', 'date', 'choice')", name="answer_kind"),
        CheckConstraint("moment IN ('start', 'after_replies', 'before_hand_off')", name="moment"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = _workspace()
    domain_id: Mapped[str] = _domain()
    kind: Mapped[str] = mapped_column(String(5), default="ask")
    text: Mapped[str] = mapped_column(Text)
    answer_kind: Mapped[str] = mapped_column(String(8), default="text")
    choices: Mapped[list[str]] = mapped_column(default=list)
    required: Mapped[bool] = mapped_column(default=False)
    moment: Mapped[str] = mapped_column(String(16), default="after_replies")
    after_replies: Mapped[int] = mapped_column(default=1)
    condition: Mapped[dict[str, Any]] = mapped_column(default=dict)
    most_asks: Mapped[int] = mapped_column(default=1)
    patterns: Mapped[list[str]] = mapped_column(default=list)
    response: Mapped[str] = mapped_column(Text, default="")
    scores: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    field: Mapped[str] = mapped_column(String(20), default="")
    consent: Mapped[str] = mapped_column(Text, default="")
    consent_version: Mapped[int] = mapped_column(default=1)
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class Lead(Base):
    """What is known of the visitor of one room. ``reasons``: ``[{question, points, reason}]``, their sum is ``score``.
    ``consents``: ``[{text, version, at}]``, as it was agreed to."""

    __tablename__ = "leads"
    __table_args__ = (Index("ix_leads_workspace_id_created_at", "workspace_id", "created_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(Id, ForeignKey("workspaces.id", ondelete="CASCADE"))
    domain_id: Mapped[str] = mapped_column(Id, ForeignKey("domains.id", ondelete="CASCADE"), index=True)
    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id", ondelete="CASCADE"), unique=True)
    visitor_id: Mapped[str] = mapped_column(Id, ForeignKey("visitors.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(32), default="")
    company: Mapped[str] = mapped_column(String(200), default="")
    score: Mapped[int] = mapped_column(default=0)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    consents: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class Reply(Base):
    """A visitor's answer to one filtered question, filed under the question as it was asked (``asked``): the
    normalised ``value``, and ``raw`` as it was written. ``state``: asked, answered, declined or given_up."""

    __tablename__ = "replies"
    __table_args__ = (
        UniqueConstraint("room_id", "question_id"),
        Index("ix_replies_question_id", "question_id"),
        CheckConstraint("state IN ('asked', 'answered', 'declined', 'given_up')", name="state"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = _workspace()
    domain_id: Mapped[str] = _domain()
    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id", ondelete="CASCADE"))
    question_id: Mapped[str | None] = mapped_column(Id, ForeignKey("questions.id", ondelete="SET NULL"))
    asked: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text, default="")
    raw: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(8), default="asked")
    asks: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


# What is missing, and how good it is ---------------------------------------------------------------------------


class Gap(Base):
    """A question a visitor asked that got no sure answer, or one whose answer was rated badly (``reason``: unsure or
    rated). One row a message, however often it is filed. ``entry_id``: the entry that it became part of."""

    __tablename__ = "gaps"
    __table_args__ = (
        Index("ix_gaps_domain_id_created_at", "domain_id", "created_at"),
        Index("ix_gaps_domain_id_status", "domain_id", "status"),
        CheckConstraint("status IN ('open', 'answered', 'dismissed')", name="status"),
        CheckConstraint("reason IN ('unsure', 'rated')", name="reason"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = _workspace()
    domain_id: Mapped[str] = _domain()
    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[str] = mapped_column(Id, unique=True)
    text: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(8), default="unsure")
    status: Mapped[str] = mapped_column(String(16), default="open")
    entry_id: Mapped[str | None] = mapped_column(Id, ForeignKey("entries.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=now)


class Dismissal(Base):
    """Two entries that look like a contradiction and are none: the owner said so. ``first`` < ``second``."""

    __tablename__ = "dismissals"

    first: Mapped[str] = mapped_column(Id, ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True)
    second: Mapped[str] = mapped_column(Id, ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True)
    workspace_id: Mapped[str] = _workspace()


class Example(Base):
    """A labelled question: ``entry_id`` is the entry that is right, none means that nothing here answers it.
    ``source``: chat (somebody approved the answer there) or manual."""

    __tablename__ = "examples"
    __table_args__ = (UniqueConstraint("domain_id", "text"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = _workspace()
    domain_id: Mapped[str] = _domain()
    text: Mapped[str] = mapped_column(String(QUESTION_LENGTH))
    entry_id: Mapped[str | None] = mapped_column(Id, ForeignKey("entries.id", ondelete="CASCADE"), index=True)
    source: Mapped[str] = mapped_column(String(8), default="manual")
    created_at: Mapped[datetime] = mapped_column(default=now)


class Evaluation(Base):
    """One run over the labelled questions, of the knowledge as it was at ``version``. ``reason``: manual, change or
    publish. ``figures``: as ``frontdesk evaluate --json`` prints them; ``cases``: those that went wrong."""

    __tablename__ = "evaluations"
    __table_args__ = (Index("ix_evaluations_domain_id_created_at", "domain_id", "created_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = _workspace()
    domain_id: Mapped[str] = _domain()
    user_id: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id", ondelete="SET NULL"))
    reason: Mapped[str] = mapped_column(String(8), default="manual")
    version: Mapped[int] = mapped_column(BigInteger)
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    cases: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)
