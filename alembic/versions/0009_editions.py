"""How often all figures were made anew, so that what is kept of them in memory is known to be old.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "report_state", sa.Column("edition", sa.Integer(), server_default="0", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("report_state", "edition")
