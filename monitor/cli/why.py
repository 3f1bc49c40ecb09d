"""``rapport why``: how the deadlines of a case came about, and what came of them."""

from __future__ import annotations

from dataclasses import asdict

import click

from monitor.cli.opening import case_id, open_app
from monitor.cli.say import fail, say, say_json, say_next


@click.command()
@click.argument("ref", metavar="CASE")
@click.option("--json", "as_json", is_flag=True, help="The stories as one JSON object.")
@click.pass_context
def why(ctx: click.Context, ref: str, as_json: bool) -> None:
    """Tell how the deadlines of a case came about, and what came of them.

    Of every clock, also of those that have stopped: which policy and version, for which cases it
    holds, when the clock started and why then, the open hours that were counted, holidays skipped,
    pauses with their reasons, the deadline, and whether it was kept. Every number is the one that
    was used; nothing is reckoned anew by what the configuration says now.

    \b
    Examples:
      rapport why C-42
      rapport why 42 --json
    """
    with open_app(ctx) as app:
        view = app.queue.view(case_id(ref))
    if view is None:
        fail(f"there is no case {ref}; see `rapport queue --state all`")
    if as_json:
        say_json({"case": view.ref, "state": view.state, "clocks": list(map(asdict, view.stories))})
        return
    say(f"{view.ref}  {view.state}  opened {view.opened_at:%Y-%m-%d %H:%M UTC}")
    for story in view.stories:
        say()
        say(f"{story.target.replace('_', ' ').capitalize()}: {story.state}")
        for line in story.lines:
            say(f"  {line}")
    if not view.stories:
        say("  Nothing was promised: its policy names no target that it came to.")
    say_next(f"rapport show {view.ref}")
