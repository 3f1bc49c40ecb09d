"""Checks that every secret which is in use can be had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from connectors.secrets import REFERENCE
from monitor.config.describe import choices, fields_of, holds_secret, type_of
from monitor.config.problems import Path, Problem, shown
from monitor.config.yamltree import Document


def find_references(annotation: Any, raw: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield place and text of each reference in `raw`, guided by the type it is read as.

    Works on the file's own values, so that one mistake elsewhere hides no missing secret.
    """
    if isinstance(raw, str) and REFERENCE.match(raw) and holds_secret(annotation):
        yield path, raw
        return
    for choice in choices(annotation):
        if isinstance(raw, dict) and isinstance(choice, type) and issubclass(choice, BaseModel):
            for name, field in fields_of(choice).items():
                if name in raw:
                    yield from find_references(type_of(field), raw[name], (*path, name))
        elif (
            isinstance(raw, dict) and len(get_args(choice)) == 2 and get_origin(choice) is not tuple
        ):
            for name, value in raw.items():
                yield from find_references(get_args(choice)[1], value, (*path, name))
        elif isinstance(raw, list) and get_args(choice):
            for at, value in enumerate(raw):
                yield from find_references(get_args(choice)[0], value, (*path, at))


def check_present(
    document: Document, path: Path, reference: str, environ: Mapping[str, str]
) -> Iterator[Problem]:
    """Yield a problem when the secret that `reference` names cannot be had now."""
    fault = why_missing(reference, environ)
    if fault:
        yield document.problem(path, fault)


def why_missing(reference: str, environ: Mapping[str, str]) -> str:
    """Say why a secret cannot be had, naming its variable or file; empty when it can."""
    kind, _, name = reference.partition(":")
    if kind == "env":
        if name not in environ:
            return f"the environment variable {shown(name)} is not set"
        return "" if environ[name].strip() else f"the environment variable {shown(name)} is empty"
    try:
        value = FilePath(name).expanduser().read_text(encoding="utf-8")
    except FileNotFoundError:
        return f"the secret's file {shown(name)} does not exist"
    except UnicodeDecodeError:
        return f"the secret's file {shown(name)} is not UTF-8 text"
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable path"
        return f"the secret's file {shown(name)} cannot be read ({reason})"
    return "" if value.strip() else f"the secret's file {shown(name)} is empty"


def value_of(reference: str, environ: Mapping[str, str]) -> str:
    """Return the secret that `reference` names, or an empty string when it cannot be had."""
    if why_missing(reference, environ):
        return ""
    kind, _, name = reference.partition(":")
    if kind == "env":
        return environ[name].strip()
    return FilePath(name).expanduser().read_text(encoding="utf-8").strip()
