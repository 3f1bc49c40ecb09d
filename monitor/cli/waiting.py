"""``ack``, ``snooze``, ``wake``, ``note`` and ``undo``: what decides nothing, from the terminal."""

from __future__ import annotations

import click

from monitor.cli.decide import end
from monitor.cli.opening import case_id, me, open_app
from monitor.cli.say import WRONG, fail


@click.command()
@click.argument("ref")
@click.pass_context
def ack(ctx: click.Context, ref: str) -> None:
    """Acknowledge that somebody was called for a case: you see to it.

    Nobody else is called until that has lasted for `acknowledge_within` of the ladder. Then, if
    the case still waits, the ladder goes on.

    \b
    Examples:
      rapport ack C-42
    """
    with open_app(ctx) as app:
        end(app.queue.acknowledge(case_id(ref), actor=me()), f"rapport show {ref}")


@click.command()
@click.argument("ref")
@click.argument("until", nargs=-1, required=True)
@click.pass_context
def snooze(ctx: click.Context, ref: str, until: tuple[str, ...]) -> None:
    """Put a case off until a time, or until its customer writes. Clocks run on.

    Days and times are those of the first brand's time zone.

    \b
    Examples:
      rapport snooze C-42 2h
      rapport snooze C-42 tomorrow 14:30
      rapport snooze C-42 customer
    """
    from zoneinfo import ZoneInfo

    from responders.moments import read_moment

    with open_app(ctx) as app:
        zone = ZoneInfo(app.config.brands[0].timezone)
        try:
            moment = read_moment(" ".join(until), app.clock(), zone)
        except ValueError as error:
            fail(str(error), WRONG)
        outcome = app.queue.snooze(case_id(ref), until=moment, actor=me())
        end(outcome, "rapport queue --state snoozed")


@click.command()
@click.argument("ref")
@click.pass_context
def wake(ctx: click.Context, ref: str) -> None:
    """Bring a case back into the queue that was put off.

    \b
    Examples:
      rapport wake C-42
    """
    with open_app(ctx) as app:
        end(app.queue.wake(case_id(ref), actor=me()), "rapport queue")


@click.command()
@click.argument("ref")
@click.argument("text")
@click.pass_context
def note(ctx: click.Context, ref: str, text: str) -> None:
    """Keep a word for the team on a case. It is never published.

    \b
    Examples:
      rapport note C-42 "She called; the refund is on its way."
    """
    with open_app(ctx) as app:
        end(app.queue.note(case_id(ref), text=text, actor=me()), f"rapport show {ref}")


@click.command()
@click.argument("ref")
@click.pass_context
def undo(ctx: click.Context, ref: str) -> None:
    """Take an approved reply back that has not left; its text awaits approval again.

    \b
    Examples:
      rapport undo C-42
    """
    with open_app(ctx) as app:
        end(app.queue.take_back(case_id(ref), actor=me()), f"rapport show {ref}")
