"""What the widget measures of itself: counts in buckets, and of how many visits a bot's panel does.

Revision 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.String(32)


def upgrade() -> None:
    check = sa.CheckConstraint("vitals BETWEEN 0 AND 100", name="vitals")
    op.add_column("bots", sa.Column("vitals", sa.Integer(), check, nullable=False, server_default="10"))
    op.create_table(
        "vitals",
        sa.Column("bot_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("device", sa.String(7), nullable=False),
        sa.Column("metric", sa.String(10), nullable=False),
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("bot_id", "day", "device", "metric", "bucket"),
    )
    op.create_index("ix_vitals_workspace_id_day", "vitals", ["workspace_id", "day"])
