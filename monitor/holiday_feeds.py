"""Fetches the iCal feeds that calendars name, once a day, and keeps the last good copy.

Failure is loud once: while a feed cannot be had the last copy goes on being used, and an alert
stands until it is there again. Fetching is tried each hour then.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select

from connectors.errors import ConnectorError
from connectors.http import Http, Limits
from monitor.alerts import raise_alert, resolve_alert, resolve_alerts
from monitor.calendars import kept_copy, place_of_copy, years_around
from monitor.clock import Clock
from monitor.config import Config
from monitor.config.calendars import Calendar, is_link
from monitor.config.icals import proven
from monitor.config.values import is_loopback
from monitor.db import Database
from monitor.hours.ical import MAX_BYTES, BadFeed
from monitor.log import logger
from monitor.models import Alert

log = logger(__name__)

FETCH_EVERY = timedelta(days=1)
RETRY_EVERY = timedelta(hours=1)
_LIMITS = Limits(connect=5, read=10, total=20, size=MAX_BYTES)


def fetch(link: str, user_agent: str) -> bytes:
    """Return the iCal file at `link`, proven to be one.

    Raises `ConnectorError` when it cannot be had and `BadFeed` when it cannot be read.
    """
    host = urlsplit(link).hostname or ""
    with Http(user_agent=user_agent, allow_private=is_loopback(host), limits=_LIMITS) as http:
        data = http.get(link, headers={"Accept": "text/calendar, */*;q=0.5"}).body
    proven(data)
    return data


class HolidayFeeds:
    """Keeps the holidays of calendars true while a daemon runs.

    `changed` is called when holidays are others than before: a feed was fetched anew and says
    something else, or the years around today have moved.
    """

    def __init__(
        self, config: Config, database: Database, clock: Clock, changed: Callable[[], None]
    ) -> None:
        self._config = config
        self._database = database
        self._clock = clock
        self._changed = changed
        self._tried: dict[str, datetime] = {}
        self._years = years_around(clock)
        self._linked = [told for told in config.calendars if told.ical and is_link(told.ical)]

    def fetch_missing(self) -> None:
        """Fetch the feeds that were never had: a first case keeps the calendar that it meets.

        For the start of a daemon: alerts of feeds that are no longer configured end here.
        """
        self._fetch_all([t for t in self._linked if kept_copy(self._config, t) is None])
        ours = [f"holidays:{told.key}" for told in self._linked]
        with self._database.write() as session:
            gone = select(Alert.key).where(
                Alert.kind == "holidays", Alert.resolved_at.is_(None), Alert.key.not_in(ours)
            )
            resolve_alerts(session, list(session.scalars(gone)), self._clock())

    def run(self) -> None:
        """Fetch the feeds whose copy is a day old, or missing; raise and resolve alerts."""
        self._fetch_all(self._linked)

    def _fetch_all(self, wanted: Sequence[Calendar]) -> None:
        now, years = self._clock(), years_around(self._clock)
        news = [self._fetch(told, now) for told in wanted if self._is_due(told, now)]
        if any(news) or years != self._years:
            self._years = years
            self._changed()

    def _is_due(self, told: Calendar, now: datetime) -> bool:
        tried = self._tried.get(told.key)
        if tried is not None and now - tried < RETRY_EVERY:
            return False
        copy = kept_copy(self._config, told)
        return copy is None or now.timestamp() - copy.stat().st_mtime >= FETCH_EVERY.total_seconds()

    def _fetch(self, told: Calendar, now: datetime) -> bool:
        """Fetch one feed; tell whether it says something else than before."""
        assert told.ical is not None, "only links are fetched"
        self._tried[told.key] = now
        place, key = place_of_copy(self._config, told), f"holidays:{told.key}"
        copy = kept_copy(self._config, told)
        before = copy.read_bytes() if copy is not None else b""
        try:
            data = fetch(told.ical, self._config.user_agent)
            _keep(data, place, now)
        except (ConnectorError, BadFeed, OSError) as error:
            since = datetime.fromtimestamp(place.stat().st_mtime, now.tzinfo) if before else None
            used = f"those of {since:%Y-%m-%d} are used" if since else "none of them are known"
            message = f"the holidays of calendar {told.key} cannot be fetched, {used}: {error}"
            with self._database.write() as session:
                raise_alert(session, key, "holidays", message, now)
            return False
        with self._database.write() as session:
            resolve_alert(session, key, now)
        if data != before:
            log.info("calendar %s: holidays fetched", told.key)
        return data != before


def _keep(data: bytes, place: Path, now: datetime) -> None:
    """Write a copy, at once or not at all. When it was fetched is told by the file's time."""
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".fetched-", suffix=".ics")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.utime(name, (now.timestamp(), now.timestamp()))
        Path(name).replace(place)
    except OSError:
        with suppress(OSError):
            Path(name).unlink()
        raise
