"""The SLA report over whole days, read from the kept figures: the same as from the rows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from monitor.reports.cells import percentile
from monitor.reports.period import Period
from monitor.reports.reading import Reader
from monitor.reports.sla import SlaReport, TargetReport
from monitor.sla import TARGETS


def kept_report(session: Session, period: Period, now: datetime) -> SlaReport:
    """Return how promises fared on what was received in a period, as of `now`."""
    reader = Reader(session, period, now)
    heard = reader.sum("heard").times
    return SlaReport(
        since=period.begin,
        until=min(now, period.end),
        zone=period.zone.key,
        mentions=reader.sum("mentions").counted,
        cases=reader.sum("arrivals").counted,
        targets=tuple(_target(reader, target) for target in TARGETS),
        detection_median_seconds=percentile(heard, 0.5),
    )


def _target(reader: Reader, target: str) -> TargetReport:
    by_source = dict(reader.by_part(target, "source"))
    by_day = reader.over_time(target, "day")
    return TargetReport(
        target=target,
        total=reader.total(target),
        voided=reader.sum(target).voided,
        by_day=tuple(by_day),
        by_source=tuple(sorted(by_source.items())),
    )
