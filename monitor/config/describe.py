"""Describes settings models in words, for messages, questions and the reference."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from connectors.secrets import Secret
from monitor.config.durations import format_duration
from monitor.config.problems import Path
from monitor.config.values import Words
from monitor.config.yamlwrite import write_scalar

_NAMES: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    date: "date",
    datetime: "date and time",
    timedelta: "duration",
    Secret: "secret reference",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of a settings model, in words.

    `default` and `example` are written as YAML on one line; both may be empty. `key` is relative
    to the model described; lists are marked ``[]``. `secret` marks a reference to a secret.
    """

    key: str
    type: str
    required: bool
    default: str
    description: str
    example: str
    secret: bool


def describe(model: type[BaseModel], prefix: str = "") -> Iterator[Setting]:
    """Yield the settings of `model`, those of nested models after their own entry."""
    for name, field in fields_of(model).items():
        annotation = type_of(field)
        yield Setting(
            key=prefix + name,
            type=words_for(annotation),
            required=field.is_required(),
            default=_default_of(field),
            description=" ".join((field.description or "").split()),
            example=example_of(field),
            secret=holds_secret(annotation),
        )
        inner, steps = _nested(annotation)
        if inner is not None:
            yield from describe(inner, f"{prefix}{name}{steps}.")


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return a model's fields by the name under which they stand in the file."""
    return {
        str(field.validation_alias or field.alias or name)
        if isinstance(field.validation_alias or field.alias, str)
        else name: field
        for name, field in model.model_fields.items()
    }


def type_of(field: FieldInfo) -> Any:
    """Return a field's type with the annotations that pydantic took apart."""
    words = next((extra for extra in field.metadata if isinstance(extra, Words)), None)
    return Annotated[field.annotation, words] if words is not None else field.annotation


def type_at(model: Any, path: Path) -> tuple[Any, FieldInfo | None]:
    """Return the type, and the field if it is one, at `path` in `model`; else (None, None)."""
    annotation, field = model, None
    for step in path:
        found: tuple[Any, FieldInfo | None] | None = None
        for choice in choices(annotation):
            if isinstance(step, int) and get_origin(choice) in (list, tuple, set, frozenset):
                found = (get_args(choice)[0], None)
            elif isinstance(step, str) and _is_model(choice):
                inner = fields_of(choice).get(step)
                found = (type_of(inner), inner) if inner is not None else None
            elif isinstance(step, str) and _is_mapping(choice):
                found = ((get_args(choice) or (str, Any))[1], None)
            if found is not None:
                break
        if found is None:
            return None, None
        annotation, field = found
    return annotation, field


def keys_at(model: Any, path: Path) -> list[str]:
    """Return the keys that are valid in the mapping at `path` within `model`."""
    annotation, _ = type_at(model, path)
    return [
        name for choice in choices(annotation) if _is_model(choice) for name in fields_of(choice)
    ]


def words_for(annotation: Any) -> str:
    """Name a type: ``list of text``, ``one of `a`, `b` ``, ``duration``."""
    named = _words(annotation)
    if named is not None:
        return named.name
    possible = list(choices(annotation))
    if len(possible) > 1:
        return " or ".join(dict.fromkeys(words_for(choice) for choice in possible))
    if not possible:
        return "nothing"
    choice = possible[0]
    origin = get_origin(choice)
    if _words(choice) is not None:
        return words_for(choice)
    if values_of(choice):
        return _one_of(values_of(choice))
    if origin in (list, tuple, set, frozenset) or (origin and _is_subclass(origin, Sequence)):
        return f"list of {_many(get_args(choice)[0])}"
    if _is_model(choice) or _is_mapping(choice):
        return "mapping"
    if _is_subclass(choice, PurePath):
        return "path"
    return _NAMES.get(choice, "text" if "Url" in getattr(choice, "__name__", "") else "value")


def example_of(field: FieldInfo) -> str:
    """Return an example of a field's value as YAML on one line, or an empty string."""
    if field.examples:
        return to_yaml(field.examples[0])
    words = _words(type_of(field))
    return words.example if words is not None else ""


def values_of(annotation: Any) -> list[str]:
    """Return the values that a type of choices allows, as they are written in the file."""
    found: list[str] = []
    for choice in map(_bare, choices(annotation)):
        if get_origin(choice) is Literal:
            found += [to_yaml(value) for value in get_args(choice)]
        elif _is_subclass(choice, Enum):
            found += [to_yaml(member.value) for member in choice]
    return found


def holds_secret(annotation: Any) -> bool:
    """Tell whether a value of this type is a reference to a secret."""
    return any(_bare(choice) is Secret for choice in choices(annotation))


def to_yaml(value: Any) -> str:
    """Write a plain value as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {to_yaml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple | set | frozenset):
        return "[" + ", ".join(to_yaml(inner) for inner in value) + "]"
    if isinstance(value, timedelta):
        return format_duration(value) if value else "0s"
    if isinstance(value, Secret):
        return value.reference
    if isinstance(value, Enum):
        return to_yaml(value.value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    plain = value is None or isinstance(value, bool | int | float)
    return write_scalar(value if plain else str(value))


def _default_of(field: FieldInfo) -> str:
    if field.is_required():
        return ""
    if field.default_factory_takes_validated_data:
        return ""
    value = field.get_default(call_default_factory=True)
    if value in (None, "", PydanticUndefined) or isinstance(value, BaseModel):
        return ""
    return to_yaml(value)


def _nested(annotation: Any) -> tuple[type[BaseModel] | None, str]:
    for choice in choices(annotation):
        if _is_model(choice):
            return choice, ""
        if get_origin(choice) in (list, tuple):
            inner, steps = _nested(get_args(choice)[0])
            return inner, "[]" + steps
    return None, ""


def choices(annotation: Any) -> Iterator[Any]:
    """Yield what a type may be: without ``None``, ``Annotated`` kept only where it has words."""
    if get_origin(annotation) is Annotated:
        if any(isinstance(extra, Words) for extra in get_args(annotation)[1:]):
            yield annotation
        else:
            yield from choices(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType):
        for choice in get_args(annotation):
            yield from choices(choice)
    elif annotation is not None and annotation is not type(None):
        yield annotation


def _many(annotation: Any) -> str:
    """Name several values of a type: ``keys``, ``spans of hours``."""
    named = _words(annotation)
    if named is not None and named.many:
        return named.many
    words = words_for(annotation)
    if words.startswith("one of"):
        return words.replace("one of", "any of", 1)
    return words if words.startswith("list") else words + "s"


def _one_of(values: list[str]) -> str:
    said = ", ".join(f"`{value}`" for value in values)
    return f"one of {said}" if len(values) > 1 else said


def _words(annotation: Any) -> Words | None:
    if get_origin(annotation) is not Annotated:
        return None
    extras = get_args(annotation)[1:]
    return next((extra for extra in extras if isinstance(extra, Words)), None)


def _bare(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _is_subclass(candidate: Any, kind: type) -> bool:
    return isinstance(candidate, type) and issubclass(candidate, kind)


def _is_model(candidate: Any) -> bool:
    return _is_subclass(candidate, BaseModel)


def _is_mapping(candidate: Any) -> bool:
    return candidate is dict or get_origin(candidate) in (dict, Mapping)
