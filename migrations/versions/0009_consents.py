"""A consent that is asked for before the first message, and who gave it.

Revision 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.String(32)


def upgrade() -> None:
    op.add_column("bots", sa.Column("consent_first", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("rooms", sa.Column("agreed", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "consents",
        sa.Column("room_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("room_id", "version"),
    )
    op.create_index("ix_consents_workspace_id", "consents", ["workspace_id"])
