"""Turns what pydantic says into problems with a place, an expectation and a suggestion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from monitor.config.describe import (
    example_of,
    holds_secret,
    keys_at,
    to_yaml,
    type_at,
    values_of,
    words_for,
)
from monitor.config.problems import Misfit, Path, Problem, nearest, shown
from monitor.config.yamltree import Document

SECRET_IN_PLAIN = "a secret must not stand here in plain"  # noqa: S105 - a message

_LIMITS = {
    "greater_than": ("is too small", "more than {gt}"),
    "greater_than_equal": ("is too small", "{ge} or more"),
    "less_than": ("is too large", "less than {lt}"),
    "less_than_equal": ("is too large", "{le} or less"),
    "too_short": ("has too few entries", "at least {min_length}"),
    "too_long": ("has too many entries", "at most {max_length}"),
    "string_too_short": ("is too short", "at least {min_length} characters"),
    "string_too_long": ("is too long", "at most {max_length} characters"),
    "string_pattern_mismatch": ("does not have the right form", "the form {pattern}"),
    "finite_number": ("is not a number", "a finite number"),
    "multiple_of": ("is no multiple", "a multiple of {multiple_of}"),
}
_KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "a mapping",
}


def explain(
    error: ValidationError, document: Document, model: type[BaseModel], prefix: Path = ()
) -> Iterator[Problem]:
    """Yield a problem for each thing wrong with `model` read at `prefix`, one for each place.

    The values themselves are never repeated, except by validators that know theirs to be harmless.
    """
    seen: set[Path] = set()
    for said in error.errors(include_url=False):
        within = _written(said, document, prefix)
        if within in seen:
            continue  # the branches of one union complain about the same value
        if said["type"] == "too_short" and len(said["input"]) >= said["ctx"]["min_length"]:
            continue  # pydantic counts the good entries; what is wrong with the others is said
        seen.add(within)
        yield _problem(said, document, model, prefix, within)


def _written(said: Mapping[str, Any], document: Document, prefix: Path) -> Path:
    """Return the part of pydantic's path that stands in the file, plus a missing last key."""
    steps: Path = tuple(said["loc"])
    within: Path = ()
    for at, step in enumerate(steps):
        if document.holds((*prefix, *within, step)):
            within = (*within, step)
        elif said["type"] == "missing" and at == len(steps) - 1:
            return (*within, step)
    return within


def _problem(
    said: Mapping[str, Any],
    document: Document,
    model: type[BaseModel],
    prefix: Path,
    within: Path,
) -> Problem:
    path = (*prefix, *within)
    annotation, field = type_at(model, within)
    example = example_of(field) if field is not None else ""
    what = _with_article(words_for(annotation)) if annotation is not None else ""
    expected = f"{what} such as {example}" if what and example else what
    kind, context = said["type"], said.get("ctx") or {}
    if kind == "extra_forbidden":
        return _unknown_key(document, model, prefix, within)
    if kind == "missing":
        written = document.holds(path)
        return document.problem(path, "is empty" if written else "is missing", expected=expected)
    if annotation is not None and holds_secret(annotation):
        return _plain_secret(document, path, said["input"])
    cause = context.get("error")
    if isinstance(cause, Misfit):
        return document.problem(
            path, str(cause), expected=cause.expected, suggestion=cause.suggestion
        )
    if kind in ("literal_error", "enum"):
        valid = values_of(annotation)
        close = nearest(said["input"], valid) if isinstance(said["input"], str) else ""
        return document.problem(
            path,
            "is not one of the choices",
            expected=words_for(annotation),
            suggestion=close,
        )
    if kind in _LIMITS:
        message, wanted = _LIMITS[kind]
        return document.problem(
            path,
            message,
            expected=wanted.format(**{k: to_yaml(v) for k, v in context.items()}),
        )
    if kind.endswith(("_type", "_parsing", "_from_float")) or kind == "model_attributes_type":
        found = _KINDS.get(type(said["input"]), "something else")
        return document.problem(path, f"is {found}", expected=expected or "something else")
    return document.problem(path, _plainly(said, cause), expected="" if cause else expected)


def _unknown_key(document: Document, model: type[BaseModel], prefix: Path, within: Path) -> Problem:
    valid = keys_at(model, within[:-1])
    close = nearest(str(within[-1]), valid)
    few = ", ".join(f"`{name}`" for name in valid)
    return document.problem(
        (*prefix, *within),
        "unknown key",
        key=True,
        expected="" if close else (f"one of {few}" if valid else "no keys here"),
        suggestion=close,
    )


def _plain_secret(document: Document, path: Path, given: Any) -> Problem:
    variable = "".join(c if c.isalnum() else "_" for c in str(path[-1])).upper()
    message = SECRET_IN_PLAIN if isinstance(given, str) else "is no reference to a secret"
    return document.problem(
        path, message, expected=f"a reference such as env:{variable} or file:path"
    )


def _plainly(said: Mapping[str, Any], cause: object) -> str:
    """Return pydantic's message, or the validator's own, as one short line."""
    message = str(cause) if cause is not None else str(said["msg"])
    line = shown(message.removeprefix("Value error, "), 300)
    return (line[:1].lower() + line[1:]).rstrip(".") or "is not valid"


def _with_article(words: str) -> str:
    if words.startswith(("one of", "`", "true", "text", "nothing")):
        return words
    return f"an {words}" if words[0] in "aeiou" else f"a {words}"
