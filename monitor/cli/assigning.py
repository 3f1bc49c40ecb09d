"""``take``, ``assign`` and ``release``: who looks after a case, from the terminal."""

from __future__ import annotations

import click

from monitor.cli.decide import end
from monitor.cli.opening import case_id, me, open_app
from monitor.cli.say import FAILED, fail
from responders.views import CaseView


@click.command()
@click.argument("ref")
@click.option("--over", is_flag=True, help="Take it over from whoever has it.")
@click.pass_context
def take(ctx: click.Context, ref: str, over: bool) -> None:
    """Take a case: everybody sees that you look after it.

    \b
    Examples:
      rapport take C-42
      rapport take C-42 --over
    """
    _assign(ctx, ref, me().name, over=over)


@click.command()
@click.argument("ref")
@click.argument("name")
@click.pass_context
def assign(ctx: click.Context, ref: str, name: str) -> None:
    """Give a case to somebody, by the name that stands on cards.

    \b
    Examples:
      rapport assign C-42 Mara
    """
    if not name.strip():
        fail("a name is needed; to give it to nobody use `rapport release`")
    _assign(ctx, ref, name, over=True)


@click.command()
@click.argument("ref")
@click.pass_context
def release(ctx: click.Context, ref: str) -> None:
    """Let go of a case: nobody looks after it then.

    \b
    Examples:
      rapport release C-42
    """
    _assign(ctx, ref, "", over=True)


def _assign(ctx: click.Context, ref: str, to: str, *, over: bool) -> None:
    with open_app(ctx) as app:
        view: CaseView | None = app.queue.view(case_id(ref))
        if view is None:
            fail(f"there is no case {ref}; see `rapport queue --state all`", FAILED)
        if view.assignee not in ("", to) and not over:
            fail(f"{view.ref} is with {view.assignee}; `rapport take {view.ref} --over` takes it")
        outcome = app.queue.assign(view.id, to=to, actor=me(), seen_revision=view.revision)
        end(outcome, f"rapport show {view.ref}")
