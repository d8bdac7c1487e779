"""More of each run of templates, as a document that has room for fields to come; and which hosts have no known end."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_INDEX = "ix_template_host_status"


def upgrade() -> None:
    """Add the document, empty for the runs that are there, and the index."""
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.add_column("template_run", sa.Column("details", text))
    op.create_index(_INDEX, "template_host", ["status"])


def downgrade() -> None:
    """Remove both."""
    op.drop_index(_INDEX, "template_host")
    op.drop_column("template_run", "details")
