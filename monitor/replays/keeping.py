"""Keeps a forecast of this week's breaches at hand, for pages that must not wait for one."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from monitor.clock import Clock
from monitor.db import Database
from monitor.models import ReportForecast
from monitor.replays.forecasting import read_forecast

FRESH = timedelta(hours=1)
SHARE = 50
"""One that took long is made so many times less often than it takes: 2 % of the time, at most."""


class ForecastKeeper:
    """Makes the forecast anew when the kept one is old. Days are those of `zone`."""

    def __init__(self, database: Database, now: Clock, zone: str) -> None:
        self._database = database
        self._now = now
        self._zone = ZoneInfo(zone)

    def run(self) -> bool:
        """Make the forecast if it is time to; tell whether it was."""
        with self._database.read() as session:
            kept = session.get(ReportForecast, 1)
        now = self._now()
        if kept is not None:
            lasts = max(FRESH, timedelta(seconds=SHARE * kept.took_seconds))
            if now - kept.made_at < lasts:
                return False
        begun = time.monotonic()
        with self._database.read() as session:
            made = read_forecast(session, now, self._zone)
        body = {name: _plain(value) for name, value in asdict(made).items()}
        body["expected"] = made.expected
        took = time.monotonic() - begun
        with self._database.write() as session:
            session.merge(ReportForecast(id=1, body=body, made_at=now, took_seconds=took))
        return True


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
