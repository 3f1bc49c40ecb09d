"""The digest: a daily and a weekly word in Slack, and when it is due."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema

from monitor.config.calendars import DAYS
from monitor.config.problems import Misfit, shown
from monitor.config.slackids import Channel
from monitor.config.values import Section, TimeZone, Words, YesNo

PATTERN = (
    r"^((mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))? )?([01]?[0-9]|2[0-3])"
    r":[0-5][0-9]$"
)
EXPECTED = 'a time such as "08:30", "mon 08:30" or "mon-fri 08:30"'


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of day on some days of the week, 0 for Monday."""

    days: tuple[int, ...]
    at: time

    def __str__(self) -> str:
        clock = f"{self.at:%H:%M}"
        if len(self.days) == len(DAYS):
            return clock
        first, last = DAYS[self.days[0]], DAYS[self.days[-1]]
        return f"{first} {clock}" if first == last else f"{first}-{last} {clock}"

    def latest(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Return the last such moment in `zone` that is not after `now`."""
        today = now.astimezone(zone).date()
        for back in range(8):
            at = self._on(today - timedelta(days=back), zone)
            if at is not None and at <= now:
                return at
        raise AssertionError("within eight days every day of the week has come")

    def before(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """Return the last such moment before `moment`."""
        return self.latest(moment - timedelta(microseconds=1), zone)

    def _on(self, day: date, zone: ZoneInfo) -> datetime | None:
        if day.weekday() not in self.days:
            return None
        # Through UTC: a local time that the clocks skip is then the moment it would have been.
        return datetime.combine(day, self.at, zone).astimezone(ZoneInfo("UTC"))


def parse_moment(given: Any) -> Moment:
    """Read ``08:30``, ``mon 08:30`` or ``fri-sun 08:30``; raise `Misfit`."""
    if isinstance(given, Moment):
        return given
    text = " ".join(given.lower().split()) if isinstance(given, str) else ""
    if not re.fullmatch(PATTERN, text):
        what = f"{shown(given)!r} is" if isinstance(given, str) else "is"
        raise Misfit(f"{what} no moment of the week", expected=EXPECTED)
    span, _, clock = text.rpartition(" ")
    hour, _, minute = clock.partition(":")
    first, _, last = span.partition("-")
    begin = DAYS.index(first) if first else 0
    end = DAYS.index(last or first) if first else len(DAYS) - 1
    count = (end - begin) % len(DAYS) + 1
    days = tuple((begin + step) % len(DAYS) for step in range(count))
    return Moment(days, time(int(hour), int(minute)))


WeekMoment = Annotated[
    Moment,
    PlainValidator(parse_moment),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "pattern": PATTERN}),
    Words("moment of the week", '"mon-fri 08:30"', "moments of the week"),
]


class Digest(Section):
    """A word on the last day and the last week: what came, what was answered, what waits."""

    channel: Channel | None = Field(
        default=None,
        description="Id of the channel for the digest. Without it, the channel of the cards.",
        examples=["C0123456789"],
    )
    daily: WeekMoment | None = Field(
        default=None,
        description=(
            "When the daily digest is told, on all days or on some. After days without one it "
            "covers them too."
        ),
        examples=["mon-fri 08:30"],
    )
    weekly: WeekMoment | None = Field(
        default=None,
        description=(
            "When the weekly digest is told. It takes the place of a daily one at the same moment."
        ),
        examples=["mon 08:30"],
    )
    timezone: TimeZone | None = Field(
        default=None,
        description="Time zone of these times and of the days. Without it, the first brand's.",
        examples=["Europe/Berlin"],
    )
    pictures: YesNo = Field(
        default=False,
        description=(
            "Put a chart into the digest's thread. Needs the extra `charts` and one more "
            "permission of the app, `files:write`."
        ),
        examples=[True],
    )
