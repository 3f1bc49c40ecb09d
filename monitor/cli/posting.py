"""``posted``, ``unposted`` and ``seen``: replies that people post, or look for, themselves."""

from __future__ import annotations

import click

from monitor.cli.decide import end
from monitor.cli.opening import case_id, me, open_app


@click.command()
@click.argument("ref")
@click.option("--url", default="", help="Where the reply stands.")
@click.pass_context
def posted(ctx: click.Context, ref: str, url: str) -> None:
    """Say that you posted an approved reply by hand; the response clock stops.

    Where the platform can tell, Rapport looks until the reply is visible.

    \b
    Examples:
      rapport posted C-42 --url https://board.example/reviews/7
    """
    with open_app(ctx) as app:
        end(app.queue.mark_posted(case_id(ref), actor=me(), url=url), "rapport queue")


@click.command()
@click.argument("ref")
@click.option("--reason", prompt="Why is it not there", help="Why; it stands in the trail.")
@click.pass_context
def unposted(ctx: click.Context, ref: str, reason: str) -> None:
    """Say that a reply could not be posted, or never became visible; the case is open again.

    \b
    Examples:
      rapport unposted C-42 --reason "the page takes no more answers"
    """
    with open_app(ctx) as app:
        number = case_id(ref)
        outcome = app.queue.could_not_post(number, actor=me(), reason=reason)
        end(outcome, f"rapport show C-{number}")


@click.command()
@click.argument("ref")
@click.pass_context
def seen(ctx: click.Context, ref: str) -> None:
    """Say that you see a reply on the platform that Rapport cannot see.

    \b
    Examples:
      rapport seen C-42
    """
    with open_app(ctx) as app:
        end(app.queue.mark_seen(case_id(ref), actor=me()), "rapport queue")
