"""Budgets, a vault, and what platforms' terms ask of a mention.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from monitor.db import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TO_RECHECK = sa.text("recheck_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "budget",
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("next_slot_at", UtcDateTime(), nullable=False),
        sa.Column("spent_today", sa.Double(), nullable=False),
        sa.Column("today", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_budget_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_budget_account_id_name")),
    )
    op.create_table(
        "vault_entry",
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_vault_entry_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vault_entry")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_vault_entry_account_id_name")),
    )
    # SQLite adds columns in place. Only dropping one may copy a table, and this one is small.
    op.add_column(
        "account", sa.Column("failures", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("account", sa.Column("failing_since", UtcDateTime(), nullable=True))
    op.drop_column("account", "next_slot_at")
    op.add_column("source", sa.Column("caught_up_at", UtcDateTime(), nullable=True))
    op.add_column(
        "source",
        sa.Column("begins_with_history", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column(
        "source", sa.Column("may_store", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.add_column("source", sa.Column("keep_seconds", sa.Double(), nullable=True))
    op.add_column("source", sa.Column("window_seconds", sa.Double(), nullable=True))
    # What was read to its end before today has been caught up with.
    op.execute("UPDATE source SET caught_up_at = last_success_at")
    op.add_column("mention", sa.Column("our_reply_at", UtcDateTime(), nullable=True))
    op.add_column(
        "mention",
        sa.Column("addressed_to_us", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column(
        "mention", sa.Column("locked", sa.String(length=500), server_default="", nullable=False)
    )
    op.add_column("mention", sa.Column("recheck_at", UtcDateTime(), nullable=True))
    op.add_column("mention", sa.Column("keep_until", UtcDateTime(), nullable=True))
    op.create_index(
        "ix_mention_recheck",
        "mention",
        ["recheck_at"],
        sqlite_where=TO_RECHECK,
        postgresql_where=TO_RECHECK,
    )


def downgrade() -> None:
    op.drop_index(
        "ix_mention_recheck",
        table_name="mention",
        sqlite_where=TO_RECHECK,
        postgresql_where=TO_RECHECK,
    )
    for column in ("keep_until", "recheck_at", "locked", "addressed_to_us", "our_reply_at"):
        op.drop_column("mention", column)
    for column in (
        "window_seconds",
        "keep_seconds",
        "may_store",
        "begins_with_history",
        "caught_up_at",
    ):
        op.drop_column("source", column)
    op.add_column("account", sa.Column("next_slot_at", UtcDateTime(), nullable=True))
    op.drop_column("account", "failing_since")
    op.drop_column("account", "failures")
    op.drop_table("vault_entry")
    op.drop_table("budget")
