"""What a judgement says, what people say of it, and what is learned from that.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from monitor.db import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
WAITING = sa.text("verdict = ''")
ACTIVE = sa.text("state = 'active'")


def upgrade() -> None:
    # SQLite adds columns in place, however many rows there are.
    for column in (
        sa.Column("threshold", sa.Double(), server_default="0.5", nullable=False),
        sa.Column("unsure", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("urgency_score", sa.Double(), server_default="0", nullable=False),
        sa.Column("intent", sa.String(length=100), server_default="", nullable=False),
        sa.Column("signals", JSON, server_default="[]", nullable=False),
    ):
        op.add_column("assessment", column)
    op.add_column("source", sa.Column("judged", sa.Integer(), server_default="0", nullable=False))
    op.add_column("source", sa.Column("complaint_share", sa.Double(), nullable=True))
    op.create_table(
        "label",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mention_id", BIG, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("complaint", sa.Boolean(), nullable=True),
        sa.Column("topics", JSON, nullable=True),
        sa.Column("origin", sa.String(length=100), nullable=False),
        sa.Column("by", sa.String(length=500), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mention_id"], ["mention.id"], name=op.f("fk_label_mention_id_mention")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label")),
    )
    op.create_index(op.f("ix_label_mention_id"), "label", ["mention_id"])
    op.create_index(op.f("ix_label_at"), "label", ["at"])
    op.create_table(
        "second_look",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mention_id", BIG, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("chance", sa.Double(), nullable=False),
        sa.Column("drawn_at", UtcDateTime(), nullable=False),
        sa.Column("verdict", sa.String(length=100), nullable=False),
        sa.Column("by", sa.String(length=500), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["mention_id"], ["mention.id"], name=op.f("fk_second_look_mention_id_mention")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_look")),
        sa.UniqueConstraint(
            "mention_id", "revision", name=op.f("uq_second_look_mention_id_revision")
        ),
    )
    op.create_index(
        "ix_second_look_waiting",
        "second_look",
        ["drawn_at"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_table(
        "layer",
        sa.Column("id", BIG, nullable=False),
        sa.Column("base_model", sa.String(length=100), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("measures", JSON, nullable=False),
        sa.Column("state", sa.String(length=100), nullable=False),
        sa.Column("made_by", sa.String(length=500), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ended_by", sa.String(length=500), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_layer")),
    )
    op.create_index(
        "ix_layer_active",
        "layer",
        ["state"],
        unique=True,
        sqlite_where=ACTIVE,
        postgresql_where=ACTIVE,
    )
    op.create_table(
        "incident",
        sa.Column("id", BIG, nullable=False),
        sa.Column("brand_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("topic", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("detail", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brand.id"], name=op.f("fk_incident_brand_id_brand")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index("ix_incident_brand_id_ended_at", "incident", ["brand_id", "ended_at"])
    op.create_table(
        "incident_mention",
        sa.Column("incident_id", BIG, nullable=False),
        sa.Column("mention_id", BIG, nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_mention_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["mention_id"], ["mention.id"], name=op.f("fk_incident_mention_mention_id_mention")
        ),
        sa.PrimaryKeyConstraint("incident_id", "mention_id", name=op.f("pk_incident_mention")),
    )
    op.create_index("ix_incident_mention_mention_id", "incident_mention", ["mention_id"])
    op.create_table(
        "mark",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("value", BIG, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mark")),
    )


def downgrade() -> None:
    for table in ("mark", "incident_mention", "incident", "layer", "second_look", "label"):
        op.drop_table(table)
    op.drop_column("source", "complaint_share")
    op.drop_column("source", "judged")
    for column in ("signals", "intent", "urgency_score", "unsure", "threshold"):
        op.drop_column("assessment", column)
