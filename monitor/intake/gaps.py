"""Notes what may have been missed while a source stood still for longer than its platform lists."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from connectors.base import ConnectorKind
from monitor.alerts import raise_alert

USUAL_ADVICE = (
    "Download what was said then from the platform, as CSV where it offers that, and read it with "
    "`rapport import --source {key} FILE`."
)
TIME = "%Y-%m-%d %H:%M UTC"


def note_gap(
    session: Session,
    kind: ConnectorKind,
    source_id: int,
    source_key: str,
    missing: tuple[datetime, datetime],
    now: datetime,
) -> None:
    """Raise one alert that names the span that nobody has heard, and how to fill it."""
    begin, end = missing
    advice = kind.advice.get("Gap") or USUAL_ADVICE.format(key=source_key)
    raise_alert(
        session,
        f"gap:{source_key}:{begin:%Y-%m-%dT%H:%M}",
        "gap",
        f"{source_key}: what was said there between {begin.strftime(TIME)} and "
        f"{end.strftime(TIME)} may be missing, for the platform lists it no longer. {advice}",
        now,
        source_id,
    )


def missing_since(
    last_success_at: datetime | None, window_seconds: float | None, now: datetime
) -> tuple[datetime, datetime] | None:
    """Return the span that a source read now has missed, or None."""
    if last_success_at is None or window_seconds is None:
        return None
    listed_from = now - timedelta(seconds=window_seconds)
    return (last_success_at, listed_from) if last_success_at < listed_from else None
