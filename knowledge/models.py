"""What a domain knows: its FAQ entries, and the questions nobody could answer yet."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base, Id, new_id, now

QUESTION_LENGTH = 500  # characters of a question or of one alternative: a visitor never writes a longer one
ANSWER_LENGTH = 20_000  # characters of an answer (Markdown); equal to the limit of an imported cell
CATEGORY_LENGTH = 100
URL_LENGTH = 2_048


class Entry(Base):
    """One FAQ entry: a question, other ways of putting it, and the owner's own answer (Markdown)."""

    __tablename__ = "entries"
    __table_args__ = (Index("ix_entries_domain_id_active_position", "domain_id", "active", "position"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(Id, ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    domain_id: Mapped[str] = mapped_column(Id, ForeignKey("domains.id", ondelete="CASCADE"))
    question: Mapped[str] = mapped_column(Text)
    alternatives: Mapped[list[str]] = mapped_column(default=list)
    answer: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(CATEGORY_LENGTH), default="")
    locale: Mapped[str] = mapped_column(String(35), default="en")
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str] = mapped_column(String(64), default="manual")
    url: Mapped[str | None] = mapped_column(String(URL_LENGTH))
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class Gap(Base):
    """A question a visitor asked that got no sure answer. One row a message, however often it is filed."""

    __tablename__ = "gaps"
    __table_args__ = (Index("ix_gaps_domain_id_created_at", "domain_id", "created_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(Id, ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    domain_id: Mapped[str] = mapped_column(Id, ForeignKey("domains.id", ondelete="CASCADE"))
    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[str] = mapped_column(Id, unique=True)
    text: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16), default="open")
    created_at: Mapped[datetime] = mapped_column(default=now)
