"""``rapport check``: prove that everything works before running."""

from __future__ import annotations

import sys

import click

from monitor.cli.opening import load_config
from monitor.cli.say import FAILED, fail, say, say_json, say_next


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> None:
    """Open the store, prove every source with one cheap call, prove Slack; post nothing.

    A configured language model is asked for one word, which costs a few tokens.

    Prints what works, how to mend what does not, and how access is got where it is missing.
    When it says ready, `rapport run` runs.

    \b
    Examples:
      rapport check
      rapport --config other.yaml check --json
    """
    from connectors.errors import ConnectorError
    from monitor.app import compose
    from monitor.checking import check as look

    config = load_config(ctx)
    for warning in config.warnings:
        click.echo(str(warning), err=True)
    try:
        app = compose(config)
    except ConnectorError as error:
        fail(str(error))
    failed = 0
    try:
        for found in look(app):
            failed += not found.ok
            if as_json:
                say_json(
                    {
                        "what": found.what,
                        "ok": found.ok,
                        "said": found.said,
                        "advice": found.advice,
                        "steps": list(found.steps),
                    }
                )
                continue
            said = f": {found.said}" if found.said else ""
            say(f"{'ok  ' if found.ok else 'FAIL'} {found.what}{said}")
            if not found.ok and found.advice:
                say(f"     {found.advice}")
            for number, step in enumerate(found.steps, 1):
                say(f"     {number}. {step}")
    finally:
        app.close()
    if failed:
        click.echo(f"rapport: not ready: {failed} of the above must be mended", err=True)
        sys.exit(FAILED)
    if not as_json:
        say("ready")
        say_next("rapport run")
