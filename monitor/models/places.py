"""What is talked about, and where we listen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from monitor.models.base import Base, Id, Key, Line, Prose, Short, Workable, due_index


class Brand(Base):
    """A company or product line that is being talked about."""

    __tablename__ = "brand"

    id: Mapped[Id]
    key: Mapped[Key] = mapped_column(unique=True)
    name: Mapped[Line]


class Location(Base):
    """One place or product of a brand."""

    __tablename__ = "location"
    __table_args__ = (UniqueConstraint("brand_id", "key"),)

    id: Mapped[Id]
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    key: Mapped[Key]
    name: Mapped[Line]
    timezone: Mapped[Short] = mapped_column(default="UTC")


class Account(Base):
    """One set of credentials at one platform.

    `paused_until` holds all its sources back: the platform said to wait, or it is out of order.
    `failures` counts the polls of any of its sources that found it so in a row, `failing_since`
    is when the first of them did; `monitor.intake.breaker` says when only one asks for all.
    """

    __tablename__ = "account"

    id: Mapped[Id]
    key: Mapped[Key] = mapped_column(unique=True)
    platform: Mapped[Short]
    paused_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    failing_since: Mapped[datetime | None]


class Budget(Base):
    """How much an account has used of one of its budgets.

    `next_slot_at` is the theoretical arrival time of the generic cell rate algorithm: what is
    ahead of now has been used in advance. `spent_today` is for people, on the UTC day `today`.
    """

    __tablename__ = "budget"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    name: Mapped[Short]
    next_slot_at: Mapped[datetime]
    spent_today: Mapped[float] = mapped_column(default=0.0)
    today: Mapped[str] = mapped_column(String(10), default="")


class VaultEntry(Base):
    """A token that a connector keeps for an account, readable only with the secret key."""

    __tablename__ = "vault_entry"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    name: Mapped[Short]
    sealed: Mapped[Prose]
    changed_at: Mapped[datetime]


class Source(Workable, Base):
    """One thing polled. Its work is the next poll; its cursor moves with the page it belongs to.

    States: ``active``, ``paused`` (by a person), ``needs_auth`` (credentials refused),
    ``removed`` (no longer in the configuration; its mentions stay). `watched_since` is when it
    was first polled, whatever came of it. `caught_up_at` is when all that stood there at first
    had been read: where `begins_with_history`, that opens no case. By the platform's terms what
    is said there is read again every `keep_seconds`, or forgotten; where not `may_store`, words
    are never kept. What is older than `window_seconds` the platform no longer lists. Of the
    `judged` texts that were judged last, about `complaint_share` were complaints. `paused_by` is
    who paused it, empty where the configuration did.
    """

    __tablename__ = "source"
    __table_args__ = (due_index("source"),)

    id: Mapped[Id]
    key: Mapped[Key] = mapped_column(unique=True)
    connector: Mapped[Short]
    title: Mapped[Line] = mapped_column(default="")
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    state: Mapped[Short] = mapped_column(default="active")
    cursor: Mapped[dict[str, Any]] = mapped_column(default=dict)
    every_seconds: Mapped[float] = mapped_column(default=900.0)
    watched_since: Mapped[datetime | None]
    caught_up_at: Mapped[datetime | None]
    begins_with_history: Mapped[bool] = mapped_column(default=False, server_default=false())
    may_store: Mapped[bool] = mapped_column(default=True, server_default=true())
    keep_seconds: Mapped[float | None]
    window_seconds: Mapped[float | None]
    judged: Mapped[int] = mapped_column(default=0, server_default="0")
    complaint_share: Mapped[float | None]
    last_polled_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    last_found_at: Mapped[datetime | None]
    backfill_since: Mapped[datetime | None]
    expect_update_seconds: Mapped[float | None]
    paused_by: Mapped[Line] = mapped_column(default="", server_default="")

    brand: Mapped[Brand] = relationship()
    location: Mapped[Location | None] = relationship()
    account: Mapped[Account] = relationship()


class Alert(Base):
    """Something staff must know, raised once and resolved once.

    `key` names the condition (``auth:demo-board``); at most one alert per key is open, and
    `resolved_at` is set when the condition ends.
    """

    __tablename__ = "alert"
    __table_args__ = (
        Index(
            "uq_alert_open",
            "key",
            unique=True,
            sqlite_where=text("resolved_at IS NULL"),
            postgresql_where=text("resolved_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    key: Mapped[Key] = mapped_column(index=True)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id"))
    kind: Mapped[Short]
    message: Mapped[Prose]
    raised_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]


class Misread(Base):
    """One item that could not be read: a broken row, a malformed entry. Kept, never dropped."""

    __tablename__ = "misread"
    __table_args__ = (UniqueConstraint("source_id", "place", "reason"),)

    id: Mapped[Id]
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    place: Mapped[Line]
    reason: Mapped[Line]
    seen_at: Mapped[datetime]
