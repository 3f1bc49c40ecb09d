"""Writes down what the reports have not counted yet, in the transaction in which it happens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from monitor.models import Case, Mention, ReportChange


def case_changed(session: Session, case_id: int) -> None:
    """Say that something on a case changed that a report may count."""
    session.add(ReportChange(case_id=case_id))


def cases_changed(session: Session, case_ids: Collection[int]) -> None:
    """Say so of many cases at once."""
    if case_ids:
        rows = [{"case_id": case_id} for case_id in case_ids]
        session.execute(insert(ReportChange.__table__), rows)  # type: ignore[arg-type]  # a Table


def mentions_changed(session: Session, said: Iterable[datetime | None]) -> None:
    """Say that mentions are new or read otherwise: those heard or written at these times."""
    days: dict[date, list[datetime]] = defaultdict(list)
    for at in said:
        if at is not None:
            days[at.date()].append(at)
    rows = [{"first_at": min(times), "last_at": max(times)} for times in days.values()]
    if rows:
        session.execute(insert(ReportChange.__table__), rows)  # type: ignore[arg-type]  # a Table


def mentions_judged(session: Session, mention_ids: Collection[int]) -> None:
    """Say that mentions are judged otherwise than before, and with them the cases about them."""
    times = session.execute(
        select(Mention.first_seen_at, Mention.created_at).where(Mention.id.in_(mention_ids))
    )
    mentions_changed(session, [at for row in times for at in row])
    about = select(Case.id).where(Case.mention_id.in_(mention_ids)).order_by(Case.id)
    cases_changed(session, session.scalars(about).all())
