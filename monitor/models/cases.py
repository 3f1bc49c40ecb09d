"""The tracked work: cases, their clocks, drafts, replies, and who did what and when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from monitor.models.base import Base, BigId, Id, Key, Line, Prose, Short, Workable, due_index
from monitor.models.mentions import Customer, Mention
from monitor.models.places import Brand, Location, Source


class SlaPolicy(Base):
    """One version of a policy with its calendar, kept as it was when cases were opened by it."""

    __tablename__ = "sla_policy"

    id: Mapped[Id]
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    key: Mapped[Key]
    body: Mapped[dict[str, Any]]
    first_used_at: Mapped[datetime]


class Case(Workable, Base):
    """The tracked unit of work on one customer's problem.

    Its work is the draft it is owed, or, once answered, to close when nothing more is said.

    States: ``opened`` (a draft is owed), ``drafted`` (awaits a person), ``approved`` (a reply
    is on its way), ``answered``, ``closed``, ``dismissed`` (staff: nothing to answer).
    `revision` rises with every change that a person may see: faces compare it.
    `snooze` tells what a drafted case is put off for: ``until`` the time `snoozed_until`, or the
    ``customer``'s next word; empty when it stands in the queue. Until `editing_until`
    the `editor` is changing its draft.
    """

    __tablename__ = "case"
    __table_args__ = (
        due_index("case"),
        Index("ix_case_state_opened_at", "state", "opened_at"),
        Index("ix_case_opened_at", "opened_at"),
        Index("ix_case_customer_id", "customer_id"),
    )

    id: Mapped[Id]
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), index=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    mention_id: Mapped[int] = mapped_column(ForeignKey("mention.id"), unique=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    policy_id: Mapped[int] = mapped_column(ForeignKey("sla_policy.id"))
    state: Mapped[Short] = mapped_column(default="opened")
    urgency: Mapped[Short] = mapped_column(default="normal")
    assignee: Mapped[Line] = mapped_column(default="")
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)
    snooze: Mapped[Short] = mapped_column(default="", server_default="")
    snoozed_until: Mapped[datetime | None]
    editor: Mapped[Line] = mapped_column(default="", server_default="")
    editing_until: Mapped[datetime | None]

    source: Mapped[Source] = relationship()
    brand: Mapped[Brand] = relationship()
    location: Mapped[Location | None] = relationship()
    mention: Mapped[Mention] = relationship()
    customer: Mapped[Customer | None] = relationship()
    policy: Mapped[SlaPolicy] = relationship()

    @property
    def ref(self) -> str:
        """The name people use for this case, as in ``C-42``."""
        return f"C-{self.id}"


class CaseMention(Base):
    """A later word of the customer that belongs to a case: a comment under our answer."""

    __tablename__ = "case_mention"

    mention_id: Mapped[int] = mapped_column(ForeignKey("mention.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)


class Clock(Workable, Base):
    """One running promise on a case. Its work is the next warning, then the breach.

    `target` is ``first_response``, ``next_response`` or ``resolution``; `state` is ``running``,
    ``paused``, ``stopped``, or ``voided`` (the promise no longer stood: it counts neither as met
    nor as missed). `due_at` is the deadline, also when we noticed later:
    `breached_at` equals it, `noticed_at` is when the daemon saw it. Of the policy's warnings,
    `warnings` have been given, the last of them at `warned_at`.

    `written_at` is when the platform says that the word was written which it waits for an answer
    to, `seen_at` when we saw it; `start_reason` is why the clock did not start when it was
    written although the policy says so.
    `policy_id` is the version it was counted by, where that is no longer its case's. `reply_id`
    is the reply that stopped it, `stopped_by` who approved that, and `visible_at` since when
    the customer could see it (None: not yet, or nobody can tell). Neither id has a
    constraint: SQLite would have to copy the table to learn one.
    """

    __tablename__ = "clock"
    __table_args__ = (
        due_index("clock"),
        Index("ix_clock_case_id", "case_id"),
        Index("ix_clock_started_at", "started_at"),
        Index(
            "ix_clock_alive",
            "target",
            "started_at",
            "state",
            "due_at",
            "breached_at",
            "case_id",
            sqlite_where=text("state IN ('running', 'paused')"),
            postgresql_where=text("state IN ('running', 'paused')"),
        ),
        Index(
            "uq_clock_running",
            "case_id",
            "target",
            unique=True,
            sqlite_where=text("state IN ('running', 'paused')"),
            postgresql_where=text("state IN ('running', 'paused')"),
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    target: Mapped[Short]
    state: Mapped[Short] = mapped_column(default="running")
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    warnings: Mapped[int] = mapped_column(default=0, server_default="0")
    breached_at: Mapped[datetime | None]
    noticed_at: Mapped[datetime | None]
    business_seconds: Mapped[float | None]
    policy_id: Mapped[int | None] = mapped_column(BigId)
    written_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    start_reason: Mapped[Short] = mapped_column(default="", server_default="")
    reply_id: Mapped[int | None] = mapped_column(BigId, index=True)
    stopped_by: Mapped[Line] = mapped_column(default="", server_default="")
    visible_at: Mapped[datetime | None]


class Pause(Base):
    """A segment in which a clock stood still, and why."""

    __tablename__ = "pause"

    id: Mapped[Id]
    clock_id: Mapped[int] = mapped_column(ForeignKey("clock.id"), index=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reason: Mapped[Line]


class Draft(Base):
    """A proposed answer. States: ``proposed``, ``approved``, ``rejected``, ``superseded``."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("case_id", "version"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    version: Mapped[int]
    mention_revision: Mapped[int]
    text: Mapped[Prose]
    text_hash: Mapped[str] = mapped_column(String(16))
    language: Mapped[Short]
    made_by: Mapped[Line]
    reasons: Mapped[list[str]]
    state: Mapped[Short] = mapped_column(default="proposed")
    created_at: Mapped[datetime]


class Reply(Workable, Base):
    """An approved answer on its way to, or at, the platform. Its work is to be published, or
    taken down.

    States: ``owed``, ``started`` (the call may have left), ``unknown`` (look before sending
    again), ``accepted`` (taken, not yet visible), ``published``, ``refused`` (by the platform),
    ``handed_over`` (a person posts it), ``withdrawn`` (went back to a person before sending),
    ``replaced`` (a later answer stands in its place), ``withdrawing`` (a person wants it
    taken down; it stands there until then), ``removed`` (it was taken down).
    """

    __tablename__ = "reply"
    __table_args__ = (
        due_index("reply"),
        Index("ix_reply_mention_id", "mention_id"),
        Index("ix_reply_external_id", "external_id"),
        Index(
            "uq_reply_live",
            "mention_id",
            unique=True,
            sqlite_where=text("state IN ('owed', 'started', 'unknown', 'handed_over')"),
            postgresql_where=text("state IN ('owed', 'started', 'unknown', 'handed_over')"),
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"), unique=True)
    mention_id: Mapped[int] = mapped_column(ForeignKey("mention.id"))
    text: Mapped[Prose]
    key: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[Short] = mapped_column(default="owed")
    approved_by: Mapped[Line]
    approved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    visible_at: Mapped[datetime | None]
    external_id: Mapped[str] = mapped_column(String(500), default="")
    url: Mapped[Prose] = mapped_column(default="")

    case: Mapped[Case] = relationship()
    draft: Mapped[Draft] = relationship()
    mention: Mapped[Mention] = relationship()


class ReplyAttempt(Base):
    """One try to publish, or to take down, committed before the call.

    Outcomes: ``accepted``, ``visible``, ``refused``, ``not_sent``, ``handed_over``, ``unknown``,
    and ``removed``. Without an `ended_at` it is not known yet either.
    """

    __tablename__ = "reply_attempt"

    id: Mapped[Id]
    reply_id: Mapped[int] = mapped_column(ForeignKey("reply.id"), index=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[Short] = mapped_column(default="")
    error: Mapped[Prose] = mapped_column(default="")


class Event(Base):
    """Who did what to a case, and when: the audit trail. Rows are only ever added."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_case_id", "case_id"),)

    id: Mapped[Id]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    at: Mapped[datetime]
    actor: Mapped[Line]
    kind: Mapped[Short]
    detail: Mapped[dict[str, Any]]


class Solution(Base):
    """An answer to a common problem, with its measured success."""

    __tablename__ = "solution"

    id: Mapped[Id]
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    topic: Mapped[Short]
    text: Mapped[Prose]
    offered: Mapped[int] = mapped_column(default=0)
    solved: Mapped[int] = mapped_column(default=0)
