"""``rapport poll`` and ``rapport import``: hear now."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.opening import open_app
from monitor.cli.progress import progress
from monitor.cli.say import FAILED, fail, say, say_json, say_next

if TYPE_CHECKING:
    from monitor.intake.counts import Counts

PROBLEMS_SHOWN = 20


@click.command()
@click.argument("source")
@click.option("--json", "as_json", is_flag=True, help="The counts as one JSON object.")
@click.pass_context
def poll(ctx: click.Context, source: str, as_json: bool) -> None:
    """Poll one source now, beside the daemon or without it.

    \b
    Examples:
      rapport poll demo-board
      rapport poll inbox --json
    """
    from connectors.advice import advice_for
    from connectors.errors import ConnectorError
    from monitor.sources import find

    with open_app(ctx) as app:
        app.sync()
        with app.database.read() as session:
            row = find(session, source)
        if row is None:
            known = ", ".join(sorted(app.source_keys()))
            fail(f"there is no source {source!r}; known: {known or 'none'}")
        try:
            with progress(f"polling {source}", 0) as report:
                counts = app.poller.poll_now(
                    row.id, lambda so_far: report(so_far.found, f"{so_far.found} found")
                )
        except ConnectorError as error:
            advice = advice_for(app.platforms.kind(source), error)
            fail(f"{source}: {type(error).__name__}: {error}" + (f"; {advice}" if advice else ""))
    _tell(counts, as_json)


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--source",
    help="The source that the rows belong to, instead of the inbox: for exports that carry the "
    "platform's own ids, such as those of the Play Console.",
)
@click.option("--json", "as_json", is_flag=True, help="The counts as one JSON object.")
@click.pass_context
def import_(ctx: click.Context, file: Path, source: str | None, as_json: bool) -> None:
    """Import a CSV or NDJSON file, as if it had been dropped into the inbox.

    Every row is stored exactly once or reported with file and line (then the exit code is 1).
    Importing a file again adds nothing; a changed row becomes a revision.

    \b
    Examples:
      rapport import reviews.csv
      rapport import export.ndjson --json
      rapport import --source play reviews_com.example.app_202602.csv
    """
    from monitor.intake.importing import import_file
    from monitor.sources import INBOX, find

    with open_app(ctx) as app:
        app.sync()
        with app.database.read() as session:
            into = find(session, source or INBOX)
        if into is None and source:
            fail(f"there is no source {source!r}; `rapport sources` lists them")
        if into is None:
            fail("importing needs the section `inbox` in the configuration: it names the brand")
        with progress(f"importing {file.name}", file.stat().st_size) as report:
            counts = import_file(
                app.store,
                into.id,
                file,
                app.clock,
                lambda read, so_far: report(read, f"{so_far.found} rows"),
            )
    _tell(counts, as_json)
    if counts.misread:
        sys.exit(FAILED)


def _tell(counts: Counts, as_json: bool) -> None:
    for problem in counts.problems[:PROBLEMS_SHOWN]:
        click.echo(f"rapport: {problem.where}: {problem.reason}", err=True)
    if len(counts.problems) > PROBLEMS_SHOWN:
        left = len(counts.problems) - PROBLEMS_SHOWN
        click.echo(f"rapport: {left} more; --json lists them all", err=True)
    if as_json:
        problems = [{"where": each.where, "reason": each.reason} for each in counts.problems]
        say_json(
            {
                "found": counts.found,
                "new": counts.new,
                "edited": counts.edited,
                "known": counts.known,
                "deleted": counts.deleted,
                "cases": counts.cases,
                "misread": counts.misread,
                "problems": problems,
            }
        )
        return
    say(
        f"{counts.found} found: {counts.new} new, {counts.edited} edited, {counts.known} known, "
        f"{counts.deleted} deleted, {counts.misread} misread; {counts.cases} cases opened"
    )
    say_next("rapport queue" if counts.cases else "rapport status")
