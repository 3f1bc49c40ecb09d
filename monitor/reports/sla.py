"""The SLA report between any two moments, read straight from the rows.

Reports of whole days are read from the rollups (`reading`) and give the same figures; a test holds
the two together. This one serves digests, whose periods begin at any time of the day.

Voided clocks (dismissed, deleted, closed without an answer) are counted apart and never among
the met or the missed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.models import Case, Clock, Mention, Pause, Source
from monitor.reports.fact import Stretch
from monitor.reports.heard_facts import heard_within, our_own
from monitor.sla import TARGETS, Sample, State, Summary, cohorts, median, summarise

MOMENT = timedelta(microseconds=1)
"""This report's last moment belongs to it; a stretch ends before its own."""


@dataclass(frozen=True, slots=True)
class TargetReport:
    """One target's figures: over all, by day received (in the report's zone), by source."""

    target: str
    total: Summary
    voided: int
    by_day: tuple[tuple[date, Summary], ...]
    by_source: tuple[tuple[str, Summary], ...]


@dataclass(frozen=True, slots=True)
class SlaReport:
    """The report for cases opened from `since` until `until`, days counted in `zone`."""

    since: datetime
    until: datetime
    zone: str
    mentions: int
    cases: int
    targets: tuple[TargetReport, ...]
    detection_median_seconds: float | None


def sla_report(session: Session, now: datetime, since: datetime, zone: str = "UTC") -> SlaReport:
    """Read the figures. `detection_median_seconds` is how late we heard, where platforms tell.

    Raises `zoneinfo.ZoneInfoNotFoundError` for an unknown zone.
    """
    days = ZoneInfo(zone)
    rows = session.execute(
        select(
            Clock.id,
            Clock.target,
            Clock.state,
            Clock.started_at,
            Clock.stopped_at,
            Clock.due_at,
            Clock.breached_at,
            Clock.business_seconds,
            Source.key,
        )
        .join(Case, Case.id == Clock.case_id)
        .join(Source, Source.id == Case.source_id)
        .where(Clock.started_at >= since, Clock.started_at <= now)
    ).all()
    still = _standing_still(session, since, now)
    targets = []
    for target in TARGETS:
        mine = [row for row in rows if row.target == target]
        counted = [(row.key, _sample(row, now, still)) for row in mine if row.state != "voided"]
        samples = [sample for _, sample in counted]
        sources = sorted({key for key, _ in counted})
        targets.append(
            TargetReport(
                target=target,
                total=summarise(samples),
                voided=len(mine) - len(counted),
                by_day=tuple(
                    (day, summarise(group)) for day, group in cohorts(samples, "day", days).items()
                ),
                by_source=tuple(
                    (key, summarise(sample for its, sample in counted if its == key))
                    for key in sources
                ),
            )
        )
    return SlaReport(
        since=since,
        until=now,
        zone=zone,
        mentions=_heard(session, since, now, days),
        cases=_opened(session, since, now),
        targets=tuple(targets),
        detection_median_seconds=_detection(session, since, now),
    )


def _standing_still(session: Session, since: datetime, until: datetime) -> dict[int, timedelta]:
    """Return for how long each stopped clock stood still before it stopped."""
    total: dict[int, timedelta] = {}
    for clock_id, began, ended, stopped in session.execute(
        select(Pause.clock_id, Pause.started_at, Pause.ended_at, Clock.stopped_at)
        .join(Clock, Clock.id == Pause.clock_id)
        .where(Clock.state == "stopped", Clock.started_at >= since, Clock.started_at <= until)
    ):
        assert stopped is not None, "only stopped clocks are asked for"
        lasted = max(timedelta(), min(ended or stopped, stopped) - began)
        total[clock_id] = total.get(clock_id, timedelta()) + lasted
    return total


def _sample(row, now: datetime, still: dict[int, timedelta]) -> Sample:  # type: ignore[no-untyped-def]  # a result row
    stopped = row.stopped_at if row.state == "stopped" else None
    stood = still.get(row.id, timedelta())
    return Sample(
        received_at=row.started_at,
        state=_state(row.state, row.breached_at, row.due_at, now),
        business=int(row.business_seconds or 0) if stopped else None,
        wall=_whole(stopped - row.started_at - stood) if stopped else None,
    )


def _whole(taken: timedelta) -> int:
    """Return whole seconds, as every figure of a report is told."""
    return max(0, int(taken.total_seconds()))


def _state(state: str, breached_at: datetime | None, due_at: datetime, now: datetime) -> State:
    if state == "stopped":
        return "met" if breached_at is None else "breached"
    if state == "paused":
        return "paused" if breached_at is None else "overdue"
    return "overdue" if breached_at is not None or now > due_at else "running"


def _opened(session: Session, since: datetime, until: datetime) -> int:
    within = (Case.opened_at >= since, Case.opened_at <= until)
    return session.scalars(select(func.count()).where(*within)).one()


def _heard(session: Session, since: datetime, until: datetime, zone: ZoneInfo) -> int:
    """Count mentions as the rollups do: history when it was written, and no reply of ours."""
    ids = heard_within(Stretch(since, until + MOMENT, zone))
    counted = select(func.count()).select_from(Mention)
    return session.scalars(counted.where(Mention.id.in_(ids), ~Mention.id.in_(our_own(ids)))).one()


def _detection(session: Session, since: datetime, until: datetime) -> int | None:
    """Return the median of whole seconds from the platform's time to ours; history is left out."""
    rows = session.execute(
        select(Mention.created_at, Mention.first_seen_at)
        .join(Case, Case.mention_id == Mention.id)
        .where(
            Case.opened_at >= since,
            Case.opened_at <= until,
            Mention.created_at.is_not(None),
            Mention.history.is_(False),
        )
    )

    found = median(_whole(seen - created) for created, seen in rows if created is not None)
    return None if found is None else int(found)
