"""Alembic's entry: runs the migrations on the connection that `omc.inventory.store.upgrade` hands over."""

from alembic import context

from omc.inventory.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
