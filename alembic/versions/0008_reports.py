"""Figures of reports kept by day and month, and what changed since they were made.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from monitor.db import UtcDateTime
from monitor.models.base import BigId, Json

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ALIVE = sa.text("state IN ('running', 'paused')")


def upgrade() -> None:
    op.create_table(
        "rollup",
        sa.Column("grain", sa.String(length=5), nullable=False),
        sa.Column("measure", sa.String(length=20), nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("span", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=410), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("met", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("voided", sa.Integer(), nullable=False),
        sa.Column("median", sa.Integer(), nullable=True),
        sa.Column("p90", sa.Integer(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.LargeBinary(), nullable=False),
        sa.Column("walls", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "grain", "measure", "part", "span", "value", name=op.f("pk_rollup")
        ),
    )
    if op.get_bind().dialect.name == "postgresql":
        # Sorted times hardly shrink, and every page would unpack them.
        for column in ("times", "walls"):
            op.execute(f"ALTER TABLE rollup ALTER COLUMN {column} SET STORAGE EXTERNAL")
    op.create_table(
        "rollup_span",
        sa.Column("grain", sa.String(length=5), nullable=False),
        sa.Column("span", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("grain", "span", name=op.f("pk_rollup_span")),
    )
    op.create_table(
        "report_change",
        sa.Column("id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=True),
        sa.Column("first_at", UtcDateTime(), nullable=True),
        sa.Column("last_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_change")),
    )
    op.create_table(
        "report_state",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("zone", sa.String(length=100), nullable=False),
        sa.Column("layout", sa.Integer(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_state")),
    )
    op.create_table(
        "report_forecast",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("took_seconds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_forecast")),
    )
    op.create_index("ix_rollup_span", "rollup", ["grain", "span"])
    op.create_index("ix_case_opened_at", "case", ["opened_at"])
    op.create_index("ix_clock_started_at", "clock", ["started_at"])
    op.create_index("ix_reply_external_id", "reply", ["external_id"])
    op.create_index(
        "ix_clock_alive",
        "clock",
        ["target", "started_at", "state", "due_at", "breached_at", "case_id"],
        sqlite_where=ALIVE,
        postgresql_where=ALIVE,
    )
    op.create_index(
        "ix_mention_history",
        "mention",
        ["created_at"],
        sqlite_where=sa.text("history IS 1"),
        postgresql_where=sa.text("history IS true"),
    )


def downgrade() -> None:
    op.drop_index("ix_mention_history", table_name="mention")
    op.drop_index("ix_clock_alive", table_name="clock")
    op.drop_index("ix_clock_started_at", table_name="clock")
    op.drop_index("ix_case_opened_at", table_name="case")
    op.drop_index("ix_reply_external_id", table_name="reply")
    op.drop_index("ix_rollup_span", table_name="rollup")
    op.drop_table("report_forecast")
    op.drop_table("report_state")
    op.drop_table("report_change")
    op.drop_table("rollup_span")
    op.drop_table("rollup")
