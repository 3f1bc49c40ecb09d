"""``rapport new-connector``: the beginning of a connector in a package of its own."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.say import FAILED, fail, say, say_next


@click.command("new-connector")
@click.argument("name")
@click.option("--title", help="What people call the platform. Default: the name.")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write into. Default: rapport-NAME.",
)
def new_connector(name: str, title: str | None, into: Path | None) -> None:
    """Write a package with a connector that passes the contract suite, to begin with.

    It speaks to an invented board; make it speak to your platform, file by file.

    \b
    Examples:
      rapport new-connector acme --title "Acme Reviews"
    """
    from monitor.skeleton import Refused, write_skeleton

    folder = into or Path(f"rapport-{name}")
    try:
        written = write_skeleton(name, title or name.capitalize(), folder)
    except (Refused, OSError) as error:
        fail(str(error), FAILED)
    for path in written:
        say(f"wrote {path}")
    say_next(f"cd {folder} && pytest")
