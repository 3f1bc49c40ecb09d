"""What staff are told, and what they press."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from monitor.models.base import Base, Id, Key, Line, Short, Workable, due_index


class Notification(Workable, Base):
    """A message owed to staff: a card, a thread line, an alert. One row per item and target.

    Its `surface` is ``slack`` or ``mail``: a mail's target is an address, its `message_ts` the
    Message-ID.

    A row of the kind ``home`` is the App Home of the person who is its target; it is ``resting``
    once that person has not looked at it for long, until they open it again.

    `post_key` makes it unique and travels in Slack's message metadata, so that a card whose
    post had no answer can be found again. States: ``owed``, ``started``, ``unknown``, ``sent``,
    ``failed``, ``merged``, ``called_off`` (what it told of was over before it left). A card is
    redrawn whenever `shown_revision` is behind its case.
    """

    __tablename__ = "notification"
    __table_args__ = (due_index("notification"),)

    id: Mapped[Id]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"))
    surface: Mapped[Short]
    target: Mapped[Key]
    kind: Mapped[Short]
    post_key: Mapped[str] = mapped_column(String(80), unique=True)
    detail: Mapped[dict[str, Any]]
    state: Mapped[Short] = mapped_column(default="owed")
    started_at: Mapped[datetime | None]
    message_ts: Mapped[Line] = mapped_column(default="", index=True)
    shown_revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class Inbound(Workable, Base):
    """A click, a submitted modal, an event from Slack: stored before it is acknowledged.

    `key` recognises redelivery. A row that is done is kept for a week, longer than any
    redelivery, and removed when something comes in after that.
    """

    __tablename__ = "inbound"
    __table_args__ = (due_index("inbound"),)

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(255), unique=True)
    kind: Mapped[Short]
    payload: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]


class SignIn(Base):
    """A one-time link to the web queue, or the browser session that it became.

    Only hashes are stored. `kind` is ``link`` or ``session``.
    """

    __tablename__ = "sign_in"

    id: Mapped[Id]
    kind: Mapped[Short]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person: Mapped[Line]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
