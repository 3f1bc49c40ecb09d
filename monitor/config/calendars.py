"""Calendars: the hours in which clocks run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from monitor.config.problems import Misfit, shown
from monitor.config.values import Date, Key, Section, TimeZone, Words, is_loopback
from monitor.hours.countries import UnknownPlace, check_country, check_region

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


def _check_country(text: str) -> str:
    try:
        check_country(text)
    except UnknownPlace as error:
        raise _misfit(error, "country codes such as") from None
    return text


def _check_ical(text: str) -> str:
    expected = "a file such as holidays.ics, or an https link"
    if not is_link(text):
        if not text.strip() or "\n" in text or "://" in text:
            close = f"https://{text.partition('://')[2]}" if text.startswith("webcal:") else ""
            raise Misfit("is no file and no link", expected=expected, suggestion=shown(close, 200))
        return text
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - reading it raises ValueError for a bad port
    except ValueError:
        host = ""
    if not host or re.search(r"\s", text) or parts.username or parts.password:
        raise Misfit("is not a link", expected=expected)
    if parts.scheme == "http" and not is_loopback(host):
        # Whoever stands between could give us holidays, and so later deadlines.
        raise Misfit("is a link without protection", expected="an https link")
    return text


def is_link(ical: str) -> bool:
    """Tell whether holidays come from a link, which the daemon fetches, rather than a file."""
    return ical.startswith(("http://", "https://"))


def _misfit(error: UnknownPlace, what: str) -> Misfit:
    few = ", ".join(f"`{each}`" for each in error.valid[:20])
    expected = f"{what} {few}" if few else "no region"
    return Misfit(str(error), expected=expected, suggestion=error.nearest)


Country = Annotated[
    str,
    AfterValidator(_check_country),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"}),
    Words("country code", "DE"),
]
Ical = Annotated[
    str,
    AfterValidator(_check_ical),
    WithJsonSchema({"type": "string", "minLength": 1}),
    Words("file or link", "holidays.ics"),
]


class Calendar(Section):
    """The hours in which clocks run: several spans a day, a time zone, and holidays."""

    key: Key = Field(description="Short name, unique. `always` is built in.", examples=["office"])
    timezone: TimeZone = Field(
        description="Time zone of the hours and holidays.", examples=["Europe/Berlin"]
    )
    hours: Annotated[Hours, AfterValidator(_check_week)] = Field(
        description="Opening hours by day of the week."
    )
    country: Country | None = Field(
        default=None,
        description=(
            "Its public holidays are days on which no clock runs: an ISO 3166 code of two letters."
        ),
        examples=["DE"],
    )
    region: str | None = Field(
        default=None,
        max_length=60,
        description="Part of the country, for holidays of its own: the end of its ISO 3166-2 code.",
        examples=["BE"],
    )
    ical: Ical | None = Field(
        default=None,
        description=(
            "More holidays: an iCal file, or an https link that the daemon fetches once a day. "
            "Whole-day events count; [sla.md](sla.md#holidays) has the rules."
        ),
        examples=["https://calendar.example/holidays.ics"],
    )
    holidays: tuple[Date, ...] = Field(
        default=(),
        description="Further days on which no clock runs.",
        examples=[["2026-12-25"]],
    )
    open_on: tuple[Date, ...] = Field(
        default=(),
        description="Holidays of the country, or from iCal, on which clocks run all the same.",
        examples=[["2026-10-31"]],
    )

    @field_validator("region")
    @classmethod
    def _check_region(cls, region: str | None, info: ValidationInfo) -> str | None:
        if region is None or "country" not in info.data:
            return region  # what is wrong with the country is said there
        country = info.data["country"]
        if country is None:
            raise Misfit("is a region without a country", expected="`country` beside it")
        try:
            check_region(country, region)
        except UnknownPlace as error:
            raise _misfit(error, "one of") from None
        return region

    @field_validator("open_on")
    @classmethod
    def _check_open_on(cls, days: tuple[Date, ...], info: ValidationInfo) -> tuple[Date, ...]:
        both = sorted({*days} & {*info.data.get("holidays", ())})
        if both:
            raise Misfit(f"{both[0]} is one of `holidays` too", expected="it in one of them")
        given = [info.data.get(name, "wrong") for name in ("country", "ical")]
        if days and given == [None, None]:
            raise Misfit("there is no holiday to work on", expected="`country` or `ical`")
        return days
