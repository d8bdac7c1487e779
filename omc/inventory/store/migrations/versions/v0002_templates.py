"""The runs of templates: what was applied where, by whom, and what came of it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the three tables."""
    _make("template_run", _key("run"), *_needed("kind started_at actor status reason"), _text("finished_at"), *_needed(
        "selection templates variables undoes process omc_version"
    ))  # fmt: skip
    _make(
        "template_host",
        *(_key("run"), _key("host"), _position()),
        *_needed("status code message machine"),
        *(_text("finished_at"), sa.Column("seconds", sa.Float), _text("confirm_until")),
        *_needed("pending_handlers"),
    )
    _make(
        "template_file",
        *(_key("host"), _key("path"), _key("run"), _position()),
        *_needed("template action"),
        *(_text("before_fingerprint"), _text("after_fingerprint")),
        *_needed("rendered"),
        sa.Column("applied", sa.Boolean(create_constraint=False), nullable=False),
    )


def downgrade() -> None:
    """Remove them, with everything in them."""
    for name in ("template_file", "template_host", "template_run"):
        op.drop_table(name)


def _make(name: str, *columns: sa.Column[Any]) -> None:
    keys = [column.name for column in columns if column.info.get("key")]
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*keys, name=f"pk_{name}"), sqlite_with_rowid=False)


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, _TEXT, nullable=False, info={"key": True})


def _position() -> sa.Column[Any]:
    return sa.Column("position", _NUMBER, nullable=False)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, _TEXT)


def _needed(names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, _TEXT, nullable=False) for name in names.split()]
