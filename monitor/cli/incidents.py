"""``rapport incidents``: what many speak of as one thing."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from monitor.cli.opening import open_app
from monitor.cli.say import WRONG, fail, moment, say, say_json, say_next, table

if TYPE_CHECKING:
    from monitor.incidents.views import IncidentView


@click.group(invoke_without_command=True)
@click.option("--all", "ended", is_flag=True, help="Those that have ended, too.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def incidents(ctx: click.Context, ended: bool, limit: int, as_json: bool) -> None:
    """List the incidents that are open: one cause behind many complaints, copies of one text,
    waves of lowest ratings.

    \b
    Examples:
      rapport incidents
      rapport incidents --all --json
      rapport incidents show I-1
    """
    if ctx.invoked_subcommand is not None:
        return
    from monitor.incidents.views import read_lines

    with open_app(ctx) as app, app.database.read() as session:
        lines = read_lines(session, ended=ended, limit=limit)
    if as_json:
        for line in lines:
            say_json({"ref": line.ref, **asdict(line)})
        return
    if not lines:
        say("there was no incident yet" if ended else "no incident is open")
        say_next("rapport queue" if ended else "rapport incidents --all")
        return
    table(
        ("incident", "kind", "mentions", "since", "last", "state", "brand", "what"),
        (
            (
                line.ref,
                line.kind_words,
                str(line.size),
                moment(line.began_at),
                moment(line.last_at),
                "ended" if line.ended_at else "open",
                line.brand,
                line.title[:60],
            )
            for line in lines
        ),
    )
    say_next(f"rapport incidents show {lines[0].ref}")


@incidents.command()
@click.argument("ref")
@click.option("--json", "as_json", is_flag=True, help="The whole incident as one JSON object.")
@click.pass_context
def show(ctx: click.Context, ref: str, as_json: bool) -> None:
    """Show one incident: what it was recognised by, and its mentions with their cases.

    \b
    Examples:
      rapport incidents show I-1
      rapport incidents show 1 --json
    """
    from monitor.incidents.views import read_incident

    digits = ref.upper().removeprefix("I-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        fail(f"{ref!r} names no incident; they look like I-1 (see `rapport incidents`)", WRONG)
    with open_app(ctx) as app, app.database.read() as session:
        view = read_incident(session, int(digits))
    if view is None:
        fail(f"there is no incident {ref}; see `rapport incidents --all`")
    if as_json:
        say_json({"ref": view.line.ref, **asdict(view)})
        return
    _draw(view)
    cases = [each.case_ref for each in view.members if each.case_ref]
    say_next(f"rapport show {cases[0]}" if cases else "rapport incidents")


def _draw(view: IncidentView) -> None:
    line = view.line
    state = f"ended {moment(line.ended_at)}" if line.ended_at else "open"
    say(f"{line.ref}  {line.kind_words}  {state}  {line.brand}")
    say(line.title)
    say(f"{line.size} mentions, {moment(line.began_at)} to {moment(line.last_at)}")
    say()
    say("Recognised by")
    for sign in view.signs or ("nothing of it is kept",):
        say(f"  {sign}")
    say()
    if not view.members:
        say("nothing of it can be read any more")
        return
    table(
        ("case", "state", "stars", "when", "source", "author", "what was said"),
        (
            (
                each.case_ref or "-",
                each.case_state,
                "" if each.stars is None else f"{each.stars:g}",
                moment(each.said_at),
                each.source,
                each.author[:20],
                each.excerpt[:50],
            )
            for each in view.members
        ),
    )
    if line.size > len(view.members):
        say(f"{len(view.members)} shown of {line.size}")
