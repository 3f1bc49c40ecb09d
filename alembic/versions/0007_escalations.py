"""Several warnings before a deadline, and who is told of it: ladders and their calls.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from monitor.db import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("clock", sa.Column("warnings", sa.Integer(), server_default="0", nullable=False))
    # Until now there was one warning, and `warned_at` told that it had been given.
    op.execute("UPDATE clock SET warnings = 1 WHERE warned_at IS NOT NULL")
    op.create_table(
        "escalation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("clock_id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("ladder", JSON, nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("acknowledged_by", sa.String(length=500), server_default="", nullable=False),
        sa.Column("held_until", UtcDateTime(), nullable=True),
        sa.Column("acknowledgements", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.Column("claim_token", sa.String(length=80), nullable=True),
        sa.Column("claim_until", UtcDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_escalation_case_id_case")),
        sa.ForeignKeyConstraint(
            ["clock_id"], ["clock.id"], name=op.f("fk_escalation_clock_id_clock")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
        sa.UniqueConstraint("clock_id", name=op.f("uq_escalation_clock_id")),
    )
    op.create_index(op.f("ix_escalation_case_id"), "escalation", ["case_id"])
    op.create_index(
        "ix_escalation_due",
        "escalation",
        ["next_at"],
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_table(
        "escalation_call",
        sa.Column("id", BIG, nullable=False),
        sa.Column("escalation_id", BIG, nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("again", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=100), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.Column("who", sa.String(length=500), server_default="", nullable=False),
        sa.Column("instead_of", sa.String(length=500), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["escalation_id"],
            ["escalation.id"],
            name=op.f("fk_escalation_call_escalation_id_escalation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_call")),
        sa.UniqueConstraint(
            "escalation_id",
            "rung",
            "turn",
            "again",
            name=op.f("uq_escalation_call_escalation_id_rung_turn_again"),
        ),
    )


def downgrade() -> None:
    op.drop_table("escalation_call")
    op.drop_index("ix_escalation_due", table_name="escalation")
    op.drop_index(op.f("ix_escalation_case_id"), table_name="escalation")
    op.drop_table("escalation")
    op.drop_column("clock", "warnings")
