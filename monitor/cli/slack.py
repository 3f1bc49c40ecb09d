"""``rapport slack``: set up Slack."""

from __future__ import annotations

import click
import yaml

from monitor.cli.slack_setup import setup


def _request_url(_ctx: click.Context, _option: click.Parameter, given: str | None) -> str:
    """Return the request URL for an address: Slack sends to https only."""
    from urllib.parse import urlsplit

    from monitor.config.slack import REQUEST_PATH

    if given is None:
        return ""
    address = given.strip().rstrip("/").removesuffix(REQUEST_PATH)
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise click.BadParameter("expected an https address such as https://rapport.example")
    return address + REQUEST_PATH


@click.group()
def slack() -> None:
    """Set up Slack.

    \b
    Examples:
      rapport slack setup
      rapport slack manifest > manifest.yaml
    """


slack.add_command(setup)


@slack.command()
@click.option("--name", default="Rapport", show_default=True, help="Name of the app in Slack.")
@click.option("--url", callback=_request_url, help="Signed HTTP instead of Socket Mode: your URL.")
@click.option(
    "--pictures", is_flag=True, help="With files:write, for charts in digests (slack.digest)."
)
@click.option(
    "--duty", is_flag=True, help="With usergroups:read, for who is on duty (assignment[].duty)."
)
def manifest(name: str, url: str, pictures: bool, duty: bool) -> None:
    """Print the app manifest to paste at api.slack.com/apps: only the scopes that are used.

    With --url, the address under which Slack reaches this machine, it is made for signed HTTP:
    requests then come to /slack/events there.

    \b
    Examples:
      rapport slack manifest
      rapport slack manifest --url https://rapport.example
    """
    from responders.slack.setup import manifest as make

    made = make(name, request_url=url, pictures=pictures, duty=duty)
    click.echo(yaml.safe_dump(made, sort_keys=False, allow_unicode=True), nl=False)
    click.echo("# next: set slack: in config.yaml, then `rapport check`")
