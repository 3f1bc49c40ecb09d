"""``rapport init``: a configuration for one's own brand."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.say import FAILED, WRONG, fail, say, say_next

if TYPE_CHECKING:
    from monitor.config.initial import Answers


@click.command()
@click.option("--brand", help="Name of the brand, as customers know it.")
@click.option("--timezone", help="Its time zone, such as Europe/Berlin.")
@click.option("--contact", help="How a customer goes on in private: an address or a link.")
@click.option("--signature", help="Last line of every answer.")
@click.option("--language", "languages", multiple=True, help="A language to answer in; repeat.")
@click.option("--source", help="A first link to listen to: a feed or a page with reviews.")
@click.option("--force", is_flag=True, help="Write over a configuration that is there.")
@click.pass_context
def init(
    ctx: click.Context,
    brand: str | None,
    timezone: str | None,
    contact: str | None,
    signature: str | None,
    languages: tuple[str, ...],
    source: str | None,
    force: bool,
) -> None:
    """Write a configuration for your own brand, with the web queue and the inbox.

    Asks for what is not given as an option; on a script's side, --brand is enough.

    \b
    Examples:
      rapport init
      rapport --config harbour.yaml init --brand "Harbour Coffee" --timezone Europe/Berlin
    """
    from connectors.registry import load
    from monitor.cli.sources import find_source
    from monitor.config import default_config_path
    from monitor.config.initial import Answers, slug
    from monitor.trying import lacking

    path: Path = default_config_path(ctx.obj)
    if path.exists() and not force:
        fail(
            f"{path} exists already; edit it, name another with --config, or use --force",
            FAILED,
        )
    asking = sys.stdin.isatty() and brand is None
    if brand is None:
        if not asking:
            fail("name the brand with --brand", WRONG)
        brand = click.prompt("Name of your brand", type=str)
    if asking:
        timezone = timezone or click.prompt(
            "Time zone, such as Europe/Berlin", default=_local_zone(), value_proc=_known_zone
        )
        contact = contact or click.prompt(
            "How a customer reaches you in private, an address or a link (empty: not told)",
            default="",
            show_default=False,
        )
        signature = signature or click.prompt("Who signs the answers", default=brand)
        source = source or click.prompt(
            "A link to listen to, a feed or a page with reviews (empty: later)",
            default="",
            show_default=False,
            value_proc=_readable_link,
        )
    first: dict[str, Any] | None = None
    if source:
        connector, settings = find_source(source)
        if not lacking(load(connector), settings):
            key = f"{slug(brand)[:40]}-1"
            first = {"key": key, "connector": connector, "settings": settings}
    assert brand is not None, "asked for or given"
    answers = Answers(
        brand=brand,
        timezone=timezone or _local_zone(),
        languages=languages or ("en",),
        signature=signature or "",
        contact=contact or "",
        first_source=first,
    )
    _write(path, answers)
    option = "" if path == Path("config.yaml") else f" --config {path}"
    say_next(
        f"rapport{option} check" if first else f"rapport{option} sources add {source or 'LINK'}"
    )


def write_first(path: Path, brand: str) -> None:
    """Write a configuration for `brand` with the usual answers to all else."""
    from monitor.config.initial import Answers

    _write(path, Answers(brand=brand, timezone=_local_zone()))


def _write(path: Path, answers: Answers) -> None:
    from monitor.config import check_text
    from monitor.config.initial import render_initial_config
    from monitor.config.schema import schema_text

    schema = path.with_name("config.schema.json")
    text = render_initial_config(answers, schema_link=schema.name)
    problems = [each for each in check_text(text, str(path)) if each.severity == "error"]
    if problems:
        for problem in problems:
            click.echo(str(problem), err=True)
        fail("nothing was written: these answers make no valid configuration", WRONG)
    path.parent.mkdir(parents=True, exist_ok=True)
    schema.write_text(schema_text(), encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    say(f"wrote {path}, and {schema.name} for editors")


def _known_zone(answer: str) -> str:
    """Return the key of a time zone, or have the question asked again."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(answer.strip()).key
    except (KeyError, ValueError, OSError) as error:
        raise click.UsageError(f"{answer!r} is no time zone; try Europe/Berlin") from error


def _readable_link(answer: str) -> str:
    """Return a link that some connector reads, or have the question asked again."""
    from connectors.errors import ConnectorError
    from monitor.trying import NothingThere, source_for

    link = answer.strip()
    if link:
        try:
            source_for(link)
        except (NothingThere, ConnectorError) as error:
            raise click.UsageError(f"{error}; leave it empty to go on") from error
    return link


def _local_zone() -> str:
    """Return this machine's time zone where it tells, else UTC."""
    named = os.environ.get("TZ", "")
    link = Path("/etc/localtime")
    if not named and link.is_symlink():
        _, _, named = str(link.resolve()).partition("zoneinfo/")
    return named or "UTC"
