"""Ratings of conversations, and where in a room the present conversation began.

Revision 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.String(32)


def upgrade() -> None:
    op.add_column("rooms", sa.Column("episode", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("rooms", sa.Column("ended", sa.BigInteger(), nullable=True))
    op.add_column("rooms", sa.Column("score", sa.Integer(), nullable=True))
    op.create_table(
        "scores",
        sa.Column("room_id", ID, nullable=False),
        sa.Column("ended", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name="score"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("room_id", "ended"),
    )
    op.create_index("ix_scores_member_id", "scores", ["member_id"])
    op.create_index("ix_scores_workspace_created", "scores", ["workspace_id", "created_at"])
