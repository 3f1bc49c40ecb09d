"""``rapport assess``: how well is judged, and what is done about it. One module a command."""

from __future__ import annotations

import click

from monitor.cli.lazy import Lazy

COMMANDS = {
    "report": "monitor.cli.assess_report:report",
    "again": "monitor.cli.assess_again:again",
    "learn": "monitor.cli.assess_learn:learn",
    "rollback": "monitor.cli.assess_learn:rollback",
    "train": "monitor.cli.assess_train:train",
}
"""Name and place of each command; another one is one more line here."""


@click.group(cls=Lazy, places=COMMANDS)
def assess() -> None:
    """Watch how well is judged, and improve it.

    \b
    Examples:
      rapport assess report
      rapport assess again --since 90d
    """
