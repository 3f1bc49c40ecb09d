"""``rapport report promises`` and its like: the reports of the pages, as tables and files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.report_asking import asked, asks, only_one, write_file
from monitor.cli.say import say, say_next, table

if TYPE_CHECKING:
    from monitor.reports.report import Kind, Report, Section, Table, Value

ABOUT = {
    "promises": "Show which promises were kept, how fast, and for whom.",
    "stages": "Show where the time goes: heard, drafted, approved, published, visible.",
    "backlog": "Show what is open now and for how long, and how many cases came in.",
    "voice": "Show what customers say: complaints, ratings, topics, incidents.",
    "after": "Show what customers did after our answers.",
    "people": "Show who answered what, in the order of the alphabet.",
}
TOLD = """
    The figures are those of the page in the browser. * marks what rests on fewer than 20. Files
    hold seconds and shares from 0 to 1.

    \b
    Examples:
      rapport report {key}
      rapport report {key} --since 90d --only source:demo-board
      rapport report {key} --first 2026-11-01 --last 2026-11-30 --csv
"""


def make_command(key: str) -> click.Command:
    """Return the command of one report."""

    @click.pass_context
    def show(
        ctx: click.Context, /, as_json: bool, csv: bool, xlsx: Path | None, **told: str
    ) -> None:
        ending = only_one(json=as_json, csv=csv, xlsx=xlsx)
        _show(ctx, key, told, ending, xlsx)

    command: Any = show
    for option in (
        click.option("--xlsx", type=click.Path(path_type=Path), help="Write a workbook."),
        click.option("--csv", is_flag=True, help="Everything as CSV, tables one after the other."),
        click.option("--json", "as_json", is_flag=True, help="Everything as one JSON object."),
        *_own_options(key),
    ):
        command = option(command)
    about = f"{ABOUT[key]}\n{TOLD.format(key=key)}"
    return click.command(key, help=about)(asks(command))


def _own_options(key: str) -> list[Any]:
    grain = click.option("--grain", help="Over time by day, week or month. Default: as it fits.")
    by = click.option("--by", help="Tell apart by source, brand, location, team, person, topic, "
                      "language or policy. Default: source.")  # fmt: skip
    measure = click.option(
        "--measure", help="first_response (the default), next_response or resolution."
    )
    teams = click.option("--by", help="person (the default) or team.")
    own = {"promises": [grain, measure, by], "voice": [grain], "people": [teams], "backlog": []}
    return own.get(key, [by])


def _show(
    ctx: click.Context, key: str, told: dict[str, str], ending: str, path: Path | None
) -> None:
    from monitor.asking import desk_of
    from monitor.reports.catalog import make_report
    from monitor.reports.exporting import head_of, sheets_of

    with asked(ctx, told) as (app, question, now):
        with app.database.read() as session:
            made = make_report(session, key, question.asked, now, desk_of(app.config, app.clock))
        if ending:
            head = head_of(question.asked, made.title, made.made_at, made.definitions())
            write_file(ending, head, sheets_of(made), path)
            return
    _draw(made)
    say_next(f"rapport report {key} --csv")


def _draw(made: Report) -> None:
    asked_for = made.asked
    scope = asked_for.scope
    only = f", only {scope.by} {scope.label or 'none'}" if scope.part != "all" else ""
    period = asked_for.period
    say(f"{made.title}: {period.first} to {period.last} ({period.zone.key}){only}")
    for section in made.sections:
        say()
        say(section.title)
        if section.empty:
            say(section.empty)
        _draw_figures(section)
        for each in section.tables:
            _draw_table(each)
        if section.note:
            say(section.note)


def _draw_figures(section: Section) -> None:
    for each in section.figures:
        say(f"  {each.name:<24}  {_told(each.value, each.kind)}{'*' if each.small else ''}")


def _draw_table(each: Table) -> None:
    if not each.lines:
        return
    say()
    table(
        (each.first, *(column.name for column in each.columns)),
        (
            (
                line.name,
                *(
                    _told(cell.value, column.kind) + ("*" if cell.small else "")
                    for cell, column in zip(line.cells, each.columns, strict=True)
                ),
            )
            for line in each.lines
        ),
    )


def _told(value: Value, kind: Kind) -> str:
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if kind == "share":
        return f"{value * 100:.3g} %"
    if kind == "seconds":
        return _time(value)
    return f"{value:.2f}" if isinstance(value, float) else f"{value:,}"


def _time(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min" if minutes else f"{rest} s"
