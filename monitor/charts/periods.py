"""Names days, weeks and months for an axis."""

from __future__ import annotations

from datetime import date

from monitor.charts.definitions import Period

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def day(begins: date) -> Period:
    """Return the period of one day: ``Mon 2 Mar 2026``."""
    return Period(f"{WEEKDAYS[begins.weekday()]} {_date(begins)}", _short(begins))


def week(begins: date) -> Period:
    """Return the period of the week that begins on this day: ``week of 2 Mar 2026``."""
    return Period(f"week of {_date(begins)}", _short(begins))


def month(begins: date) -> Period:
    """Return the period of the month that begins on this day: ``March`` is told as ``Mar 2026``."""
    name = MONTHS[begins.month - 1]
    return Period(f"{name} {begins.year}", f"{name} {begins.year % 100:02d}")


def _short(begins: date) -> str:
    return f"{begins.day} {MONTHS[begins.month - 1]}"


def _date(begins: date) -> str:
    return f"{_short(begins)} {begins.year}"
