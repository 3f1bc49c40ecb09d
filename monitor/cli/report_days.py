"""``rapport report days``: how a promise fared by day and source, for whoever reckons on."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.report_asking import asked, asks, only_one, write_file
from monitor.cli.say import WRONG, fail, say, say_next, table


@click.command()
@asks
@click.option(
    "--by", help="source (the default), brand, location, person, topic, language or policy"
)
@click.option("--measure", help="first_response (the default), next_response or resolution.")
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON object.")
@click.option("--csv", is_flag=True, help="Everything as CSV.")
@click.option("--xlsx", type=click.Path(path_type=Path), help="Write a workbook.")
@click.pass_context
def days(ctx: click.Context, /, as_json: bool, csv: bool, xlsx: Path | None, **told: str) -> None:
    """Show how a promise fared by day received and source: count, missed, median, 90 %.

    Read from the kept figures as they stand. What is still open is received and in no other
    column. There is no filter: every source has its own lines.

    \b
    Examples:
      rapport report days --since 90d --csv
      rapport report days --by person --measure resolution
    """
    from monitor.reports.exporting import days_of, head_of
    from monitor.reports.reading import Reader

    if told.get("only"):
        fail("--only goes with no days: use --by, and take the lines that you want", WRONG)
    ending = only_one(json=as_json, csv=csv, xlsx=xlsx)
    with asked(ctx, told) as (app, question, now), app.database.read() as session:
        sheet = days_of(Reader(session, question.asked.period, now), question.asked)
        if ending:
            write_file(ending, head_of(question.asked, sheet.name, now), [sheet], xlsx)
            return
        rows = [tuple("-" if cell is None else _told(cell) for cell in row) for row in sheet.rows]
    if not rows:
        say("nothing that this promise is made for was received in this time")
    else:
        table(tuple(column.name for column in sheet.columns), rows)
    say_next("rapport report days --csv")


def _told(cell: object) -> str:
    return f"{cell:.3g}" if isinstance(cell, float) else str(cell)
