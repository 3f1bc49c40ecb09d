"""Runs the migrations on the connection that `monitor.migrate` opened."""

from alembic import context

from monitor.db import UtcDateTime
from monitor.models import Base


def render_item(kind, item, autogen_context):
    """Write our own column types by name in new revisions."""
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen_context.imports.add("from monitor.db import UtcDateTime")
        return "UtcDateTime()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
