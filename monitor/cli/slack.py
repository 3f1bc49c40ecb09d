"""``rapport slack``: set up Slack."""

from __future__ import annotations

import click
import yaml


@click.group()
def slack() -> None:
    """Set up Slack.

    \b
    Examples:
      rapport slack manifest > manifest.yaml
    """


@slack.command()
@click.option("--name", default="Rapport", show_default=True, help="Name of the app in Slack.")
def manifest(name: str) -> None:
    """Print the app manifest to paste at api.slack.com/apps: only the scopes that are used.

    \b
    Examples:
      rapport slack manifest
    """
    from responders.slack.setup import manifest as make

    click.echo(yaml.safe_dump(make(name), sort_keys=False, allow_unicode=True), nl=False)
    click.echo("# next: set slack: in config.yaml, then `rapport check`")
