"""How well each source is heard: its health in a word, its lag, and what a person should do."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median_low

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.advice import USUAL_ADVICE, advice_for
from connectors.errors import ConnectorError
from monitor.models import Mention, Misread, Source
from monitor.overview import OpenAlert, SourceHealth, overview
from monitor.platforms import UnknownSource
from monitor.web.site import Site

LAG_MENTIONS = 1_000
"""The lag is read from so many newest mentions of all sources: bounded, however large the store."""

LAG_SAMPLE = 20
MISREAD_SHOWN = 200
LATE = timedelta(minutes=5)

ERRORS = {cls.__name__: cls for cls in ConnectorError.__subclasses__()}


@dataclass(frozen=True, slots=True)
class Heard:
    """One source as its card shows it. `tone` is ``good``, ``note`` or ``bad``.

    `lag` is the median time between what was said and our hearing of it, over its last
    `LAG_SAMPLE` mentions that carry a time.
    """

    told: SourceHealth
    platform: str
    word: str
    tone: str
    lag: timedelta | None
    failure: str
    advice: str


@dataclass(frozen=True, slots=True)
class Unread:
    """One item that could not be read."""

    place: str
    reason: str
    seen_at: datetime


def hear(site: Site, session: Session, now: datetime) -> tuple[list[Heard], list[OpenAlert]]:
    """Return every source and every open alert."""
    seen = overview(session, now, site.app.meters.budgets())
    lags = _lags(session)
    heard = [_heard(site, told, lags.get(told.key), now) for told in seen.sources]
    return heard, list(seen.alerts)


def misread_items(session: Session, key: str) -> tuple[list[Unread], int]:
    """Return the newest items of a source that could not be read, and how many there are."""
    of_source = select(Misread).join(Source).where(Source.key == key)
    total = session.scalars(select(func.count()).select_from(of_source.subquery())).one()
    rows = session.scalars(of_source.order_by(Misread.id.desc()).limit(MISREAD_SHOWN))
    return [Unread(row.place, row.reason, row.seen_at) for row in rows], total


def _heard(site: Site, told: SourceHealth, lag: timedelta | None, now: datetime) -> Heard:
    word, tone = _health(told, now)
    name = told.last_error.partition(":")[0]
    try:
        kind = site.app.platforms.kind(told.key)
        platform = kind.title
        known = ERRORS.get(name)
        advice = advice_for(kind, known("")) if known else kind.advice.get(name, "")
    except UnknownSource:
        platform, advice = told.connector, USUAL_ADVICE.get(name, "")
    failing = bool(told.failures or told.state == "needs_auth") and told.state != "removed"
    return Heard(
        told=told,
        platform=platform,
        word=word,
        tone=tone,
        lag=lag,
        failure=_without_name(told.last_error) if failing else "",
        advice=advice if failing else "",
    )


def _health(told: SourceHealth, now: datetime) -> tuple[str, str]:
    if told.state == "removed":
        return "no longer configured", "note"
    if told.state == "paused":
        return "paused", "note"
    if told.state == "needs_auth":
        return "credentials refused", "bad"
    if told.failures:
        return f"fails, {told.failures} in a row", "bad"
    if told.next_poll_at is not None and now - told.next_poll_at > LATE:
        return "late: is the daemon running?", "bad"
    if told.last_success_at is None:
        return "not polled yet", "note"
    return "works", "good"


def _without_name(error: str) -> str:
    """Leave out the error's class name, which says nothing to staff."""
    name, colon, rest = error.partition(": ")
    return rest if colon and name in (*ERRORS, "ConnectorError") else error


def _lags(session: Session) -> dict[str, timedelta]:
    newest = (
        select(Mention.source_id, Mention.created_at, Mention.first_seen_at)
        .where(Mention.history.is_(False))
        .order_by(Mention.id.desc())
        .limit(LAG_MENTIONS)
        .subquery()
    )
    rows = session.execute(
        select(Source.key, newest.c.created_at, newest.c.first_seen_at)
        .join(newest, newest.c.source_id == Source.id)
        .where(newest.c.created_at.is_not(None))
    )
    lags: dict[str, list[timedelta]] = defaultdict(list)
    for key, said_at, heard_at in rows:
        if len(lags[key]) < LAG_SAMPLE:
            lags[key].append(max(heard_at - said_at, timedelta()))
    return {key: median_low(sample) for key, sample in lags.items()}
