"""What platforms send by themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from monitor.models.base import Base, Id, Key, Workable, due_index


class Delivery(Workable, Base):
    """One request of a platform to a source's webhook: stored before it is answered.

    `key` recognises a repetition: the sender's own id of the delivery, else a hash of the body.
    Once opened, the body and what came with it are forgotten, and the row is kept for a week.
    `deleted_ids` are the items that it called deleted, for an older word of them may come after.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("source_id", "key"),
        Index("ix_delivery_received_at", "received_at"),
        due_index("delivery"),
    )

    id: Mapped[Id]
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    key: Mapped[Key]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    size: Mapped[int]
    headers: Mapped[dict[str, Any]]
    query: Mapped[dict[str, Any]]
    deleted_ids: Mapped[list[str]]
    received_at: Mapped[datetime]
