"""What Alembic runs: always in code, always on the connection that ``migrations`` opened."""

from alembic import context

import console.access.models
import engine.models
import knowledge.models
from engine.db import Base

MODELS = (engine.models, knowledge.models, console.access.models)  # imported so that Base knows their tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite changes a table by rebuilding it
    transactional_ddl=True,  # SQLite's DDL is transactional once BEGIN is ours
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
