"""``rapport sla simulate``: history again, under other promises, other hours, other people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from zoneinfo import ZoneInfo

import click

from monitor.cli.opening import open_app
from monitor.cli.progress import progress
from monitor.cli.say import FAILED, WRONG, fail, say_json, say_next
from monitor.cli.sla_simulate_words import as_json as jsonable
from monitor.cli.sla_simulate_words import draw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from monitor.config import Config, ConfigError
    from monitor.hours import Calendar
    from monitor.replays.whatif import OnDuty
    from monitor.sla.simulation import Choose

_PEOPLE = re.compile(r"[+-]?[0-9]{1,6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, as it was typed."""

    policy: Path | None
    hours: str | None
    people: tuple[str, ...]
    staffed: str | None
    handling: str | None


@click.command()
@click.option(
    "--policy",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A configuration, or a file with only `sla:` and `calendars:`, to count by.",
)
@click.option("--hours", metavar="NAME|FILE", help="Calendars to count by instead.")
@click.option(
    "--people", multiple=True, metavar="N|+N|-N", help="How many on duty; may be given again."
)
@click.option(
    "--staffed",
    metavar="NAME|FILE",
    help="When people work. Default: --hours, else the calendar that most cases count by.",
)
@click.option("--handling", metavar="TIME", help="How long an answer takes: 6m. Default: measured.")
@click.option(
    "--since", default="90d", show_default=True, help="How far back: 30d, 12w, or a date."
)
@click.option(
    "--examples",
    type=click.IntRange(0, 1000),
    default=5,
    show_default=True,
    help="How many of the cases that flip to name, each way.",
)
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON object.")
@click.pass_context
def simulate(
    ctx: click.Context,
    policy: Path | None,
    hours: str | None,
    people: tuple[str, ...],
    staffed: str | None,
    handling: str | None,
    since: str,
    examples: int,
    as_json: bool,
) -> None:
    """Replay history under other promises, hours or people.

    The cases opened since then are counted again: the same answers at the same moments. Only
    --people changes when answers come; it is a model, and shows first how well it fits. Nothing
    is changed in the store.

    \b
    Examples:
      rapport sla simulate --policy new.yaml --since 90d
      rapport sla simulate --hours weekend.yaml --since 2026-09-01
      rapport sla simulate --people +1 --people -1
      rapport sla simulate --policy new.yaml --people 3 --staffed office --json
    """
    from monitor.replays.reading import count_cases
    from monitor.replays.whatif import NoModel, what_if

    asked = Asked(policy, hours, people, staffed, handling)
    if policy is None and hours is None and not people:
        fail("nothing to try: give --policy, --hours or --people", WRONG)
    for each in people:
        if not _PEOPLE.fullmatch(each):
            fail(f"--people {each!r} is no number of people; try 3, +1 or -1", WRONG)
    with open_app(ctx) as app, app.database.read() as session:
        now = app.clock()
        begin = start_of(since, now, app.config.brands[0].timezone)
        choose = _choice(app.config, asked)
        on_duty = _on_duty(session, app.config, asked, begin, now)
        total = count_cases(session, begin, now)
        with progress("replay", total) as tell:
            try:
                made = what_if(
                    session,
                    begin,
                    now,
                    choose,
                    on_duty=on_duty,
                    examples=examples,
                    told=lambda done: tell(done, f"{done} of {total} cases"),
                )
            except NoModel as error:
                fail(str(error), FAILED)
    if as_json:
        say_json(jsonable(made))
        return
    draw(made, by_policy=policy is not None, by_hours=hours is not None)
    say_next("rapport report sla")


def start_of(since: str, now: datetime, zone: str) -> datetime:
    """Return when a --since begins: so many whole days back, or a date's midnight in `zone`.

    Days are counted as `rapport report sla` counts them, today as one; less than a day is from now.
    """
    from monitor.config.durations import parse_duration
    from monitor.reports.period import Period

    try:
        if re.match(r"[0-9]{4}-", since):
            said = datetime.fromisoformat(since)
            begin = said if said.tzinfo is not None else said.replace(tzinfo=ZoneInfo(zone))
        else:
            back = parse_duration(since)
            whole = back >= timedelta(days=1)
            begin = (
                Period.back(now, back // timedelta(days=1), ZoneInfo(zone)).begin
                if whole
                else now - back
            )
    except (ValueError, OverflowError):
        fail(f"--since {since!r} is no time; try 30d, 12w or {now:%Y-%m-%d}", WRONG)
    if begin > now:
        fail(f"--since {since!r} is still to come", WRONG)
    return begin.astimezone(UTC)


def _choice(config: Config, asked: Asked) -> Choose:
    """Return what gives each case its promise."""
    from monitor.app import policy_book
    from monitor.config import ConfigError
    from monitor.config.plan import load_plan
    from monitor.sla.simulation import Recount, as_promised, by_facts

    choose: Choose = as_promised
    if asked.policy is not None:
        try:
            config = load_plan(asked.policy, config)
        except ConfigError as error:
            _refuse(error)
        for warning in config.warnings:
            click.echo(str(warning), err=True)
        choose = by_facts(policy_book(config).choose)
    if asked.hours is None:
        return choose
    hours, for_all = _calendars(config, asked.hours, "--hours")
    return Recount(choose, hours, for_all)


def _on_duty(
    session: Session, config: Config, asked: Asked, since: datetime, now: datetime
) -> OnDuty | None:
    from monitor.config.durations import parse_duration
    from monitor.replays.whatif import OnDuty, usual_hours

    if not asked.people:
        if asked.staffed or asked.handling:
            fail("--staffed and --handling are of use only with --people", WRONG)
        return None
    seconds: float | None = None
    if asked.handling is not None:
        try:
            seconds = parse_duration(asked.handling).total_seconds()
        except ValueError as error:
            fail(f"--handling {asked.handling!r}: {error}; try 6m", WRONG)
    named = asked.staffed or asked.hours
    if named is None:
        return OnDuty(asked.people, usual_hours(session, since, now), seconds)
    hours, for_all = _calendars(config, named, "--staffed" if asked.staffed else "--hours")
    if for_all is None and len(hours) > 1:
        fail("people work by one calendar; name it with --staffed", WRONG)
    return OnDuty(asked.people, for_all or next(iter(hours.values())), seconds)


def _calendars(
    config: Config, named: str, option: str
) -> tuple[dict[str, Calendar], Calendar | None]:
    """Return the calendars of a file by key; or the one that is meant for everything.

    One is meant for everything that is named, or alone in its file under a key of its own.
    """
    from monitor.config import ConfigError
    from monitor.config.plan import load_hours
    from responders.configured import calendar_of

    known = {each.key for each in config.calendars}
    if named in known or named == "always":
        return {}, calendar_of(config, named)
    path = Path(named)
    if not path.suffix and not path.exists():
        listed: Sequence[str] = sorted({*known, "always"})
        fail(f"{option} {named!r} is neither a calendar ({', '.join(listed)}) nor a file", WRONG)
    try:
        changed, keys = load_hours(path, config)
    except ConfigError as error:
        _refuse(error)
    found = {key: calendar_of(changed, key) for key in keys}
    if len(found) == 1 and not found.keys() & known:
        return {}, next(iter(found.values()))
    return found, None


def _refuse(error: ConfigError) -> NoReturn:
    for line in str(error).splitlines():
        click.echo(line, err=True)
    errors = sum(problem.severity == "error" for problem in error.problems)
    fail(f"{errors} problem{'s' if errors != 1 else ''} in the file", WRONG)
