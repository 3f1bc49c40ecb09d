"""Calendars: the hours in which clocks run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema

from monitor.config.problems import Misfit, shown
from monitor.config.values import Date, Key, Section, TimeZone, Words

ALWAYS = "always"
"""The built-in calendar that is open at any time."""

MINUTES_A_DAY = 1440
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"\s*([0-9]{1,2}):([0-9]{2})\s*[-–]\s*([0-9]{1,2}):([0-9]{2})\s*", re.ASCII)
_EXPECTED = 'a span such as "09:00-12:30"'


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Opening hours from `start` until `end`, both in minutes of the local day they begin on.

    `end` is exclusive; 1440 is the midnight that ends the day, 1560 is 02:00 on the next one.
    """

    start: int
    end: int

    def __str__(self) -> str:
        late = self.end if self.end <= MINUTES_A_DAY else self.end - MINUTES_A_DAY
        return f"{_clock(self.start)}-{_clock(late)}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def parse_span(given: Any) -> Span:
    """Read ``09:00-12:30``, ``00:00-24:00`` or ``22:00-02:00`` (until the next morning).

    Raises `Misfit`.
    """
    if isinstance(given, Span):
        return given
    written = _SPAN.fullmatch(given) if isinstance(given, str) else None
    if written is None:
        what = f"{shown(given)!r} is" if isinstance(given, str) else "is"
        raise Misfit(f"{what} not a span of hours", expected=_EXPECTED)
    hour, minute, end_hour, end_minute = (int(part) for part in written.groups())
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    times = ((written[1], written[2], 23), (written[3], written[4], 24))
    for hours, minutes, latest in times:
        if (
            int(minutes) > 59
            or int(hours) > latest
            or int(hours) * 60 + int(minutes) > MINUTES_A_DAY
        ):
            raise Misfit(f"{hours}:{minutes} is not a time of day", expected=_EXPECTED)
    if start == end:
        raise Misfit(f"{written[0].strip()} is empty", expected='"00:00-24:00" for a whole day')
    return Span(start, end if end > start else end + MINUTES_A_DAY)


def _check_day(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    ordered = tuple(sorted(spans))
    for earlier, later in pairwise(ordered):
        if later.start < earlier.end:
            raise Misfit(f"{earlier} and {later} overlap", expected="spans that follow each other")
    return ordered


OpenSpan = Annotated[
    Span,
    PlainValidator(parse_span),
    PlainSerializer(str),
    WithJsonSchema(
        {"type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2} ?[-–] ?[0-9]{1,2}:[0-9]{2}$"}
    ),
    Words("span of hours", '"09:00-12:30"', "spans of hours"),
]
Day = Annotated[tuple[OpenSpan, ...], AfterValidator(_check_day)]


def _day(name: str) -> Any:
    return Field(
        default=(),
        description=f"Opening hours on {name}. Empty or missing: closed.",
        examples=[["09:00-12:30", "13:30-18:00"]],
    )


class Hours(Section):
    """Opening hours by day of the week, in the calendar's time zone."""

    mon: Day = _day("Mondays")
    tue: Day = _day("Tuesdays")
    wed: Day = _day("Wednesdays")
    thu: Day = _day("Thursdays")
    fri: Day = _day("Fridays")
    sat: Day = _day("Saturdays")
    sun: Day = _day("Sundays")

    def by_weekday(self) -> tuple[tuple[Span, ...], ...]:
        """The spans of Monday (0) to Sunday (6), each day's in order."""
        return (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)


def _check_week(hours: Hours) -> Hours:
    if not any(hours.by_weekday()):
        raise Misfit("is never open, so no clock would ever run", expected="hours on some day")
    week = [
        (at * MINUTES_A_DAY + span.start, at * MINUTES_A_DAY + span.end, f"{DAYS[at]} {span}")
        for at, spans in enumerate(hours.by_weekday())
        for span in spans
    ]
    again = (week[0][0] + 7 * MINUTES_A_DAY, 0, week[0][2])  # Sunday's night ends on a Monday
    for earlier, later in pairwise([*week, again]):
        if later[0] < earlier[1]:
            raise Misfit(
                f"{earlier[2]} and {later[2]} overlap", expected="spans that follow each other"
            )
    return hours


class Calendar(Section):
    """The hours in which clocks run: several spans a day, a time zone, and holidays."""

    key: Key = Field(description="Short name, unique. `always` is built in.", examples=["office"])
    timezone: TimeZone = Field(
        description="Time zone of the hours and holidays.", examples=["Europe/Berlin"]
    )
    hours: Annotated[Hours, AfterValidator(_check_week)] = Field(
        description="Opening hours by day of the week."
    )
    holidays: tuple[Date, ...] = Field(
        default=(), description="Days on which no clock runs.", examples=[["2026-12-25"]]
    )
