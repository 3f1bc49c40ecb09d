"""The steps on the axis of time: the days, weeks or months of a period, with their names."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from monitor.charts import Period as Step
from monitor.charts import day, month, week
from monitor.reports.months import month_after
from monitor.reports.period import Grain, Period, begin_of

BY_DAY, BY_WEEK = 35, 140
"""Up to so many days are shown by day, and by week; more are shown by month."""


MOST_DAYS, MOST_WEEKS = 100, 730
"""So many days are shown by day, and by week, where that is asked for: more cannot be read."""


def grain_for(period: Period) -> Grain:
    """Return by what a period is best shown."""
    if period.days <= BY_DAY:
        return "day"
    return "week" if period.days <= BY_WEEK else "month"


def grain_within(period: Period, wanted: Grain) -> Grain:
    """Return by what a period is shown where `wanted` is asked for: a coarser one if it is long."""
    if wanted == "day" and period.days > MOST_DAYS:
        wanted = "week"
    return "month" if wanted == "week" and period.days > MOST_WEEKS else wanted


def steps_of(period: Period, grain: Grain) -> tuple[tuple[Step, ...], list[date]]:
    """Return the steps of a period, and the first day of each, empty ones as well."""
    begins = []
    at = begin_of(period.first, grain)
    while at <= period.last:
        begins.append(at)
        at = next_begin(at, grain)
    return tuple(step_of(begin, grain, period) for begin in begins), begins


def step_of(begin: date, grain: Grain, period: Period | None = None) -> Step:
    """Return the day, week or month that begins on a date.

    Of a `period`, one that is not whole says so: it is not over, or a part of it lies outside.
    """
    step = {"day": day, "week": week, "month": month}[grain](begin)
    if period is None:
        return step
    last = next_begin(begin, grain) - timedelta(days=1)
    if period.today is not None and begin <= period.today <= min(last, period.last):
        return replace(step, name=f"{step.name} (so far)", part=True)
    if begin < period.first or last > period.last:
        return replace(step, name=f"{step.name} (part)", part=True)
    return step


def next_begin(begin: date, grain: Grain) -> date:
    """Return the first day of the next day, week or month."""
    if grain == "month":
        return month_after(begin)
    return begin + timedelta(days=7 if grain == "week" else 1)


def within(begin: date, grain: Grain, period: Period) -> Period:
    """Return the part of a day, week or month that lies in a period."""
    if grain == "week":
        last = begin + timedelta(days=6)
    else:
        last = month_after(begin) - timedelta(days=1) if grain == "month" else begin
    first = max(begin_of(begin, grain), period.first)
    return replace(period, first=first, last=min(last, period.last))
