"""Business hours: when clocks run, and what a deadline is in open time.

Pure: no database, no network, no look at the clock. Instants go in aware (any zone) and come
out in UTC; opening hours are found in the calendar's local time, sums are done in UTC.
"""

from __future__ import annotations

from monitor.hours.arithmetic import (
    NeverOpen,
    add,
    between,
    closed_holidays,
    day_begins,
    is_open,
    next_open,
    open_intervals,
)
from monitor.hours.calendar import ALWAYS, Calendar
from monitor.hours.week import DAYS, Week, parse_week

__all__ = [
    "ALWAYS",
    "DAYS",
    "Calendar",
    "NeverOpen",
    "Week",
    "add",
    "between",
    "closed_holidays",
    "day_begins",
    "is_open",
    "next_open",
    "open_intervals",
    "parse_week",
]
