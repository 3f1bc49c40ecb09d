"""What ``rapport report`` commands have in common: the question, and how the answer is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.opening import open_app
from monitor.cli.say import WRONG, fail, say

if TYPE_CHECKING:
    from monitor.app import App
    from monitor.asking import Question
    from monitor.exports import Head, Sheet


def asks(command: Any) -> Any:
    """Give a command the options that say which period and which cases a report is of."""
    for option in (
        click.option(
            "--only",
            help="One filter: source:KEY, brand:KEY, location:BRAND/KEY, team:NAME, person:NAME, "
            "topic:KEY, language:CODE or policy:KEY.",
        ),
        click.option("--last", help="The last day, as 2026-11-30. Default: today."),
        click.option("--first", help="The first day, as 2026-11-01. Default: 30 days in all."),
        click.option("--since", help="How far back, in days or weeks: 7d, 4w. Default: 30d."),
    ):
        command = option(command)
    return command


@contextmanager
def asked(ctx: click.Context, told: dict[str, Any]) -> Iterator[tuple[App, Question, datetime]]:
    """Open the application, bring the kept figures up to date, and read the question.

    Ends with exit code 2 where it cannot be understood.
    """
    from monitor.asking import BadQuestion, doubt_of, read_question
    from monitor.config.durations import parse_duration

    words = {name: value for name, value in told.items() if value}
    if since := words.pop("since", None):
        if "first" in words or "last" in words:
            fail("--since goes with neither --first nor --last: give one or the other", WRONG)
        try:
            words["days"] = str(max(1, parse_duration(since) // timedelta(days=1)))
        except ValueError as error:
            fail(f"--since {since!r}: {error}", WRONG)
    with open_app(ctx) as app:
        now = app.clock()
        try:
            question = read_question(app.config, now, words)
        except BadQuestion as error:
            fail(str(error), WRONG)
        if doubt := doubt_of(app.config, question.asked.scope):
            click.echo(f"rapport: {doubt}", err=True)
        app.keeper.run()
        yield app, question, now


def write_file(ending: str, head: Head, sheets: list[Sheet], path: Path | None) -> None:
    """Write tables to a file, or to standard output where none is named."""
    from monitor.exports import write_tables

    pieces = write_tables(ending, head, sheets)
    if path is None:
        for piece in pieces:
            click.echo(piece, nl=False)
        return
    try:
        with path.open("wb") as file:
            file.writelines(pieces)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror or error}")
    say(f"wrote {path}")


def only_one(**given: object) -> str:
    """Return the name of the one that was given, or nothing; fail where there are several."""
    told = [name for name, value in given.items() if value]
    if len(told) > 1:
        fail(f"--{told[0]} and --{told[1]} exclude each other", WRONG)
    return told[0] if told else ""
