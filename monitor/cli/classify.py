"""``rapport classify``: judge texts, streaming."""

from __future__ import annotations

import json
import sys

import click

from monitor.cli.say import FAILED


@click.command()
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Complaint probability from which a text counts as a complaint.",
)
def classify(threshold: float) -> None:
    """Judge texts: NDJSON on standard input, one judgement a line on standard output.

    Each line is {"id", "text", "rating"? (1 to 5), "language"?}; each answer is {"id",
    "language", "sentiment", "complaint_probability", "complaint", "urgency", "reasons"}, in the
    same order, written as soon as it is known. A line that cannot be read is answered with
    {"id", "line", "error"}, the rest goes on, and the exit code is 1. Needs no configuration.

    \b
    Examples:
      rapport classify < texts.ndjson > judged.ndjson
      echo '{"id": 1, "text": "Cold food, never again", "rating": 1}' | rapport classify
    """
    from monitor.assess import make_assessor
    from monitor.assess.stream import classify_lines

    failed = 0
    for judged in classify_lines(sys.stdin.buffer, make_assessor(threshold)):
        failed += "error" in judged
        sys.stdout.write(json.dumps(judged, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    if failed:
        click.echo(f"rapport: {failed} line{'s' if failed > 1 else ''} could not be read", err=True)
        sys.exit(FAILED)
