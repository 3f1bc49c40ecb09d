"""The chart of a digest: complaints by day or week, and what became of them. Pure.

It is a definition like those of the reports, so Slack, mail and pages show the same bars.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from monitor.charts import ChartsMissing, Period, Role, Series, StackedBars, day, paint_png, week
from responders.digest.facts import Bar, Digest

__all__ = ["ChartsMissing", "alt_text", "chart_of", "draw_chart"]


class Part(NamedTuple):
    """One part of the bars: its name, its field of `Bar`, and its role, which has a colour."""

    name: str
    field: str
    role: Role


PARTS = (
    Part("in time", "met", "met"),
    Part("late", "missed", "missed"),
    Part("overdue", "overdue", "overdue"),
    Part("open", "in_time", "open"),
)


def chart_of(digest: Digest) -> StackedBars:
    """Return what the chart shows."""
    weekly = digest.kind == "weekly"
    return StackedBars(
        title=f"Complaints by {'week' if weekly else 'day'}",
        unit="complaints",
        periods=tuple(_period(bar, weekly=weekly) for bar in digest.bars),
        series=tuple(
            Series(part.name, part.role, tuple(getattr(bar, part.field) for bar in digest.bars))
            for part in PARTS
        ),
        n=sum(bar.total for bar in digest.bars),
        note=_note(digest, weekly=weekly),
    )


def draw_chart(digest: Digest) -> bytes:
    """Return the picture as PNG; raise `ChartsMissing`."""
    return paint_png(chart_of(digest))


def alt_text(digest: Digest) -> str:
    """Return what the picture says, for those who do not see it: at most 500 characters."""
    bars = digest.bars
    each = "week" if digest.kind == "weekly" else "day"
    total = sum(bar.total for bar in bars)
    if not total:
        return f"Bar chart of complaints by {each}: none in the last {len(bars)} {each}s."
    highest = max(bars, key=lambda bar: bar.total)
    parts = ", ".join(
        f"{number} {part.name}"
        for part in PARTS
        if (number := sum(getattr(bar, part.field) for bar in bars))
    )
    when = f"{'in the week of' if each == 'week' else 'on'} {highest.begins.day}"
    return (
        f"Bar chart of complaints by {each} over the last {len(bars)} {each}s: {total} in all, "
        f"{parts}. The most, {highest.total}, came {when} {highest.begins:%b %Y}; "
        f"in the latest {each}, {bars[-1].total}."
    )[:500]


def _period(bar: Bar, *, weekly: bool) -> Period:
    if weekly:
        return week(bar.begins)
    # The last days are known by their names.
    return Period(day(bar.begins).name, f"{bar.begins:%a} {bar.begins.day}")


def _note(digest: Digest, *, weekly: bool) -> str:
    until = digest.until.astimezone(ZoneInfo(digest.zone))
    ends = [bar.begins + timedelta(days=6 if weekly else 0) for bar in digest.bars[-1:]]
    last = min([*ends, until.date()])
    span = f"{len(digest.bars)} {'weeks' if weekly else 'days'}"
    return f"{span} to {last:%a} {last.day} {last:%b %Y}, days in {until.tzname()}"
