"""``rapport sla pauses``: where a clock stood still although the customer waited for us."""

from __future__ import annotations

from datetime import timedelta

import click

from monitor.cli.opening import open_app
from monitor.cli.say import WRONG, fail, moment, say, say_json, say_next, table

SHOWN = 200
"""Pauses that the terminal lists; --json lists all."""


@click.command()
@click.option("--since", default="30d", show_default=True, help="How far back: pauses since then.")
@click.option(
    "--longer-than",
    default="1m",
    show_default=True,
    help="Only where the customer waited longer: until it is seen, every word waits a moment. "
    "0 lists them all.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: each pause.")
@click.pass_context
def pauses(ctx: click.Context, since: str, longer_than: str, as_json: bool) -> None:
    """List the pauses in which a customer waited for us while the clock stood still.

    A clock stands still while we wait for the customer. Where they had the last word inside such a
    pause, and no answer of ours was submitted after it, they waited and nobody's clock said so.
    Closing words ("thanks, bye") wait for nothing.

    \b
    Examples:
      rapport sla pauses
      rapport sla pauses --since 2w --longer-than 1h --json
    """
    from monitor.config.durations import parse_duration
    from monitor.levels.standing import standing_pauses
    from responders.spans import span

    lengths = []
    for option, written in (("--since", since), ("--longer-than", longer_than)):
        try:
            is_none = option == "--longer-than" and written.rstrip("smhd") == "0"
            lengths.append(timedelta() if is_none else parse_duration(written))
        except ValueError as error:
            fail(f"{option} {written!r}: {error}; write it like 30d, 2h or 1m", WRONG)
    back, longer = lengths
    rows: list[tuple[str, ...]] = []
    seen = 0
    with open_app(ctx) as app:
        now = app.clock()
        for each in standing_pauses(app.database, now - back, now, longer.total_seconds()):
            seen += 1
            if as_json:
                say_json(
                    {
                        "case": f"C-{each.case_id}",
                        "target": each.target,
                        "start": each.start,
                        "end": each.end,
                        "reason": each.reason,
                        "waited_seconds": each.waited.seconds,
                        "waited": [{"from": a, "to": b} for a, b in each.waited.spans],
                    }
                )
            elif seen <= SHOWN:
                rows.append(
                    (
                        f"C-{each.case_id}",
                        each.target.replace("_", " "),
                        moment(each.start),
                        moment(each.end) or "still",
                        each.reason,
                        span(each.waited.seconds),
                    )
                )
    if as_json:
        return
    if not seen:
        say(f"no customer waited for us while a clock stood still, in the last {since}")
        say_next("rapport report sla")
        return
    table(("case", "clock", "paused", "until", "because", "customer waited"), rows)
    if seen > len(rows):
        say(f"and {seen - len(rows)} more; --json lists all")
    say_next(f"rapport why {rows[0][0]}")
