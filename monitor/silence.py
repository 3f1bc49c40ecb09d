"""A source that should have news and has none is an alarm, not peace."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.alerts import raise_alert, resolve_alert
from monitor.models import Source


def watch_silence(session: Session, now: datetime) -> None:
    """Raise one alert per source that found nothing for longer than it should; resolve others.

    A source that never found anything counts from its first poll, whatever came of it.
    """
    watched = session.scalars(
        select(Source).where(Source.expect_update_seconds.is_not(None), Source.state == "active")
    )
    for source in watched:
        assert source.expect_update_seconds is not None, "the query says so"
        heard = source.last_found_at or source.watched_since
        patience = timedelta(seconds=source.expect_update_seconds)
        key = f"silence:{source.key}"
        if heard is not None and now - heard > patience:
            since = heard.strftime("%Y-%m-%d %H:%M UTC")
            raise_alert(
                session,
                key,
                "silence",
                f"{source.key} found nothing new since {since}; look whether it still works",
                now,
                source.id,
            )
        else:
            resolve_alert(session, key, now)
