"""Knowledge: imports and their pages, filtered questions and what was answered, labelled questions, embeddings.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.String(32)
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "embeddings",
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("model", sa.String(100), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("dimension", sa.Integer(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("workspace_id", "model", "content_hash"),
    )
    op.create_table(
        "evaluations",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("domain_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("reason", sa.String(8), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("figures", JSON, nullable=False),
        sa.Column("cases", JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["domain_id"], ["domains.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_evaluations_domain_id_created_at", "evaluations", ["domain_id", "created_at"])
    op.create_index("ix_evaluations_workspace_id", "evaluations", ["workspace_id"])
    op.create_table(
        "knowledge_settings",
        sa.Column("domain_id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("caution", sa.Integer(), nullable=False),
        sa.Column("embeddings", sa.String(8), nullable=False),
        sa.Column("publish_check", sa.Boolean(), nullable=False),
        sa.Column("ask_in_first_reply", sa.Boolean(), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.CheckConstraint("embeddings IN ('off', 'local', 'endpoint')", name="embeddings"),
        sa.CheckConstraint("caution BETWEEN 0 AND 100", name="caution"),
        sa.ForeignKeyConstraint(["domain_id"], ["domains.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("domain_id"),
    )
    op.create_index("ix_knowledge_settings_workspace_id", "knowledge_settings", ["workspace_id"])
    op.create_table(
        "questions",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("domain_id", ID, nullable=False),
        sa.Column("kind", sa.String(5), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer_kind", sa.String(8), nullable=False),
        sa.Column("choices", JSON, nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("moment", sa.String(16), nullable=False),
        sa.Column("after_replies", sa.Integer(), nullable=False),
        sa.Column("condition", JSON, nullable=False),
        sa.Column("most_asks", sa.Integer(), nullable=False),
        sa.Column("patterns", JSON, nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("scores", JSON, nullable=False),
        sa.Column("field", sa.String(20), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("consent_version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.CheckConstraint("answer_kind IN ('text', 'email', 'phone', 'number', 'date', 'choice')", name="answer_kind"),
        sa.CheckConstraint("kind IN ('ask', 'block', 'route')", name="kind"),
        sa.CheckConstraint("moment IN ('start', 'after_replies', 'before_hand_off')", name="moment"),
        sa.ForeignKeyConstraint(["domain_id"], ["domains.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_questions_domain_id_position", "questions", ["domain_id", "position"])
    op.create_index("ix_questions_workspace_id", "questions", ["workspace_id"])
    op.create_table(
        "removals",
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("domain_id", ID, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["domain_id"], ["domains.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("entry_id"),
    )
    op.create_index("ix_removals_domain_id_version", "removals", ["domain_id", "version"])
    op.create_index("ix_removals_workspace_id", "removals", ["workspace_id"])
    op.create_table(
        "sources",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("domain_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("url", sa.String(2048), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("report", JSON, nullable=False),
        sa.Column("look", sa.Integer(), nullable=False),
        sa.Column("memo", JSON, nullable=False),
        sa.Column("charge", sa.String(100), nullable=True),
        sa.Column("checked_at", TIME, nullable=True),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("next_at", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint(
            "kind IN ('csv', 'json', 'markdown', 'text', 'html', 'pdf', 'docx', 'url', 'sitemap', 'crawl')", name="kind"
        ),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled', 'undone')", name="state"),
        sa.ForeignKeyConstraint(["domain_id"], ["domains.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sources_domain_id_created_at", "sources", ["domain_id", "created_at"])
    op.create_index("ix_sources_workspace_id", "sources", ["workspace_id"])
    op.create_table(
        "source_files",
        sa.Column("source_id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source_id"),
    )
    op.create_index("ix_source_files_workspace_id", "source_files", ["workspace_id"])
    op.create_table(
        "source_pages",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("url", sa.String(2048), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("look", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("fetched_at", TIME, nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'ok', 'unchanged', 'changed', 'gone', 'failed')", name="state"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source_id", "url"),
    )
    op.create_index("ix_source_pages_workspace_id", "source_pages", ["workspace_id"])
    op.create_table(
        "site_turns",
        sa.Column("host", sa.String(300), nullable=False),
        sa.Column("holder", ID, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("host"),
    )
    op.create_table(
        "leads",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("domain_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("visitor_id", ID, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("phone", ID, nullable=False),
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("consents", JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["domain_id"], ["domains.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["visitor_id"], ["visitors.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("room_id"),
    )
    op.create_index("ix_leads_domain_id", "leads", ["domain_id"])
    op.create_index("ix_leads_visitor_id", "leads", ["visitor_id"])
    op.create_index("ix_leads_workspace_id_created_at", "leads", ["workspace_id", "created_at"])
    op.create_table(
        "replies",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("domain_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("question_id", ID, nullable=True),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("asks", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.CheckConstraint("state IN ('asked', 'answered', 'declined', 'given_up')", name="state"),
        sa.ForeignKeyConstraint(["domain_id"], ["domains.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("room_id", "question_id"),
    )
    op.create_index("ix_replies_question_id", "replies", ["question_id"])
    op.create_index("ix_replies_workspace_id", "replies", ["workspace_id"])
    op.create_table(
        "dismissals",
        sa.Column("first", ID, nullable=False),
        sa.Column("second", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["first"], ["entries.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["second"], ["entries.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("first", "second"),
    )
    op.create_index("ix_dismissals_workspace_id", "dismissals", ["workspace_id"])
    op.create_table(
        "examples",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("domain_id", ID, nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("entry_id", ID, nullable=True),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["domain_id"], ["domains.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("domain_id", "text"),
    )
    op.create_index("ix_examples_entry_id", "examples", ["entry_id"])
    op.create_index("ix_examples_workspace_id", "examples", ["workspace_id"])
    with op.batch_alter_table("entries") as batch_op:
        batch_op.add_column(sa.Column("draft", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("version", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("source_id", ID, nullable=True))
        batch_op.add_column(sa.Column("page_id", ID, nullable=True))
        batch_op.add_column(sa.Column("imprint", sa.String(64), nullable=True))
        batch_op.create_index("ix_entries_domain_id_version", ["domain_id", "version"])
        batch_op.create_index("ix_entries_page_id", ["page_id"])
        batch_op.create_index("ix_entries_source_id", ["source_id"])
        batch_op.create_foreign_key(
            "fk_entries_page_id_source_pages", "source_pages", ["page_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_foreign_key(
            "fk_entries_source_id_sources", "sources", ["source_id"], ["id"], ondelete="SET NULL"
        )

    with op.batch_alter_table("gaps") as batch_op:
        batch_op.add_column(sa.Column("reason", sa.String(8), nullable=False, server_default="unsure"))
        batch_op.add_column(sa.Column("entry_id", ID, nullable=True))
        batch_op.create_check_constraint("status", "status IN ('open', 'answered', 'dismissed')")
        batch_op.create_check_constraint("reason", "reason IN ('unsure', 'rated')")
        batch_op.create_index("ix_gaps_domain_id_status", ["domain_id", "status"])
        batch_op.create_foreign_key("fk_gaps_entry_id_entries", "entries", ["entry_id"], ["id"], ondelete="SET NULL")

    with op.batch_alter_table("messages") as batch_op:
        batch_op.add_column(sa.Column("rating", sa.Integer(), nullable=True))

    with op.batch_alter_table("rooms") as batch_op:
        batch_op.add_column(sa.Column("question", JSON, nullable=True))


def downgrade() -> None:
    raise NotImplementedError("Frontdesk goes forward only: restore a backup instead.")
