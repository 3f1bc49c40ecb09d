"""Reads the many ways in which platforms and spreadsheets write a moment."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any, Literal

DateOrder = Literal["day_first", "month_first"]

EARLIEST_YEAR, LATEST_YEAR = 1971, 2200
"""Anything outside is a zero, a default or a typing error, never a customer's word."""

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero gennaio janeiro januari",
            "feb february februar fevrier février febrero febbraio fevereiro februari",
            "mar march mrz märz maerz mars marzo março maart",
            "apr april avril abril aprile",
            "may mai mayo maggio maio mei",
            "jun june juni juin junio giugno junho",
            "jul july juli juillet julio luglio julho",
            "aug august aout août agosto augustus",
            "sep sept september septembre septiembre settembre setembro",
            "oct october okt oktober octobre octubre ottobre outubro",
            "nov november novembre noviembre novembro",
            "dec december dez dezember decembre décembre diciembre dicembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}

_TIME = (
    r"(?:[\sT,]+(?:at\s+|um\s+)?(\d{1,2})[:.h](\d{2})"
    r"(?:[:.](\d{2})(?:[.,]\d+)?)?\s*([ap]\.?m\.?)?)?"
)
_ZONE = r"\s*(z|utc|gmt|uhr|[+-]\d{2}:?\d{2})?"
_NUMERIC = re.compile(rf"^(\d{{1,2}})([./-])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_TIME}{_ZONE}$", re.I)
_YEAR_FIRST = re.compile(rf"^(\d{{4}})[./-](\d{{1,2}})[./-](\d{{1,2}}){_TIME}{_ZONE}$", re.I)
_DAY_MONTH = re.compile(
    rf"^(?:[^\W\d]+\.?,?\s+)?(\d{{1,2}})(?:st|nd|rd|th|\.|º)?\s+(?:de\s+)?([^\W\d]+)\.?,?\s+"
    rf"(?:de\s+)?(\d{{4}}){_TIME}{_ZONE}$",
    re.I,
)
_MONTH_DAY = re.compile(
    rf"^(?:[^\W\d]+\.?,?\s+)?([^\W\d]+)\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}}){_TIME}{_ZONE}$",
    re.I,
)
_CTIME = re.compile(
    r"^[a-z]{3}\s+([a-z]{3})\s+(\d{1,2})\s+(\d{2}):(\d{2}):(\d{2})\s+([+-]\d{4}|[a-z]{3,4})?\s*(\d{4})$",
    re.I,
)
_EPOCH = re.compile(r"^-?\d{9,19}(?:\.\d+)?$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_LONG_FRACTION = re.compile(r"(\.\d{6})\d+")


def utc_now() -> datetime:
    """Return the current time; only used where the host injects no clock of its own."""
    return datetime.fromtimestamp(time.time(), tz=UTC)


def parse_date(value: Any, zone: tzinfo = UTC, order: DateOrder = "day_first") -> datetime | None:
    """Return the moment that `value` names, aware and in UTC, or None where it names none.

    Accepts ISO 8601, RFC 2822, ctime as social networks write it, epoch seconds to nanoseconds,
    numbers in either order and month names in seven languages. A time without a zone is taken
    in `zone`. Relative words ("3 months ago") name no moment. Never raises.
    """
    if zone is UTC and value.__class__ is str and len(value) == 19:
        # "2026-03-01 14:36:48" is what spreadsheets hold by the ten thousand, and naming the
        # zone before parsing is ten times quicker than setting it afterwards.
        try:
            return _settle(datetime.fromisoformat(value + "Z"), zone)
        except ValueError:
            pass
    if value is None or value == "" or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        # JSON may hold an integer of a thousand digits, which no float does.
        return _from_epoch(float(value)) if -1e19 < value < 1e19 else None
    if isinstance(value, datetime):
        return _settle(value, zone)
    text = str(value).strip()
    try:
        return _settle(datetime.fromisoformat(text), zone)
    except (ValueError, OverflowError):
        pass
    if not 6 <= len(text) <= 64 or not any(c.isdigit() for c in text):
        return None
    try:
        return _read(text, zone, order)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def sniff_order(values: Iterable[str]) -> DateOrder:
    """Tell from a column's values whether its numeric dates put the month first.

    Only a value whose second number exceeds twelve proves it; without proof it is the day.
    """
    verdict: DateOrder = "day_first"
    for value in values:
        match = _NUMERIC.match(value.strip())
        if match is None:
            continue
        if int(match[1]) > 12:
            return "day_first"
        if int(match[3]) > 12:
            verdict = "month_first"
    return verdict


def _settle(found: datetime, zone: tzinfo) -> datetime | None:
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    if found.tzinfo is not UTC:
        found = found.astimezone(UTC)
    return found if EARLIEST_YEAR <= found.year < LATEST_YEAR else None


def _from_epoch(number: float) -> datetime | None:
    # Seconds have ten digits in our times; every three digits more are a finer unit.
    for scale in (1.0, 1e3, 1e6, 1e9):
        if 1e8 <= number / scale < 7.3e9:
            return _settle(datetime.fromtimestamp(number / scale, tz=UTC), UTC)
    return None


def _read(text: str, zone: tzinfo, order: DateOrder) -> datetime | None:
    if _EPOCH.match(text):
        return _from_epoch(float(text))
    if match := _COMPACT.match(text):
        return _build(match[1], match[2], match[3], (None, None, None, None), None, zone)
    if match := _NUMERIC.match(text):
        first, second = match[1], match[3]
        month_first = order == "month_first" and match[2] != "."
        if int(second) > 12:
            month_first = True
        elif int(first) > 12:
            month_first = False
        day, month = (second, first) if month_first else (first, second)
        return _build(match[4], month, day, match.groups()[4:8], match[9], zone)
    if match := _YEAR_FIRST.match(text):
        return _build(match[1], match[2], match[3], match.groups()[3:7], match[8], zone)
    if match := _CTIME.match(text):
        month = str(_MONTHS[match[1].lower()]) if match[1].lower() in _MONTHS else ""
        clock = (match[3], match[4], match[5], None)
        return _build(match[7], month, match[2], clock, match[6], zone)
    if match := _DAY_MONTH.match(text):
        month = str(_MONTHS.get(match[2].lower(), ""))
        return _build(match[3], month, match[1], match.groups()[3:7], match[8], zone)
    if match := _MONTH_DAY.match(text):
        month = str(_MONTHS.get(match[1].lower(), ""))
        return _build(match[3], month, match[2], match.groups()[3:7], match[8], zone)
    if _LONG_FRACTION.search(text):
        return _settle(datetime.fromisoformat(_LONG_FRACTION.sub(r"\1", text)), zone)
    return _settle(parsedate_to_datetime(text), zone)


def _build(
    year: str,
    month: str,
    day: str,
    clock: tuple[str | Any, ...],
    offset: str | None,
    zone: tzinfo,
) -> datetime | None:
    full_year = int(year)
    if len(year) == 2:
        full_year += 2000 if full_year < 70 else 1900
    hour, minute, second = (int(part or 0) for part in clock[:3])
    half = (clock[3] or "").replace(".", "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    found = datetime(
        full_year, int(month), int(day), hour, minute, second, tzinfo=_zone(offset, zone)
    )
    return _settle(found, zone)


def _zone(offset: str | None, zone: tzinfo) -> tzinfo:
    if not offset or offset.lower() == "uhr":
        return zone
    if offset[0] in "+-":
        digits = offset[1:].replace(":", "")
        delta = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
        return timezone(-delta if offset[0] == "-" else delta)
    return UTC
