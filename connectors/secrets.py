"""References to secrets: the configuration holds `env:NAME` or `file:path`, never a value."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from connectors.errors import AuthFailed

REFERENCE = re.compile(r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$")


class Secret:
    """A reference to a secret, resolved when it is used and never shown.

    >>> Secret("env:BOARD_TOKEN")
    Secret('env:BOARD_TOKEN')
    """

    __slots__ = ("reference",)

    def __init__(self, reference: str) -> None:
        """Raise `ValueError` when `reference` is not `env:NAME` or `file:path`."""
        if not REFERENCE.match(reference):
            raise ValueError("expected a reference, env:NAME or file:path, not the secret itself")
        self.reference = reference

    def reveal(self) -> str:
        """Return the secret's value; raise `AuthFailed` when it is missing or empty."""
        kind, _, name = self.reference.partition(":")
        if kind == "env":
            value = os.environ.get(name, "")
        else:
            try:
                value = Path(name).expanduser().read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise AuthFailed(f"cannot read the secret {self.reference}") from error
        if not value.strip():
            raise AuthFailed(f"the secret {self.reference} is not set")
        return value.strip()

    def __repr__(self) -> str:
        return f"Secret({self.reference!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reference == self.reference

    def __hash__(self) -> int:
        return hash(self.reference)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls,
            core_schema.str_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda s: s.reference),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "pattern": REFERENCE.pattern, "format": "secret-reference"}
