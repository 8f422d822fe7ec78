"""Languages: the one a bot always speaks (empty: the visitor's), and the one that is spoken in a room.

Revision 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bots", sa.Column("language", sa.String(16), nullable=False, server_default=""))
    op.add_column("rooms", sa.Column("language", sa.String(16), nullable=False, server_default="en"))
