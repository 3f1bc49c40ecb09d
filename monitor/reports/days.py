"""Tells which days anything belongs to that a report counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, union
from sqlalchemy.orm import Session

from monitor.models import Case, Clock, Mention, Reply


def ends_of_all(session: Session) -> list[datetime]:
    """Return the first and the last time that any report counts."""
    ends = (
        select(func.min(column), func.max(column))
        for column in (Case.opened_at, Clock.started_at, Mention.first_seen_at, Mention.created_at)
    )
    return [at for each in ends for at in session.execute(each).one() if at is not None]


def days_of_all(session: Session, zone: ZoneInfo) -> set[date]:
    """Return every date to which anything belongs that a report counts."""
    history = Mention.history.is_(True)
    days: set[date] = set()
    for query in (
        select(Case.opened_at),
        select(Clock.started_at),
        select(Mention.first_seen_at).where(~history),
        select(func.coalesce(Mention.created_at, Mention.first_seen_at)).where(history),
    ):
        for at in session.scalars(query.execution_options(yield_per=10_000)):
            days.add(at.astimezone(zone).date())
    return days


def days_of_cases(session: Session, case_ids: Sequence[int], zone: ZoneInfo) -> set[date]:
    """Return the dates of cases and their clocks, and of other cases of their customers.

    Whether somebody came back is told by the cases they had before.
    """
    theirs = select(Case.customer_id).where(Case.id.in_(case_ids), Case.customer_id.is_not(None))
    found = session.scalars(
        union(
            select(Case.opened_at).where(Case.id.in_(case_ids)),
            select(Case.opened_at).where(Case.customer_id.in_(theirs)),
            select(Clock.started_at).where(Clock.case_id.in_(case_ids)),
            # A reply of ours may be heard before we know that it is ours.
            select(Mention.first_seen_at)
            .join(Reply, Reply.external_id == Mention.external_id)
            .where(Reply.case_id.in_(case_ids), Reply.external_id != ""),
        )
    )
    return {at.astimezone(zone).date() for at in found}
