"""``rapport assess again``: judge by the model in use what an earlier one judged."""

from __future__ import annotations

from dataclasses import asdict

import click

from monitor.cli.opening import open_app
from monitor.cli.progress import progress
from monitor.cli.say import WRONG, fail, say, say_json, say_next


@click.command()
@click.option(
    "--since", default="90d", show_default=True, help="How far back: mentions first seen then."
)
@click.option("--source", "source_key", metavar="KEY", help="Only the mentions of one source.")
@click.option("--all", "everything", is_flag=True, help="Also what the model in use has judged.")
@click.option("--json", "as_json", is_flag=True, help="The outcome as one JSON object.")
@click.pass_context
def again(
    ctx: click.Context, since: str, source_key: str | None, everything: bool, as_json: bool
) -> None:
    """Judge stored mentions again by the model in use.

    Opens and closes no case: a mention that becomes a complaint waits for a second look, unless it
    is history; the case of one that is none any more stays as it is. Words that may not be kept are
    left out. Stopped with Ctrl-C, the same command goes on where it was.

    \b
    Examples:
      rapport assess again
      rapport assess again --since 2w --source town-board --all
    """
    from sqlalchemy import select

    from monitor.config.durations import parse_duration
    from monitor.judging.again import Outcome, Reassessor, Wanted
    from monitor.models import Source

    try:
        back = parse_duration(since)
    except ValueError as error:
        fail(f"--since {since!r}: {error}", WRONG)
    with open_app(ctx) as app:
        source_id: int | None = None
        if source_key is not None:
            with app.database.read() as session:
                source_id = session.scalars(
                    select(Source.id).where(Source.key == source_key)
                ).first()
            if source_id is None:
                fail(f"--source {source_key!r} names no source; see `rapport sources`", WRONG)
        reassessor = Reassessor(app.database, app.assessor, app.clock)
        wanted = Wanted(app.clock() - back, source_id, everything)
        name = reassessor.walk_name(since, source_id, everything)
        after, left = reassessor.begin(wanted, name)
        if after and not as_json:
            say(f"going on after mention {after}, where this was stopped")
        with progress("judging again", left) as report:

            def tell(so_far: Outcome) -> None:
                done = so_far.judged + so_far.left
                report(done, f"{done} of {left} mentions")

            outcome = reassessor.run(wanted, name, tell)
        model = app.assessor.version
    if as_json:
        say_json({"model": model, **asdict(outcome)})
        return
    _say(model, outcome.judged, everything)
    if outcome.judged:
        say(
            f"{outcome.to_complaint} became complaints, {outcome.looks} of them wait for a second "
            f"look; {outcome.from_complaint} are none any more, their cases stay"
        )
    if outcome.left:
        say(f"{outcome.left} were edited or deleted meanwhile and left as they were")
    say_next("rapport assess report")


def _say(model: str, judged: int, everything: bool) -> None:
    if judged:
        say(f"judged {judged} mention{'s' if judged != 1 else ''} again by {model}")
    elif everything:
        say("nothing to judge again: no mention with its words was first seen within that time")
    else:
        say(f"nothing to judge again: {model} has judged all of that time; --all judges it anew")
