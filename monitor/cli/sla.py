"""``rapport sla``: what is promised, reckoned. One module a command."""

from __future__ import annotations

import click

from monitor.cli.lazy import Lazy

COMMANDS = {
    "due": "monitor.cli.sla_due:due",
    "elapsed": "monitor.cli.sla_elapsed:elapsed",
    "apply": "monitor.cli.sla_apply:apply",
    "simulate": "monitor.cli.sla_simulate:simulate",
    "forecast": "monitor.cli.sla_forecast:forecast",
    "pauses": "monitor.cli.sla_pauses:pauses",
}
"""Name and place of each command; another one is one more line here."""


@click.group(cls=Lazy, places=COMMANDS)
def sla() -> None:
    """Reckon deadlines, look after what is promised, and try what else could be.

    \b
    Examples:
      rapport sla due --calendar office --start 2026-03-27T16:45+01:00 --for 8h
      rapport sla elapsed --calendar hours.yaml --start 2026-03-27T16:45 --end 2026-03-30T10:00
      rapport sla apply --dry-run
      rapport sla simulate --policy new.yaml --since 90d
      rapport sla forecast
      rapport sla pauses --since 30d
    """
