"""When figures are being made anew they are not settled, and pages can say so.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from monitor.db import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("report_state") as table:
        table.alter_column("settled_at", existing_type=UtcDateTime(), nullable=True)


def downgrade() -> None:
    # Figures that are not settled are made anew: without this row nobody knows of them.
    op.execute(sa.text("DELETE FROM report_state WHERE settled_at IS NULL"))
    with op.batch_alter_table("report_state") as table:
        table.alter_column("settled_at", existing_type=UtcDateTime(), nullable=False)
