"""Visitors whom their site vouches for.

Revision 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("domains", sa.Column("identity", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("domains", sa.Column("identity_before", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("bots", sa.Column("identified", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("rooms", sa.Column("person", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True))
