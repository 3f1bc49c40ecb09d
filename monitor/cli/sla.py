"""``rapport sla``: deadlines, what-if replays, forecasts."""

from __future__ import annotations

import click

from monitor.cli.sla_forecast import forecast
from monitor.cli.sla_simulate import simulate


@click.group()
def sla() -> None:
    """Count with promises: replay history under others, forecast breaches.

    \b
    Examples:
      rapport sla simulate --policy new.yaml --since 90d
      rapport sla forecast
    """


sla.add_command(simulate)
sla.add_command(forecast)
