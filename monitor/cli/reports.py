"""``rapport reports``: the kept figures that reports are read from."""

from __future__ import annotations

import click

from monitor.cli.opening import open_app
from monitor.cli.progress import progress
from monitor.cli.say import fail, say, say_next

SHOWN = 20


@click.group()
def reports() -> None:
    """Make the figures of reports anew, or check them.

    Reports are read from figures that are kept by day and month. They follow what happens within
    seconds; here they are made, or checked, from the cases and mentions themselves.

    \b
    Examples:
      rapport reports rebuild
      rapport reports check
    """


@reports.command()
@click.pass_context
def rebuild(ctx: click.Context) -> None:
    """Forget the kept figures and make them again from what happened.

    Never needed when all is well. The daemon may run meanwhile; reports show less until it is done.

    \b
    Examples:
      rapport reports rebuild
    """
    with open_app(ctx) as app, progress("counting", 100) as tell:
        days = app.keeper.rebuild(lambda done, of: tell(100 * done // of, f"{done} of {of} days"))
    say(f"made the figures of {days} day{'' if days == 1 else 's'} again")
    say_next("rapport reports check")


@reports.command()
@click.pass_context
def check(ctx: click.Context) -> None:
    """Count every day again and compare it with the kept figures.

    Exit code 1 when they differ: that is a defect of Rapport; please report it.

    \b
    Examples:
      rapport reports check
    """
    with open_app(ctx) as app, progress("counting again", 100) as tell:
        app.keeper.run()
        found = app.keeper.differences(
            lambda done, of: tell(100 * done // of, f"{done} of {of} days")
        )
    for line in found[:SHOWN]:
        say(line)
    if found:
        rest = len(found) - SHOWN
        more = f", {rest} more" if rest > 0 else ""
        fail(f"{len(found)} kept figures differ{more}; `rapport reports rebuild` mends them")
    say("the kept figures are those of a recount")
