"""The live desk: who is given chats, notes, canned replies, each person's part in a conversation.

Revision 0013, after 0012.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.String(32)
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    json = sa.JSON().with_variant(JSONB(), "postgresql")
    members: tuple[sa.Column[Any], ...] = (
        sa.Column("away", sa.Boolean(), nullable=False, server_default="0"),
        sa.Column("capacity", sa.Integer(), nullable=False, server_default="5"),
        sa.Column("given_at", TIME, nullable=True),
        sa.Column("languages", json, nullable=False, server_default="[]"),
        sa.Column("domains", json, nullable=False, server_default="[]"),
    )
    rooms: tuple[sa.Column[Any], ...] = (
        sa.Column("due", TIME, nullable=True),
        sa.Column("snoozed_until", TIME, nullable=True),
        sa.Column("tag", sa.String(40), nullable=False, server_default=""),
        sa.Column("called", json, nullable=False, server_default="[]"),
    )
    for table, columns in (("members", members), ("rooms", rooms)):
        for column in columns:
            op.add_column(table, column)
    with op.batch_alter_table("workspaces") as batch:
        batch.add_column(sa.Column("routing", sa.String(8), nullable=False, server_default="queue"))
        batch.add_column(sa.Column("answer_seconds", sa.Integer(), nullable=False, server_default="120"))
        batch.create_check_constraint("routing", "routing IN ('queue', 'even')")
    op.create_table(
        "notes",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mentions", json, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("room_id", "client_id"),
    )
    op.create_index("ix_notes_room_id", "notes", ["room_id", "created_at"])
    op.create_index("ix_notes_workspace_id", "notes", ["workspace_id"])
    op.create_table(
        "stints",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=True),
        sa.Column("asked_at", TIME, nullable=True),
        sa.Column("claimed_at", TIME, nullable=False),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("ending", sa.String(10), nullable=False),
        sa.Column("tag", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_stints_workspace_id_claimed_at", "stints", ["workspace_id", "claimed_at"])
    op.create_index("ix_stints_room_id", "stints", ["room_id", "claimed_at"])
    op.create_table(
        "canned",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=True),
        sa.Column("shortcut", sa.String(40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_canned_workspace_id", "canned", ["workspace_id", "shortcut"])
