"""One description of each connector, from which questions, schema, advice and reference come."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from connectors.base import ConnectorKind
from connectors.errors import ConnectorError
from connectors.secrets import Secret

QuestionType = Literal["text", "number", "yes_no", "choice", "list", "secret", "group"]

USUAL_ADVICE: Mapping[str, str] = {
    "AuthFailed": "Check the token and its permissions, then run `rapport check`.",
    "BadSettings": "Correct the settings of this source in the configuration.",
    "Gone": "It was deleted there; nothing more can be done.",
    "LayoutChanged": "The platform answers differently now; look at it, and report it to us.",
    "NotSupported": "Do it by hand on the platform, and mark it done here.",
    "RateLimited": "Nothing to do; the platform's waiting time is kept.",
    "Rejected": "The platform refused it for good; read its reason and change the request.",
    "Unavailable": "Nothing to do; it is tried again later.",
    "UnknownOutcome": "Look on the platform whether the reply stands there, then say so here.",
}


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask about a source.

    `name` is dotted for a field within a group (``columns.text``). `default` is None where
    `required` is true; it is shown as `shown_default`. `secret` means: ask for a reference
    (``env:NAME`` or ``file:path``), never for the value.
    """

    name: str
    description: str
    type: QuestionType
    required: bool
    default: Any = None
    secret: bool = False
    choices: tuple[str, ...] = ()
    examples: tuple[Any, ...] = ()

    @property
    def shown_default(self) -> str:
        """Return the default as it would stand in the configuration; nothing for none."""
        if self.required or self.default is None:
            return ""
        if isinstance(self.default, bool):
            return "true" if self.default else "false"
        if isinstance(self.default, str):
            return self.default
        return json.dumps(self.default, ensure_ascii=False)


def questions(kind: ConnectorKind) -> tuple[Question, ...]:
    """Return what to ask for a source of `kind`: first what is required, then the rest."""
    found = list(_questions(kind.settings, ""))
    return tuple(sorted(found, key=lambda question: not question.required))


def settings_schema(kind: ConnectorKind) -> dict[str, Any]:
    """Return the JSON Schema of the settings of `kind`, complete in itself.

    References between models are written out, so that the fragment can stand anywhere in a
    larger schema.
    """
    schema = kind.settings.model_json_schema()
    definitions = schema.pop("$defs", {})
    found: dict[str, Any] = _written_out(schema, definitions)
    found["title"] = f"Settings of {kind.title}"
    return found


def advice_for(kind: ConnectorKind, error: ConnectorError) -> str:
    """Return what a person should do about `error` at a source of `kind`; one or two sentences."""
    for cls in type(error).__mro__:
        found = kind.advice.get(cls.__name__) or USUAL_ADVICE.get(cls.__name__)
        if found:
            return found
    return ""


def secrets_of(settings: BaseModel) -> dict[str, Secret]:
    """Return the references to secrets in validated settings, by the dotted name of the field."""
    found: dict[str, Secret] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, Secret):
            found[name] = value
        elif isinstance(value, BaseModel):
            found.update({f"{name}.{k}": v for k, v in secrets_of(value).items()})
    return found


def _questions(model: type[BaseModel], prefix: str) -> Iterator[Question]:
    for name, field in model.model_fields.items():
        inner = _model_in(field)
        if inner is not None:
            yield from _questions(inner, f"{prefix}{name}.")
            continue
        default = field.get_default(call_default_factory=True)
        if isinstance(default, Secret):
            default = default.reference
        type_, choices = _type_of(field.annotation)
        yield Question(
            name=f"{prefix}{name}",
            description=field.description or "",
            type=type_,
            required=field.is_required(),
            default=None if default is PydanticUndefined else _plain(default),
            secret=type_ == "secret",
            choices=choices,
            examples=tuple(field.examples or ()),
        )


def _model_in(field: FieldInfo) -> type[BaseModel] | None:
    annotation = field.annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return None


def _type_of(annotation: Any) -> tuple[QuestionType, tuple[str, ...]]:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _type_of(get_args(annotation)[0])
    if origin in (Union, UnionType):
        inner = [arg for arg in get_args(annotation) if arg is not NoneType]
        return _type_of(inner[0]) if inner else ("text", ())
    if origin is Literal:
        return "choice", tuple(str(arg) for arg in get_args(annotation))
    if annotation is bool:
        return "yes_no", ()
    if annotation in (int, float):
        return "number", ()
    if annotation is Secret:
        return "secret", ()
    if origin in (list, tuple, set, frozenset):
        return "list", ()
    if origin is dict:
        return "group", ()
    return "text", ()


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, tuple | list | set | frozenset):
        return [_plain(one) for one in value]
    return value


def _written_out(value: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_written_out(one, definitions) for one in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref", "")
    if isinstance(reference, str) and reference.startswith("#/$defs/"):
        beside = {k: v for k, v in value.items() if k != "$ref"}
        return _written_out(
            {**definitions[reference.removeprefix("#/$defs/")], **beside}, definitions
        )
    return {key: _written_out(one, definitions) for key, one in value.items()}
