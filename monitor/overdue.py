"""Work that should have been done long ago, and a source that has been away for long, are alarms.

A short outage is nobody's business: it is tried again and ends by itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.alerts import raise_alert, resolve_alert, resolve_alerts
from monitor.due import KINDS
from monitor.models import Account, Alert, Source

LATE = timedelta(minutes=15)
"""Due work that nobody has finished for this long is stuck, or the machine is too small."""

OUTAGE = timedelta(hours=2)
"""A source is away when this long, and ten of its polls, have passed without a success."""

NOTED_FOR = timedelta(days=14)
"""So long a note of what may have been lost stands among the open alerts."""


def watch_backlog(session: Session, now: datetime) -> None:
    """Raise one alert per kind of work whose oldest row is late; resolve the others.

    Sources are left to `watch_outages`: they say what is wrong with each of them.
    """
    for kind in KINDS.values():
        table = kind.table
        if table is Source.__table__:
            continue
        waiting = table.c.next_at <= now - LATE
        rows, oldest = session.execute(
            select(func.count(), func.min(table.c.next_at)).where(waiting, *kind.rows)
        ).one()
        key = f"overdue:{kind.name}"
        if rows:
            since = oldest.strftime("%Y-%m-%d %H:%M UTC")
            message = f"{rows} rows of {kind.name} work are overdue, the oldest since {since}"
            raise_alert(session, key, "overdue", f"{message}; see rapport status", now)
        else:
            resolve_alert(session, key, now)


def watch_outages(session: Session, now: datetime) -> None:
    """Raise one alert per source that has failed for long; resolve those that work again.

    Sources whose whole account is out of order are left to that account's alert.
    """
    told = select(Account.id).join(Alert, Alert.key == "breaker:" + Account.key)
    told_of = set(session.scalars(told.where(Alert.resolved_at.is_(None))))
    for source in session.scalars(select(Source).where(Source.state == "active")):
        if source.account_id in told_of:
            continue
        patience = max(OUTAGE, 10 * timedelta(seconds=source.every_seconds))
        heard = source.last_success_at or source.watched_since
        key = f"outage:{source.key}"
        if source.failures and heard is not None and now - heard > patience:
            since = heard.strftime("%Y-%m-%d %H:%M UTC")
            raise_alert(
                session,
                key,
                "outage",
                f"{source.key} has not answered since {since}: {source.last_error}",
                now,
                source.id,
            )
        else:
            resolve_alert(session, key, now)


def watch_windows(session: Session, now: datetime) -> None:
    """Raise one alert per source that may soon lose mentions; `intake.gaps` notes a loss.

    A platform that lists only the last days loses what is said while the source stands still
    for longer. At half of that time there is still time to mend it. Notes of what was lost are
    ended after `NOTED_FOR`; the store keeps them.
    """
    listening = Source.state.in_(("active", "needs_auth"))
    for source in session.scalars(
        select(Source).where(Source.window_seconds.is_not(None), listening)
    ):
        assert source.window_seconds is not None, "the query says so"
        if source.caught_up_at is None and not source.failures and source.state == "active":
            continue  # a first walk may take days, and it loses nothing
        window = timedelta(seconds=source.window_seconds)
        heard = source.last_success_at or source.watched_since
        key = f"window:{source.key}"
        if heard is not None and now - heard > window / 2:
            lost_from = (heard + window).strftime("%Y-%m-%d %H:%M UTC")
            raise_alert(
                session,
                key,
                "window",
                f"{source.key}: what is said there may be lost from {lost_from} on: it was last "
                f"read at {heard:%Y-%m-%d %H:%M UTC}, and the platform lists only the last "
                f"{_in_words(window)}",
                now,
                source.id,
            )
        else:
            resolve_alert(session, key, now)
    noted = select(Alert.key).where(
        Alert.kind == "gap", Alert.resolved_at.is_(None), Alert.raised_at <= now - NOTED_FOR
    )
    resolve_alerts(session, list(session.scalars(noted)), now)


def _in_words(span: timedelta) -> str:
    hours = round(span.total_seconds() / 3600)
    return f"{hours // 24} days" if hours >= 48 and hours % 24 == 0 else f"{hours} hours"
