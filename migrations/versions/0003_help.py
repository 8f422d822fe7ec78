"""The Help tab: a bot's switch for it, and what readers thought of its answers.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.String(32)


def upgrade() -> None:
    # A check of the column's own, so that SQLite needs not copy the table: everything hangs on its rows.
    check = sa.CheckConstraint("help IN ('off', 'beside', 'first')", name="help")
    op.add_column("bots", sa.Column("help", sa.String(6), check, nullable=False, server_default="off"))
    op.create_table(
        "verdicts",
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("voter", sa.String(32), nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("domain_id", ID, nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["domain_id"], ["domains.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("entry_id", "voter"),
    )
    op.create_index("ix_verdicts_domain_id", "verdicts", ["domain_id"])
    op.create_index("ix_verdicts_workspace_id", "verdicts", ["workspace_id"])
