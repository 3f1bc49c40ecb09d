"""``rapport report``: what a manager asks on Monday."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.opening import open_app
from monitor.cli.report_cases import cases
from monitor.cli.report_days import days
from monitor.cli.report_drafts import drafts
from monitor.cli.report_tables import ABOUT, make_command
from monitor.cli.say import WRONG, fail, moment, say, say_json, say_next, table

if TYPE_CHECKING:
    from monitor.reports import SlaReport
    from monitor.sla import Summary


@click.group()
def report() -> None:
    """Report on response times, work, customers and people, and on what becomes of drafts.

    \b
    Examples:
      rapport report sla --since 30d
      rapport report promises --by person
      rapport report cases --fared overdue
    """


for command in (drafts, cases, days, *map(make_command, ABOUT)):
    report.add_command(command)


@report.command()
@click.option("--since", default="7d", show_default=True, help="How far back: 24h, 7d, 4w.")
@click.option("--zone", help="Time zone that days are counted in. Default: the first brand's.")
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON object.")
@click.pass_context
def sla(ctx: click.Context, since: str, zone: str | None, as_json: bool) -> None:
    """Show how promises fared: in time, missed, still open, overdue, and how fast.

    Of whole days, today's included. Cases count under the day they were received. What is still
    open stands apart, so that the unanswered cannot hide; fewer than 20 decided cases are marked.

    \b
    Examples:
      rapport report sla
      rapport report sla --since 30d --zone Europe/Berlin --json
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from monitor.config.durations import parse_duration
    from monitor.reports import kept_report, sla_report
    from monitor.reports.period import Period

    try:
        back = parse_duration(since)
    except ValueError as error:
        fail(f"--since {since!r}: {error}", WRONG)
    days = max(1, back // timedelta(days=1))
    with open_app(ctx) as app:
        usual = app.config.report_zone
        try:
            period = Period.back(app.clock(), days, ZoneInfo(zone or usual))
        except (ZoneInfoNotFoundError, ValueError):
            fail(f"--zone {zone!r} is not a time zone; try Europe/Berlin or UTC", WRONG)
        app.keeper.run()
        now = app.clock()
        with app.database.read() as session:
            # Figures are kept by days of one zone; for another they are counted.
            if period.zone.key == usual:
                made = kept_report(session, period, now)
            else:
                made = sla_report(session, now, period.begin, period.zone.key)
    if as_json:
        say_json(_jsonable(asdict(made)))
        return
    _draw(made)
    say_next("rapport queue")


def _draw(made: SlaReport) -> None:
    say(
        f"Cases opened {moment(made.since)} to {moment(made.until)}: {made.cases} "
        f"from {made.mentions} mentions"
    )
    if made.detection_median_seconds is not None:
        say(f"We heard of them after {_time(made.detection_median_seconds)} (median)")
    for target in made.targets:
        if not target.total.received and not target.voided:
            continue
        say()
        say(f"{target.target.replace('_', ' ').capitalize()}")
        rows: list[tuple[str, Summary]] = [("all", target.total)]
        rows += [(f"source {key}", summary) for key, summary in target.by_source]
        rows += [(day.isoformat(), summary) for day, summary in target.by_day]
        table(
            ("", "cases", "met", "missed", "open", "overdue", "in time", "median", "p90"),
            (
                (
                    name,
                    str(each.received),
                    str(each.attainment.met),
                    str(each.attainment.missed),
                    str(each.attainment.open_in_time),
                    str(each.attainment.open_overdue),
                    _share(each),
                    _time(each.median_business),
                    _time(each.p90_business),
                )
                for name, each in rows
            ),
        )
        if target.voided:
            say(f"not counted: {target.voided} dismissed, deleted or closed without an answer")
    if not made.cases:
        say("no case was opened in this time")
    else:
        say()
        say(
            f"in time: of those decided or overdue, the share that was met; * fewer than 20. "
            f"Times are business time; days are in {made.zone}."
        )


def _share(summary: Summary) -> str:
    share = summary.attainment.share_with_overdue
    if share is None:
        return "-"
    return f"{share:.0%}" + ("*" if summary.attainment.small else "")


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s"


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _jsonable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(inner) for inner in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value.total_seconds() if isinstance(value, timedelta) else value
