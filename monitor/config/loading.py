"""Reads the configuration file and checks it as a whole."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from connectors.base import ConnectorKind
from monitor.config.checks import check_all, check_database_secret
from monitor.config.explain import explain
from monitor.config.icals import check_ical
from monitor.config.kinds import Kinds, check_plugins, check_settings
from monitor.config.language_model import LanguageModel
from monitor.config.model import Config
from monitor.config.presence import check_present, find_references
from monitor.config.problems import ConfigError, Problem
from monitor.config.rawvalues import entries
from monitor.config.replyrules import check_reply_rules, check_rule_plugins
from monitor.config.slack import Slack
from monitor.config.yamltree import Document, Unreadable, read

_LIMIT_BYTES = 8_000_000


def load(
    path: Path, *, environ: Mapping[str, str] | None = None, with_secrets: bool = True
) -> Config:
    """Return the configuration in `path`; raise `ConfigError` with all its problems.

    `environ` is where ``env:`` references are looked up, the process's own by default. What is
    allowed and probably not meant stands in `Config.warnings`. Without `with_secrets`, secrets
    need not be present.
    """
    text, problem = read_text(path)
    if problem is not None:
        raise ConfigError([problem])
    config, problems = examine(text, str(path), environ=environ, with_secrets=with_secrets)
    if config is None:
        raise ConfigError(problems)
    config._path = path
    config._warnings = tuple(problems)
    return config


def check_text(
    text: str,
    name: str,
    *,
    environ: Mapping[str, str] | None = None,
    with_secrets: bool = True,
) -> list[Problem]:
    """Return all problems of a configuration's text, in its order; `name` stands in them.

    Without `with_secrets`, secrets need not be present.
    """
    return examine(text, name, environ=environ, with_secrets=with_secrets)[1]


def examine(
    text: str,
    name: str,
    *,
    environ: Mapping[str, str] | None = None,
    with_secrets: bool = True,
) -> tuple[Config | None, list[Problem]]:
    """Return the configuration, or None if it has errors, with all problems in order."""
    try:
        document = read(text, name)
    except Unreadable as error:
        return None, [error.problem]
    raw = document.value
    if raw is None:
        return None, [Problem(name, 0, 0, "", "is empty; run `rapport init` to fill it")]
    if not isinstance(raw, dict):
        return None, [
            document.problem((), "is no configuration", expected="keys and values, like `brands:`")
        ]
    config: Config | None = None
    problems = list(document.problems)
    try:
        config = Config.model_validate(raw)
    except ValidationError as error:
        problems += explain(error, document, Config)
    problems += _check_beyond(
        document, raw, os.environ if environ is None else environ, with_secrets
    )
    problems = sorted(dict.fromkeys(problems), key=lambda found: (found.line, found.column))
    failed = any(found.severity == "error" for found in problems)
    return (None if failed else config), problems


def read_text(path: Path) -> tuple[str, Problem | None]:
    """Return the text of the file, with its line ends as they are, or why it cannot be read."""

    def refuse(message: str, line: int = 0, column: int = 0) -> tuple[str, Problem]:
        return "", Problem(str(path), line, column, "", message)

    try:
        with path.open("rb") as file:
            data = file.read(_LIMIT_BYTES + 1)
    except FileNotFoundError:
        return refuse(
            "there is no such file; run `rapport init` to make one, or name one with --config"
        )
    except IsADirectoryError:
        return refuse("is a folder; name the file in it with --config")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable path"
        return refuse(f"cannot be read ({reason})")
    if len(data) > _LIMIT_BYTES:
        return refuse("is far too large for a configuration")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return refuse("is saved as UTF-16; save it as UTF-8")
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        return refuse(
            f"is not UTF-8 text (byte 0x{data[error.start]:02x}); save it as UTF-8", line, column
        )


def _check_beyond(
    document: Document, raw: dict[str, Any], environ: Mapping[str, str], with_secrets: bool
) -> Iterator[Problem]:
    plugins = raw.get("plugins")
    allowed = plugins if isinstance(plugins, list) else []
    kinds = Kinds(tuple(name for name in allowed if isinstance(name, str)))
    yield from check_all(document, raw, environ if with_secrets else {})
    yield from check_plugins(document, raw, kinds)
    yield from check_rule_plugins(document, raw)
    yield from check_reply_rules(document, raw)
    for at, source in entries(raw, "sources"):
        yield from check_settings(document, source, ("sources", at), kinds)
    for at, calendar in entries(raw, "calendars"):
        yield from check_ical(document, calendar, ("calendars", at))
    if not with_secrets:
        return
    yield from check_database_secret(document, raw, environ)
    slack = raw.get("slack")
    over_http = isinstance(slack, dict) and slack.get("transport") == "http"
    unused = ("slack", "app_token" if over_http else "signing_secret")
    for model, section in ((Slack, "slack"), (LanguageModel, "language_model")):
        for path, reference in find_references(model, raw.get(section), (section,)):
            if path == unused:
                continue
            yield from check_present(document, path, reference, environ)
    for at, source in entries(raw, "sources"):
        name = source.get("connector")
        kind = kinds.get(name) if isinstance(name, str) else None
        if isinstance(kind, ConnectorKind) and source.get("enabled") is not False:
            where = ("sources", at, "settings")
            for path, reference in find_references(kind.settings, source.get("settings"), where):
                yield from check_present(document, path, reference, environ)
