"""Cases put off, sources paused by a person, threads and pages of Slack that are found again.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from monitor.db import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "case", sa.Column("snooze", sa.String(length=100), server_default="", nullable=False)
    )
    op.add_column("case", sa.Column("snoozed_until", UtcDateTime(), nullable=True))
    op.add_column(
        "case", sa.Column("editor", sa.String(length=500), server_default="", nullable=False)
    )
    op.add_column("case", sa.Column("editing_until", UtcDateTime(), nullable=True))
    op.add_column(
        "source", sa.Column("paused_by", sa.String(length=500), server_default="", nullable=False)
    )
    op.create_index(op.f("ix_notification_message_ts"), "notification", ["message_ts"])


def downgrade() -> None:
    op.drop_index(op.f("ix_notification_message_ts"), table_name="notification")
    op.drop_column("source", "paused_by")
    op.drop_column("case", "editing_until")
    op.drop_column("case", "editor")
    op.drop_column("case", "snoozed_until")
    op.drop_column("case", "snooze")
