"""Asks for a source's settings; the questions come from the connector's own catalogue entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click
import yaml
from pydantic import ValidationError

from connectors.base import ConnectorKind
from monitor.cli.say import WRONG, fail, say
from monitor.config.describe import Setting, describe
from monitor.config.initial import slug


def parse_settings(pairs: tuple[str, ...]) -> dict[str, Any]:
    """Read ``key=value`` pairs; values are YAML, so ``true`` and ``[a, b]`` work."""
    settings: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            fail(f"--set {pair!r}: expected KEY=VALUE, for example url=https://…", WRONG)
        try:
            settings[key] = yaml.safe_load(value) if value else None
        except yaml.YAMLError:
            settings[key] = value
    return settings


def ask_settings(
    kind: ConnectorKind, given: Mapping[str, Any], *, interactive: bool
) -> dict[str, Any]:
    """Return the settings, asking for what is required and not given.

    Ends with what is missing where nobody can be asked, and with each mistake by its key.
    """
    settings = dict(given)
    known = {
        each.key: each
        for each in describe(kind.settings)
        if "." not in each.key and "[]" not in each.key
    }
    missing = [each for each in known.values() if each.required and each.key not in settings]
    if missing and not interactive:
        keys = " ".join(f"--set {each.key}=…" for each in missing)
        fail(f"the connector {kind.name} needs {keys}", WRONG)
    for each in missing:
        settings[each.key] = _ask(each)
    if interactive:
        _ask_for_more(settings, known)
    try:
        kind.settings.model_validate(settings)
    except ValidationError as error:
        for problem in error.errors():
            key = ".".join(str(part) for part in problem["loc"])
            said = problem["msg"].removeprefix("Value error, ")
            click.echo(f"rapport: settings.{key}: {said}", err=True)
        fail(f"the settings do not fit the connector {kind.name}", WRONG)
    return settings


def free_key(wanted: str, taken: Callable[[str], bool]) -> str:
    """Return a source key made of `wanted`, with a number behind it if it is taken."""
    key = slug(wanted)
    number = 2
    while taken(key):
        key = f"{slug(wanted)}-{number}"
        number += 1
    return key


def ask_connector(kinds: Sequence[ConnectorKind]) -> str:
    """Show the connectors and return the name of the chosen one."""
    for kind in kinds:
        say(f"  {kind.name:<16}{kind.summary}")
    return str(click.prompt("Which connector", type=click.Choice([kind.name for kind in kinds])))


def _ask_for_more(settings: dict[str, Any], known: Mapping[str, Setting]) -> None:
    """Ask for settings that may be left out, until there is nothing more to say."""
    while left := [key for key in known if key not in settings]:
        say(f"may be left out: {', '.join(left)}")
        chosen = click.prompt("  one of them (empty: done)", default="", show_default=False)
        if not chosen.strip():
            return
        if chosen.strip() in left:
            settings[chosen.strip()] = _ask(known[chosen.strip()])


def _ask(setting: Setting) -> Any:
    say(f"{setting.key}: {setting.description}")
    if setting.secret:
        say("  a reference, not the secret itself: env:NAME or file:path")
    hint = f" (for example {setting.example})" if setting.example else ""
    answer = click.prompt(f"  {setting.type}{hint}", type=str)
    try:
        return yaml.safe_load(answer)
    except yaml.YAMLError:
        return answer
