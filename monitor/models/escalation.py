"""Who is told that a promise is in danger: one ladder a clock, one row for each call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from monitor.models.base import Base, Id, Line, Short, Workable, due_index


class Escalation(Workable, Base):
    """The ladder of one clock, kept as it was when the clock first gave cause. Its work is the
    next call.

    Until `held_until` an acknowledgement holds it. `changes` rises with whatever makes the
    messages about it look different: faces compare it.
    """

    __tablename__ = "escalation"
    __table_args__ = (due_index("escalation"),)

    id: Mapped[Id]
    clock_id: Mapped[int] = mapped_column(ForeignKey("clock.id"), unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    ladder: Mapped[dict[str, Any]]
    begun_at: Mapped[datetime]
    acknowledged_by: Mapped[Line] = mapped_column(default="", server_default="")
    held_until: Mapped[datetime | None]
    acknowledgements: Mapped[int] = mapped_column(default=0, server_default="0")
    changes: Mapped[int] = mapped_column(default=0, server_default="0")


class EscalationCall(Base):
    """One call of a ladder: rung, turn, and after how many acknowledgements that ran out.

    States: ``told`` (staff were told, or Slack owes them the message), ``missed`` (a higher call
    was given for it, late), ``nobody`` (there was nobody to tell). `due_at` is when it was due,
    `told_at` when it was given; `who` is whom it was given to, `instead_of` whom it was meant for
    where there is no such person.
    """

    __tablename__ = "escalation_call"
    __table_args__ = (UniqueConstraint("escalation_id", "rung", "turn", "again"),)

    id: Mapped[Id]
    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalation.id"))
    rung: Mapped[int]
    turn: Mapped[int]
    again: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[Short]
    due_at: Mapped[datetime]
    told_at: Mapped[datetime]
    who: Mapped[Line] = mapped_column(default="", server_default="")
    instead_of: Mapped[Line] = mapped_column(default="", server_default="")
