"""Hours of a bot, the consent of its contact form, and messages left while nobody was there.

Revision 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("bots", sa.Column("hours", JSON, nullable=True))
    op.add_column("bots", sa.Column("consent", sa.Text(), nullable=False, server_default=""))
    op.add_column("bots", sa.Column("consent_version", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("bots", sa.Column("mail_to", sa.String(254), nullable=False, server_default=""))
    op.add_column("rooms", sa.Column("contact", JSON, nullable=True))
    op.add_column("rooms", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("rooms", sa.Column("mailed", sa.BigInteger(), nullable=True))
    op.create_index("ix_rooms_left_at", "rooms", ["workspace_id", "left_at"])
