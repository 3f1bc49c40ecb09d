"""``rapport link``: a fresh link into the web queue."""

from __future__ import annotations

import getpass
from datetime import timedelta

import click

from monitor.cli.opening import open_app
from monitor.cli.say import WRONG, fail, say, say_json, say_next

HOURS = 12


@click.command()
@click.option("--name", help="Whom it signs in; stands beside every decision. Default: you.")
@click.option(
    "--hours",
    type=click.IntRange(1, 168),
    default=HOURS,
    show_default=True,
    help="How long it may wait to be used.",
)
@click.option("--json", "as_json", is_flag=True, help="The link as one JSON object.")
@click.pass_context
def link(ctx: click.Context, name: str | None, hours: int, as_json: bool) -> None:
    """Print a link that opens the web queue once; its browser stays signed in for 30 days.

    Send it to the one person it is for: whoever opens it first acts under that name.

    \b
    Examples:
      rapport link
      rapport link --name "Mara Lind" --hours 48
    """
    from monitor.web.access import make_link

    with open_app(ctx) as app:
        try:
            made = make_link(
                app.database,
                app.config.web.url,
                getpass.getuser() if name is None else name,
                app.clock(),
                timedelta(hours=hours),
            )
        except ValueError as error:
            fail(f"--name: {error}", WRONG)
        running = app.lock() is None or app.daemon_is_running()
    if as_json:
        say_json({"link": made, "valid_hours": hours})
        return
    say(made)
    say_next("rapport queue" if running else "rapport run")
