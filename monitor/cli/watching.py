"""``rapport watch``: what is said of a name, live, without any account."""

from __future__ import annotations

import signal
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.say import FAILED, WRONG, fail, moment, say, say_json, say_next, visible

if TYPE_CHECKING:
    from monitor.trying import Tried
    from monitor.watching import Heard, Suggestion


@click.command()
@click.argument("name", metavar="NAME")
@click.option("--once", is_flag=True, help="Look once at every source, then end.")
@click.option("--complaints", is_flag=True, help="Show complaints only.")
@click.option("--save", is_flag=True, help="Write these sources into the configuration, and end.")
@click.option(
    "--set",
    "pairs",
    multiple=True,
    metavar="CONNECTOR.KEY=VALUE",
    help='A setting of one connector, such as appstore.countries="[de, at]".',
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def watch(
    ctx: click.Context,
    name: str,
    once: bool,
    complaints: bool,
    save: bool,
    pairs: tuple[str, ...],
    as_json: bool,
) -> None:
    """Listen for NAME wherever no account is needed, and show what is found as it comes.

    Asks Hacker News, the App Store, the news and the open social networks. Stores nothing;
    --save writes the sources into the configuration, which is made if there is none.

    \b
    Examples:
      rapport watch "Harbour Coffee"
      rapport watch "Harbour Coffee" --once --complaints
      rapport watch "Harbour Coffee" --save
    """
    from connectors.base import USER_AGENT
    from monitor.watching import suggest

    name = " ".join(name.split())
    if not any(char.isalnum() for char in name):
        fail('name what to listen for, such as "Harbour Coffee"', WRONG)
    suggestions, troubles = suggest(name, _by_connector(pairs), USER_AGENT)
    for each in troubles:
        click.echo(f"rapport: {each.kind.title}: {visible(each.trouble)}", err=True)
    if not suggestions:
        fail(f"nothing can be watched for {name!r} now", FAILED)
    if save:
        _save(ctx, name, suggestions)
        return
    if not as_json:
        for one in suggestions:
            say(f"watching {one.kind.title}: {_told(one.given)}")
        say("stop with Ctrl-C" if not once else "")
    found, flagged = _listen(suggestions, USER_AGENT, once, complaints, as_json, name)
    if not as_json:
        say(f"{found} found, {flagged} would open a case; nothing was stored")
        say_next(f'rapport watch "{name}" --save')


def _listen(
    suggestions: Sequence[Suggestion],
    user_agent: str,
    once: bool,
    complaints: bool,
    as_json: bool,
    name: str,
) -> tuple[int, int]:
    from monitor.assess import make_assessor
    from monitor.trying import try_mention
    from monitor.watching import listen
    from responders.drafts import TemplateDrafter
    from responders.voices import Voice

    assessor, drafter = make_assessor(), TemplateDrafter()
    voice = Voice(name, name, "", ("en", "de", "es", "fr"))
    earlier: list[str] = []
    found = flagged = 0
    for heard in listen(suggestions, user_agent, _stop_on_interrupt(), once=once):
        if heard.found is None:
            click.echo(f"rapport: {heard.kind.title}: {visible(heard.trouble)}", err=True)
            continue
        tried = try_mention(heard.found, assessor, drafter, voice, earlier)
        found += 1
        flagged += tried.judged.complaint
        if tried.judged.complaint or not complaints:
            _show(heard, tried, as_json)
    return found, flagged


def _stop_on_interrupt() -> threading.Event:
    """Return an event that Ctrl-C sets, so that the summary is still said."""
    stop = threading.Event()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, lambda _number, _frame: stop.set())
        signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    return stop


def _show(heard: Heard, tried: Tried, as_json: bool) -> None:
    said, judged = tried.found, tried.judged
    if as_json:
        say_json(
            {
                "connector": heard.kind.name,
                "id": said.external_id,
                "author": said.author_name,
                "rating": said.rating,
                "title": said.title,
                "text": said.text,
                "url": said.url,
                "created_at": said.created_at,
                "complaint": judged.complaint,
                "complaint_probability": judged.complaint_probability,
                "urgency": judged.urgency,
                "reasons": list(judged.reasons),
            }
        )
        return
    verdict = "COMPLAINT" if judged.complaint else "spam" if judged.spam else "no complaint"
    rating = "" if said.rating is None else f", {said.rating:g} of {said.rating_max:g}"
    when = moment(said.created_at) or "no date"
    say(f"{when}  {heard.kind.title}  {said.author_name or 'someone'}{rating}  {verdict}")
    text = " ".join(f"{said.title} {said.text}".split())
    say(f"  {text[:240]}{'…' if len(text) > 240 else ''}")
    if said.url:
        say(f"  {said.url}")


def _save(ctx: click.Context, name: str, suggestions: Sequence[Suggestion]) -> None:
    from monitor.cli.asking import free_key
    from monitor.cli.init import write_first
    from monitor.config import default_config_path, load
    from monitor.config.edit import EditRefused, add_source
    from monitor.config.initial import slug

    path: Path = default_config_path(ctx.obj)
    if not path.exists():
        write_first(path, name)
    config = load(path)
    by_name = {brand.name.casefold(): brand.key for brand in config.brands}
    brand = by_name.get(name.casefold(), config.brands[0].key)
    there = [(each.connector, dict(each.settings)) for each in config.sources]
    taken = {source.key for source in config.sources}
    for one in suggestions:
        if (one.kind.name, dict(one.given)) in there:
            say(f"{one.kind.title}: is watched already")
            continue
        key = free_key(f"{slug(name)[:40]}-{one.kind.name}", taken.__contains__)
        entry = {"key": key, "connector": one.kind.name, "brand": brand, "settings": one.given}
        try:
            add_source(path, entry)
        except (EditRefused, OSError) as error:
            fail(str(error), FAILED)
        taken.add(key)
        say(f"added {key}: {one.kind.title}, {_told(one.given)}")
    option = "" if path == Path("config.yaml") else f" --config {path}"
    say_next(f"rapport{option} run")


def _told(given: Mapping[str, Any]) -> str:
    """Return settings in one line."""
    return ", ".join(
        f"{key} {', '.join(map(str, value)) if isinstance(value, list | tuple) else value}"
        for key, value in given.items()
        if key != "allow_private_addresses"
    )


def _by_connector(pairs: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    from monitor.cli.asking import parse_settings

    sorted_out: dict[str, dict[str, Any]] = {}
    for key, value in parse_settings(pairs).items():
        connector, dot, setting = key.partition(".")
        if not dot:
            fail(f"--set {key}: name the connector too, such as appstore.countries=[de]", WRONG)
        sorted_out.setdefault(connector, {})[setting] = value
    return sorted_out
