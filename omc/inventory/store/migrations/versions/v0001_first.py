"""The first tables.

A new store is made of the tables as they are in this version; a later revision changes them by `op`, and this one then
gets their form of today written out.
"""

from alembic import op

from omc.inventory.store.tables import METADATA

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    METADATA.create_all(op.get_bind())


def downgrade() -> None:
    """Remove all tables, with everything in them."""
    METADATA.drop_all(op.get_bind())
