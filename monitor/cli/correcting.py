"""``correct`` and ``withdraw``: what may be done with a published reply, from the terminal."""

from __future__ import annotations

import click

from monitor.cli.decide import end
from monitor.cli.opening import case_id, me, open_app
from monitor.cli.say import FAILED, fail, say


@click.command()
@click.argument("ref")
@click.pass_context
def correct(ctx: click.Context, ref: str) -> None:
    """Put the published reply of a case on the table, to edit and approve it as a correction.

    Nothing changes on the platform before the approval, and no clock starts. To leave what
    stands there: rapport reject C-42 --reason keep_reply.

    \b
    Examples:
      rapport correct C-42
    """
    with open_app(ctx) as app:
        end(app.queue.correct(case_id(ref), actor=me()), f"rapport edit {ref}")


@click.command()
@click.argument("ref")
@click.option("--reason", required=True, help="Why it shall not stand there, for the trail.")
@click.option("--close", is_flag=True, help="Close the case then; without it an answer is owed.")
@click.option("--by-hand", is_flag=True, help="You have removed it there yourself.")
@click.option("--yes", is_flag=True, help="Do not show the reply and ask first.")
@click.pass_context
def withdraw(
    ctx: click.Context, ref: str, reason: str, close: bool, by_hand: bool, yes: bool
) -> None:
    """Have the published reply of a case taken down where it stands.

    \b
    Examples:
      rapport withdraw C-42 --reason "meant for another shop"
      rapport withdraw C-42 --reason "she deleted her review" --close
      rapport withdraw C-42 --reason "wrong shop" --by-hand
    """
    with open_app(ctx) as app:
        view = app.queue.view(case_id(ref))
        if view is None:
            fail(f"there is no case {ref}; see `rapport queue --state all`", FAILED)
        if not yes and view.reply is not None:
            say(view.reply.text)
            say()
            asked = "Have you removed it" if by_hand else "Take it down"
            click.confirm(f"{asked} on {view.platform}?", abort=True)
        outcome = app.queue.withdraw(
            view.id, reason=reason, actor=me(), answer=not close, by_hand=by_hand
        )
        end(outcome, f"rapport show {view.ref}")
