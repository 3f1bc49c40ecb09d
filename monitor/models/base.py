"""The declarative base, shared column types, and the columns of workable rows."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar

from sqlalchemy import JSON, BigInteger, Index, Integer, MetaData, String, Text, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from monitor.db import UtcDateTime

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite gives row ids only to INTEGER keys; PostgreSQL should not run out of them.
BigId = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON().with_variant(postgresql.JSONB(), "postgresql")

Id = Annotated[int, mapped_column(BigId, primary_key=True)]
Key = Annotated[str, mapped_column(String(200))]
Short = Annotated[str, mapped_column(String(100))]
Line = Annotated[str, mapped_column(String(500))]
Prose = Annotated[str, mapped_column(Text)]


class Base(DeclarativeBase):
    """Base of every model: one metadata, one naming convention, times in UTC."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        dict[str, Any]: Json,
        list[str]: Json,
    }


class Workable:
    """Columns of a row that is also a piece of work; `monitor.due` alone moves them.

    `next_at` is when the work is due (None: nothing owed). A claim reserves the row until
    `claim_until`; whoever holds `claim_token` may finish it.
    """

    next_at: Mapped[datetime | None]
    claim_token: Mapped[str | None] = mapped_column(String(80))
    claim_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    last_error: Mapped[str | None] = mapped_column(Text)


def due_index(table: str) -> Index:
    """Return the partial index that keeps claiming cheap however many rows are done."""
    owed = text("next_at IS NOT NULL")
    return Index(f"ix_{table}_due", "next_at", sqlite_where=owed, postgresql_where=owed)
