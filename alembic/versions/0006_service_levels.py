"""What stopped a clock, why it started then, and by which policy; tiers and reach.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from monitor.db import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CLOCK = sa.table(
    "clock",
    sa.column("case_id", sa.BigInteger),
    sa.column("target", sa.String),
    sa.column("state", sa.String),
    sa.column("stopped_at", UtcDateTime()),
    sa.column("reply_id", sa.BigInteger),
    sa.column("stopped_by", sa.String),
    sa.column("visible_at", UtcDateTime()),
)
REPLY = sa.table(
    "reply",
    sa.column("id", sa.BigInteger),
    sa.column("case_id", sa.BigInteger),
    sa.column("approved_by", sa.String),
    sa.column("submitted_at", UtcDateTime()),
    sa.column("visible_at", UtcDateTime()),
)


ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # Ids without a constraint: SQLite would have to copy the table to learn one.
    op.add_column("clock", sa.Column("policy_id", ID, nullable=True))
    op.add_column("clock", sa.Column("written_at", UtcDateTime(), nullable=True))
    op.add_column("clock", sa.Column("seen_at", UtcDateTime(), nullable=True))
    op.add_column(
        "clock",
        sa.Column("start_reason", sa.String(length=100), server_default="", nullable=False),
    )
    op.add_column("clock", sa.Column("reply_id", ID, nullable=True))
    op.add_column(
        "clock", sa.Column("stopped_by", sa.String(length=500), server_default="", nullable=False)
    )
    op.add_column("clock", sa.Column("visible_at", UtcDateTime(), nullable=True))
    op.create_index(op.f("ix_clock_reply_id"), "clock", ["reply_id"])
    op.add_column(
        "customer", sa.Column("tier", sa.String(length=100), server_default="", nullable=False)
    )
    op.add_column("author", sa.Column("reach", sa.BigInteger(), nullable=True))
    _tell_what_stopped()


def _tell_what_stopped() -> None:
    """Find the replies that stopped the clocks of before: those submitted at that very time."""
    mine = sa.and_(REPLY.c.case_id == CLOCK.c.case_id, REPLY.c.submitted_at == CLOCK.c.stopped_at)
    stopped = (CLOCK.c.state == "stopped", CLOCK.c.target != "resolution")
    newest = sa.select(sa.func.max(REPLY.c.id)).where(mine).scalar_subquery()
    op.execute(sa.update(CLOCK).where(*stopped).values(reply_id=newest))
    seen = sa.select(REPLY.c.visible_at).where(REPLY.c.id == CLOCK.c.reply_id).scalar_subquery()
    op.execute(sa.update(CLOCK).where(CLOCK.c.reply_id.is_not(None)).values(visible_at=seen))
    approvers = op.get_bind().execute(sa.select(REPLY.c.approved_by).distinct()).scalars().all()
    for approver in approvers:
        # "Mara (slack)": the name, without the face it was said on.
        name = approver.rpartition(" (")[0] or approver
        theirs = sa.select(REPLY.c.id).where(REPLY.c.approved_by == approver)
        op.execute(sa.update(CLOCK).where(CLOCK.c.reply_id.in_(theirs)).values(stopped_by=name))


def downgrade() -> None:
    op.drop_column("author", "reach")
    op.drop_column("customer", "tier")
    op.drop_index(op.f("ix_clock_reply_id"), table_name="clock")
    for name in (
        "visible_at",
        "stopped_by",
        "reply_id",
        "start_reason",
        "seen_at",
        "written_at",
        "policy_id",
    ):
        op.drop_column("clock", name)
