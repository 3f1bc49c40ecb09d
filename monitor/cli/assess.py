"""``rapport assess``: how well is judged, and what is done about it. One module a command."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "report": "monitor.cli.assess_report:report",
    "again": "monitor.cli.assess_again:again",
    "learn": "monitor.cli.assess_learn:learn",
    "rollback": "monitor.cli.assess_learn:rollback",
    "train": "monitor.cli.assess_train:train",
}
"""Name and place of each command; another one is one more line here."""


class Group(click.Group):
    """Imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order above."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command."""
        module, _, name = COMMANDS.get(cmd_name, "").partition(":")
        if not module:
            return None
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Group)
def assess() -> None:
    """Watch how well is judged, and improve it.

    \b
    Examples:
      rapport assess report
      rapport assess again --since 90d
    """
