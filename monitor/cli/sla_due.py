"""``rapport sla due``: when a target falls due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from monitor.cli.reckoning import (
    Told,
    Unclear,
    check_year,
    holidays_of,
    in_utc,
    read_calendar,
    read_length,
    read_time,
    seconds,
    spans_of,
)
from monitor.cli.say import WRONG, fail, say, say_json
from monitor.hours import Calendar, NeverOpen, add
from monitor.sla.story import say_duration, say_time, tell_open_time


@click.command()
@click.option("--calendar", "named", required=True, metavar="NAME|FILE", help="Whose hours count.")
@click.option("--start", required=True, metavar="TIME", help="When the clock starts, in ISO 8601.")
@click.option("--for", "length", required=True, help="Open time: 4h, 1h30m, 45s, PT4H, seconds.")
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON object.")
@click.pass_context
def due(ctx: click.Context, named: str, start: str, length: str, as_json: bool) -> None:
    """Print when a target falls due: the first moment at which so much open time has passed.

    The calendar is one of the configuration, `always`, or a YAML or JSON file that holds one
    (`hours.yaml`, or `hours.yaml#office` of several); with a file, no configuration is needed. A
    time without an offset is read in the calendar's zone. A day (2d) is 24 hours of open time.

    \b
    Examples:
      rapport sla due --calendar office --start 2026-03-27T16:45+01:00 --for 8h
      rapport sla due --calendar hours.yaml --start 2026-04-02T16:45 --for PT4H30M --json
    """
    told = read_calendar(ctx, named)
    option = "--start"
    try:
        begun = read_time(start, told.zone)
        option = "--for"
        wanted = read_length(length)
    except Unclear as error:
        fail(f"{option}: {error}", WRONG)
    promised = seconds(wanted)
    try:
        calendar, end = _reckon(told, begun.at, promised)
    except (NeverOpen, Unclear) as error:
        fail(f"{error}; give a shorter --for, or a calendar that is open more", WRONG)
    notes = [note for note in (begun.note, told.note) if note]
    zone = calendar.zone
    if as_json:
        say_json(
            {
                "calendar": calendar.key,
                "timezone": calendar.timezone,
                "start": begun.at.astimezone(zone).isoformat(),
                "start_utc": in_utc(begun.at),
                "for_seconds": promised,
                "due": end.astimezone(zone).isoformat(),
                "due_utc": in_utc(end),
                "due_epoch": _epoch(end),
                "open_intervals": spans_of(calendar, begun.at, end),
                "holidays_skipped": holidays_of(calendar, begun.at, end),
                "notes": notes,
            }
        )
        return
    for note in notes:
        click.echo(f"note: {note}", err=True)
    say(f"{say_duration(promised)} of open time by {calendar.key} ({calendar.timezone}).")
    say(f"The clock started on {say_time(begun.at, zone)}.")
    for line in tell_open_time(calendar, begun.at, end):
        say(line)
    say(f"Due on {say_time(end, zone)} ({in_utc(end)}).")


def _reckon(told: Told, start: datetime, wanted: float) -> tuple[Calendar, datetime]:
    """Return the due time, and the calendar with the holidays of all years that it took."""
    reach = start
    while True:
        calendar = told.over(start, reach)
        end = add(calendar, start, wanted)
        check_year(end)
        # More holidays can only move it later, until it lies in a year that is known.
        if end.year <= reach.year:
            return calendar, end
        reach = end


def _epoch(at: datetime) -> float:
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    whole, rest = divmod(since, timedelta(seconds=1))
    return whole if not rest else since / timedelta(seconds=1)
