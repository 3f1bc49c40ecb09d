"""How promises fared: the SLA report as a page, each figure with its definition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from monitor.reports import SlaReport, TargetReport, sla_report
from monitor.sla import Summary
from monitor.web.casepage import TARGETS
from monitor.web.problems import Refused, problem_for
from monitor.web.site import Here
from monitor.web.visitors import SignedIn

PERIODS = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "a year"}
USUAL = "30"

WIDTH, HEIGHT = 720, 120
"""Size of the drawing in its own units."""

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Stretch:
    """One coloured part of a bar, in the drawing's units."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Bars:
    """Cases by day received, as stacked bars from zero. Days without a case are gaps."""

    stretches: tuple[Stretch, ...]
    highest: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Promise:
    """One target as the page shows it. `bars` is None when there is nothing to draw."""

    name: str
    told: TargetReport
    bars: Bars | None


@router.get("/reports")
def reports(request: Request, site: Here, visitor: SignedIn) -> Response:
    """Show the SLA report of the chosen period."""
    period = request.query_params.get("days", USUAL)
    if period not in PERIODS:
        raise Refused(problem_for(400))
    times = site.times()
    since = times.now - timedelta(days=int(period))
    with site.app.database.read() as session:
        report = sla_report(session, times.now, since, times.zone.key)
    return site.render(
        "reports.html",
        person=visitor,
        report=report,
        promises=[_promise(told, report, times.zone) for told in report.targets],
        periods=PERIODS,
        period=period,
        times=times,
        width=WIDTH,
        height=HEIGHT,
    )


def _promise(told: TargetReport, report: SlaReport, zone: tzinfo) -> Promise:
    first = report.since.astimezone(zone).date()
    last = report.until.astimezone(zone).date()
    name = TARGETS.get(told.target, told.target)
    return Promise(name, told, make_bars(told.by_day, first, last))


def make_bars(days: tuple[tuple[date, Summary], ...], first: date, last: date) -> Bars | None:
    """Stack each day's cases: met below, then missed, overdue, and open in time on top."""
    highest = max((figures.received for _, figures in days), default=0)
    if not highest:
        return None
    step = WIDTH / ((last - first).days + 1)
    stretches = []
    for day, figures in days:
        told = figures.attainment
        floor = float(HEIGHT)
        for kind, number in (
            ("met", told.met),
            ("missed", told.missed),
            ("late", told.open_overdue),
            ("open", told.open_in_time),
        ):
            if number:
                tall = HEIGHT * number / highest
                floor -= tall
                x = (day - first).days * step
                stretches.append(
                    Stretch(
                        kind, round(x, 2), round(floor, 2), round(step * 0.8, 2), round(tall, 2)
                    )
                )
    return Bars(tuple(stretches), highest, first, last)
