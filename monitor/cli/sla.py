"""``rapport sla``: what is promised, reckoned. One module a command."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "apply": "monitor.cli.sla_apply:apply",
    "pauses": "monitor.cli.sla_pauses:pauses",
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
def sla() -> None:
    """Look after what is promised.

    \b
    Examples:
      rapport sla apply --dry-run
      rapport sla pauses --since 30d
    """
