"""``rapport sla forecast``: the breaches to expect this week, and how good such forecasts were."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from monitor.cli.opening import open_app
from monitor.cli.progress import progress
from monitor.cli.say import WRONG, fail, moment, say, say_json, say_next, table

if TYPE_CHECKING:
    from monitor.sla.backtest import Backtest
    from monitor.sla.forecast import Forecast


@click.command()
@click.option("--zone", help="Time zone that weeks are counted in. Default: the first brand's.")
@click.option(
    "--weeks",
    type=click.IntRange(4, 52),
    default=8,
    show_default=True,
    help="How many past weeks to learn from.",
)
@click.option(
    "--backtest",
    "back",
    type=click.IntRange(1, 52),
    metavar="N",
    help="How the forecasts of the last N whole weeks would have done, instead.",
)
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON object.")
@click.pass_context
def forecast(
    ctx: click.Context, zone: str | None, weeks: int, back: int | None, as_json: bool
) -> None:
    """Say how many breaches to expect this week.

    A week is from Monday to Sunday. Counted are those that happened, the open clocks that fall
    due (by how earlier ones fared that were open as long), and what is still to arrive (by the
    last --weeks weeks).

    \b
    Examples:
      rapport sla forecast
      rapport sla forecast --backtest 8
      rapport sla forecast --json
    """
    from monitor.replays.forecasting import read_backtest, read_forecast

    with open_app(ctx) as app, app.database.read() as session:
        named = zone or app.config.brands[0].timezone
        try:
            place = ZoneInfo(named)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            fail(f"--zone {zone!r} is not a time zone; try Europe/Berlin or UTC", WRONG)
        now = app.clock()
        with progress("forecast", 0) as tell:

            def told(cases: int) -> None:
                tell(0, f"{cases} cases read")

            if back is not None:
                tried = read_backtest(session, now, place, back, weeks=weeks, told=told)
            else:
                made = read_forecast(session, now, place, weeks=weeks, told=told)
    if back is not None:
        if as_json:
            say_json(_tried_as_json(tried))
            return
        _draw_backtest(tried, place)
        say_next("rapport sla forecast")
        return
    if as_json:
        say_json(_as_json(made))
        return
    _draw(made, place)
    say_next("rapport sla forecast --backtest 8" if made.enough else "rapport report sla")


def _draw(made: Forecast, zone: ZoneInfo) -> None:
    monday = f"{made.week_start.astimezone(zone):%Y-%m-%d}"
    say(f"The week from {monday} ({zone.key}), as of {moment(made.at)}")
    if not made.enough:
        say(f"{made.reason}, so only what is known:")
    else:
        say(f"{made.expected:.0f} breaches expected; nine times in ten {made.low} to {made.high}.")
    say()
    rows = [("happened", "", str(made.breached))]
    if made.enough:
        rows += [
            ("open, due this week", str(made.open_due), f"{made.open_expected:.1f}"),
            ("still to arrive", f"{made.arrivals:.0f}", f"{made.arrivals_expected:.1f}"),
        ]
    else:
        rows.append(("open, due this week", str(made.open_due), "?"))
    table(("", "clocks", "breaches"), rows)
    if made.standing:
        say(
            f"{made.standing} clocks stand still; they have no due time and are expected to keep it"
        )
    if made.enough:
        say()
        say(
            f"From {made.decided} clocks that ended in the last {made.weeks} weeks. The week "
            f"before brought {made.last_week} breaches."
        )


def _draw_backtest(tried: Backtest, zone: ZoneInfo) -> None:
    say("Forecast as each week began, knowing only what was known then:")
    say()
    table(
        ("week from", "expected", "nine in ten", "happened", "the week before"),
        (
            (
                f"{each.forecast.week_start.astimezone(zone):%Y-%m-%d}",
                f"{each.forecast.expected:.1f}" if each.forecast.enough else "-",
                f"{each.forecast.low} to {each.forecast.high}" if each.forecast.enough else "-",
                str(each.happened),
                str(each.forecast.last_week),
            )
            for each in tried.weeks
        ),
    )
    say()
    if tried.error is None or tried.naive_error is None:
        say("not enough history: none of these weeks had four whole weeks of history before it")
        return
    better = "better" if tried.error < tried.naive_error else "no better"
    say(
        f'Off by {tried.error:.1f} breaches a week on average; "as many as the week before" is off '
        f"by {tried.naive_error:.1f}: the forecast is {better}."
    )
    say(
        f"{tried.held} of {len(tried.counted)} weeks lay within their interval; nine in ten should."
    )


def _as_json(made: Forecast) -> dict[str, Any]:
    return {**asdict(made), "expected": made.expected, "enough": made.enough}


def _tried_as_json(tried: Backtest) -> dict[str, Any]:
    return {
        "weeks": [
            {**_as_json(each.forecast), "happened": each.happened, "held": each.held}
            for each in tried.weeks
        ],
        "counted": len(tried.counted),
        "mean_absolute_error": tried.error,
        "naive_mean_absolute_error": tried.naive_error,
        "held": tried.held,
    }
