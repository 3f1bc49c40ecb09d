"""``rapport report drafts``: what became of drafts, and what people change in them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from monitor.cli.opening import open_app
from monitor.cli.say import WRONG, fail, moment, say, say_json, say_next, table

if TYPE_CHECKING:
    from responders.draft_report import DraftReport

SENTENCE_MAX = 84


@click.command()
@click.option("--since", default="90d", show_default=True, help="How far back: 24h, 7d, 4w.")
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON object.")
@click.pass_context
def drafts(ctx: click.Context, since: str, as_json: bool) -> None:
    """Show, by template, how many drafts were sent as they were, changed, or refused.

    Changed is the median share of the words that people changed. Sentences are those that were
    taken out or put in most often, in at least two answers.

    \b
    Examples:
      rapport report drafts
      rapport report drafts --since 30d --json
    """
    from monitor.config.durations import parse_duration
    from responders.draft_report import draft_report

    try:
        back = parse_duration(since)
    except ValueError as error:
        fail(f"--since {since!r}: {error}", WRONG)
    with open_app(ctx) as app, app.database.read() as session:
        now = app.clock()
        made = draft_report(session, now - back, now)
    if as_json:
        say_json(asdict(made))
        return
    _draw(made)
    say_next("rapport queue")


def _draw(made: DraftReport) -> None:
    say(f"Drafts made {moment(made.since)} to {moment(made.until)}")
    if not made.lines:
        say("no draft was made in this time, so there is nothing to learn from yet")
        return
    table(
        ("template", "made", "as it was", "changed", "by", "refused", "waiting", "unused"),
        (
            (
                line.template,
                str(line.made),
                str(line.unchanged),
                str(line.changed),
                "-" if line.distance is None else f"{line.distance:.0%}",
                str(line.refused),
                str(line.waiting),
                str(line.unused),
            )
            for line in made.lines
        ),
    )
    for title, sentences in (("Taken out most", made.removed), ("Put in most", made.added)):
        say()
        say(title)
        for sentence, count in sentences:
            shown = sentence if len(sentence) <= SENTENCE_MAX else f"{sentence[:SENTENCE_MAX]}…"
            say(f"  {count}  {shown}")
        if not sentences:
            say("  nothing in two answers or more")
