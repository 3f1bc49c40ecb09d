"""What publishing and taking down share: the end of an attempt, how long to wait, which alert."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from connectors.errors import AuthFailed, ConnectorError, RateLimited, Unavailable
from monitor.models import ReplyAttempt

AUTH_PROBE = timedelta(minutes=15)


def end_attempt(session: Session, reply_id: int, outcome: str, error: str, now: datetime) -> None:
    """Write down what came of the attempts on a reply that have no end yet."""
    session.execute(
        update(ReplyAttempt)
        .where(ReplyAttempt.reply_id == reply_id, ReplyAttempt.ended_at.is_(None))
        .values(ended_at=now, outcome=outcome, error=error[:2000])
        .execution_options(synchronize_session=False)
    )


def wait_of(error: ConnectorError) -> timedelta | None:
    """Return how long the platform, or common sense, wants us to wait."""
    if isinstance(error, RateLimited | Unavailable):
        return error.retry_after
    return AUTH_PROBE if isinstance(error, AuthFailed) else None


def alert_key(source_key: str) -> str:
    """Name the condition that a source's replies are refused: one alert, however many wait."""
    return f"publish:{source_key}"
