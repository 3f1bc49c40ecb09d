"""``rapport report cases``: what stands behind a number of a report."""

from __future__ import annotations

from itertools import islice

import click

from monitor.cli.report_asking import asked, asks, only_one, write_file
from monitor.cli.say import WRONG, fail, moment, say, say_next, table

SHOWN = 20


@click.command()
@asks
@click.option(
    "--of",
    "measure",
    default="first_response",
    show_default=True,
    help="What was counted: first_response, edited, mentions, open_now and so on.",
)
@click.option("--fared", default="", help="How it fared: met, missed, overdue, open and so on.")
@click.option("--csv", is_flag=True, help="All of them as CSV.")
@click.option("--ndjson", is_flag=True, help="All of them as JSON, one object a line.")
@click.pass_context
def cases(
    ctx: click.Context, /, measure: str, fared: str, csv: bool, ndjson: bool, **told: str
) -> None:
    """List the cases behind a number of a report, or the mentions, the newest first.

    What can be counted, and how it can fare, stands in docs/reference/reports.md; a wrong word is
    answered with the right ones. Files are written as they are read, however long they are.

    \b
    Examples:
      rapport report cases --fared missed
      rapport report cases --of open_now --fared overdue
      rapport report cases --of mentions --fared met --since 90d --csv
    """
    from monitor.exports import Sheet
    from monitor.reports.exporting import head_of, list_of
    from monitor.reports.lists import BadList, read_list

    ending = only_one(csv=csv, ndjson=ndjson)
    with asked(ctx, told) as (app, question, now):
        try:
            listed = read_list(question.asked, measure, fared)
        except BadList as error:
            fail(str(error), WRONG)
        with app.database.read() as session:
            columns, rows = list_of(session, listed.behind, now)
            if ending:
                head = head_of(question.asked, listed.title, now)
                write_file(ending, head, [Sheet("Cases", columns, rows)], None)
                return
            some = list(islice(rows, SHOWN + 1))
    if not some:
        say("nothing stands behind this number")
        return
    shown = [place for place, column in enumerate(columns) if column.key in _SHOWN]
    table(
        [columns[place].name for place in shown],
        ([_told(row[place]) for place in shown] for row in some[:SHOWN]),
    )
    if len(some) > SHOWN:
        say(f"the newest {SHOWN}; --csv and --ndjson write all of them")
    say_next("rapport report promises")


_SHOWN = (
    *("case", "promise", "state", "source", "person", "topics"),
    *("started_at", "due_at", "stopped_at"),
    *("mention", "at", "rating", "judged"),
)
"""The columns that fit into a terminal."""


def _told(value: object) -> str:
    from datetime import datetime

    if isinstance(value, datetime):
        return moment(value)
    return "-" if value in (None, "") else str(value)
