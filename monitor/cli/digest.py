"""``rapport digest``: the digest that Slack is told, at the terminal and now."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.opening import open_app
from monitor.cli.say import FAILED, WRONG, fail, say, say_json, say_next

if TYPE_CHECKING:
    from monitor.app import App
    from responders.digest.facts import Digest, Kind


@click.command()
@click.option("--weekly", is_flag=True, help="The last seven days instead of the last 24 hours.")
@click.option(
    "--png",
    "picture",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write its picture to this file as well.",
)
@click.option(
    "--zone", help="Time zone of times and days. Default: the digest's, else the brand's."
)
@click.option("--mail", is_flag=True, help="Send it now to those whom `reports.mail` names.")
@click.option(
    "--to", multiple=True, metavar="ADDRESS", help="With --mail: send it to this address instead."
)
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON object.")
@click.pass_context
def digest(
    ctx: click.Context,
    weekly: bool,
    picture: Path | None,
    zone: str | None,
    mail: bool,
    to: tuple[str, ...],
    as_json: bool,
) -> None:
    """Show what came, what was answered and what waits: the digest of the last day or week.

    In Slack it is told at the times of `slack.digest`, by mail at those of `reports.mail`. The
    figures are those of `rapport report sla`, for the cases opened in this time. What is sent with
    --mail is sent beside the plan: the next mail of the plan comes all the same.

    \b
    Examples:
      rapport digest
      rapport digest --weekly --png week.png
      rapport digest --weekly --mail --to mara@harbour.example
    """
    from zoneinfo import ZoneInfoNotFoundError

    from responders.digest.reading import read_digest

    if to and not mail:
        fail("--to says where a mail goes; add --mail to send one", WRONG)
    with open_app(ctx) as app:
        now = app.clock()
        since = now - timedelta(days=7 if weekly else 1)
        try:
            kind: Kind = "weekly" if weekly else "daily"
            with app.database.read() as session:
                made = read_digest(session, kind, since, now, now, zone or _zone(app, mail))
        except (ZoneInfoNotFoundError, ValueError):
            fail(f"--zone {zone!r} is not a time zone; try Europe/Berlin or UTC", WRONG)
        if mail:
            _mail(app, made, to)
            return
    if picture is not None:
        _draw(made, picture)
    if as_json:
        say_json(_jsonable(asdict(made)))
        return
    _say(made)
    if picture is not None:
        say(f"the picture is in {picture}")
    say_next("rapport queue")


def _zone(app: App, mail: bool) -> str:
    """Return the zone of the plan that tells such a digest."""
    settings = app.mailer.settings
    if mail and settings is not None:
        return settings.zone
    told = app.config.slack.digest if app.config.slack is not None else None
    return (told.timezone if told is not None else None) or app.config.brands[0].timezone


def _mail(app: App, made: Digest, to: tuple[str, ...]) -> None:
    """Send the digest now; each address is told of by itself."""
    from connectors.errors import ConnectorError, UnknownOutcome
    from connectors.mailbox.settings import ascii_address, is_address

    settings = app.mailer.settings
    if settings is None:
        fail(
            "the configuration has no section reports.mail; see docs/how-to/reports-by-mail.md",
            WRONG,
        )
    for address in to:
        if not (is_address(address) and ascii_address(address)):
            fail(f"--to {address!r} is not a mail address; try mara@harbour.example", WRONG)
    failed = 0
    key = f"now:{made.kind}:{made.at.isoformat()}"
    for address in dict.fromkeys(to or settings.to):
        try:
            app.mailer.send(made, address, f"{key}:{address}")
        except UnknownOutcome as error:
            failed += 1
            say(f"not known whether {address} got it: {error}")
        except ConnectorError as error:
            failed += 1
            say(f"not sent to {address}: {type(error).__name__}: {error}")
        else:
            say(f"sent to {address}")
    if failed:
        fail(f"{failed} of the mails did not leave for certain; run rapport check", FAILED)


def _say(made: Digest) -> None:
    from responders.digest import words

    say(words.title(made))
    say(words.period(made))
    say()
    if made.is_quiet:
        say(words.quiet_words(made))
        return
    for name, value in words.figures(made):
        say(f"{name + ':':<22}{value}")
    say()
    if made.waiting:
        say("Overdue, and longest waiting:" if made.overdue_count else "Longest waiting:")
        for one in made.waiting:
            say(f"  {one.ref:<7} {words.waiting_words(one, made)}")
        more = words.more_words(made)
        if more:
            say(f"  {more}")
    else:
        say("Nothing waits.")
    if made.topics:
        say(f"About: {' · '.join(words.topic_words(topic) for topic in made.topics)}")
    if made.sources:
        say(f"By source: {words.source_words(made)}")


def _draw(made: Digest, picture: Path) -> None:
    from responders.digest.chart import ChartsMissing, draw_chart

    try:
        picture.write_bytes(draw_chart(made))
    except ChartsMissing as error:
        fail(str(error), FAILED)
    except OSError as error:
        fail(f"{picture} cannot be written: {error.strerror or error}", FAILED)


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _jsonable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(inner) for inner in value]
    return value.isoformat() if isinstance(value, date | datetime) else value
