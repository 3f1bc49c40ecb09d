"""What runs and what needs attention, for the status command and the sources page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from connectors.budgets import Budget
from monitor.accounts.usage import BudgetUse, used_today
from monitor.due import KINDS
from monitor.models import (
    Account,
    Alert,
    Case,
    Clock,
    Escalation,
    EscalationCall,
    Inbound,
    Mention,
    Misread,
    Source,
)

UNREAD_SHOWN = 10
ESCALATED_SHOWN = 20


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """One source: how it is, when it last worked, how late it heard of its last mentions."""

    key: str
    title: str
    connector: str
    state: str
    mentions: int
    misread: int
    last_success_at: datetime | None
    last_found_at: datetime | None
    next_poll_at: datetime | None
    failures: int
    last_error: str
    account: str = ""
    budgets: tuple[BudgetUse, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """A condition that staff must know of, and since when."""

    key: str
    kind: str
    message: str
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """Due work of one kind: how much, and how long the oldest has waited."""

    kind: str
    due: int
    oldest: timedelta


@dataclass(frozen=True, slots=True)
class Unread:
    """Something a source showed that could not be read: where, why, and when it was seen."""

    source: str
    place: str
    reason: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything at one moment. `unread` holds the newest few of what could not be read.

    `slack_heard_at` is when Slack last sent what somebody did there, over either way in. What came
    in is kept for a week, so None may also mean longer ago. `escalated` are the cases for which
    somebody was called and nobody has acknowledged it; the first few.
    """

    at: datetime
    sources: tuple[SourceHealth, ...]
    alerts: tuple[OpenAlert, ...]
    backlog: tuple[Backlog, ...]
    cases: dict[str, int]
    mentions: int
    unread: tuple[Unread, ...]
    slack_heard_at: datetime | None
    escalated: tuple[str, ...] = ()


def overview(
    session: Session,
    now: datetime,
    budgets: Mapping[str, Mapping[str, Budget]] | None = None,
) -> Overview:
    """Read the whole picture. Reads only. `budgets` are the accounts', by account and name."""
    used = used_today(session, budgets or {}, now)
    accounts = dict(session.execute(select(Account.id, Account.key)).all())
    mentions = dict(
        session.execute(select(Mention.source_id, func.count()).group_by(Mention.source_id)).all()
    )
    misread = dict(
        session.execute(select(Misread.source_id, func.count()).group_by(Misread.source_id)).all()
    )
    sources = tuple(
        SourceHealth(
            key=row.key,
            title=row.title or row.key,
            connector=row.connector,
            state=row.state,
            mentions=mentions.get(row.id, 0),
            misread=misread.get(row.id, 0),
            last_success_at=row.last_success_at,
            last_found_at=row.last_found_at,
            next_poll_at=row.next_at,
            failures=row.failures,
            last_error=row.last_error or "",
            account=accounts[row.account_id],
            budgets=used.get(accounts[row.account_id], ()),
        )
        for row in session.scalars(select(Source).order_by(Source.key))
    )
    alerts = tuple(
        OpenAlert(row.key, row.kind, row.message, row.raised_at)
        for row in session.scalars(
            select(Alert).where(Alert.resolved_at.is_(None)).order_by(Alert.id)
        )
    )
    cases = dict(session.execute(select(Case.state, func.count()).group_by(Case.state)).all())
    return Overview(
        at=now,
        sources=sources,
        alerts=alerts,
        backlog=tuple(_backlog(session, now)),
        cases=cases,
        mentions=sum(mentions.values()),
        unread=tuple(_unread(session)),
        slack_heard_at=session.scalar(select(func.max(Inbound.received_at))),
        escalated=tuple(_escalated(session, now)),
    )


def _escalated(session: Session, now: datetime) -> list[str]:
    called = select(EscalationCall.escalation_id).where(EscalationCall.state == "told")
    cases = session.scalars(
        select(Escalation.case_id)
        .join(Clock, Clock.id == Escalation.clock_id)
        .where(
            Clock.state == "running",
            or_(Escalation.held_until.is_(None), Escalation.held_until <= now),
            Escalation.id.in_(called),
        )
        .distinct()
        .order_by(Escalation.case_id)
        .limit(ESCALATED_SHOWN)
    )
    return [f"C-{case_id}" for case_id in cases]


def _unread(session: Session) -> list[Unread]:
    newest = session.execute(
        select(Source.key, Misread.place, Misread.reason, Misread.seen_at)
        .join(Source, Source.id == Misread.source_id)
        .order_by(Misread.id.desc())
        .limit(UNREAD_SHOWN)
    ).all()
    return [Unread(*row) for row in reversed(newest)]


def _backlog(session: Session, now: datetime) -> list[Backlog]:
    backlog = []
    for kind in KINDS.values():
        table = kind.table
        count, oldest = session.execute(
            select(func.count(), func.min(table.c.next_at)).where(table.c.next_at <= now)
        ).one()
        waited = now - oldest if oldest is not None else timedelta()
        backlog.append(Backlog(kind.name, count, waited))
    return backlog
