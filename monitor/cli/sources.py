"""``rapport sources``: list the sources, or add one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.opening import load_config
from monitor.cli.say import FAILED, WRONG, fail, say, say_json, say_next, table

if TYPE_CHECKING:
    from connectors.base import ConnectorKind


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def sources(ctx: click.Context, as_json: bool) -> None:
    """List the configured sources, or add one.

    \b
    Examples:
      rapport sources
      rapport sources add https://blog.example/feed.xml
      rapport sources kinds
    """
    if ctx.invoked_subcommand is not None:
        return
    config = load_config(ctx)
    if as_json:
        for source in config.sources:
            say_json({"key": source.key, "connector": source.connector, "brand": source.brand})
        return
    if not config.sources:
        say("no source yet")
    else:
        table(
            ("source", "connector", "brand", "title"),
            ((each.key, each.connector, each.brand, each.title or "") for each in config.sources),
        )
    say_next("rapport sources add LINK" if not config.sources else "rapport status")


@sources.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def kinds(ctx: click.Context, as_json: bool) -> None:
    """List the connectors: what each reads, and whether Rapport can reply there.

    \b
    Examples:
      rapport sources kinds
    """
    from connectors.registry import load, names
    from monitor.config.replyrules import is_only_a_rule

    allowed = _plugins(ctx)
    known = [load(name, allowed) for name in names(allowed) if not is_only_a_rule(name)]
    if as_json:
        for kind in known:
            say_json(
                {
                    "name": kind.name,
                    "title": kind.title,
                    "summary": kind.summary,
                    "can_reply": kind.capabilities.can_reply,
                    "reply_needs": kind.reply_needs,
                }
            )
        return
    table(
        ("connector", "reads", "replies"),
        (
            (
                kind.name,
                kind.summary,
                _replies(kind),
            )
            for kind in known
        ),
    )
    say_next("rapport sources add LINK")


@sources.command()
@click.argument("link", required=False)
@click.option("--connector", help="Which connector; found out from the link if not given.")
@click.option("--key", help="Short name of the source. Default: made from the link.")
@click.option("--brand", help="Key of the brand. Default: the only one.")
@click.option("--every", help="How often to poll, such as 15m.")
@click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="One setting.")
@click.pass_context
def add(
    ctx: click.Context,
    link: str | None,
    connector: str | None,
    key: str | None,
    brand: str | None,
    every: str | None,
    pairs: tuple[str, ...],
) -> None:
    """Add a source to the configuration; comments and order of the file stay as they are.

    A LINK to a known platform, a feed or a page with reviews is recognised. The steps of
    getting access are shown, and what the connector needs is asked for, or given
    with --set. Without a LINK it asks which connector.

    \b
    Examples:
      rapport sources add
      rapport sources add https://www.yelp.com/biz/harbour-coffee
      rapport sources add https://blog.example/feed.xml
      rapport sources add --connector mastodon --set base_url=https://social.example \\
        --set token=env:MASTODON_TOKEN
    """
    from connectors.registry import UnknownConnector, load, names
    from monitor.cli.asking import ask_connector, ask_settings, free_key, parse_settings
    from monitor.config.edit import EditRefused, add_source
    from monitor.config.replyrules import is_only_a_rule

    config = load_config(ctx)
    given = parse_settings(pairs)
    interactive = sys.stdin.isatty()
    if connector is None and link is not None:
        connector, told = find_source(link)
        given = {**told, **given}
    elif connector is None and interactive:
        listed = [name for name in names(config.plugins) if not is_only_a_rule(name)]
        connector = ask_connector([load(name, config.plugins) for name in listed])
    elif connector is None:
        fail("name a LINK or a --connector; `rapport sources kinds` lists them", WRONG)
    try:
        kind = load(connector, config.plugins)
    except UnknownConnector as error:
        fail(str(error), WRONG)
    if link is not None and "url" in kind.settings.model_fields:
        given.setdefault("url", link)
    if kind.setup:
        say(f"How {kind.title} lets us in ({kind.cost.rstrip('.').lower() or 'cost not known'}):")
        for number, step in enumerate(kind.setup, 1):
            say(f"  {number}. {step}")
    settings = ask_settings(kind, given, interactive=interactive)
    known = {source.key for source in config.sources}
    if brand is None and len(config.brands) > 1:
        keys = ", ".join(each.key for each in config.brands)
        fail(f"which brand? name one with --brand: {keys}", WRONG)
    entry: dict[str, Any] = {
        "key": key or free_key(_name_for(link, connector), known.__contains__),
        "connector": connector,
        "brand": brand or config.brands[0].key,
    }
    if every is not None:
        entry["every"] = every
    entry["settings"] = settings
    try:
        left = add_source(config.path, entry)
    except (EditRefused, OSError) as error:
        fail(str(error), FAILED)
    say(f"added the source {entry['key']} to {config.path}; a running daemon reads it at its start")
    for problem in left:
        say(f"  {problem}")
    say_next("rapport check")


def find_source(link: str) -> tuple[str, dict[str, Any]]:
    """Return which connector reads this link, and its settings; end when none does."""
    from connectors.errors import ConnectorError
    from monitor.trying import NothingThere, source_for

    try:
        return source_for(link)
    except (NothingThere, ConnectorError) as error:
        fail(f"{error}; name the connector with --connector", FAILED)


def _replies(kind: ConnectorKind) -> str:
    if kind.capabilities.can_reply:
        return "by Rapport"
    return f"with {kind.reply_needs}" if kind.reply_needs else "by hand"


def _plugins(ctx: click.Context) -> tuple[str, ...]:
    """Return what the configuration allows beyond the shipped connectors, if there is one."""
    from monitor.config import ConfigError, default_config_path, load

    path = default_config_path(ctx.obj)
    if not path.exists():
        return ()
    try:
        return load(path).plugins
    except ConfigError:
        click.echo(f"rapport: {path} does not load, so its plugins are not listed", err=True)
        return ()


def _name_for(link: str | None, connector: str) -> str:
    from urllib.parse import urlsplit

    if link is None:
        return connector
    return (urlsplit(link).hostname or connector).removeprefix("www.")
