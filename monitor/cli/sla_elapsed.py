"""``rapport sla elapsed``: how much open time lies between two times."""

from __future__ import annotations

import click

from monitor.cli.reckoning import (
    Unclear,
    holidays_of,
    in_utc,
    read_calendar,
    read_time,
    spans_of,
)
from monitor.cli.say import WRONG, fail, say, say_json
from monitor.hours import ALWAYS, between
from monitor.sla.story import say_duration, say_time, tell_open_time


@click.command()
@click.option("--calendar", "named", required=True, metavar="NAME|FILE", help="Whose hours count.")
@click.option("--start", required=True, metavar="TIME", help="From when, in ISO 8601.")
@click.option("--end", required=True, metavar="TIME", help="Until when, in ISO 8601.")
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON object.")
@click.pass_context
def elapsed(ctx: click.Context, named: str, start: str, end: str, as_json: bool) -> None:
    """Print the open time between two times, and the time on the wall.

    Calendars and times are given as to `rapport sla due`. An end before the start is refused.

    \b
    Examples:
      rapport sla elapsed --calendar office --start 2026-03-27T16:45 --end 2026-03-30T10:00
      rapport sla elapsed --calendar always --start 2026-03-27T15:45Z --end 2026-03-30T08:00Z --json
    """
    told = read_calendar(ctx, named)
    option = "--start"
    try:
        first = read_time(start, told.zone)
        option = "--end"
        last = read_time(end, told.zone)
    except Unclear as error:
        fail(f"{option}: {error}", WRONG)
    if last.at < first.at:
        fail(
            f"--end {say_time(last.at, told.zone)} is before --start "
            f"{say_time(first.at, told.zone)}; swap them",
            WRONG,
        )
    calendar = told.over(first.at, last.at)
    business = between(calendar, first.at, last.at)
    wall, zone = between(ALWAYS, first.at, last.at), calendar.zone
    notes = [note for note in (first.note, last.note, told.note) if note]
    if as_json:
        say_json(
            {
                "calendar": calendar.key,
                "timezone": calendar.timezone,
                "start": first.at.astimezone(zone).isoformat(),
                "start_utc": in_utc(first.at),
                "end": last.at.astimezone(zone).isoformat(),
                "end_utc": in_utc(last.at),
                "business_seconds": business,
                "wall_seconds": wall,
                "open_intervals": spans_of(calendar, first.at, last.at),
                "holidays_skipped": holidays_of(calendar, first.at, last.at),
                "notes": notes,
            }
        )
        return
    for note in notes:
        click.echo(f"note: {note}", err=True)
    say(f"From {say_time(first.at, zone)} to {say_time(last.at, zone)}.")
    for line in tell_open_time(calendar, first.at, last.at):
        say(line)
    say(
        f"{say_duration(business)} of open time by {calendar.key} ({calendar.timezone}), "
        f"{say_duration(wall)} on the wall."
    )
